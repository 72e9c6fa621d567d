// Package risk says how much an access lets a thing do: the highest tier of all that it holds, with
// the reasons, never a sum.
//
// The tier of each permission, scope, surface and host is in tables, so that a row can be added
// without reading code:
//
//	tables/chrome.toml   extensions of Chromium's family, local and managed
//	tables/firefox.toml  add-ons of Firefox's family and of Thunderbird
//	tables/hosts.toml    pages, and the list of hosts that open everything else
//
// and one table for each other vendor: its scopes with its own classes, permissions, events and
// keys. A table names its providers.
//
// go generate turns them into Go (tables.go), so that no run has to parse them; a test fails if the
// two differ.
//
// # No unknown power
//
// The tables also note what gives no access, and why. The tests take every permission and manifest
// key that the vendors publish (Chrome's types, Mozilla's browser compatibility data, the schemas
// in Firefox, the vendors' OpenAPI descriptions and discovery documents) and fail for one that has
// neither a row nor a note. .ci/packages fetches what does not come with Go or the browsers.
//
// A name that no table has is at least medium, and so is an access that could not be read: unknown
// is not harmless. What may be asked for later, or waits for consent or a click, weighs one step
// less than what is held. The tier is advice; the allowlist decides.
//
// The package is pure: it reads no file and keeps no state.
package risk

// Package risk says how much an access lets a thing do: the highest tier of all that it holds, with
// the reasons, never a sum.
//
// What each permission, scope, surface and host is worth is in tables, so that a row is added
// without reading code:
//
//	tables/chrome.toml   extensions of Chromium's family, local and managed
//	tables/firefox.toml  add-ons of Firefox's family and of Thunderbird
//	tables/hosts.toml    pages, and the list of hosts that open everything else
//
// and one table for each other vendor: its scopes with its own classes, permissions, events and
// keys. A table names the providers that it is for.
//
// go generate writes them as Go (tables.go), which no run has to parse; a test fails while the two
// differ.
//
// # No unknown power
//
// The tables also note what gives no access, and why. The tests take every permission and manifest
// key of what the makers publish (Chrome's types, Mozilla's browser compatibility data, the schemas
// in Firefox, the vendors' OpenAPI descriptions and discovery documents) and fail for one that
// has neither a row nor a note. .ci/packages fetches what does not come with Go or the browsers.
//
// A name that no table knows is at least medium, and so is an access that could not be read: not
// known is not harmless. What may be asked for later, waits for consent or waits for a click weighs
// one step less than what is held. The tier is advice; the allowlist decides.
//
// The package is pure. It reads no file and keeps no state.
package risk

// Package risk says how much an access lets a thing do: the highest tier of all that it holds, with the reasons, never a sum.
//
// What each permission, scope, surface and host is worth stands in embedded tables, so that a row is added without reading code:
//
//	tables/chrome.toml   extensions of Chromium's family, local and managed
//	tables/firefox.toml  add-ons of Firefox's family and of Thunderbird
//	tables/hosts.toml    pages, and the list of hosts that open everything else
//	tables/google.toml   OAuth scopes of Google, with Google's own classes
//	tables/github.toml   OAuth scopes, permissions, events and keys of GitHub
//
// A name that no table knows is at least medium, and so is an access that could not be read: not known is not harmless. What may be
// asked for later, waits for consent or waits for a click weighs one step less than what is held. The tier is advice; the allowlist decides.
//
// The package is pure. It reads no file at run time and keeps no state but the tables, each of which is read when it is first
// asked.
package risk

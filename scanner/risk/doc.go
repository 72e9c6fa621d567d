// Package risk says how much an access lets a thing do: the highest tier of all that it holds, with the reasons, never a sum.
//
// What each permission, scope and host pattern is worth stands in embedded tables (browser.toml, google.toml, github.toml), so that a
// row is added without reading code. A name that no table knows is at least medium: not known is not harmless. The tier is advice; the
// allowlist decides.
//
// The package is pure. It reads no file at run time and keeps no state but the tables.
package risk

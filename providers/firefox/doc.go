// Package firefox reads the add-ons of Firefox and the browsers and mail programs built on it: LibreWolf, Waterfox, Zen, Floorp,
// Tor Browser, Mullvad Browser, Thunderbird, SeaMonkey and more, on Linux, macOS and Windows. Where they keep their profiles is a
// table (products.go); adding one is adding its rows.
//
// # What is read
//
// profiles.ini and installs.ini name the profiles; folders beside them that hold extensions.json count as well. A profile that was
// never started, or whose folder is gone, is no source: nothing was let in there. One that was used and has no extensions.json is not
// observable.
//
// Of a profile, extensions.json is the list of add-ons; extension-preferences.json, or in Nightly a store of its own (grantstore.go),
// is what was granted since they came in; addonStartup.json.lz4 is what really starts. Of each add-on its manifest.json is read, out of
// the xpi or the folder, wherever that lies. The machine's policies.json says what is there by policy. Nothing else is ever opened: no
// cookies, history or logins, and not signedInUser.json, which holds tokens, so that no holder has an account. Nothing is written and
// no lock is taken.
//
// The formats are the browser's own and have no specification. They were checked against profiles that Firefox ESR 153 wrote; what
// follows the source code of Firefox instead is said where it is used.
//
// # What is believed
//
// The lists are claims: any program of the user can write them. What an add-on may do and whether it is on are taken from them,
// because the browser takes them from there; but they are compared with each other and with the manifest that runs, and every
// disagreement becomes a mark of class identity. Signatures are not checked here: signedState is what the browser found.
//
// # What is not seen
//
// Policies that Windows keeps in its registry and macOS in its managed preferences are not read; an add-on that they install still
// carries the browser's own note of it (installTelemetryInfo "enterprise-policy"). Temporary add-ons (about:debugging) are kept in
// memory: Firefox ESR 153 writes them to no list. What was granted to a site through a site permission add-on is in
// permissions.sqlite, which is not opened. Tor Browser and Mullvad Browser lie wherever they were unpacked: other places than the
// usual ones are named with --profile-dir.
//
// A name is the add-on's own in the user's language, or in its default language: names are for people and never match anything.
package firefox

// Package firefox reads the add-ons of Firefox and the browsers and mail programs built on it:
// LibreWolf, Waterfox, Zen, Floorp, Tor Browser, Mullvad Browser, Thunderbird, SeaMonkey and more,
// on Linux, macOS and Windows. A table says where they keep their profiles (products.go); to add
// one, add its rows. A directory laid out like one of theirs is read even when no row names it
// (unlisted.go).
//
// # What is read
//
// profiles.ini and installs.ini name the profiles; directories beside them that hold a profile's
// files count too. A profile that was never started, or whose directory beside the others is gone,
// is not a source: nothing was installed there. One that is elsewhere and missing (another disk, a
// path from another system, a macOS alias) is a gap, and one that was used but has no
// extensions.json is not observable.
//
// In a profile, extensions.json is the list of add-ons; directories may hold packages that it does
// not name yet (leftovers.go, sideloads.go). extension-preferences.json, or in Nightly a store of
// its own (grantstore.go), is what was granted since the add-ons were installed, and
// addonStartup.json.lz4 is what really starts. Each add-on's manifest.json is read from its xpi or
// directory, wherever that is, or the install.rdf of one from before WebExtensions, which runs with
// the browser's own rights. The machine's policies.json says what was installed by policy, and
// descriptions of native messaging hosts say which programs an add-on may talk to (nativehosts.go).
//
// One of the profile's settings (prefs.js, user.js) is read: where the browser picks up add-ons
// (scopes.go), and only if there is a package outside the profile that no list names.
// compatibility.ini says where the program is (build.go). Nothing else is ever opened: no cookies,
// history or logins, and not signedInUser.json, which holds tokens, so that no holder has an
// account. Nothing is written and no lock is taken.
//
// The formats are the browser's own and have no specification. They were checked against profiles
// that Firefox ESR 153 wrote; what is based on Firefox's source code instead is marked where it is
// used.
//
// # What is believed
//
// The lists are claims: any program that the user runs can write them. So what a manifest requires
// always counts, in addition to everything the lists say, unless the browser withholds it (names
// that it does not know or reserves for Mozilla, and the sites of version 3 until they are
// granted). Where lists disagree, the wider and the enabled one counts, every package that may be
// the one that runs is read, and each disagreement becomes a mark of class identity. The exception
// is what the browser itself leaves behind: a startup list from the version before an update, if
// the package of the update is the only one (startup.go). What claims to be part of the browser is
// believed by its place (builtin.go). An entry that cannot be understood is lost coverage.
// Signatures are not checked here: signedState is what the browser found. An update of the
// browser's own add-ons in the profile is believed by that, by its ID and by the certificate in its
// package (signature.go).
//
// # What is not seen
//
// Policies that Windows keeps in its registry and macOS in its managed preferences are not read; an
// add-on that they install still carries the browser's own note of it (installTelemetryInfo
// "enterprise-policy"). Temporary add-ons (about:debugging) are kept in memory: Firefox ESR 153
// writes them to no list. What was granted to a site through a site permission add-on is in
// permissions.sqlite, which is not opened. Tor Browser and Mullvad Browser are wherever they were
// unpacked: places other than the usual ones are named with --profile-dir.
//
// Firefox remembers the manifest of each version that it once ran in its start-up cache
// (webext.sc.lz4, in the user's cache directory) and prefers it to the package. That file is not
// read: anyone who can write it can give the code in a package more than its manifest asks for.
//
// A name is the add-on's own in the user's language, or in its default language: names are for
// people and never match anything.
package firefox

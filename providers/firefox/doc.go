// Package firefox reads the add-ons of Firefox and the browsers and mail programs built on it:
// LibreWolf, Waterfox, Zen, Floorp, Tor Browser, Mullvad Browser, Thunderbird, SeaMonkey and more,
// on Linux, macOS and Windows. Where they keep their profiles is a table (products.go); adding one
// is adding its rows. A directory laid out like one of theirs is read even when no row names it
// (unlisted.go).
//
// # What is read
//
// profiles.ini and installs.ini name the profiles; folders beside them that hold a profile's files
// count as well. A profile that was never started, or whose folder beside the others is gone, is no
// source: nothing was let in there. One that is named elsewhere and is not there (another disk, a
// path of another system, an alias of macOS) is a gap, and one that was used and has no
// extensions.json is not observable.
//
// Of a profile, extensions.json is the list of add-ons, with the folders of packages that it may
// not name yet (leftovers.go, sideloads.go); extension-preferences.json, or in Nightly a store of
// its own (grantstore.go), is what was granted since they came in; addonStartup.json.lz4 is what
// really starts. Of each add-on its manifest.json is read, out of the xpi or the folder, wherever
// that lies, or the install.rdf of one from before WebExtensions, which runs with the browser's own
// rights. The machine's policies.json says what is there by policy, and descriptions of native
// messaging hosts say which programs an add-on may talk to (nativehosts.go).
//
// Of the profile's settings (prefs.js, user.js) one is looked at, which says where add-ons are
// taken in (scopes.go), and that only where a package lies outside the profile that no list names;
// compatibility.ini says where the program lies (build.go). Nothing else is ever opened: no
// cookies, history or logins, and not signedInUser.json, which holds tokens, so that no holder has
// an account. Nothing is written and no lock is taken.
//
// The formats are the browser's own and have no specification. They were checked against profiles
// that Firefox ESR 153 wrote; what follows the source code of Firefox instead is said where it is
// used.
//
// # What is believed
//
// The lists are claims: any program of the user can write them. So what a manifest requires counts
// in any case, unless the browser withholds it (names that it does not know or keeps for Mozilla,
// and the sites of version 3 until they are granted), beside all that the lists say. Where lists
// disagree, the wider and the enabled one counts, every package that may be the one that runs is
// read, and each disagreement becomes a mark of class identity, but for what the browser itself
// leaves behind: a startup list of the version before an update, where the package of the update is
// the only one (startup.go). What calls itself a part of the browser is believed by its place
// (builtin.go). An entry that cannot be understood is lost coverage. Signatures are not checked
// here: signedState is what the browser found, and an update of the browser's own add-ons in the
// profile is believed by it, by its ID and by the certificate in its package (signature.go).
//
// # What is not seen
//
// Policies that Windows keeps in its registry and macOS in its managed preferences are not read; an
// add-on that they install still carries the browser's own note of it (installTelemetryInfo
// "enterprise-policy"). Temporary add-ons (about:debugging) are kept in memory: Firefox ESR 153
// writes them to no list. What was granted to a site through a site permission add-on is in
// permissions.sqlite, which is not opened. Tor Browser and Mullvad Browser lie wherever they were
// unpacked: other places than the usual ones are named with --profile-dir.
//
// Firefox remembers the manifest of each version that it once ran in its start-up cache
// (webext.sc.lz4, in the user's folder of caches) and believes it before the package. That file is
// not read: who can write it can give the code in a package more than its manifest asks.
//
// A name is the add-on's own in the user's language, or in its default language: names are for
// people and never match anything.
package firefox

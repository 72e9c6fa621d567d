// Package chromium reads the extensions of browsers that are built on Chromium: Chrome, Chromium,
// Edge, Brave, Vivaldi, Opera, Arc, Yandex and more, on Linux, macOS and Windows. A table says
// where they keep their data (browsers.go); to add a browser, add its rows. A directory laid out
// like a browser's is read even when no row names it (unlisted.go).
//
// # What is read
//
// A user data directory holds Local State, which lists the profiles, and one directory for each.
// The two preference files of a profile are read (Preferences and Secure Preferences: the key
// extensions.settings, in Opera also extensions.opsettings, and the e-mail address signed in). So
// is each extension's manifest.json, and one messages.json if its name is only there. If an
// extension may talk to programs outside the browser, the files that describe these are read too
// (nativehosts.go, registeredhosts.go), and for a profile in developer mode the machine's policy
// files (policy.go). Nothing else is ever opened: no cookies, history, logins or page data, and
// nothing else in an extension's directory. Nothing is written and no lock is taken, so a running
// browser's profile is read like any other.
//
// The formats are the browser's own and have no specification. They were checked against profiles
// that Chromium 156 wrote; what is based on Chromium's source code instead is marked where it is
// used.
//
// # What is believed
//
// Preferences are claims: any program that the user runs can write them. Whether an item is on is
// taken from them, because the browser does the same. What an item may do is what they say and
// always what its manifest requires, because the browser grants that whatever the settings say
// (required.go). If two places describe the same extension, the enabled and the wider one counts,
// and the difference is a mark (twins.go). What claims to be a component of the browser must be one
// (components.go). Files below Extensions that the settings do not list, or not in a way that a
// browser reads, are lost coverage (leftovers.go). The ID is compared with the key of the manifests
// or the path, the place on disk with the ID and origin, the version and access with the manifest
// on disk, and every disagreement becomes a mark of class identity (crosscheck.go).
//
// # How JSON is read
//
// Preference files run to tens of megabytes, of which a tenth is needed. They are walked token by
// token, from the file, with jsontext of github.com/go-json-experiment/json: the whole file is
// checked (a truncated file is noticed), only the wanted members are decoded, and memory does not
// grow with the file. Measured on 5 MB of preferences that is two to three times as fast as
// json.Valid of the standard library alone (375 MB/s against 155 MB/s), so a scanner of our own is
// not worth its bugs. A value of another type than expected is a fault of that one value, not of
// the file.
package chromium

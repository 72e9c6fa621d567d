// Package realbrowser drives the real Chromium and Firefox, headless, on fresh profiles. Tests use
// it to compare what guestlist reads with what the browser itself says, and to write the profiles
// under testdata/profiles.
//
// Chromium is spoken to over its debugging pipe (--remote-debugging-pipe: file descriptors 3 and 4,
// one JSON message of the Chrome DevTools Protocol between NUL bytes), Firefox over Marionette (TCP
// on loopback, "length:JSON"). What a browser says about its extensions is what its own pages show:
// chrome.developerPrivate and chrome.management on chrome://extensions, and AddonManager in
// Firefox's chrome context.
//
// A tab of either can be driven as a person would drive it ([WebPage]), for testing the page that
// guestlist writes as a report.
//
// Nothing here reads a profile's files: that is what is being tested. Nothing leaves the machine
// either: extensions come from a loopback update server ([Updates]) and are signed with keys of
// their own ([Extension]).
package realbrowser

// Package chromemanagement reads what managed browsers report to Google's Chrome Management API v1:
// extensions, who holds them, and how Google's risk assessors judge them. It asks through package
// googleworkspace/api, with the same sign-in.
//
// # What is read
//
// The list of installed apps with Google's counts (countInstalledApps), for each the profiles that
// have it, or the machines where no profile is named, and with the feature chrome_details what the
// Chrome Web Store says of it. Android apps are left out and counted.
//
// # What is believed
//
// A list of holders must hold as many as Google counts. The API promises no kind and leaves empty
// lists out, so an empty object is an answer; an organization without a single app is a gap all the
// same. An extension that is counted is an item, whoever holds it.
//
// # What no API reports
//
// Browsers and profiles without reporting are not in it, and nothing says how many those are. Nor
// does a call list who has an extension on ChromeOS: Google's count is on the item, and the
// coverage names the console page.
package chromemanagement

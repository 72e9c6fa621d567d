// Package chromemanagement reads what managed browsers report to Google's Chrome Management API v1:
// extensions, who holds them, and how Google's risk assessors judge them. It asks through package
// googleworkspace/api, with the same sign-in.
//
// # What is read
//
// The list of installed apps with Google's counts (countInstalledApps), for each the profiles that
// have it, or the machines where no profile is named, and with the feature chrome_details what the
// Chrome Web Store says about it. Android apps are left out but counted.
//
// # What is believed
//
// A list of holders must hold as many as Google counts. The API does not promise a kind and leaves
// empty lists out, so an empty object is an answer; an organization without a single app is a gap
// nevertheless. An extension that is counted is an item, even if no list names its holders.
//
// # What no API reports
//
// Browsers and profiles without reporting are not included, and nothing says how many there are.
// Nor does any call list who has an extension on ChromeOS: Google's count is on the item, and the
// coverage names the console page.
package chromemanagement

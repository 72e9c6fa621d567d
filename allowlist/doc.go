// Package allowlist holds the reviewed file that says what was let in on purpose: a TOML file of
// approvals ([[allow]]), refusals ([[deny]], and [[feed]] files of known bad IDs) and of what has
// to be there ([[require]]).
//
//	list, err := allowlist.Load("allowlist.toml")
//	verdict := list.Decide(&item, time.Now())
//
// Loading is strict. An unknown key, an empty entry, a duplicate, a bad date, pattern, version
// range or kind is an error with file and line, and all of them are reported at once (see
// [Problems]): a file that says something else than its reviewers read must not decide anything.
// What is legal but unwise is said by [List.Lint].
//
// Four rules run through the package. IDs match, exactly after bringing them into one form (Chrome
// IDs in lower case, OAuth client IDs without their suffix); names are for people and never match.
// An approval pins what it names: an entry without `permissions` pins no permissions, one with
// `permissions = []` approves none at all. What is not known is never inside a pin: an unknown
// version, publisher, origin or access is drift where one is pinned, an unknown account is not approved by
// a `for`. And an approval is someone's decision: without owner, reason and day, or with a
// placeholder in their place, or with a day that has begun nowhere yet, an entry is pending and
// approves nothing (see [Entry.Pending]).
//
// The package reads the allowlist and its feeds and nothing else; everything but [Load] is pure.
// The format is described by [Schema] for editors, and by "guestlist help allowlist" for people.
package allowlist

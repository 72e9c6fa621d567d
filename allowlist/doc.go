// Package allowlist holds the reviewed file that says what was let in on purpose: a TOML file of
// approvals ([[allow]]), refusals ([[deny]], and [[feed]] files of known bad IDs), requirements
// ([[require]]) and decisions that wait until a day ([[defer]]).
//
//	list, err := allowlist.Load("allowlist.toml")
//	verdict := list.Decide(&item, time.Now())
//
// Loading is strict. An unknown key, an empty entry, a duplicate, a bad date, pattern, version
// range or kind is an error with file and line, and all of them are reported at once (see
// [Problems]): a file that does not say what its reviewers read must not decide anything.
// [List.Lint] reports what is legal but unwise.
//
// Four rules run through the package. IDs match exactly, once normalized (Chrome IDs in lower case,
// OAuth client IDs without their suffix); names are for people and never match. An approval pins
// what it names: an entry without `permissions` pins no permissions, one with `permissions = []`
// approves none at all. What is unknown never satisfies a pin: an unknown version, publisher,
// origin or access is drift where one is pinned, and an unknown account is not approved by a `for`.
// And an approval is a person's decision: an entry is pending and approves nothing while its owner,
// reason or date is missing or a placeholder, or while that date has not begun anywhere in the
// world (see [Entry.Pending]).
//
// The package reads the allowlist and its feeds and nothing else; everything but [Load] is pure.
// The format is described by [Schema] for editors, and by "guestlist help allowlist" for people.
package allowlist

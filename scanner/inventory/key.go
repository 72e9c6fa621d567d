package inventory

import "strings"

// Keys order the records of a snapshot and identify a thing from one snapshot to the next. Their
// parts are joined with NUL, which [Clean] keeps out of every part. A key holds no name, version or
// position.

// Key identifies what an item is: the same app, in the same place.
func (i *Item) Key() string {
	return joinKey(string(i.Source.Provider), string(i.Source.Host), string(i.Source.Name), string(i.Kind),
		string(i.App.ID), string(i.Instance))
}

// Key identifies the account.
func (a *Account) Key() string {
	return joinKey(string(a.Source.Provider), string(a.Source.Host), string(a.Source.Name), string(a.ID))
}

// Key identifies the source.
func (s Source) Key() string { return joinKey(string(s.Provider), string(s.Host), string(s.Name)) }

func joinKey(parts ...string) string { return strings.Join(parts, "\x00") }

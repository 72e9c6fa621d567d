package inventory

// Keys order the records of a snapshot and identify a thing from one snapshot to the next. Their
// parts are joined with NUL, which [Clean] keeps out of every part. A key holds no name, version or
// position.

// usualKey is a size that most keys fit in, so that a key is usually allocated only once.
const usualKey = 256

// Key identifies what an item is: the same app, in the same place.
func (i *Item) Key() string { return string(i.AppendKey(make([]byte, 0, usualKey))) }

// AppendKey appends the item's key to a buffer.
func (i *Item) AppendKey(to []byte) []byte {
	return appendKey(i.Source.AppendKey(to), string(i.Kind), string(i.App.ID), string(i.Instance))
}

// Key identifies the account.
func (a *Account) Key() string { return string(a.AppendKey(make([]byte, 0, usualKey))) }

// AppendKey appends the account's key to a buffer.
func (a *Account) AppendKey(to []byte) []byte { return appendKey(a.Source.AppendKey(to), string(a.ID)) }

// Key identifies the source.
func (s Source) Key() string { return string(s.AppendKey(make([]byte, 0, usualKey))) }

// AppendKey appends the source's key to a buffer.
func (s Source) AppendKey(to []byte) []byte {
	return appendKey(append(to, s.Provider...), string(s.Host), string(s.Name))
}

func appendKey(to []byte, parts ...string) []byte {
	for _, part := range parts {
		to = append(append(to, 0), part...)
	}
	return to
}

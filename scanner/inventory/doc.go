// Package inventory holds guestlist's vocabulary as types: what was let in (Item, App), by whom and
// where (Holder), what it may do (Access), whose account is behind it (Account), and how well each
// source could be read (Coverage).
//
// The package does no I/O, imports no other package of guestlist and knows no platform: a browser
// extension, an OAuth grant and a deploy key are all Items. The JSON form of these types is the
// record format of the snapshot file (package snapshot).
//
// Two rules apply to every type. Text that someone else chose is [Untrusted], so that only a
// renderer can print it. And what was not observed has its own value ("unknown", a zero time, a
// Coverage that is not complete): it is never the same as "no", "off" or "none".
package inventory

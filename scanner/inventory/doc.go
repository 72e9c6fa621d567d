// Package inventory holds guestlist's vocabulary as types: what was let in (Item, App), by whom and
// where (Holder), what it may do (Access), whose account stands behind it (Account), and how well
// each source could be read (Coverage).
//
// The package does no I/O, imports nothing else of guestlist and knows no platform: a browser
// extension, an OAuth grant and a deploy key are all Items. The JSON form of these types is the
// record format of the snapshot file (package snapshot).
//
// Two rules run through every type. Text that someone else chose is [Untrusted], so that only a
// renderer can print it. And what was not observed has a value of its own ("unknown", a zero time,
// a Coverage that is not complete): it is never the same as "no", "off" or "none".
package inventory

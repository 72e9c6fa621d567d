// Package edit changes the text of a TOML file that people review, and nothing else in it:
// comments, order, blank lines, line endings, a byte order mark and the spelling of every other
// value stay as they are, byte for byte.
//
//	doc, err := edit.Open("allowlist.toml", text, keys)
//	entry, err := doc.Find("allow", 12)
//	err = doc.Set(entry, "expires", edit.Day("2027-05-23"))
//	os.WriteFile(name, doc.Bytes(), 0o600)
//
// A TOML encoder loses comments, so edits are made in the text, at places that package strict
// finds. Every edit is then proven: the new text is decoded, and everything in it must equal the
// old values except for exactly what was to change. An edit that would do anything else is refused
// with file and line and leaves the document as it was. Refused are also entries that are written
// as inline tables or have tables of their own, and keys written with dots: no file that guestlist
// writes has them.
//
// Values are written by [Text], [Day] and [List]. Foreign text is harmless in them: it is always
// one quoted string, in which everything that could act on a terminal or mislead a reader is an
// escape. What is appended must decode to exactly the values that were given, so no text can add a
// key or an entry.
//
// What belongs to a removed entry is the comment block directly above its header and below its last
// key, up to an empty line. A list keeps the order of the elements that stay; what is new goes to
// its end.
package edit

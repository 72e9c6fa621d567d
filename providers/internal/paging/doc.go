// Package paging reads lists that come page by page, and decides in one place, for every list of
// every provider, two things: that the list ends by itself, and whether what was read is all of it.
//
// A platform answers one page and says where the next one starts. It can be wrong about both, so
// can a proxy in between, or the list changes while it is read. A list that ends early looks
// exactly like a short one, and what was lost then looks removed. So the end of a list is believed
// only if nothing contradicts it:
//
//   - A next page that was already asked for, a page that repeats the pages before it, several
//     empty pages in a row, or too many pages end the list. It is not whole.
//   - A total that the answers declare must be exactly what they hold.
//   - A page that names no next page although it is as full as a page gets is not taken for the
//     end: where pages are numbered, the next number is asked for. The same holds for a page with
//     as many entries as a server that ignores the wanted size would send.
//   - A list that changes while it is read loses or repeats entries at the edges of its pages. Its
//     signs are a repeated entry, a total that changes, and a count ([List.Count]) that differs
//     from what was read. The list is then read once more, from the start: what was missed is
//     added, and a second reading without such a sign is whole.
//   - A list that cannot be empty, but is, is not whole.
//   - If an answer itself says, in whatever way, that it holds less than was asked for
//     ([Page.Doubt]), the list is not whole.
//
// A change without any such sign is not noticed: an entry that is removed, while none is added,
// from a list without total or count while its pages are read.
//
// The package knows no platform: a cursor is any string, an entry is of any type, and the reasons
// are worded neutrally.
package paging

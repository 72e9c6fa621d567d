// Package paging reads lists that come page by page, and decides in one place, for every list of
// every provider, two things: that the list ends by itself, and whether what was read is all of it.
//
// A platform answers one page and says where the next one starts. It can be wrong about both, or a
// proxy between here and there can be, or the list changes while it is read. A list that ends early
// looks exactly like a short one, and what was lost then looks removed. So the end of a list is
// believed only when nothing speaks against it:
//
//   - A next page that was asked for already, a page that repeats the pages before it, a row of empty pages or too many pages end
//     the list. It is not whole.
//   - A total that the answers declare must be what they hold, neither less nor more.
//   - A page that names no next page although it is as full as a page gets is no end: where pages are numbered, the next number
//     is asked for. The same holds for a page with as many entries as a server that ignores the wanted size would send.
//   - A list that moves while it is read loses or repeats entries at the edges of its pages. Its signs are a repeated entry, a
//     total that changes, and a count ([List.Count]) that is not what was read. It is then read once more, from the start: what
//     was missed is added, and a second reading without a sign is whole.
//   - A list that cannot be empty and is, is not whole.
//   - An answer that says of itself, in whatever way, that it holds less than was asked for ([Page.Doubt]) makes the list not whole.
//
// What no sign betrays is not noticed: a list without total or count, from which an entry goes and
// to which none is added while its pages are read.
//
// The package knows no platform: a cursor is any text, an entry any type, and the reasons are
// neutral words.
package paging

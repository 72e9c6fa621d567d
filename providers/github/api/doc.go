// Package api asks one GitHub host: it sends, reads a list to its end, and says what an answer or a
// refusal means. It follows GitHub's REST API (version 2026-03-10; 2022-11-28 for Enterprise
// Server) and its OpenAPI description, sends GET and the one POST that exchanges a GitHub App's JWT
// for a token, and knows neither how a credential is had nor what a scan looks for.
//
// # Asking
//
// A [Connection] says which host, and how fast. A [Client] keeps the pace, and pages of earlier
// scans; it opens a [Session] for each [Standing], which is who asks and what is known of what they
// may, with a [Signer] that signs the requests. go-github v57 carries the requests. Waiting,
// retrying and the host that a token may go to are package httpx's, not the library's.
//
// # What is believed
//
// Every list is read through package paging, and every answer must prove what it is: null, an empty
// object, an error with status 200 or an answer that single sign-on left something out of never
// means that there is nothing. Answers are decoded entry by entry with package lenient: an entry
// that cannot be read costs itself ([Each]), or the list where only the whole means something
// ([Whole]).
//
// # Faults
//
// What a source takes is a [Need]. A [Question] is a need, an organization and who asks: it turns
// an error into a [Fault], which says in words what happened, which permission is missing and the
// page to change it on. A refusal is about what was asked for, unless it says otherwise.
package api

// Package api calls one GitHub host: it sends requests, reads lists to their end, and says what an
// answer or a refusal means. It implements GitHub's REST API (version 2026-03-10; 2022-11-28 for
// Enterprise Server) and its OpenAPI description, sends only GET requests and the one POST that
// exchanges a GitHub App's JWT for a token, and knows neither how a credential is obtained nor what
// a scan looks for.
//
// # Asking
//
// A [Connection] says which host, and how fast. A [Client] keeps the pace, and pages of earlier
// scans. It opens a [Session] for each [Standing] (who asks, and what they are known to be
// allowed), with a [Signer] that signs the requests. go-github v57 sends the requests. Package
// httpx, not the library, waits, retries and decides which host a token may go to.
//
// # What is believed
//
// Every list is read through package paging, and every answer must prove what it is: null, an empty
// object, an error with status 200 or an answer from which single sign-on omitted something never
// means that there is nothing. Answers are decoded entry by entry with package lenient: an entry
// that cannot be read costs only itself ([Each]), or the whole list if only the whole is meaningful
// ([Whole]).
//
// # Faults
//
// A [Need] is what a source requires. A [Question] is a need, an organization and who asks. It
// turns an error into a [Fault], which says in words what happened, which permission is missing and
// on which page to change it. A refusal concerns only what was asked for, unless it says otherwise.
package api

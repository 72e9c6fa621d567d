// Package github enumerates which third-party software can touch an organization's code on GitHub:
// installed GitHub Apps, SAML credential authorizations, fine-grained tokens and requests for them,
// organization webhooks, and on demand deploy keys and repository webhooks; who is a member and
// with which second factor; and, for one's own account, its keys and posture. It works with
// github.com on every plan, data-residency hosts (ghe.com) and GitHub Enterprise Server.
//
// It follows GitHub's REST API (version 2026-03-10; 2022-11-28 for Enterprise Server) and its
// OpenAPI description. It only reads: GET, and the one POST that exchanges a GitHub App's JWT for a
// token, which it asks to be read-only whatever the App was granted. It never approves, revokes or
// deletes.
//
// go-github v57 carries the requests. Where its types lose data (closed permission structs) or
// break a whole page on one changed type, answers are decoded here, leniently, entry by entry: an
// entry that cannot be read costs itself, and the coverage says so. Waiting, retrying and the host
// that a token may go to are httpx's matter, not the library's.
//
// Every list goes through package paging, and every answer must prove what it is: null, an empty
// object, an error with status 200 or an answer that single sign-on left something out of never
// means that there is nothing. A refusal is about what was asked for, unless it says otherwise.
//
// What no API tells is said as a coverage of its own, with the page to open: which OAuth apps an
// organization approved, what its members authorized for themselves, webhooks that OAuth apps made,
// apps that are installed on an enterprise itself.
//
// Sources are named "acme/installations", "acme/credentials", "acme/tokens", "acme/token-requests",
// "acme/members", "acme/outside-collaborators", "acme/hooks", "acme/coding-agent",
// "acme/repositories/website", "acme/audit-log"; on another host than github.com the host comes
// first: "ghe.acme.example/acme/installations".
package github

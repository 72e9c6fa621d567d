// Package github enumerates which third-party software can touch an organization's code on GitHub:
// installed GitHub Apps, SAML credential authorizations, fine-grained tokens and requests for them,
// organization webhooks, and on demand deploy keys and repository webhooks; who is a member and
// with which second factor; and, for one's own account, its keys and posture. It works with
// github.com on every plan, data-residency hosts (ghe.com) and GitHub Enterprise Server.
//
// It only reads, and never approves, revokes or deletes. Three rooms stand below it: package signin
// gets a credential and opens sessions, package api asks and says what an answer or a refusal
// means, and package lenient decodes fields in any form. Here an answer becomes items, accounts and
// coverages: an entry that cannot be read costs itself, and the coverage says so.
//
// What no API reports has a coverage of its own, with the page to open: which OAuth apps an
// organization approved, what its members authorized for themselves, webhooks that OAuth apps made,
// apps that are installed on an enterprise itself.
//
// Sources are named "acme/installations", "acme/credentials", "acme/tokens", "acme/token-requests",
// "acme/members", "acme/outside-collaborators", "acme/hooks", "acme/coding-agent",
// "acme/repositories/website", "acme/audit-log"; on another host than github.com the host comes
// first: "ghe.acme.example/acme/installations".
package github

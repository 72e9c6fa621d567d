// Package github enumerates which third-party software can touch an organization's code on GitHub:
// installed GitHub Apps, SAML credential authorizations, fine-grained tokens and requests for them,
// organization webhooks and, on request, deploy keys and repository webhooks. It also reads who is
// a member and with which second factor and, for one's own account, its keys and posture. It works
// with github.com on every plan, data-residency hosts (ghe.com) and GitHub Enterprise Server.
//
// It only reads: it never approves, revokes or deletes. Below it are three packages: signin gets a
// credential and opens sessions, api asks GitHub and says what an answer or a refusal means, and
// lenient decodes fields in any form. This package turns answers into items, accounts and
// coverages: an entry that cannot be read costs only itself, and the coverage says so.
//
// What no API reports has a coverage of its own, with the page to open: which OAuth apps an
// organization approved, what its members authorized for themselves, webhooks that OAuth apps made,
// apps that are installed on an enterprise itself.
//
// Sources are named "acme/installations", "acme/credentials", "acme/tokens", "acme/token-requests",
// "acme/members", "acme/outside-collaborators", "acme/hooks", "acme/coding-agent",
// "acme/repositories/website", "acme/audit-log"; on hosts other than github.com the host comes
// first: "ghe.acme.example/acme/installations".
package github

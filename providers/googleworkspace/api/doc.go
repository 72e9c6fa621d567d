// Package api asks Google about one organization: it signs in, sends, and says what an answer or a
// refusal means. It implements the Directory API v1, the Reports API v1, the Chrome Management API
// v1 and the Cloud Identity API v1, sends only GET requests (except to sign-in endpoints), and
// knows nothing about scans, what is kept on disk, or what is counted.
//
// # Signing in
//
// A [Connection] signs in one way: with a service account's key, by keyless delegation, with an
// administrator's own login (see [SignIn]) or with application default credentials. A configuration
// that could only lead to the wrong identity is refused before anything is sent. Each [Feature] has
// a token of its own with its one scope ([Features] is the table), so that a scope that was not
// granted costs only its own feature. Tokens go to Google's hosts only. One that is refused is
// renewed once.
//
// # Asking
//
// A [Call] is a feature, a path and parameters. [Ask] makes it once; [Pages] and [Drain] read a
// list to its end through package paging. Package httpx does the waiting, the retrying and the
// pacing; each service has its own pace.
//
// # What is believed
//
// An answer proves what it is before it means "nothing": see [Decode]. Answers are decoded into our
// own types, which distinguish absent, null and empty.
//
// # Faults
//
// A call that failed for good is a [Fault]: its cause, and in words what happened, the console
// page, and the exact line to paste there. Whether it is about one user, a feature or everyone
// follows from the cause and from what was asked.
package api

// Package signin gets a credential for one GitHub host and opens sessions of package api with it: a
// token that was passed in, one found where gh looks ([Environment]), a person's saved device
// sign-in ([Saved], kept by [SignInByDevice]), or a GitHub App's key ([App]).
//
// A GitHub App signs in with a JWT that is valid for a few minutes and exchanges it for a token for
// its installation on each organization or enterprise. It requests a read-only token whatever the
// App was granted. Tokens stay in memory, except for a device sign-in, which is kept in a file with
// mode 0600.
//
// No error, log line or message quotes a credential, a key or an answer that may hold one. OAuth
// errors from GitHub are reduced to their codes.
package signin

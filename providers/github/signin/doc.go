// Package signin gets a credential for one GitHub host and opens sessions of package api with it: a
// token that is given, one found where gh looks ([Environment]), a person's saved device sign-in
// ([Saved], kept by [SignInByDevice]), or a GitHub App's key ([App]).
//
// A GitHub App signs in by a JWT that lives some minutes and exchanges it for a token of its
// installation on each organization or enterprise, which it asks to be read-only whatever the App
// was granted. Tokens stay in memory, except a device sign-in, which a file of mode 0600 holds.
//
// No error, log line or message quotes a credential, a key or an answer that may hold one. What
// GitHub says of OAuth errors is cut down to their codes.
package signin

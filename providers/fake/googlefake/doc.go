// Package googlefake is a loopback server that speaks the wire format of the Google Workspace
// services guestlist reads: Directory users, tokens and app passwords, Reports activities and
// usage, Chrome Management, Cloud Identity policies, and the sign-in endpoints (service account
// assertions, signJwt, authorization code with PKCE, refresh, workload identity).
//
// Tests and `guestlist demo` scan the organizations it serves. It listens on 127.0.0.1 only,
// answers from an [Organization], honours paging and the `fields` parameter, checks signatures,
// scopes and roles, and fails on demand ([Fault]). Its routes, parameters and bodies follow the
// discovery documents of google.golang.org/api; the sub-package discovery checks that.
//
// It refuses every method that changes something, which the real services would not do.
package googlefake

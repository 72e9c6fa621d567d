// Package webext is what the browser families spell alike in the files of an extension: where JSON
// may have comments (json.go), how a text stands for a message in the user's language
// (messages.go), which permissions are host patterns, and which keys of a manifest give reach
// without being a permission (surfaces.go, policy.go).
//
// It reads no files and decides nothing about an extension. What only one family has stays with its
// provider.
package webext

// Package webext is what the files of an extension have in common in all browser families: where
// JSON may have comments (json.go), how a string refers to a message in the user's language
// (messages.go), which permissions are host patterns, and which keys of a manifest give reach
// without being a permission (surfaces.go, policy.go).
//
// It reads no files and decides nothing about an extension. What only one family has belongs to its
// provider.
package webext

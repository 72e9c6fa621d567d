//go:build unix

package config

import (
	"io/fs"
	"syscall"
)

// isOpen reports whether more people can read a file than those it is for. The group may read what
// belongs to root: so a service reads a secret in /etc that it does not own, and so Kubernetes
// mounts one.
func isOpen(info fs.FileInfo) bool {
	others := fs.FileMode(0o077)
	if stat, known := info.Sys().(*syscall.Stat_t); known && stat.Uid == 0 {
		others = 0o037
	}
	return info.Mode().Perm()&others != 0
}

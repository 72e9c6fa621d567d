//go:build unix

package chromium

import "syscall"

var makeFIFO = func(path string) error { return syscall.Mkfifo(path, 0o600) }

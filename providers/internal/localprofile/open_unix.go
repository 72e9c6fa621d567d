//go:build unix

package localprofile

import "syscall"

// doNotWait keeps an open from waiting for the other end of a FIFO. Regular files ignore it.
const doNotWait = syscall.O_NONBLOCK

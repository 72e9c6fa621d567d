//go:build !unix

package cli

import (
	"os"
	"syscall"
)

// endSignals ask a run to end. Windows sends the first for Ctrl-C and Ctrl-Break, and Go the second
// when a console is closed, a user logs off or the system ends.
var (
	endSignals  = []os.Signal{os.Interrupt, syscall.SIGTERM}
	pipeSignals []os.Signal
)

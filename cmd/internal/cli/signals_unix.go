//go:build unix

package cli

import (
	"os"
	"syscall"
)

// endSignals ask a run to end; pipeSignals say that the reader of its output is gone.
var (
	endSignals  = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
	pipeSignals = []os.Signal{syscall.SIGPIPE}
)

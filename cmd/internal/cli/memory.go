package cli

import (
	"os"
	"runtime"
	"runtime/debug"
)

// An ordinary scan holds a few megabytes and lasts some hundredths of a second. With Go's setting
// the collector starts at 4 MiB, in the middle of it, and takes a tenth of all its computing.
// firstCollection lets the heap grow to 4 MiB * firstCollection / 100 before it does.
const firstCollection = 800

// collectLater postpones the first garbage collection, which then restores Go's own setting, so
// that long scans need no more memory. It respects GOGC if that is set.
func collectLater() {
	if os.Getenv("GOGC") != "" {
		return
	}
	before := debug.SetGCPercent(firstCollection)
	// Nothing refers to the witness, so it is cleaned up by the first collection.
	witness := new([16]byte)
	runtime.AddCleanup(witness, func(percent int) { debug.SetGCPercent(percent) }, before)
}

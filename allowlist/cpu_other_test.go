//go:build !unix

package allowlist_test

import "time"

var began = time.Now()

// processorTime is the time of the clock, where the system does not tell the other.
func processorTime() time.Duration { return time.Since(began) }

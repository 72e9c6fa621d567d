//go:build !linux && !darwin

package localprofile

import (
	"io/fs"
	"time"
)

// Changed returns when a file or directory, or what is known of it, was last changed, which no
// program can set to another time. False where the system does not say.
func Changed(fs.FileInfo) (time.Time, bool) { return time.Time{}, false }

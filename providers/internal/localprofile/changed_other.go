//go:build !linux && !darwin

package localprofile

import (
	"io/fs"
	"time"
)

// Changed returns when a file or directory, or its metadata, was last changed, a time that no
// program can set. It is false if the system does not say.
func Changed(fs.FileInfo) (time.Time, bool) { return time.Time{}, false }

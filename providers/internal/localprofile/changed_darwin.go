package localprofile

import (
	"io/fs"
	"syscall"
	"time"
)

// Changed returns when a file or directory, or its metadata, was last changed, a time that no
// program can set. It is false if the system does not say.
func Changed(info fs.FileInfo) (time.Time, bool) {
	found, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(int64(found.Ctimespec.Sec), int64(found.Ctimespec.Nsec)), true
}

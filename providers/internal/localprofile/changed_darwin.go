package localprofile

import (
	"io/fs"
	"syscall"
	"time"
)

// Changed returns when a file or directory, or what is known of it, was last changed, which no
// program can set to another time. False where the system does not say.
func Changed(info fs.FileInfo) (time.Time, bool) {
	found, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return time.Time{}, false
	}
	return time.Unix(int64(found.Ctimespec.Sec), int64(found.Ctimespec.Nsec)), true
}

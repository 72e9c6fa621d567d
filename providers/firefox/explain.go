package firefox

import (
	"errors"
	"io/fs"
	"syscall"

	"guestlist/providers/internal/localprofile"
)

// wording makes the sentences about what could not be read.
var wording = localprofile.Wording{Writer: "the browser", Remove: "in about:profiles"}

// isMissing reports whether a file or a folder on the way to it does not exist.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

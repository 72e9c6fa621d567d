package chromium

import (
	"errors"
	"io/fs"
)

// isMissing reports whether a file or a folder on the way to it does not exist.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

//go:build !unix

package localprofile

import (
	"os"
	"path/filepath"
)

// doNotWait is not needed: these systems have no FIFOs among files.
const doNotWait = 0

// openFolder opens a directory to list it, and nothing else: a name that ends with a separator is a
// directory's.
func openFolder(dir string) (*os.File, error) { return os.Open(dir + string(filepath.Separator)) }

package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// errLocked says that another scan is using the state directory. The operating system holds the
// lock on an open file and releases it when the process exits, however it does; that the file
// exists means nothing.
var errLocked = errors.New("another scan is using it")

// lockState takes the state directory for one scan. Closing the returned file releases it.
func lockState(root string) (*os.File, error) {
	path := filepath.Join(root, "lock")
	file, err := openLocked(path)
	if err != nil && !errors.Is(err, errLocked) {
		return nil, fmt.Errorf("locking %q: %w", path, err)
	}
	return file, err
}

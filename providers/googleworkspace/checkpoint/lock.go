package checkpoint

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// errLocked says that another scan has the state directory. The lock is the operating system's, on
// an open file: it ends with the process that holds it, however that ends, and the file itself
// means nothing.
var errLocked = errors.New("another scan is using it")

// lockState takes the state directory for one scan. Closing the returned file gives it back.
func lockState(root string) (*os.File, error) {
	path := filepath.Join(root, "lock")
	file, err := openLocked(path)
	if err != nil && !errors.Is(err, errLocked) {
		return nil, fmt.Errorf("locking %q: %w", path, err)
	}
	return file, err
}

package atomicfile

import "os"

// OpenToRead opens a file that a user named. It does not wait for a pipe that no process writes to,
// which is empty: opening it would block forever, and could not be interrupted.
func OpenToRead(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|doNotWait, 0) }

package atomicfile

import "os"

// OpenToRead opens a file that someone named. A pipe with nobody at its other end is empty, and not waited for: its opening
// would last for ever, whatever ends the run.
func OpenToRead(path string) (*os.File, error) { return os.OpenFile(path, os.O_RDONLY|doNotWait, 0) }

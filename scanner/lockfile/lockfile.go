// Package lockfile lets runs of guestlist wait for each other, by locks that the system releases when
// their holder exits.
package lockfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"

	"guestlist/scanner/inventory"
)

// maxHolderBytes bounds what is read from a lock file.
const maxHolderBytes = 200

// LockedError says that another run did not release a lock in time.
type LockedError struct {
	Path   string
	Holder inventory.Untrusted // what the holder wrote about itself; empty if the system does not let others read it
}

func (e *LockedError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("another guestlist holds %q", e.Path)
	}
	return fmt.Sprintf("%s holds %q", e.Holder, e.Path)
}

// Lock locks a file, which is created if it is missing and is not removed. The system releases the
// lock when its holder exits, however that happens. On a file system without locks, runs do not
// wait. A call that gives up creates nothing afterwards: the file is created here, and only the
// wait for it may outlast the call.
func Lock(ctx context.Context, path, holder string) (release func(), err error) {
	made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	made.Close()
	type result struct {
		file *lockedfile.File
		err  error
	}
	taken := make(chan result)
	go func() {
		file, err := lockedfile.OpenFile(path, os.O_RDWR, 0o600) // waits for as long as it takes
		select {
		case taken <- result{file, err}:
		case <-ctx.Done():
			if err == nil {
				file.Close()
			}
		}
	}()
	select {
	case got := <-taken:
		if errors.Is(got.err, errors.ErrUnsupported) {
			return func() {}, nil
		}
		if got.err != nil {
			return nil, got.err
		}
		writeHolder(got.file.File, path, holder)
		return func() { got.file.Close() }, nil
	case <-ctx.Done():
		return nil, &LockedError{Path: path, Holder: readHolder(path)}
	}
}

// writeHolder records who holds the lock. That is for people: the lock works without it.
func writeHolder(file *os.File, path, holder string) {
	if besideLock != "" {
		os.WriteFile(path+besideLock, []byte(holder+"\n"), 0o600)
		return
	}
	if file.Truncate(0) == nil {
		io.WriteString(file, holder+"\n")
	}
}

// readHolder returns what the holder wrote, if it can be read while it is locked.
func readHolder(path string) inventory.Untrusted {
	file, err := os.Open(path + besideLock)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, maxHolderBytes)) // what could be read is better than nothing
	return inventory.Clean(strings.TrimSpace(string(text)), maxHolderBytes)
}

//go:build !linux

package atomicfile

import (
	"errors"
	"os"
)

// openLinkable is for Linux: elsewhere a file has a name from the start.
func openLinkable(string) (*os.File, error) { return nil, nil }

func link(*os.File, string, string) (string, error) { return "", errors.ErrUnsupported }

func openInMemory() (*os.File, error) { return nil, errors.ErrUnsupported }

// openUnnamed opens a file whose name is removed before anything is written to it, or when it is
// closed.
func openUnnamed(dir string) (*os.File, error) { return openHidden(dir) }

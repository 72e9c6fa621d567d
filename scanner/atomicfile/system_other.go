//go:build !linux

package atomicfile

import (
	"errors"
	"os"
)

// openLinkable is Linux's: elsewhere a file has a name from its beginning.
func openLinkable(string) (*os.File, error) { return nil, nil }

func link(*os.File, string, string) (string, error) { return "", errors.ErrUnsupported }

// openUnnamed opens a file whose name goes before anything is in it, or with the file.
func openUnnamed(dir string) (*os.File, error) { return openHidden(dir) }

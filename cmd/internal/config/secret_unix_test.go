//go:build unix

package config

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"
	"time"
)

func TestASecretIsReadByItsOwnerOrFromRootByItsGroup(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		owner uint32
		mode  fs.FileMode
		open  bool
	}{
		{1000, 0o600, false}, {1000, 0o400, false}, {1000, 0o640, true}, {1000, 0o440, true}, {1000, 0o604, true},
		{0, 0o600, false}, {0, 0o640, false}, {0, 0o440, false}, {0, 0o660, true}, {0, 0o644, true}, {0, 0o444, true},
		{0, 0o610, true},
	} {
		t.Run(fmt.Sprintf("%d-%04o", test.owner, test.mode), func(t *testing.T) {
			t.Parallel()
			if got := isOpen(fileInfo{test.mode, &syscall.Stat_t{Uid: test.owner}}); got != test.open {
				t.Errorf("open: %t, want %t", got, test.open)
			}
		})
	}
	if !isOpen(fileInfo{0o640, nil}) {
		t.Error("a file whose owner is not known is trusted as if it were root's")
	}
}

// fileInfo is a file with an owner.
type fileInfo struct {
	mode fs.FileMode
	stat any
}

func (f fileInfo) Name() string       { return "secret" }
func (f fileInfo) Size() int64        { return 1 }
func (f fileInfo) Mode() fs.FileMode  { return f.mode }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) IsDir() bool        { return false }
func (f fileInfo) Sys() any           { return f.stat }

package lockfile_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"guestlist/scanner/lockfile"
	"guestlist/scanner/testkit"
)

func TestALockSaysWhoHoldsItUntilItIsReleased(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.lock")
	testkit.WriteFile(t, path, "guestlist (process 1, since long ago), whose text is longer than that of the next one\n")
	release, err := lockfile.Lock(t.Context(), path, "guestlist (process 7)")
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = lockfile.Lock(impatient, path, "guestlist (process 8)")
	if busy := (*lockfile.LockedError)(nil); !errors.As(err, &busy) || busy.Holder != "guestlist (process 7)" || busy.Path != path {
		t.Errorf("held: %v", err)
	}
	release()
	again, err := lockfile.Lock(t.Context(), path, "guestlist (process 9)")
	if err != nil {
		t.Fatal(err)
	}
	again()
}

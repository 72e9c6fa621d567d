//go:build unix && !linux

package atomicfile

import (
	"os"
	"testing"
)

// asOrdinaryUser runs work where the process is not root.
func asOrdinaryUser(t *testing.T, _ string, work func()) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root may write everything")
	}
	work()
}

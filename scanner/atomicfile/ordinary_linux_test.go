package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// ordinaryUser is a user without rights over the files of others.
const ordinaryUser = 65534

// asOrdinaryUser runs work as a user who may do nothing but what modes allow, so that root tests
// the same as everyone. What root has below dir is given to that user before.
func asOrdinaryUser(t *testing.T, dir string, work func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		work()
		return
	}
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // the test's own, above t.TempDir()
		t.Fatal(err)
	}
	if err := filepath.WalkDir(dir, giveAway); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and not unlocked: the thread ends with the goroutine
		syscall.Syscall(syscall.SYS_SETFSGID, ordinaryUser, 0, 0)
		syscall.Syscall(syscall.SYS_SETFSUID, ordinaryUser, 0, 0)
		work()
	}()
	<-done
}

func giveAway(path string, entry fs.DirEntry, err error) error {
	if err != nil {
		return err
	}
	info, err := entry.Info()
	if err != nil || info.Sys().(*syscall.Stat_t).Uid != 0 {
		return err
	}
	return os.Lchown(path, ordinaryUser, ordinaryUser)
}

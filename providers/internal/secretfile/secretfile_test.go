package secretfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"guestlist/providers/internal/secretfile"
)

func TestASecretIsKeptForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credentials", "token.json")
	if _, err := secretfile.Read(path); !errors.Is(err, secretfile.ErrNone) {
		t.Errorf("a file that is not there: %v", err)
	}
	for _, text := range []string{"first", "second"} {
		if err := secretfile.Write(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := secretfile.Read(path); err != nil || string(got) != text {
			t.Errorf("read %q, %v", got, err)
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := secretfile.Read(path); err == nil || !strings.Contains(err.Error(), "others can read") || strings.Contains(err.Error(), "second") {
		t.Errorf("a file that the group can read: %v", err)
	}
}

func TestAFileBeyondTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "token.json")
	if err := secretfile.Write(path, make([]byte, secretfile.MaxBytes+1)); err != nil {
		t.Fatal(err)
	}
	if _, err := secretfile.Read(path); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("got %v", err)
	}
}

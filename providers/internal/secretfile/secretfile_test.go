package secretfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"guestlist/providers/internal/secretfile"
	"guestlist/scanner/testkit"
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
	if _, err := secretfile.Read(path); err == nil || !strings.Contains(err.Error(), "is readable by others") ||
		strings.Contains(err.Error(), "second") {
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

func TestASecretIsWrittenAsALineOfJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "credentials", "token.json")
	if err := secretfile.WriteJSON(path, map[string]string{"token": "ghp_x"}); err != nil {
		t.Fatal(err)
	}
	if got, err := secretfile.Read(path); err != nil || string(got) != "{\"token\":\"ghp_x\"}\n" {
		t.Errorf("read %q, %v", got, err)
	}
	if err := secretfile.WriteJSON(path, make(chan int)); err == nil || !strings.Contains(err.Error(), "encoding") {
		t.Errorf("what has no JSON: %v", err)
	}
	if got, err := secretfile.Read(path); err != nil || len(got) == 0 {
		t.Errorf("and the file before it: %q, %v", got, err)
	}
}

func TestAPlaceThatCannotHoldASecretIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, folder := filepath.Join(dir, "file"), filepath.Join(dir, "folder")
	testkit.WriteFile(t, file, "")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{filepath.Join(file, "token.json"): "making the directory of",
		folder: "writing "} {
		if err := secretfile.Write(path, []byte("ghp_x")); err == nil || !strings.Contains(err.Error(), says) ||
			strings.Contains(err.Error(), "ghp_x") {
			t.Errorf("writing %s: %v", path, err)
		}
	}
	for path, says := range map[string]string{filepath.Join(file, "token.json"): "opening the saved sign-in",
		folder: "reading the saved sign-in"} {
		if _, err := secretfile.Read(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("reading %s: %v", path, err)
		}
	}
}

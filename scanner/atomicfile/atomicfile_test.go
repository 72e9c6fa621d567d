package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/testkit"
)

func TestANewFileIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	write(t, path, "first")
	holdsOnly(t, path, "first")
	if info := stat(t, path); runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestNothingAppearsBeforeTheContentIsWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "report.json")
	write(t, path, "before")
	file, err := atomicfile.Create(path, atomicfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write([]byte("after")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != "before" {
		t.Errorf("a reader saw %q", got)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	holdsOnly(t, path, "before")
	if err := file.Commit(); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a commit after the close: %v", err)
	}
}

func TestTheModeOfWhatWasThereIsKeptButForSecrets(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	for name, c := range map[string]struct {
		options atomicfile.Options
		want    fs.FileMode
	}{
		"a-report": {atomicfile.Options{}, 0o644},
		"a-secret": {atomicfile.Options{Private: true}, 0o600},
		"a-cache":  {atomicfile.Options{Volatile: true}, 0o644},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			write(t, path, "before")
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := atomicfile.WriteFile(path, []byte("after"), c.options); err != nil {
				t.Fatal(err)
			}
			holdsOnly(t, path, "after")
			if got := stat(t, path).Mode(); got != c.want {
				t.Errorf("mode %v, want %v", got, c.want)
			}
		})
	}
}

func TestALinkIsFollowedAndKept(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{
		"to-a-file":              "there/file",
		"to-what-is-not-there":   "there/new",
		"through-another-link":   "second",
		"up-from-a-linked-place": "linked/../beside",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, sub := range []string{"there", "far", "far/below"} {
				if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			write(t, filepath.Join(dir, "there", "file"), "before")
			symlink(t, filepath.Join("there", "file"), filepath.Join(dir, "second"))
			symlink(t, filepath.Join("far", "below"), filepath.Join(dir, "linked"))
			link := filepath.Join(dir, "link")
			symlink(t, filepath.FromSlash(target), link)
			write(t, link, "after")
			if info, err := os.Lstat(link); err != nil || info.Mode().Type() != fs.ModeSymlink {
				t.Errorf("the link is gone: %v, %v", info, err)
			}
			if got := read(t, link); got != "after" {
				t.Errorf("behind the link is %q", got)
			}
			if target == "linked/../beside" && read(t, filepath.Join(dir, "far", "beside")) != "after" {
				t.Error("the link was followed by its words and not by its place")
			}
		})
	}
}

func TestWhatCannotBeWrittenSaysWhy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "file"), "x")
	symlink(t, "circle", filepath.Join(dir, "circle"))
	for name, c := range map[string]struct {
		path, says string
		is         error
	}{
		"no-directory": {filepath.Join(dir, "none", "report.json"),
			"the directory \"" + filepath.ToSlash(dir) + "/none\" does not exist", fs.ErrNotExist},
		"a-file-for-directory": {filepath.Join(dir, "file", "report.json"), "directory", nil},
		"a-directory":          {dir, "it is a directory", nil},
		"links-in-a-circle":    {filepath.Join(dir, "circle"), "circle", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := atomicfile.Create(c.path, atomicfile.Options{})
			failed := (*atomicfile.Error)(nil)
			if !errors.As(err, &failed) || failed.Path != c.path || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(filepath.ToSlash(failed.Err.Error()), c.says) {
				t.Errorf("it says %q, want %q", failed.Err, c.says)
			}
		})
	}
}

func TestATemporaryFileHasNoNameAndCanBeReadBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := atomicfile.Temporary(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("content"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 7)
	if _, err := file.ReadAt(got, 0); err != nil || string(got) != "content" {
		t.Errorf("read %q, %v", got, err)
	}
	if left := testkit.Names(t, dir); runtime.GOOS != "windows" && len(left) > 0 {
		t.Errorf("the directory holds %q", left)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if left := testkit.Names(t, dir); len(left) > 0 {
		t.Errorf("the directory holds %q after the close", left)
	}
}

func TestACheckSaysWhetherAFileCouldBeWrittenAndChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	write(t, path, "before")
	before := stat(t, path)
	for name, c := range map[string]struct {
		path string
		is   error
	}{
		"a-file":       {path, nil},
		"a-free-name":  {filepath.Join(dir, "new"), nil},
		"no-directory": {filepath.Join(dir, "none", "file"), fs.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			if err := atomicfile.Check(c.path, atomicfile.Options{}); !errors.Is(err, c.is) {
				t.Errorf("got %v, want %v", err, c.is)
			}
			holdsOnly(t, path, "before")
		})
	}
	if after := stat(t, path); !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Error("the file was touched")
	}
}

func TestARenameReplacesAndSaysWhatItCouldNot(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	write(t, to, "before")
	write(t, from, "after")
	if err := atomicfile.Rename(from, to); err != nil {
		t.Fatal(err)
	}
	holdsOnly(t, to, "after")
	failed := (*atomicfile.Error)(nil)
	if err := atomicfile.Rename(from, to); !errors.As(err, &failed) || failed.Path != to ||
		!errors.Is(err, fs.ErrNotExist) {
		t.Errorf("from what is gone: %v", err)
	}
	holdsOnly(t, to, "after")
}

func TestATemporaryFileNeedsItsDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	failed := (*atomicfile.Error)(nil)
	if _, err := atomicfile.Temporary(dir); !errors.As(err, &failed) || failed.Path != dir ||
		!errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	file, err := atomicfile.Temporary("")
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := atomicfile.WriteFile(path, []byte(content), atomicfile.Options{}); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func stat(t *testing.T, path string) fs.FileInfo {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// holdsOnly checks a file's content, and that it is alone in its directory.
func holdsOnly(t *testing.T, path, want string) {
	t.Helper()
	if got := read(t, path); got != want {
		t.Errorf("%s holds %q, want %q", path, got, want)
	}
	if left := testkit.Names(t, filepath.Dir(path)); len(left) != 1 {
		t.Errorf("the directory holds %q", left)
	}
}

func symlink(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Skipf("no links here: %v", err)
	}
}

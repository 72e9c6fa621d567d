package localprofile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/testkit"
)

func TestAFileIsReadWholeAndWithinItsLimit(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	content := strings.Repeat("0123456789", 1000)
	testkit.WriteFile(t, filepath.Join(home, "profile", "file"), content)
	testkit.WriteFile(t, filepath.Join(home, "profile", "empty"), "")
	var opened []string
	root := mustOpen(t, home, func(path string) { opened = append(opened, path) })
	dir, err := root.Sub("profile")
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	size := int64(len(content))
	for _, buffer := range [][]byte{nil, make([]byte, 3), make([]byte, 0, 100_000)} {
		got, err := dir.Read("file", size, buffer)
		if err != nil || string(got) != content {
			t.Errorf("a buffer of %d: %d bytes, %v", cap(buffer), len(got), err)
		}
	}
	if got, err := dir.Read("empty", 0, nil); err != nil || len(got) != 0 {
		t.Errorf("an empty file: %q, %v", got, err)
	}
	if _, err := dir.Read("file", size-1, nil); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a file of one byte more than the limit: %v", err)
	}
	if _, err := dir.Read("none", size, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, _, err := root.OpenFile("profile", size); !errors.Is(err, ErrNotRegular) {
		t.Errorf("a folder: %v", err)
	}
	in := func(name string) string { return filepath.Join(home, "profile", name) }
	if diff := cmp.Diff([]string{in("file"), in("file"), in("file"), in("empty"), in("file")}, opened); diff != "" {
		t.Errorf("what was opened (-want +got)\n%s", diff)
	}
}

func TestWhatLiesInAFolderIsListedInOrder(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, name := range []string{"z/file", "a/file", "file"} {
		testkit.WriteFile(t, filepath.Join(home, filepath.FromSlash(name)), "")
	}
	elsewhere := t.TempDir()
	testkit.Symlink(t, "a", filepath.Join(home, "inside"))
	testkit.Symlink(t, elsewhere, filepath.Join(home, "outside"))
	testkit.Symlink(t, "nowhere", filepath.Join(home, "dead"))
	dir := mustOpen(t, home, nil)
	folders, err := dir.Folders(".")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "inside", "z"}, folders); diff != "" {
		t.Errorf("folders (-want +got)\n%s", diff)
	}
	entries, err := dir.Entries(".")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "dead", "file", "inside", "outside", "z"}, entries); diff != "" {
		t.Errorf("entries (-want +got)\n%s", diff)
	}
	for _, name := range []string{"file", "outside", "dead", "..", "none"} {
		if _, err := dir.Folders(name); err == nil {
			t.Errorf("the folders of %s were listed", name)
		}
		if _, err := dir.Entries(name); err == nil {
			t.Errorf("the entries of %s were listed", name)
		}
		if _, err := dir.Sub(name); err == nil {
			t.Errorf("%s was opened as a folder", name)
		}
	}
}

func TestALinkIsDescribedAsItselfOrAsWhatItLeadsTo(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	testkit.WriteFile(t, filepath.Join(home, "file"), "text")
	testkit.Symlink(t, "file", filepath.Join(home, "link"))
	dir := mustOpen(t, home, nil)
	itself, err := dir.Lstat("link")
	if err != nil || itself.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link itself: %v, %v", itself, err)
	}
	target, err := dir.Stat("link")
	if err != nil || !target.Mode().IsRegular() || target.Size() != 4 {
		t.Errorf("what it leads to: %v, %v", target, err)
	}
}

func TestAnAbsolutePathIsOpenedBelowTheRootOfItsSystem(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	testkit.WriteFile(t, filepath.Join(root, "usr", "share", "ext", "manifest.json"), "{}")
	testkit.WriteFile(t, filepath.Join(root, "C:", "ext", "manifest.json"), "{}")
	system := System{Root: root}
	for _, at := range []string{"/usr/share/ext", "/usr/share/../share/ext/", `C:\ext`, "C:/ext"} {
		dir, err := system.Open(at)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			continue
		}
		if text, err := dir.Read("manifest.json", 2, nil); err != nil || string(text) != "{}" {
			t.Errorf("%s: %q, %v", at, text, err)
		}
		dir.Close()
	}
	for _, at := range []string{"/usr/none", "../../etc", "usr/../../etc", `\\server\share`} {
		if _, err := system.Open(at); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", at, err)
		}
	}
	if _, err := (System{Root: filepath.Join(root, "none")}).Open("/usr"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a root that is not there: %v", err)
	}
}

func TestOnTheRealSystemAPathIsItsOwnRoot(t *testing.T) {
	t.Parallel()
	at := t.TempDir()
	for _, system := range []System{{}, {Root: string(filepath.Separator)}} {
		dir, err := system.Open(at)
		if err != nil {
			t.Fatal(err)
		}
		if dir.Path() != at {
			t.Errorf("the path is %q, want %q", dir.Path(), at)
		}
		dir.Close()
		if _, err := system.Open("usr"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a path that is not absolute: %v", err)
		}
	}
}

func TestAPathIsToldToBeAbsoluteOnAnySystem(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]struct {
		isAbsolute, isWindows bool
		slashes               string
	}{
		"/usr/share":     {true, false, "/usr/share"},
		`C:\Users\ada`:   {true, true, "C:/Users/ada"},
		"z:/ext":         {true, true, "z:/ext"},
		`\\server\share`: {true, true, "//server/share"},
		"C:":             {false, false, "C:"},
		"1:/ext":         {false, false, "1:/ext"},
		`a\b`:            {false, false, `a\b`},
		"a/b":            {false, false, "a/b"},
		"":               {false, false, ""},
	} {
		if got := IsAbsolute(at); got != want.isAbsolute {
			t.Errorf("%q is absolute: %t", at, got)
		}
		if got := IsWindowsPath(at); got != want.isWindows {
			t.Errorf("%q is a path of Windows: %t", at, got)
		}
		if got := Slashes(at); got != want.slashes {
			t.Errorf("%q becomes %q, want %q", at, got, want.slashes)
		}
	}
}

func TestAFileThatGrowsWhileItIsReadIsStillLimited(t *testing.T) {
	t.Parallel()
	read := func(left int64) (int, error) {
		limited := &Limited{Source: strings.NewReader("0123456789"), Left: left}
		n, err := limited.Read(make([]byte, 20))
		return n, err
	}
	if n, err := read(10); n != 10 || err != nil {
		t.Errorf("as large as the limit: %d, %v", n, err)
	}
	if n, err := read(9); n != 0 || !errors.Is(err, ErrTooLarge) {
		t.Errorf("larger: %d, %v", n, err)
	}
}

func TestAFolderIsTakenOnceWhateverItsName(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	testkit.WriteFile(t, filepath.Join(home, "one", "file"), "")
	testkit.WriteFile(t, filepath.Join(home, "two", "file"), "")
	testkit.Symlink(t, "one", filepath.Join(home, "link"))
	var claims Claims
	var taken []string
	for _, name := range []string{"one", "link", "two", "one"} {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		if claims.Take(info) {
			taken = append(taken, name)
		}
	}
	if diff := cmp.Diff([]string{"one", "two"}, taken); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !Holds(home, "none", "one/file") || Holds(home, "none", "three/file") {
		t.Error("what a folder holds is not said")
	}
	if IsLink(filepath.Join(home, "one")) || !IsLink(filepath.Join(home, "link")) || IsLink(filepath.Join(home, "none")) {
		t.Error("what is a link is not said")
	}
}

func mustOpen(t *testing.T, path string, observe func(string)) *Dir {
	t.Helper()
	dir, err := Open(path, observe)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

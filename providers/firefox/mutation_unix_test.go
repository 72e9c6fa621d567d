//go:build unix

package firefox

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/testdata/profiles"
)

// allMutations, set in the environment, tries every mutation; without it an even sample of them is
// tried.
const allMutations = "GUESTLIST_TEST_MUTATIONS"

// sampled is how many mutations of each home are tried without the variable.
const sampled = 120

// Homes that Firefox wrote are spoilt in every way that a disk, another program or an attacker may:
// each file cut, flipped, emptied, gone or replaced by something else, each member of its JSON gone
// or of another type. Whatever was done, the scan ends, and an add-on whose files still lie on disk
// is reported with what its manifest requires, or its profile is not read in full.
func TestASpoiltProfileLosesNothingUnsaid(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := profiles.Extract(root); err != nil {
		t.Fatal(err)
	}
	homes, err := filepath.Glob(filepath.Join(root, "homes", "*"))
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, home := range homes {
		lab := &spoiling{t: t, home: home, system: filepath.Join(root, "system")}
		if lab.prepare() {
			t.Run(filepath.Base(home), func(t *testing.T) { tried += lab.run(t) })
		}
	}
	t.Logf("%d mutations", tried)
	if tried == 0 {
		t.Error("no home of Firefox was found")
	}
}

// spoiling is one home and what is read of it while it is whole.
type spoiling struct {
	t            *testing.T
	home, system string
	files        []string // of Firefox, below home
	whole        []inventory.Item
}

func (l *spoiling) prepare() bool {
	l.whole, _ = l.scan(l.t)
	for _, place := range []string{".config/mozilla/firefox", ".mozilla/firefox"} {
		filepath.WalkDir(filepath.Join(l.home, place), func(at string, entry fs.DirEntry, err error) error {
			if err == nil && entry.Type().IsRegular() {
				l.files = append(l.files, at)
			}
			return nil
		})
	}
	return len(l.whole) > 0
}

func (l *spoiling) scan(t *testing.T) ([]inventory.Item, []inventory.Coverage) {
	return collect(t, scanner.Env{OS: linux, Homes: []scanner.Home{{Dir: l.home, User: "ada"}}, SystemRoot: l.system})
}

// mutation spoils a home, and its undo makes it whole.
type mutation struct {
	name string
	do   func() error
	undo func() error
	list bool // only extensions.json was changed
}

func (l *spoiling) run(t *testing.T) int {
	var all []mutation
	for _, file := range l.files {
		all = append(all, l.ofFile(t, file)...)
	}
	folders := map[string]bool{}
	for _, file := range l.files {
		folders[filepath.Dir(file)] = true
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		all = append(all, replaced(folder)...)
	}
	step := 1
	if os.Getenv(allMutations) == "" {
		step = max(1, len(all)/sampled)
	}
	tried := 0
	for n := 0; n < len(all); n += step {
		m := all[n]
		if err := m.do(); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		l.check(t, m)
		if err := m.undo(); err != nil {
			t.Fatalf("undoing %s: %v", m.name, err)
		}
		tried++
	}
	return tried
}

// check holds the promise to what is read of a spoilt home.
func (l *spoiling) check(t *testing.T, m mutation) {
	t.Helper()
	items, coverage := l.scan(t)
	if slices.ContainsFunc(coverage, func(c inventory.Coverage) bool { return c.Status != inventory.StatusComplete }) {
		return
	}
	for _, before := range l.whole {
		if !l.isOnDisk(before) {
			continue
		}
		at := slices.IndexFunc(items, func(now inventory.Item) bool {
			return now.App.ID == before.App.ID || before.Path != "" &&
				path.Base(string(now.Path)) == path.Base(string(before.Path))
		})
		switch {
		case at < 0:
			t.Errorf("%s: %s is gone, and everything is read", m.name, before.App.ID)
		case m.list && !items[at].HasMark(inventory.MarkPathMismatch):
			held := items[at].Access
			if lost := without(texts(before.Access.Permissions), held.Permissions); len(lost) > 0 {
				t.Errorf("%s: %s has lost %s", m.name, before.App.ID, lost)
			}
			if lost := without(texts(before.Access.Hosts), held.Hosts); len(lost) > 0 {
				t.Errorf("%s: %s has lost %s", m.name, before.App.ID, lost)
			}
		}
	}
}

// isOnDisk reports whether the add-on's files can still be found: in the profile, or in the system
// while there is a profile that uses them.
func (l *spoiling) isOnDisk(item inventory.Item) bool {
	inSystem := item.Facts["location"] != inProfile
	return slices.ContainsFunc(l.files, func(file string) bool {
		folder := filepath.Dir(file)
		isIts := filepath.Base(file) == path.Base(string(item.Path)) &&
			filepath.Base(filepath.Dir(folder)) == string(item.Holder.Profile)
		isBeside := inSystem && filepath.Base(folder) == string(item.Holder.Profile)
		_, err := os.Stat(file)
		return err == nil && (isIts || isBeside)
	})
}

func texts(list []inventory.Untrusted) []string {
	result := make([]string, len(list))
	for n, text := range list {
		result[n] = string(text)
	}
	return result
}

// ofFile returns the mutations of one file.
func (l *spoiling) ofFile(t *testing.T, file string) []mutation {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file))
	isList := filepath.Base(file) == extensionsFile
	made := func(what string, content func() []byte) mutation {
		return mutation{
			name: name + ": " + what, list: isList,
			do:   func() error { return os.WriteFile(file, content(), 0o600) },
			undo: func() error { return os.WriteFile(file, data, 0o600) },
		}
	}
	with := func(what string, content []byte) mutation { return made(what, func() []byte { return content }) }
	all := append(replaced(file), with("emptied", nil))
	for n := 1; n < 10; n++ {
		at := len(data) * n / 10
		all = append(all, with(fmt.Sprintf("cut at byte %d", at), data[:at]))
	}
	for n := range 40 {
		if len(data) > 0 {
			flipped := slices.Clone(data)
			at := len(data) * n / 40
			flipped[at] ^= 1 << (n % 8)
			flip := with(fmt.Sprintf("byte %d flipped", at), flipped)
			flip.list = false // a flipped name is another name
			all = append(all, flip)
		}
	}
	if strings.HasSuffix(file, ".json") {
		for _, spoilt := range spoiltMembers(t, data) {
			all = append(all, made(spoilt.what, func() []byte { return spoilt.document(t, data) }))
		}
	}
	return all
}

// replaced returns the mutations that put something else in the place of a file or folder.
func replaced(at string) []mutation {
	aside := at + ".aside"
	var all []mutation
	for what, put := range map[string]func() error{
		"gone":                func() error { return nil },
		"a folder":            func() error { return os.Mkdir(at, 0o700) },
		"a FIFO":              func() error { return syscall.Mkfifo(at, 0o600) },
		"a link to nowhere":   func() error { return os.Symlink("nowhere", at) },
		"a link to itself":    func() error { return os.Symlink(filepath.Base(at), at) },
		"a link to a device":  func() error { return os.Symlink("/dev/zero", at) },
		"a file of one line":  func() error { return os.WriteFile(at, []byte("hello\n"), 0o600) },
		"a link to the whole": func() error { return os.Symlink(filepath.Base(aside), at) },
	} {
		all = append(all, mutation{
			name: filepath.Base(filepath.Dir(at)) + "/" + filepath.Base(at) + ": " + what,
			do:   func() error { return firstError(os.Rename(at, aside), put) },
			undo: func() error { return firstError(os.RemoveAll(at), func() error { return os.Rename(aside, at) }) },
		})
	}
	slices.SortFunc(all, func(a, b mutation) int { return strings.Compare(a.name, b.name) })
	return all
}

func firstError(err error, then func() error) error {
	if err != nil {
		return err
	}
	return then()
}

// spoiltMember is a document in which one member of an object is gone, or of another type.
type spoiltMember struct {
	what   string
	path   []any // names and numbers that lead to the member
	isGone bool
	value  any
}

// spoiltMembers returns every way to spoil a member of a document.
func spoiltMembers(t *testing.T, data []byte) []spoiltMember {
	t.Helper()
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	var spoilt []spoiltMember
	var walk func(at []any, value any)
	walk = func(at []any, value any) {
		switch value := value.(type) {
		case []any:
			for n := range value {
				walk(append(slices.Clip(at), n), value[n])
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				at := append(slices.Clip(at), name)
				spoilt = append(spoilt, spoiltMember{what: fmt.Sprint(at, " gone"), path: at, isGone: true})
				for _, other := range []any{nil, 7.0, "x", true, []any{}, map[string]any{}, []any{nil}} {
					if fmt.Sprintf("%T", other) != fmt.Sprintf("%T", value[name]) {
						spoilt = append(spoilt, spoiltMember{what: fmt.Sprintf("%v is %v", at, other), path: at, value: other})
					}
				}
				walk(at, value[name])
			}
		}
	}
	walk(nil, document)
	return spoilt
}

func (m spoiltMember) document(t *testing.T, whole []byte) []byte {
	t.Helper()
	var document any
	if err := json.Unmarshal(whole, &document); err != nil {
		t.Fatal(err)
	}
	holder := document
	for _, step := range m.path[:len(m.path)-1] {
		switch step := step.(type) {
		case int:
			holder = holder.([]any)[step] // the path was made of this document
		case string:
			holder = holder.(map[string]any)[step]
		}
	}
	object, name := holder.(map[string]any), m.path[len(m.path)-1].(string)
	if object[name] = m.value; m.isGone {
		delete(object, name)
	}
	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

package chromium

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/scanner"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"

	"github.com/go-json-experiment/json"
)

// mutationsVariable asks for every mutation; without it a sample is tried that takes seconds.
const mutationsVariable = "GUESTLIST_TEST_MUTATIONS"

// everything was forgotten: a whole profile or user data directory is gone.
const everything = "everything"

// sampled is how many mutations of one home are tried, spread evenly over all.
const sampled = 250

// mutation is one damage to a home, and how to take it back.
type mutation struct {
	name string
	make func() error
	undo func() error
	// forgets is the path of the member that no longer says what it said, or everything: its
	// extensions may have been removed.
	forgets string
}

// TestNoDamageToAProfileHidesAnExtension damages profiles that real browsers wrote, one thing at a
// time: every file and folder is cut, emptied, flipped, removed or replaced by something else,
// every member of every JSON document deleted or given another type. The scan must end, and an
// extension whose files still lie there must still be reported, as on and with all that its
// manifest requires, or its profile must be known not to have been read in full.
func TestNoDamageToAProfileHidesAnExtension(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"written_by_Chromium": filepath.Join("testdata", "real"),
		"several_browsers":    filepath.Join("..", "..", "testdata", "profiles"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root, err := filepath.EvalSymlinks(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(root, os.DirFS(source)); err != nil {
				t.Fatal(err)
			}
			tryMutations(t, root)
		})
	}
}

func tryMutations(t *testing.T, root string) {
	env := scanner.Env{OS: linux, Host: "laptop-7", SystemRoot: root}
	for _, home := range append(matches(t, root, "home/*"), matches(t, root, "homes/*")...) {
		env.Homes = append(env.Homes, scanner.Home{Dir: home, User: inventory.Untrusted(filepath.Base(home))})
	}
	before, _ := collect(t, env)
	before = slices.DeleteFunc(before, func(i inventory.Item) bool {
		return i.State == inventory.StateLeftover || onDisk(root, env, &i) == ""
	})
	if len(before) < 3 {
		t.Fatalf("%d extensions to damage", len(before))
	}
	var all []mutation
	for _, home := range env.Homes {
		all = append(all, mutationsOf(t, filepath.Join(home.Dir, ".config"), filepath.Join(root, "aside"))...)
	}
	step := 1
	if os.Getenv(mutationsVariable) == "" {
		step = max(1, len(all)/sampled)
	}
	tried := 0
	for n := 0; n < len(all); n += step {
		m := all[n]
		if err := m.make(); err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
		for _, what := range hidden(t, root, env, before, m) {
			t.Errorf("%s: %s", m.name, what)
		}
		if err := m.undo(); err != nil {
			t.Fatalf("taking back %s: %v", m.name, err)
		}
		tried++
	}
	t.Logf("%d of %d mutations", tried, len(all))
}

// hidden says which extensions a damaged home hides.
func hidden(t *testing.T, root string, env scanner.Env, before []inventory.Item, m mutation) []string {
	sink := &testkit.Sink{}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	done := make(chan []inventory.Coverage, 1)
	go func() {
		coverage, err := New(env).Collect(ctx, sink)
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		done <- coverage
	}()
	var coverage []inventory.Coverage
	select {
	case coverage = <-done:
	case <-ctx.Done():
		t.Fatalf("%s: the scan does not end", m.name)
	}
	partly := map[inventory.Untrusted]bool{}
	for _, c := range coverage {
		partly[c.Source.Name] = c.IsGap()
	}
	now := map[string]inventory.Item{}
	for _, item := range sink.Items {
		for _, key := range []inventory.Untrusted{item.App.ID, item.Path} {
			if item.State != inventory.StateLeftover {
				now[string(item.Source.Name+"\x00"+key)] = item
			}
		}
	}
	var wrong []string
	for _, was := range before {
		manifest := onDisk(root, env, &was)
		if manifest == "" || isGapFor(partly, was.Source.Name) || m.mayForget(&was) {
			continue
		}
		is, ok := now[string(was.Source.Name+"\x00"+was.App.ID)]
		if !ok {
			is, ok = now[string(was.Source.Name+"\x00"+was.Path)]
		}
		switch {
		case !ok:
			wrong = append(wrong, "nothing is said of "+string(was.App.ID)+" in "+string(was.Source.Name))
		case marked(&is):
		case was.State == inventory.StateEnabled && is.State == inventory.StateDisabled:
			wrong = append(wrong, fmt.Sprintf("%s is called %s: %q", string(was.App.ID), is.State, is.StateReasons))
		default:
			if lost := required(t, manifest, &is, &was); len(lost) > 0 {
				wrong = append(wrong, fmt.Sprintf("%s lost %q", string(was.App.ID), lost))
			}
		}
	}
	return wrong
}

// isGapFor reports whether a source, or what is above it, is known not to have been read in full.
func isGapFor(partly map[inventory.Untrusted]bool, name inventory.Untrusted) bool {
	for source, gap := range partly {
		if gap && (source == name || strings.HasPrefix(string(name), string(source)+"/")) {
			return true
		}
	}
	return false
}

// mayForget reports whether the damage is what a removal of the extension also looks like: an
// unpacked one's files stay.
func (m mutation) mayForget(item *inventory.Item) bool {
	return item.Origin == inventory.OriginUnpacked && m.forgets != "" && (m.forgets == everything ||
		strings.HasPrefix("/extensions/settings/"+string(item.App.ID)+"/", m.forgets+"/"))
}

func marked(item *inventory.Item) bool {
	return slices.ContainsFunc(item.Marks, func(m inventory.Mark) bool { return m.Class == inventory.MarkIdentity })
}

// required returns what the manifest on disk requires, was held, and is not told any more.
func required(t *testing.T, manifest string, is, was *inventory.Item) []inventory.Untrusted {
	data, err := os.ReadFile(manifest)
	if err != nil {
		return nil
	}
	m, _, err := newReader().parseManifest(data, new([]byte))
	if err != nil {
		return nil
	}
	e := &entry{location: new(int64(atInternal))}
	apis, hosts := e.required(m)
	apis = slices.DeleteFunc(apis, func(name inventory.Untrusted) bool { return !slices.Contains(was.Access.Permissions, name) })
	hosts = slices.DeleteFunc(hosts, func(host inventory.Untrusted) bool {
		return len(access.ExcessHosts([]inventory.Untrusted{host}, was.Access.Hosts)) > 0
	})
	held := append(slices.Clone(is.Access.Permissions), is.Access.Requested...)
	return append(access.Without(apis, held), access.ExcessHosts(hosts,
		append(slices.Clone(is.Access.Hosts), is.Access.Requested...))...)
}

// onDisk returns the manifest of an item that lies where its path says, "" for none.
func onDisk(root string, env scanner.Env, item *inventory.Item) string {
	at := []string{filepath.Join(root, string(item.Path))}
	for _, home := range env.Homes {
		if home.User == item.Holder.User {
			found, _ := filepath.Glob(filepath.Join(home.Dir, ".config", "*", string(item.Holder.Profile), extensionsFolder,
				string(item.Path)))
			at = append(at, found...)
		}
	}
	for _, dir := range at {
		if info, err := os.Stat(filepath.Join(dir, manifestFile)); err == nil && info.Mode().IsRegular() && item.Path != "" {
			return filepath.Join(dir, manifestFile)
		}
	}
	return ""
}

func matches(t *testing.T, root, pattern string) []string {
	found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// mutationsOf lists every damage to the files and folders below dir, always in the same order. What
// is replaced is kept at aside.
func mutationsOf(t *testing.T, dir, aside string) []mutation {
	var all []mutation
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		all = append(all, replacements(path, aside)...)
		if entry.IsDir() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		all = append(all, cuts(path, data)...)
		var document any
		if json.Unmarshal(data, &document) == nil {
			all = append(all, members(path, data, document)...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// rewrite is a damage to the content of a file.
func rewrite(path string, data []byte, what, forgets string, damaged func() ([]byte, error)) mutation {
	return mutation{
		name: fmt.Sprintf("%s: %s", path, what), forgets: forgets,
		make: func() error {
			content, err := damaged()
			return cmp.Or(err, os.WriteFile(path, content, 0o600))
		},
		undo: func() error { return os.WriteFile(path, data, 0o600) },
	}
}

// cuts are damages to the bytes of a file.
func cuts(path string, data []byte) []mutation {
	var all []mutation
	for _, length := range []int{0, 1, len(data) / 3, len(data) / 2, len(data) - 1} {
		all = append(all, rewrite(path, data, fmt.Sprintf("cut to %d bytes", length), "",
			func() ([]byte, error) { return data[:max(0, length)], nil }))
	}
	for n := range 64 {
		at := n * len(data) / 64
		all = append(all, rewrite(path, data, fmt.Sprintf("byte %d flipped", at), "", func() ([]byte, error) {
			flipped := slices.Clone(data)
			if at < len(flipped) {
				flipped[at] ^= 0x10
			}
			return flipped, nil
		}))
	}
	return all
}

// members are deletions and changes of type of all members of a JSON document.
func members(path string, data []byte, document any) []mutation {
	var all []mutation
	for _, at := range pathsOf(document, nil) {
		name := "/" + strings.Join(at, "/")
		all = append(all, rewrite(path, data, name+" deleted", name,
			func() ([]byte, error) { return changed(document, at, nil, true) }))
		for _, value := range []any{nil, 0, "", true, []any{}, map[string]any{}} {
			forgets := ""
			if _, isObject := value.(map[string]any); isObject {
				forgets = name
			}
			what := fmt.Sprintf("%s is now %#v", name, value)
			all = append(all, rewrite(path, data, what, forgets,
				func() ([]byte, error) { return changed(document, at, value, false) }))
		}
	}
	return all
}

func pathsOf(value any, at []string) [][]string {
	object, ok := value.(map[string]any)
	if !ok {
		return nil
	}
	var paths [][]string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		path := append(slices.Clone(at), name)
		paths = append(append(paths, path), pathsOf(object[name], path)...)
	}
	return paths
}

// changed encodes a document with the member at a path deleted or replaced.
func changed(document any, at []string, value any, remove bool) ([]byte, error) {
	var change func(value any, at []string) any
	replaced := value
	change = func(value any, at []string) any {
		object := maps.Clone(value.(map[string]any))
		switch {
		case len(at) > 1:
			object[at[0]] = change(object[at[0]], at[1:])
		case remove:
			delete(object, at[0])
		default:
			object[at[0]] = replaced
		}
		return object
	}
	return json.Marshal(change(document, at), json.Deterministic(true))
}

// replacements put something else in the place of a file or folder.
func replacements(path, aside string) []mutation {
	away := func(what string, place func() error) mutation {
		return mutation{
			name: path + ": " + what,
			make: func() error { return cmp.Or(os.Rename(path, aside), place()) },
			undo: func() error { return cmp.Or(os.RemoveAll(path), os.Rename(aside, path)) },
		}
	}
	gone := func(m mutation) mutation {
		if !strings.HasSuffix(path, "references") {
			m.forgets = everything
		}
		return m
	}
	all := []mutation{
		gone(away("removed", func() error { return nil })),
		away("now an empty file", func() error { return os.WriteFile(path, nil, 0o600) }),
		gone(away("now an empty folder", func() error { return os.Mkdir(path, 0o700) })),
		away("now a link to nothing", func() error { return os.Symlink("nothing", path) }),
		away("now a link to itself", func() error { return os.Symlink(filepath.Base(path), path) }),
		gone(away("now a link to another place", func() error { return os.Symlink(os.TempDir(), path) })),
	}
	if makeFIFO != nil {
		all = append(all, away("now a FIFO", func() error { return makeFIFO(path) }))
	}
	return all
}

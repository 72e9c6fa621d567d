package allowlist_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

const (
	appA = "aaaabbbbccccddddeeeeffffgggghhhh"
	appB = "bbbbccccddddeeeeffffgggghhhhiiii"
)

func allowing(id, name string) string {
	return fmt.Sprintf("\n[[allow]]\nname = %q\nkind = \"extension\"\nid = %q\nowner = \"it@acme.example\"\nreason = \"Needed\"\napproved = 2026-11-01\n", name, id)
}

func denying(id string) string {
	return fmt.Sprintf("\n[[deny]]\nkind = \"extension\"\nid = %q\nreason = \"Sells data\"\n", id)
}

// writeFiles writes files below a new directory; a file named *.link is a symbolic link to its
// content.
func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		if link, is := strings.CutSuffix(path, ".link"); is {
			err = os.Symlink(filepath.FromSlash(text), link)
		} else {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func extension(id inventory.Untrusted) *inventory.Item {
	return &inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: id}}
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

const head = "version = 1\n"

func TestAnOrganizationsBaseAndATeamsAdditionsDecideTogether(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{
		"allowlist.toml":     "version = 1\ninclude = [\"org/base.toml\"]\n[policy]\nreview_within = \"365d\"\nhook_hosts = [\"ci.acme.example\"]\n" + allowing(appA, "Team's") + allowing(appB, "Wanted here"),
		"org/base.toml":      "version = 1\ninclude = [\"../org/more.toml\"]\n[policy]\ncontact = \"it@acme.example\"\nreview_within = \"90d\"\nnotice = \"30d\"\nrequire_two_factor = true\nhook_hosts = [\"*.acme.example\"]\n" + denying(appB) + "[[feed]]\npath = \"bad.txt\"\n",
		"org/more.toml":      head + allowing(appA, "The organization's"),
		"org/bad.txt":        badA + "\n",
		"not-read/base.toml": "this is not TOML",
	})
	list, err := allowlist.Load(filepath.Join(dir, "allowlist.toml"))
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.ToSlash(filepath.Join(dir, "org/base.toml"))
	if got := list.Decide(extension(appB), today); got.Decision != allowlist.Denied || got.Position.String() != base+":10" {
		t.Errorf("an app that the base denies is %s at %v", got.Decision, got.Position)
	}
	if got := list.Decide(extension(badB), today); got.Decision != allowlist.Unlisted {
		t.Errorf("an app that nobody names is %s at %v", got.Decision, got.Position)
	}
	want := allowlist.Policy{Contact: "it@acme.example", ReviewWithin: 90, Notice: 30, RequireTwoFactor: true,
		HookHosts: []inventory.Untrusted{"ci.acme.example", "*.acme.example"}}
	if diff := cmp.Diff(want, list.Policy); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	hook := &inventory.Item{Kind: inventory.KindWebhook, App: inventory.App{ID: "https://x.acme.example/y"}}
	if got := list.Decide(hook, today); got.Decision != allowlist.Allowed || got.Position.String() != base+":8" {
		t.Errorf("a webhook to a host of the base is %s at %v", got.Decision, got.Position)
	}
	var names []string
	for _, source := range list.Sources() {
		name, _ := filepath.Rel(dir, filepath.FromSlash(string(source.Name)))
		names = append(names, fmt.Sprintf("%s %d", filepath.ToSlash(name), source.Entries))
	}
	if diff := cmp.Diff([]string{"allowlist.toml 2", "org/base.toml 1", "org/more.toml 1"}, names); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

// Of two approvals without drift, the list's own comes first.
func TestTheListsOwnApprovalComesBeforeAnIncludedOne(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{
		"allowlist.toml": "version = 1\ninclude = [\"base.toml\", \"google-first-party\"]\n" + allowing(appA, "Own"),
		"base.toml":      "version = 1\ninclude = [\"google-first-party\"]\n" + allowing(appA, "Base"),
	})
	list, err := allowlist.Load(filepath.Join(dir, "allowlist.toml"))
	if err != nil {
		t.Fatal(err)
	}
	got := list.Decide(extension(appA), today)
	if got.Entry == nil || got.Entry.Name != "Own" || len(got.Also) != 1 || got.Also[0].Name != "Base" {
		t.Errorf("Decide = %v at %v, also %v", got.Decision, got.Position, got.Also)
	}
}

// Everything that is wrong with an include is said at its line, and nothing is loaded.
func TestIncludesThatAreRefused(t *testing.T) {
	t.Parallel()
	include := func(element string) string { return "version = 1\ninclude = [\n  " + element + ",\n]\n" }
	chain := map[string]string{"allowlist.toml": include(`"1.toml"`)}
	for n := 1; n <= 9; n++ {
		chain[fmt.Sprintf("%d.toml", n)] = include(fmt.Sprintf(`"%d.toml"`, n+1))
	}
	chain["10.toml"] = head
	many := map[string]string{}
	var names []string
	for n := range 70 {
		name := fmt.Sprintf("many/%d.toml", n)
		many[name], names = head, append(names, `"`+name+`"`)
	}
	many["allowlist.toml"] = "version = 1\ninclude = [" + strings.Join(names, ", ") + "]\n"
	digest := strings.Repeat("0a", 32)
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string // after the directory
	}{
		{"itself", map[string]string{"allowlist.toml": include(`"allowlist.toml"`)},
			"allowlist.toml:3: DIR/allowlist.toml includes itself: DIR/allowlist.toml > DIR/allowlist.toml"},
		{"in-a-circle", map[string]string{"allowlist.toml": include(`"a/b.toml"`), "a/b.toml": include(`"../c.toml"`),
			"c.toml": include(`"a/../a/b.toml"`)},
			"c.toml:3: DIR/a/b.toml includes itself: DIR/a/b.toml > DIR/c.toml > DIR/a/b.toml"},
		{"in-a-circle-of-links", map[string]string{"allowlist.toml": include(`"a.toml"`), "a.toml": include(`"l/a.toml"`), "l.link": "."},
			"a.toml:3: DIR/l/a.toml includes itself: "},
		{"too-deep", chain, "8.toml:3: more than 8 lists include each other in a row"},
		{"too-many", many, "allowlist.toml:2: more than 64 lists are included"},
		{"outside", map[string]string{"allowlist.toml": include(`"../base.toml"`)}, `allowlist.toml:3: "../base.toml" is outside of `},
		{"outside-and-absolute", map[string]string{"allowlist.toml": include(`"/etc/passwd.toml"`)}, `allowlist.toml:3: "/etc/passwd.toml" is outside of `},
		{"outside-through-a-link", map[string]string{"allowlist.toml": include(`"inside.toml"`), "inside.toml.link": "/etc/hostname"},
			`allowlist.toml:3: "inside.toml" cannot be read: `},
		{"missing", map[string]string{"allowlist.toml": include(`"base.toml"`)}, `allowlist.toml:3: "base.toml" does not exist`},
		{"missing-below", map[string]string{"allowlist.toml": include(`"x/base.toml"`)}, `allowlist.toml:3: "x/base.toml" does not exist`},
		{"a-directory", map[string]string{"allowlist.toml": include(`"d.toml"`), "d.toml/x": ""}, `allowlist.toml:3: "d.toml" cannot be read: it is a directory`},
		{"too-large", map[string]string{"allowlist.toml": include(`"big.toml"`), "big.toml": strings.Repeat("#", allowlist.MaxFileBytes+1)},
			`allowlist.toml:3: "big.toml" cannot be read: `},
		{"wrong-itself", map[string]string{"allowlist.toml": include(`"base.toml"`), "base.toml": head + "[[allow]]\nids = \"x\"\n"},
			`base.toml:2: [[allow]] has no id`},
		{"another-digest", map[string]string{"allowlist.toml": include(`{ path = "base.toml", sha256 = "` + digest + `" }`), "base.toml": head},
			`allowlist.toml:3: "base.toml" is not what was pinned: its SHA-256 is ` + sumOf(head)},
		{"no-signature", map[string]string{"allowlist.toml": include(`{ path = "base.toml", minisign = "RWR/S/ybTYt5NRTWXUiECMzWimnQPXSTlmN96C6Z0WE7cWyOoRoeYb1Q" }`), "base.toml": head},
			`allowlist.toml:3: "base.toml" has no signature: "base.toml.minisig" does not exist`},
		{"unpinned-below-a-pin", map[string]string{"allowlist.toml": include(`{ path = "base.toml", sha256 = "` + sumOf(include(`"more.toml"`)) + `" }`),
			"base.toml": include(`"more.toml"`), "more.toml": head},
			`base.toml:3: "more.toml" is not pinned, and the list that includes it is`},
		{"an-address-without-a-pin", map[string]string{"allowlist.toml": include(`"https://acme.example/base.toml"`)},
			`allowlist.toml:3: "https://acme.example/base.toml" is not pinned`},
		{"an-address-that-cannot-be-fetched", map[string]string{"allowlist.toml": include(`{ url = "https://acme.example/base.toml", sha256 = "` + digest + `" }`)},
			`allowlist.toml:3: "https://acme.example/base.toml" cannot be fetched here`},
		{"plain-http", map[string]string{"allowlist.toml": include(`{ url = "http://acme.example/base.toml", sha256 = "` + digest + `" }`)},
			`allowlist.toml:3: "http://acme.example/base.toml" is not an https address`},
		{"a-password", map[string]string{"allowlist.toml": include(`{ url = "https://u:p@acme.example/base.toml", sha256 = "` + digest + `" }`)},
			`allowlist.toml:3: "https://u:p@acme.example/base.toml" contains a password`},
		{"two-pins", map[string]string{"allowlist.toml": include(`{ path = "base.toml", sha256 = "` + digest + `", ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGpKZZ6mjqfBcSLoKhlwCLsqdO+e/vvHfCYFTGCdzZ0X" }`)},
			`allowlist.toml:3: an include has one pin: sha256, minisign or ssh`},
		{"no-key", map[string]string{"allowlist.toml": include(`{ path = "base.toml", minisign = "x" }`)},
			`allowlist.toml:3: minisign "x" is not a public key of minisign`},
		{"an-empty-list-of-keys", map[string]string{"allowlist.toml": include(`{ path = "base.toml", ssh = [] }`)}, `allowlist.toml:3: ssh is an empty list`},
		{"two-in-one", map[string]string{"allowlist.toml": include(`{ path = "base.toml", url = "https://acme.example/base.toml" }`)},
			`allowlist.toml:3: an include must name exactly one of path, url and preset`},
		{"an-unknown-key", map[string]string{"allowlist.toml": include(`{ path = "base.toml", sha = "` + digest + `" }`)}, `allowlist.toml:3: [[include]] has no key "sha"`},
		{"a-number", map[string]string{"allowlist.toml": include(`7`)}, `allowlist.toml:3: include must be a list of strings and tables`},
		{"twice", map[string]string{"allowlist.toml": "version = 1\ninclude = [\"base.toml\",\n\"base.toml\"]\n", "base.toml": head}, `allowlist.toml:3: include lists "base.toml" twice`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := writeFiles(t, test.files)
			_, err := allowlist.Load(filepath.Join(dir, "allowlist.toml"))
			problems, ok := errors.AsType[*allowlist.Problems](err)
			if !ok {
				t.Fatalf("Load = %v", err)
			}
			dir = filepath.ToSlash(dir)
			got, want := filepath.ToSlash(problems.Error()), dir+"/"+strings.ReplaceAll(test.want, "DIR", dir)
			if !strings.HasPrefix(got, want) {
				t.Errorf("Load = %s\nwant   %s", got, want)
			}
		})
	}
}

func TestAPinnedFileMayBeAnywhere(t *testing.T) {
	t.Parallel()
	base := head + denying(appA)
	outside := writeFiles(t, map[string]string{"base.toml": base})
	dir := writeFiles(t, map[string]string{"allowlist.toml": fmt.Sprintf("version = 1\n[[include]]\npath = %q\nsha256 = %q\n",
		filepath.ToSlash(filepath.Join(outside, "base.toml")), sumOf(base))})
	list, err := allowlist.Load(filepath.Join(dir, "allowlist.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if got := list.Decide(extension(appA), today); got.Decision != allowlist.Denied {
		t.Errorf("what the pinned list denies is %s", got.Decision)
	}
}

// A git work tree is reviewed as a whole, so a list in it may include any other.
func TestAFileOfTheSameWorkTreeNeedsNoPin(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{".git/HEAD": "ref: refs/heads/main\n", "base.toml": head + denying(appA),
		"teams/web/allowlist.toml": "version = 1\ninclude = [\"../../base.toml\"]\n"})
	list, err := allowlist.Load(filepath.Join(dir, "teams/web/allowlist.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if got := list.Decide(extension(appA), today); got.Decision != allowlist.Denied ||
		!strings.HasSuffix(string(got.Position.File), "/base.toml") {
		t.Errorf("what the base denies is %s at %v", got.Decision, got.Position)
	}
}

// What an address serves reads no file of this machine, however it names it.
func TestAListFromAnAddressNamesNoFiles(t *testing.T) {
	t.Parallel()
	served := map[string]string{
		"https://acme.example/file.toml": "version = 1\ninclude = [\"allowlist.toml\"]\n",
		"https://acme.example/feed.toml": "version = 1\n[[feed]]\npath = \"feed.txt\"\n",
		"https://acme.example/loop.toml": "version = 1\ninclude = [{ url = \"https://acme.example/loop.toml\", sha256 = \"" + sumOf("x") + "\" }]\n",
		"https://acme.example/good.toml": head + denying(appA),
	}
	fetched := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	fetch := func(include allowlist.Include) (allowlist.Copy, error) {
		return allowlist.Copy{Data: []byte(served[include.URL]), Fetched: fetched, Stale: errors.New("the server answered \"503\"")}, nil
	}
	load := func(name string) (*allowlist.List, error) {
		dir := writeFiles(t, map[string]string{"feed.txt": badA,
			"allowlist.toml": "version = 1\n[[include]]\nurl = \"https://acme.example/" + name + ".toml\"\nsha256 = \"" + sumOf("x") + "\"\n"})
		return allowlist.LoadWith(filepath.Join(dir, "allowlist.toml"), fetch)
	}
	for name, want := range map[string]string{
		"file": `https://acme.example/file.toml:2: "allowlist.toml" is a file, and a list from an address names no files of this machine`,
		"feed": `https://acme.example/feed.toml:3: the feed "feed.txt" is a file, and a list from an address names no files of this machine`,
		"loop": `https://acme.example/loop.toml:2: https://acme.example/loop.toml includes itself: https://acme.example/loop.toml > https://acme.example/loop.toml`,
	} {
		if _, err := load(name); err == nil || err.Error() != want {
			t.Errorf("Load = %v\nwant   %s", err, want)
		}
	}
	list, err := load("good")
	if err != nil {
		t.Fatal(err)
	}
	if got := list.Decide(extension(appA), today); got.Position.String() != "https://acme.example/good.toml:3" {
		t.Errorf("it is denied at %v", got.Position)
	}
	source := list.Sources()[1]
	want := `https://acme.example/good.toml: using the copy of 2026-11-20, 3 days old: the server answered "503"`
	if got := source.Note(fetched.Add(80 * time.Hour)); got.String() != want {
		t.Errorf("Note = %s\nwant   %s", got, want)
	}
}

// FuzzIncludes: whatever a list includes, reading ends, and every problem has a place.
func FuzzIncludes(f *testing.F) {
	for _, seed := range []string{
		`include = ["a.toml", "b.toml", "google-first-party"]`, `include = [{ path = "a.toml" }, { url = "https://x.example/y", sha256 = "00" }]`,
		"[[include]]\npath = \"../a.toml\"\n", `include = [["a.toml"], 1, {}]`, `include = "a.toml"`,
		`include = [{ path = "a.toml", ssh = ["ssh-ed25519 AAAA"], minisign = "RW" }]`, `include = ["` + "\\u202e" + `.toml"]`,
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		files := fakeFiles{"a.toml": "version = 1\n" + first, "b.toml": "version = 1\n" + second}
		_, err := allowlist.ParseWith("allowlist.toml", []byte("version = 1\ninclude = [\"a.toml\", \"b.toml\"]\n"), files)
		problems, _ := errors.AsType[*allowlist.Problems](err)
		if err != nil && problems == nil {
			t.Fatalf("Parse = %v", err)
		}
		if problems != nil {
			for _, problem := range problems.Problems {
				if problem.Position.Line < 1 || problem.Position.File == "" || strings.ContainsRune(problem.String(), '\n') {
					t.Errorf("%+v", problem)
				}
			}
		}
	})
}

// fakeFiles are lists by name, wherever they are included from.
type fakeFiles map[string]string

func (f fakeFiles) Feed(string) ([]byte, time.Time, error) { return nil, time.Time{}, os.ErrNotExist }

func (f fakeFiles) Include(include allowlist.Include) (allowlist.Included, error) {
	text, found := f[string(include.Path)]
	if !found {
		return allowlist.Included{}, os.ErrNotExist
	}
	return allowlist.Included{Name: include.Path, Key: string(include.Path), Data: []byte(text), Files: f}, nil
}

// A file that is larger than the limit is refused by its size, and none of it is read.
func TestAGigabyteIsRefusedUnread(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, list, want string }{
		{"an-included-list", "version = 1\ninclude = [\"big.toml\"]\n", "big.toml\" is larger than the limit of 4 MiB"},
		{"a-pinned-list", "version = 1\n[[include]]\npath = \"big.toml\"\nsha256 = \"" + strings.Repeat("0", 64) + "\"\n", "big.toml\" is larger than the limit of 4 MiB"},
		{"a-feed", "version = 1\n[[feed]]\npath = \"big.toml\"\n", "big.toml\" is larger than the limit of 64 MiB"},
		{"the-list-itself", "", "allowlist.toml\" is larger than the limit of 4 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := writeFiles(t, map[string]string{"allowlist.toml": test.list, "big.toml": ""})
			name := "big.toml"
			if test.list == "" {
				name = "allowlist.toml"
			}
			if err := os.Truncate(filepath.Join(dir, name), 1<<30); err != nil { // takes no room on disk
				t.Fatal(err)
			}
			if _, err := allowlist.Load(filepath.Join(dir, "allowlist.toml")); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Load = %v, want %s", err, test.want)
			}
		})
	}
}

// A key that an included list has twice would leave open which one counts.
func TestAnIncludedListHasNoKeyTwice(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{"allowlist.toml": "version = 1\ninclude = [\"base.toml\"]\n",
		"base.toml": "version = 1\n[[deny]]\nid = \"" + appA + "\"\nreason = \"x\"\nreason = \"y\"\n"})
	_, err := allowlist.Load(filepath.Join(dir, "allowlist.toml"))
	if err == nil || !strings.Contains(filepath.ToSlash(err.Error()), "/base.toml:5: this is not TOML: ") {
		t.Errorf("Load = %v", err)
	}
}

package allowlist_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

var feedDate = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// feeds reads feeds from a map.
func feeds(files map[string]string) allowlist.ReadFeed {
	return func(path string) ([]byte, time.Time, error) {
		text, found := files[path]
		if !found {
			return nil, time.Time{}, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), feedDate, nil
	}
}

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	return []byte(testkit.ReadFile(t, filepath.Join("testdata", name)))
}

// checkGolden compares with a file in testdata, or writes it with -update.
func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	testkit.Golden(t, filepath.Join("testdata", name), got)
}

// mustParse reads an allowlist that has to be right.
func mustParse(t testing.TB, text string, files map[string]string) *allowlist.List {
	t.Helper()
	list, err := allowlist.Parse("allowlist.toml", []byte(text), feeds(files))
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	return list
}

// The example of the design works in full; its deny entry has the ID "...".
func TestDesignExample(t *testing.T) {
	t.Parallel()
	bad := "abcdefghijklmnopabcdefghijklmnop"
	list := mustParse(t, string(readTestdata(t, "design.toml")),
		map[string]string{"feeds/malicious.csv": "extension_id,reason\n" + bad + ",Malware\n"})

	wantPolicy := allowlist.Policy{Contact: "it@acme.example", ReviewWithin: 180, Notice: 14, RequireTwoFactor: true}
	if diff := cmp.Diff(wantPolicy, list.Policy); diff != "" {
		t.Errorf("Policy (-want +got):\n%s", diff)
	}
	if got := len(list.Entries()); got != 4 {
		t.Fatalf("%d entries, want 4", got)
	}
	ublock, slack := list.Entries()[0], list.Entries()[1]
	if got := ublock.Position.String(); got != "allowlist.toml:8" {
		t.Errorf("Position = %s, want allowlist.toml:8", got)
	}
	if got := ublock.Line("versions").String(); got != "allowlist.toml:19" {
		t.Errorf(`Line("versions") = %s, want allowlist.toml:19`, got)
	}
	if got := list.ExpiresOn(slack).String(); got != "2027-05-22" {
		t.Errorf("Slack's approval ends on %s, want 180 days after it was given: 2027-05-22", got)
	}

	at := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	extension := inventory.Item{
		Kind: inventory.KindExtension, Version: "1.60.0", Origin: inventory.OriginStore,
		App:    inventory.App{ID: "cjpalhdlnbpafiamejdnhcphjbkeiagm", Name: "uBlock Origin"},
		Holder: inventory.Holder{Account: "ada@acme.example"},
		Access: inventory.Access{Permissions: untrusted("storage", "tabs"), Hosts: untrusted("http://*/*", "https://*/*")},
	}
	grant := inventory.Item{
		Kind: inventory.KindOAuthGrant, App: inventory.App{ID: "19570130570-tnpdlsr8gj29j1qbhtm9dtgo1k1a1j2k"},
		Access: inventory.Access{Permissions: untrusted("https://www.googleapis.com/auth/calendar.readonly")},
	}
	with := func(item inventory.Item, change func(*inventory.Item)) inventory.Item {
		change(&item)
		return item
	}
	tests := []struct {
		name     string
		item     inventory.Item
		decision allowlist.Decision
		at       string
		aspects  string
		why      inventory.Untrusted
	}{
		{"as-approved", extension, allowlist.Allowed, "allowlist.toml:8", "",
			"approved by it@acme.example: Malvertising protection"},
		{"the-same-add-on-in-Firefox", with(extension, func(i *inventory.Item) { i.App.ID = "uBlock0@raymondhill.net" }),
			allowlist.Allowed, "allowlist.toml:8", "", "approved by it@acme.example: Malvertising protection"},
		{"with-one-permission-more", with(extension,
			func(i *inventory.Item) { i.Access.Permissions = untrusted("storage", "cookies") }),
			allowlist.Allowed, "allowlist.toml:8", "permissions", "approved, but beyond the approval in its permissions"},
		{"too-old", with(extension, func(i *inventory.Item) { i.Version = "1.49.2" }),
			allowlist.Allowed, "allowlist.toml:8", "version", "approved, but beyond the approval in its version"},
		{"put-there-by-a-program", with(extension, func(i *inventory.Item) { i.Origin = inventory.OriginSideload }),
			allowlist.Allowed, "allowlist.toml:8", "origin", "approved, but beyond the approval in its origin"},
		{"of-somebody-else", with(extension, func(i *inventory.Item) { i.Holder.Account = "ada@elsewhere.example" }),
			allowlist.Unlisted, "", "", "allowlist.toml:8 approves it for *@acme.example only"},
		{"of-nobody-known", with(extension, func(i *inventory.Item) { i.Holder = inventory.Holder{} }),
			allowlist.Unlisted, "", "", "allowlist.toml:8 approves it for *@acme.example only, and the account is not known"},
		{"a-grant-without-the-suffix", grant, allowlist.Allowed, "allowlist.toml:22", "",
			"approved by it@acme.example: Calendar status"},
		{"a-grant-with-one-scope-more", with(grant, func(i *inventory.Item) {
			i.Access.Permissions = untrusted("https://mail.google.com/")
		}), allowlist.Allowed, "allowlist.toml:22", "permissions", "approved, but beyond the approval in its permissions"},
		{"required", with(extension, func(i *inventory.Item) { i.App.ID = "aeblfdkhhhdcdjpifhhbdiojplfjncoa" }),
			allowlist.Allowed, "allowlist.toml:36", "",
			"required: Every service gets a unique password from the password manager"},
		{"denied", with(extension, func(i *inventory.Item) { i.App.ID = "..." }), allowlist.Denied, "allowlist.toml:31",
			"", "denied: ..."},
		{"in-the-feed", with(extension, func(i *inventory.Item) { i.App.ID = inventory.Untrusted(bad) }),
			allowlist.Denied, "feeds/malicious.csv:2", "", "the feed feeds/malicious.csv names it: Malware"},
		{"with-an-approved-name-only", with(extension,
			func(i *inventory.Item) { i.App.ID = "ponmlkjihgfedcbaponmlkjihgfedcba" }),
			allowlist.Unlisted, "", "", "not in the allowlist"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := list.Decide(&test.item, at)
			if v.Decision != test.decision || v.Position.String() != test.at || aspects(v) != test.aspects || v.Why != test.why {
				t.Errorf("Decide = %s at %s, drift %q, %q\nwant %s at %s, drift %q, %q",
					v.Decision, v.Position, aspects(v), v.Why, test.decision, test.at, test.aspects, test.why)
			}
		})
	}
}

func TestEveryProblemIsReportedWithItsLine(t *testing.T) {
	t.Parallel()
	_, err := allowlist.Parse("allowlist.toml", readTestdata(t, "wrong.toml"),
		feeds(map[string]string{"empty.csv": "id,name\nnonsense,x\n"}))
	problems, ok := errors.AsType[*allowlist.Problems](err)
	if !ok {
		t.Fatalf("Parse = %v, want *Problems", err)
	}
	checkGolden(t, "wrong.golden", problems.Error()+"\n")
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"empty", "", `allowlist.toml:1: the file has no version (begin the file with version = 1)`},
		{"version-in-capitals", "Version = 1\n", "allowlist.toml:1: the file has no version (did you mean \"version\"?)\n" +
			`allowlist.toml:1: the file has no key "Version" (did you mean "version"?)`},
		{"a-newer-version-hides-other-problems", "# new\nversion = 2\nnew = true\n",
			`allowlist.toml:2: version 2 is newer than this version of guestlist supports (1) (update guestlist)`},
		{"version-zero", "version = 0", `allowlist.toml:1: there is no version 0 (write version = 1)`},
		{"version-as-text", `version = "1"`, `allowlist.toml:1: version must be a number (write version = 1)`},
		{"no-TOML", "version = 1\n\n[[allow]\n", "allowlist.toml:3: this is not TOML: expected end of table array name delimiter ']', but got '\\n' instead"},
		{"a-key-twice", "version = 1\nversion = 1\n",
			"allowlist.toml:2: this is not TOML: Key 'version' has already been defined"},
		{"a-day-that-does-not-exist", "version = 1\n[[deny]]\nid='x'\nreason=2026-02-30\n",
			"allowlist.toml:4: this is not TOML: invalid datetime: \"2026-02-30\""},
		{"not-UTF-8", "version = 1\n# caf\xe9\n", `allowlist.toml:2: the file is not UTF-8 (save the file as UTF-8)`},
		{"too-deep", "version = 1\nx = " + strings.Repeat("[", 100_000),
			`allowlist.toml:2: arrays and tables are nested more than 16 levels deep`},
		{"too-large", "version = 1\n" + strings.Repeat("#", allowlist.MaxFileBytes),
			`allowlist.toml:1: the file is larger than the limit of 4 MiB`},
		{"one-table-instead-of-a-list", "version = 1\n[allow]\nid='x'\n",
			`allowlist.toml:2: allow must be a list of tables (write [[allow]])`},
		{"a-list-instead-of-one-table", "version = 1\n[[policy]]\n",
			`allowlist.toml:2: policy must be a table (write [policy])`},
		{"a-key-that-acts-on-a-terminal", "version = 1\n\"a\\u001b[31m\" = 1\n",
			`allowlist.toml:2: the file has no key "a\\u{001B}[31m"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := allowlist.Parse("allowlist.toml", []byte(test.text), nil)
			if err == nil || err.Error() != test.want {
				t.Errorf("Parse:\n%v\nwant:\n%s", err, test.want)
			}
		})
	}
}

func TestFilesAreReadInAnyDress(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"a-byte-order-mark":      "\xEF\xBB\xBFversion = 1\n",
		"Windows-line-ends":      "version = 1\r\n\r\n[[deny]]\r\nid = \"x\"\r\nreason = \"y\"\r\n",
		"inline-tables":          `version = 1` + "\n" + `deny = [{ id = "x", reason = "y" }]`,
		"no-entries":             "version = 1",
		"comments-and-odd-space": "\t# first\nversion=1 # one\n[ policy ]\n\"notice\" = '14d'\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mustParse(t, text, nil)
		})
	}
}

func TestLoadReadsFeedsBelowItsFolderOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("outside.txt", "abcdefghijklmnopabcdefghijklmnop\n")
	write("list/feeds/bad.txt", "abcdefghijklmnopabcdefghijklmnop\n")
	good := write("list/good.toml", "version = 1\n[[feed]]\npath = \"feeds/bad.txt\"\n")
	folder := write("list/folder.toml", "version = 1\n[[feed]]\npath = \"feeds\"\n")
	linked := write("list/linked.toml", "version = 1\n[[feed]]\npath = \"link.txt\"\n")

	list, err := allowlist.Load(good)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	if got := list.Feeds()[0]; got.Accepted != 1 || got.Date.IsZero() || len(got.Digest) != 64 {
		t.Errorf("feed: %d accepted, date %v, digest %q", got.Accepted, got.Date, got.Digest)
	}
	if _, err := allowlist.Load(folder); err == nil ||
		!strings.Contains(err.Error(), "folder.toml:3: the feed \"feeds\" cannot be read: it is a directory") {
		t.Errorf("a folder as feed: %v", err)
	}
	if err := os.Symlink(filepath.Join(dir, "outside.txt"), filepath.Join(dir, "list", "link.txt")); err != nil {
		t.Logf("no links here: %v", err)
	} else if _, err := allowlist.Load(linked); err == nil ||
		!strings.Contains(err.Error(), "linked.toml:3: the feed \"link.txt\" cannot be read: ") {
		t.Errorf("a link that leaves the folder: %v", err)
	}
	if _, err := allowlist.Load(filepath.Join(dir, "none.toml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such file: %v", err)
	}
}

// isClean reports whether an item is allowed, as it is, today.
func isClean(v allowlist.Verdict) bool {
	return v.Decision == allowlist.Allowed && len(v.Drifts) == 0 && v.Expiry != allowlist.Expired
}

func untrusted(texts ...string) []inventory.Untrusted { return inventory.All(texts) }

func aspects(v allowlist.Verdict) string {
	var names []string
	for _, drift := range v.Drifts {
		names = append(names, string(drift.Aspect))
	}
	return strings.Join(names, " ")
}

package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist/strict"
	"guestlist/providers/github/signin"
	"guestlist/providers/googleworkspace"
	googleapi "guestlist/providers/googleworkspace/api"
)

const whole = `version = 1

[google_workspace]
subject = "it@acme.example"
customer = "C01abc234"
key = { file = "keys/google.json" }
features = ["accounts", "grants", "chrome"]
units = ["/Sales"]
exclude_units = ["/Sales/Interns"]
projects = ["123456789012"]
rate_per_minute = 600
workers = 4
activity_days = 7

[[github]]
organizations = ["acme"]
deep_repositories = true
audit_log = true
app = { client_id = "Iv23liExample", installation = 7, key = { command = ["pass", "show", "github"] } }

[[github]]
host = "ghe.acme.example"
organizations = ["acme"]
token = { env = "GHE_TOKEN" }
max_wait = "15m"
concurrency = 2
rate_per_minute = 60

[[github]]
self = true
`

func TestEveryKeyOfTheFileIsRead(t *testing.T) {
	t.Parallel()
	c, err := Parse(filepath.Join("etc", "guestlist.toml"), []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	google, tables := c.of(&googleVendor).(googleAccounts), c.of(&githubVendor).(githubAccounts)
	want := googleworkspace.Config{
		Connection: googleapi.Connection{
			Customer: "C01abc234", Subject: "it@acme.example",
			Features:      []googleapi.Feature{googleapi.Accounts, googleapi.Grants, googleapi.Chrome},
			RatePerMinute: 600, Workers: 4,
		},
		Units: []string{"/Sales"}, ExcludeUnits: []string{"/Sales/Interns"}, ActivityDays: 7,
		Projects: []string{"123456789012"},
	}
	if diff := cmp.Diff(want, google.Settings); diff != "" {
		t.Errorf("[google_workspace] (-want +got):\n%s", diff)
	}
	if want := (Secret{File: filepath.Join("etc", "keys", "google.json")}); !cmp.Equal(google.Key, want) {
		t.Errorf("the key is at %v, want %v", google.Key, want)
	}
	if len(tables) != 3 {
		t.Fatalf("%d tables [[github]], want 3", len(tables))
	}
	first, second := tables[0], tables[1]
	if !first.Settings.DeepRepositories || !first.Settings.AuditLog || first.App.Installation != 7 ||
		first.App.Key.Command[2] != "github" {
		t.Errorf("the first [[github]] is %+v with the App %+v", first.Settings, first.App)
	}
	if second.Settings.Host != "ghe.acme.example" || second.Settings.MaxWait.Minutes() != 15 ||
		second.Settings.Concurrency != 2 || second.Settings.RatePerMinute != 60 ||
		second.Token.Env != "GHE_TOKEN" || second.Position.Line != 21 {
		t.Errorf("the second [[github]] is %+v at line %d", second.Settings, second.Position.Line)
	}
	if !tables[2].Settings.Self {
		t.Error("the third [[github]] does not read the own account")
	}
}

func TestWhatIsWrongIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"no-version":      {"[google_workspace]\n", "f.toml:1: the file has no version"},
		"a-newer-version": {"version = 2\n", "f.toml:1: version 2 is newer"},
		"an-unknown-table": {"version = 1\n[gogle_workspace]\n",
			`f.toml:2: the file has no key "gogle_workspace" (did you mean "google_workspace"?)`},
		"an-unknown-key": {"version = 1\n[google_workspace]\nsubjct = 'a@b'\nkey = {env='K'}\n",
			`f.toml:3: [google_workspace] has no key "subjct" (did you mean "subject"?)`},
		"a-secret-in-the-file": {"version = 1\n[[github]]\norganizations = ['acme']\ntoken = 'ghp_x'\n",
			"f.toml:4: token is a string, and secrets do not belong in this file"},
		"a-secret-from-two-places": {"version = 1\n[[github]]\norganizations = ['acme']\ntoken = {env='A', file='b'}\n",
			"f.toml:4: token must name exactly one of file, env and command"},
		"a-secret-from-nowhere": {"version = 1\n[[github]]\norganizations = ['acme']\ntoken = {}\n",
			"f.toml:4: token must name exactly one of file, env and command"},
		"no-way-to-sign-in-to-Google": {"version = 1\n\n[google_workspace]\nsubject = 'it@acme.example'\n",
			"f.toml:3: [google_workspace] names 0 ways to sign in"},
		"two-ways-to-sign-in-to-Google": {"version = 1\n[google_workspace]\nkey={env='K'}\ndefault_credentials=true\n",
			"f.toml:2: [google_workspace] names 2 ways to sign in"},
		"a-base-for-nothing": {"version = 1\n[google_workspace]\nkey={env='K'}\nbase={env='B'}\n",
			"f.toml:4: base needs impersonate"},
		"an-unknown-feature": {"version = 1\n[google_workspace]\nkey={env='K'}\nfeatures = [\n'accounts',\n'grant']\n",
			`f.toml:6: feature "grant" is not known (did you mean "grants"?)`},
		"a-unit-that-is-no-path": {"version = 1\n[google_workspace]\nkey={env='K'}\nunits = ['Sales']\n",
			`f.toml:4: unit "Sales" must be a path that begins with /`},
		"a-rate-beyond-reason": {"version = 1\n[google_workspace]\nkey={env='K'}\nrate_per_minute = 0\n",
			"f.toml:4: rate_per_minute must be between 1 and 1000000, is 0"},
		"a-subject-that-is-no-address": {"version = 1\n[google_workspace]\nkey={env='K'}\nsubject = 'it'\n",
			`f.toml:4: subject "it" is not an e-mail address`},
		"nothing-to-read": {"version = 1\n[[github]]\nhost = 'github.com'\n",
			"f.toml:2: [[github]] names nothing to read"},
		"an-organization-twice": {"version = 1\n[[github]]\norganizations=['acme']\n[[github]]\norganizations=['ACME']\n",
			`f.toml:4: "ACME" is already read by the [[github]] on line 2`},
		"no-organization's-name": {"version = 1\n[[github]]\norganizations=['a/b']\n",
			`f.toml:3: "a/b" is not an organization's name (did you mean "a"?)`},
		"two-ways-to-sign-in-to-GitHub": {"version = 1\n[[github]]\norganizations=['a']\ntoken={env='A'}\ndevice={client_id='x'}\n", "f.toml:2: [[github]] names 2 ways to sign in"},
		"an-App-without-a-key": {"version = 1\n[[github]]\norganizations=['a']\napp={client_id='x'}\n",
			"f.toml:4: app has no key"},
		"an-App-that-checks-a-person": {"version = 1\n[[github]]\nself=true\napp={client_id='x',key={env='K'}}\n",
			"f.toml:2: reading the GitHub configuration: a self-check needs a person's token"},
		"an-address": {"version = 1\n[[github]]\nself = true\norganizations=['https://github.com/orgs/acme/people']\n",
			`f.toml:4: "https://github.com/orgs/acme/people" is not an organization's name (did you mean "acme"?)`},
		"a-repository": {"version = 1\n[[github]]\norganizations=[\n'labs',\n'acme/website',\n]\n",
			`f.toml:5: "acme/website" is not an organization's name (did you mean "acme"?)`},
		"a-mention": {"version = 1\n[[github]]\norganizations=['@acme']\n",
			`f.toml:3: "@acme" is not an organization's name (did you mean "acme"?)`},
		"words": {"version = 1\n[[github]]\norganizations=['Acme Inc.']\n",
			`f.toml:3: "Acme Inc." is not an organization's name (write the name alone`},
		"an-empty-list-of-organizations": {"version = 1\n[[github]]\norganizations=[]\n",
			`f.toml:3: organizations is an empty list`},
		"twice-in-one-table": {"version = 1\n[[github]]\norganizations=['acme', 'Acme']\n",
			`f.toml:3: organizations lists "Acme" twice: capitals do not matter`},
		"units-that-are-all-excluded": {"version = 1\n[google_workspace]\nkey={env='K'}\nunits = ['/Sales/', '/IT/Labs']\nexclude_units = ['/sales', '/IT']\n", `f.toml:5: exclude_units leaves none of units to read`},
		"a-wait-without-unit": {"version = 1\n[[github]]\norganizations=['a']\nmax_wait='15'\n",
			"f.toml:4: max_wait must be a duration of at most 24h, is \"15\""},
		"a-number-in-quotes": {"version = 1\n[google_workspace]\nkey={env='K'}\nworkers = '8'\n",
			"f.toml:4: workers must be a whole number"},
		"a-table-where-a-list-should-be": {"version = 1\ngoogle_workspace = 'x'\n",
			"f.toml:2: google_workspace must be a table (write [google_workspace])"},
		"no-TOML": {"version = 1\n[[github]\n", "f.toml:2: this is not TOML"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("f.toml", []byte(test.text))
			if _, ok := errors.AsType[*strict.Problems](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestASecretIsReadFromItsPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return name
	}
	const secret = "ghp_secretOfTheTest"
	outside := Outside{Home: dir, Getenv: func(name string) string { return map[string]string{"TOKEN": secret}[name] }}
	for name, test := range map[string]struct {
		reference, want string // want is part of the error; empty: the secret is read
		unix            bool
	}{
		"a-file-of-its-owner":   {reference: `{ file = "` + write("own", secret+"\n", 0o600) + `" }`},
		"a-file-below-the-home": {reference: `{ file = "~/own" }`},
		"a-variable":            {reference: `{ env = "TOKEN" }`},
		"a-command":             {reference: `{ command = ["printf", "` + secret + `\\n"] }`, unix: true},
		"a-file-that-others-read": {reference: `{ file = "` + write("open", secret, 0o644) + `" }`,
			want: "is readable by others", unix: true},
		"no-file":       {reference: `{ file = "none" }`, want: "there is no file"},
		"a-folder":      {reference: `{ file = "." }`, want: "is not a regular file"},
		"an-empty-file": {reference: `{ file = "` + write("empty", "\n", 0o600) + `" }`, want: "is empty"},
		"no-variable":   {reference: `{ env = "OTHER" }`, want: "the variable OTHER is not set"},
		"no-command": {reference: `{ command = ["no-such-command-anywhere"] }`,
			want: `running the command "no-such-command-anywhere"`},
		"a-command-that-fails": {reference: `{ command = ["sh", "-c", "echo ` + secret + ` >&2; exit 3"] }`,
			want: `the command "sh" failed with exit status 3`, unix: true},
		"a-command-without-an-end": {reference: `{ command = ["sh", "-c", "yes ` + secret + `"] }`,
			want: "wrote more than", unix: true},
		"a-command-of-few-words":    {reference: `{ command = ["true"] }`, want: "is empty", unix: true},
		"a-command-without-a-shell": {reference: `{ command = ["printf", "%s", "` + secret + `"] }`, unix: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.unix && runtime.GOOS == "windows" {
				t.Skip("needs Unix's modes and commands")
			}
			c, err := Parse(filepath.Join(dir, "guestlist.toml"),
				[]byte("version = 1\n[[github]]\norganizations = ['acme']\ntoken = "+test.reference+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			settings, err := c.of(&githubVendor).(githubAccounts)[0].config(t.Context(), &Run{Outside: outside})
			if test.want == "" {
				token, ok := settings.Credential.(signin.Token)
				if err != nil || !ok || string(token.Value) != secret {
					t.Errorf("the credential is %#v, error %v", settings.Credential, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secretOf") {
				t.Errorf("got %v, want %q and not the secret", err, test.want)
			}
		})
	}
}

func TestAFileThatEverybodyCanChangeIsRefused(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs Unix's modes")
	}
	path := filepath.Join(t.TempDir(), "guestlist.toml")
	if err := os.WriteFile(path, []byte("version = 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err != nil {
		t.Errorf("a file of mode 0600: %v", err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "is world-writable") {
		t.Errorf("a file of mode 0666: %v", err)
	}
}

// FuzzParse: never a panic, and every problem has its place.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte("version = 1\n[github]\nself = true\ndevice = {}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f.toml", data)
		if err == nil {
			if c == nil {
				t.Error("neither a configuration nor an error")
			}
			return
		}
		problems, ok := errors.AsType[*strict.Problems](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		for _, problem := range problems.Problems {
			if problem.Position.Line < 1 || strings.Contains(problem.String(), "\n") {
				t.Errorf("%v", problem)
			}
		}
	})
}

// systemd gives each service a directory of its own for its secrets.
func TestASecretOfAServiceIsReadFromItsDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hook"), []byte("the secret\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	p := &parser{dir: "/etc/guestlist"}
	secret := Secret{File: p.path("$CREDENTIALS_DIRECTORY/hook")}
	outside := Outside{Getenv: func(name string) string { return map[string]string{"CREDENTIALS_DIRECTORY": dir}[name] }}
	if got, err := secret.read(t.Context(), outside); err != nil || string(got) != "the secret" {
		t.Errorf("%q, %v", got, err)
	}
	const want = "the variable CREDENTIALS_DIRECTORY is not set: systemd sets it for a service with LoadCredential=hook:FILE"
	outside.Getenv = func(string) string { return "" }
	if got, err := secret.read(t.Context(), outside); err == nil || err.Error() != want {
		t.Errorf("outside a service: %q, %v", got, err)
	}
}

package risk

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// note is a row for a name that gives no access of its own: why, or where its access is shown
// instead. Below says the same of every key below a manifest key.
type note struct {
	Name  string `toml:"name"`
	Why   string `toml:"why"`
	Below bool   `toml:"below"`
}

// known are the names of one table: the program's, and those that are noted as giving no access.
type known struct {
	*table
	permissionNotes, manifestNotes map[string]note
}

func knownOf(t *testing.T, name string) *known {
	t.Helper()
	var f file
	if err := decode(name, &f); err != nil {
		t.Fatal(err)
	}
	loaded, err := f.table()
	if err != nil {
		t.Fatal(err)
	}
	return &known{loaded, notesOf(t, f.NoPermissions), notesOf(t, f.Manifest)}
}

func notesOf(t *testing.T, list []note) map[string]note {
	t.Helper()
	notes := make(map[string]note, len(list))
	for _, n := range list {
		if _, twice := notes[n.Name]; n.Name == "" || n.Why == "" || twice {
			t.Fatalf("the note %q stands twice or does not say why", n.Name)
		}
		notes[n.Name] = n
	}
	return notes
}

// hasPermission reports whether somebody looked at the name: it has a row, a family that says what
// it is about, or a note.
func (k *known) hasPermission(name string) bool {
	if _, found := k.permissionNotes[name]; found || k.data.find(name) != nil {
		return true
	}
	r, found := k.permission(inventory.Untrusted(name))
	return found && !r.Guess
}

// hasManifestKey does so for a manifest key, whose levels are separated by dots.
func (k *known) hasManifestKey(key string) bool {
	if _, found := k.surface(inventory.Untrusted(key)); found {
		return true
	}
	if _, found := k.manifestNotes[key]; found {
		return true
	}
	for parent := key; ; {
		cut := strings.LastIndexByte(parent, '.')
		if cut < 0 {
			return false
		}
		parent = parent[:cut]
		if k.manifestNotes[parent].Below {
			return true
		}
	}
}

// missing returns what is in neither the table nor its notes.
func (k *known) missing(permissions, keys []string) []string {
	var unknown []string
	for _, name := range permissions {
		if !k.hasPermission(name) {
			unknown = append(unknown, "permission "+name)
		}
	}
	for _, key := range keys {
		if !k.hasManifestKey(key) {
			unknown = append(unknown, "manifest key "+key)
		}
	}
	return unknown
}

// check fails for what is missing, and where a source gave fewer names than it must: then it is no
// longer read rightly.
func (k *known) check(t *testing.T, permissions, keys []string, leastPermissions, leastKeys int) {
	t.Helper()
	if len(permissions) < leastPermissions || len(keys) < leastKeys {
		t.Fatalf("only %d permissions and %d manifest keys were found", len(permissions), len(keys))
	}
	for _, name := range k.missing(permissions, keys) {
		t.Errorf("%s has no row, and no note that it gives no access", name)
	}
}

func TestANameThatNobodyLookedAtIsMissing(t *testing.T) {
	t.Parallel()
	chrome, firefox, github, google := knownOf(t, "chrome"), knownOf(t, "firefox"), knownOf(t, "github"), knownOf(t,
		"google")
	for _, test := range []struct {
		name              string
		known             *known
		permissions, keys []string
		want              []string
	}{
		{"chromium", chrome, []string{"tabs", "mindReading", "mindReadingPrivate", "system.mind"},
			[]string{"permissions", "theme.colors.frame", "content_scripts.minds", "chrome_settings_overrides.homepage",
				"mind_handlers"},
			[]string{"permission mindReading", "permission mindReadingPrivate", "permission system.mind",
				"manifest key content_scripts.minds", "manifest key mind_handlers"}},
		{"firefox", firefox, []string{"tabs", "locationInfo", "mindReading"}, []string{"sidebar_action", "mind_action"},
			[]string{"permission mindReading", "manifest key mind_action"}},
		{"github", github, []string{"contents:write", "minds:write", "enterprise_minds:write", "minds:read",
			"read:minds"}, nil,
			[]string{"permission minds:write", "permission enterprise_minds:write", "permission minds:read",
				"permission read:minds"}},
		{"google", google, []string{"https://www.googleapis.com/auth/drive", "https://www.googleapis.com/auth/minds",
			"https://www.googleapis.com/auth/minds.readonly"}, nil,
			[]string{"permission " + "https://www.googleapis.com/auth/minds",
				"permission " + "https://www.googleapis.com/auth/minds.readonly"}},
	} {
		if got := test.known.missing(test.permissions, test.keys); !slices.Equal(got, test.want) {
			t.Errorf("%s: missing %q, want %q", test.name, got, test.want)
		}
	}
	without := *chrome
	without.table = &table{permissions: chrome.permissions, families: chrome.families,
		surfaces: slices.DeleteFunc(slices.Clone(chrome.surfaces),
			func(r row) bool { return strings.HasPrefix(r.Name, "mime_types_handler") })}
	if got := without.missing(nil, []string{"mime_types_handler"}); len(got) != 1 {
		t.Errorf("a table without the row of mime_types_handler misses %q", got)
	}
}

// Chrome's types name the permission or manifest key that each interface needs.
func TestEveryNameOfChromesTypesIsKnown(t *testing.T) {
	t.Parallel()
	chrome := knownOf(t, "chrome")
	permissions, keys := chromeTypes([]byte(testkit.ReadFile(t,
		filepath.Join(testkit.PackageDir(t, "chrome-types"), "_all.d.ts"))))
	chrome.check(t, permissions, keys, 80, 15)
}

var (
	chromeTag       = regexp.MustCompile(`@chrome-(permission|manifest) (\S+)`)
	chromeNamespace = regexp.MustCompile(`(?s)/\*\*((?:[^*]|\*[^/])*)\*/\s*export namespace ([\w.]+)`)
	chromeKey       = regexp.MustCompile("[\"`]([a-z][a-z0-9_]*)[\"`][^.]{0,40} manifest keys?")
)

// chromeTypes gives the names of Chrome's types. An interface that needs neither permission nor
// manifest key must be noted by its own name, since some of them describe a manifest key that no
// tag tells.
func chromeTypes(text []byte) (permissions, keys []string) {
	text = bytes.ReplaceAll(text, []byte(`\_`), []byte("_"))
	for _, tag := range chromeTag.FindAllSubmatch(text, -1) {
		if string(tag[1]) == "permission" {
			permissions = append(permissions, string(tag[2]))
		} else {
			keys = append(keys, string(tag[2]))
		}
	}
	for _, namespace := range chromeNamespace.FindAllSubmatch(text, -1) {
		comment := namespace[1]
		described := chromeKey.FindAllSubmatch(comment, -1)
		for _, key := range described {
			keys = append(keys, string(key[1]))
		}
		if len(described) == 0 && !chromeTag.Match(comment) {
			permissions = append(permissions, "namespace "+string(namespace[2]))
		}
	}
	return unique(permissions), unique(keys)
}

// Mozilla's data of browser compatibility names permissions and manifest keys of both families.
func TestEveryNameOfBrowserCompatibilityDataIsKnown(t *testing.T) {
	t.Parallel()
	var data struct {
		WebExtensions struct {
			Manifest compatibility `json:"manifest"`
		} `json:"webextensions"`
	}
	if err := json.Unmarshal([]byte(testkit.ReadFile(t,
		filepath.Join(testkit.PackageDir(t, "@mdn/browser-compat-data"), "data.json"))), &data); err != nil {
		t.Fatal(err)
	}
	for _, family := range []struct{ table, browser string }{{"chrome", "chrome"}, {"firefox", "firefox"}} {
		permissions, keys := data.WebExtensions.Manifest.names(family.browser)
		knownOf(t, family.table).check(t, permissions, keys, 40, 100)
	}
}

// compatibility is one level of the data: what lies below each key, and under "__compat" what each
// browser supports.
type compatibility map[string]json.RawMessage

func (c compatibility) names(browser string) (permissions, keys []string) {
	for key, below := range c.below() {
		if key == "permissions" || key == "optional_permissions" {
			for name, each := range below.below() {
				if each.isIn(browser) {
					permissions = append(permissions, strings.ReplaceAll(name, "downloads_", "downloads."))
				}
			}
			keys = append(keys, key)
			continue
		}
		keys = append(keys, below.keys(key, browser)...)
	}
	for n, name := range permissions {
		permissions[n] = strings.Replace(name, "webRequestFilterResponse_", "webRequestFilterResponse.", 1)
	}
	return unique(permissions), unique(keys)
}

func (c compatibility) keys(path, browser string) []string {
	if !c.isIn(browser) {
		return nil
	}
	found := []string{path}
	for key, below := range c.below() {
		found = append(found, below.keys(path+"."+key, browser)...)
	}
	return found
}

func (c compatibility) below() map[string]compatibility {
	found := make(map[string]compatibility)
	for key, text := range c {
		var below compatibility
		if key != "__compat" && json.Unmarshal(text, &below) == nil {
			found[key] = below
		}
	}
	return found
}

// isIn reports whether a browser has or had the feature. What is not said counts as had.
func (c compatibility) isIn(browser string) bool {
	var compat struct {
		Support map[string]json.RawMessage `json:"support"`
	}
	if json.Unmarshal(c["__compat"], &compat) != nil {
		return true
	}
	support := string(compat.Support[browser])
	return support == "" || strings.Contains(strings.ReplaceAll(support, `"version_added":false`, ""), `"version_added"`)
}

// GitHub's OpenAPI descriptions list what an app can be given, and name further permissions and
// OAuth scopes in the words of each call.
func TestEveryPermissionOfGitHubsDescriptionsIsKnown(t *testing.T) {
	t.Parallel()
	github := knownOf(t, "github")
	dir := testkit.PackageDir(t, "@octokit/openapi")
	paths, err := filepath.Glob(filepath.Join(dir, "generated", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var permissions, mentioned []string
	for _, path := range paths {
		if strings.Contains(filepath.Base(path), ".deref.") {
			continue // the same again, written out
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		permissions = append(permissions, openAPIPermissions(t, text)...)
		mentioned = append(mentioned, openAPIMentions(text)...)
	}
	github.check(t, unique(permissions), nil, 100, 0)
	github.check(t, unique(mentioned), nil, 25, 0)
}

func openAPIPermissions(t *testing.T, text []byte) []string {
	t.Helper()
	var description struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []any `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &description); err != nil {
		t.Fatal(err)
	}
	var names []string
	for schema, s := range description.Components.Schemas {
		if !strings.Contains(schema, "app-permissions") {
			continue
		}
		for name, property := range s.Properties {
			for _, level := range property.Enum {
				if level, ok := level.(string); ok {
					names = append(names, name+":"+level)
				}
			}
		}
	}
	return names
}

var (
	// "the `keys` user permission", "`admin:org` scope": how the descriptions speak of them.
	mentionedPermission = regexp.MustCompile("(read|write|admin) access to the `([a-z_]+)` (?:repository |organization |user |enterprise |business )?permission")
	mentionedScope      = regexp.MustCompile("`([a-z_]+(?::[a-z_]+)?)`(?:,? (?:or|and) `([a-z_]+(?::[a-z_]+)?)`)? scopes?\\b")
)

func openAPIMentions(text []byte) []string {
	var names []string
	for _, found := range mentionedPermission.FindAllSubmatch(text, -1) {
		names = append(names, string(found[2])+":"+string(found[1]))
	}
	for _, found := range mentionedScope.FindAllSubmatch(text, -1) {
		for _, scope := range found[1:] {
			if len(scope) > 0 {
				names = append(names, string(scope))
			}
		}
	}
	return names
}

// The discovery documents that ship with Google's client library name every scope that Google
// documents.
func TestEveryScopeOfGooglesDiscoveryDocumentsIsKnown(t *testing.T) {
	t.Parallel()
	dir := testkit.ModuleDir(t, "google.golang.org/api")
	documents, err := filepath.Glob(filepath.Join(dir, "*", "*", "*-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var scopes []string
	for _, path := range documents {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var document struct {
			Auth struct {
				OAuth2 struct {
					Scopes map[string]any `json:"scopes"`
				} `json:"oauth2"`
			} `json:"auth"`
		}
		if err := json.Unmarshal(text, &document); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for scope := range document.Auth.OAuth2.Scopes {
			scopes = append(scopes, scope)
		}
	}
	knownOf(t, "google").check(t, unique(scopes), nil, 400, 0)
}

// The schemas that ship with Firefox are what it checks manifests with.
func TestEveryNameOfFirefoxsSchemasIsKnown(t *testing.T) {
	t.Parallel()
	found := firefoxSchemas(t)
	knownOf(t, "firefox").check(t, found.permissions, found.keys, 60, 30)
}

// What Firefox prompts for is a list in its own code.
func TestFirefoxAsksAboutWhatTheTableSays(t *testing.T) {
	t.Parallel()
	asked := make(map[string]bool)
	eachFirefoxFile(t, func(name string) bool { return strings.HasSuffix(name, "/ExtensionPermissionMessages.sys.mjs") },
		func(_ string, text []byte) {
			for _, list := range firefoxPrompts.FindAllSubmatch(text, -1) {
				for _, name := range quoted.FindAllSubmatch(list[1], -1) {
					asked[string(name[1])] = true
				}
			}
		})
	if len(asked) < 30 {
		t.Fatalf("only %d permissions with a message were found", len(asked))
	}
	for _, name := range firefoxSchemas(t).permissions {
		r := firefoxTable.data.find(name)
		if r == nil {
			r, _ = firefoxTable.permission(inventory.Untrusted(name))
		}
		if r.Warns != asked[name] {
			t.Errorf("%s: the table says that Firefox asks: %v, and it does: %v", name, r.Warns, asked[name])
		}
	}
}

var (
	firefoxPrompts = regexp.MustCompile(`(?s)(?:PERMISSIONS_WITH_MESSAGE|DATA_COLLECTION_PERMISSIONS) = new Set\(\[(.*?)\]\)`)
	quoted         = regexp.MustCompile(`"([^"]+)"`)
	commentLine    = regexp.MustCompile(`(?m)^\s*//.*$`)
)

// schemaNames gathers the names of Firefox's schemas.
type schemaNames struct{ permissions, keys []string }

func firefoxSchemas(t *testing.T) schemaNames {
	t.Helper()
	var found schemaNames
	isSchema := func(name string) bool { return strings.Contains(name, "/schemas/") && strings.HasSuffix(name, ".json") }
	eachFirefoxFile(t, isSchema, func(name string, text []byte) {
		var schema any
		if err := json.Unmarshal(commentLine.ReplaceAll(text, nil), &schema); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		found.walk(schema)
	})
	return schemaNames{unique(found.permissions), unique(found.keys)}
}

// eachFirefoxFile reads the files of a kind from the archives of the installed Firefox.
func eachFirefoxFile(t *testing.T, wanted func(name string) bool, use func(name string, text []byte)) {
	t.Helper()
	program, err := exec.LookPath("firefox-esr")
	if err != nil {
		testkit.Unavailable(t, "firefox-esr is not installed")
	}
	if program, err = filepath.EvalSymlinks(program); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"omni.ja", "browser/omni.ja"} {
		archive, err := zip.OpenReader(filepath.Join(filepath.Dir(program), name))
		if err != nil {
			testkit.Unavailable(t, "no Firefox of Debian's package: "+err.Error())
		}
		defer archive.Close()
		for _, file := range archive.File {
			if !wanted(file.Name) {
				continue
			}
			text, err := archive.Open(file.Name)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(text)
			if err != nil {
				t.Fatal(err)
			}
			use(file.Name, content)
		}
	}
}

func (s *schemaNames) walk(part any) {
	switch part := part.(type) {
	case []any:
		for _, each := range part {
			s.walk(each)
		}
	case map[string]any:
		name, _ := part["$extend"].(string)
		if name == "" {
			name, _ = part["id"].(string)
		}
		switch {
		case name == "ManifestBase", name == "ThemeManifest", strings.HasPrefix(name, "WebExtension") &&
			strings.HasSuffix(name, "Manifest"):
			properties, _ := part["properties"].(map[string]any)
			for key := range properties {
				s.keys = append(s.keys, key)
			}
		case strings.Contains(name, "Permission") && part["choices"] != nil:
			s.permissions = append(s.permissions, enums(part["choices"])...)
		}
		for _, each := range part {
			s.walk(each)
		}
	}
}

func enums(choices any) []string {
	var names []string
	list, _ := choices.([]any)
	for _, choice := range list {
		choice, _ := choice.(map[string]any)
		values, _ := choice["enum"].([]any)
		for _, value := range values {
			if name, ok := value.(string); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

func unique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

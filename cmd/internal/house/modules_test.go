package house

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/testkit"

	"github.com/google/licensecheck"
)

// modulesFile is the reviewed list of all modules of others: what a module is for is decided by a
// person, the rest is detected.
const modulesFile = "testdata/modules.txt"

const modulesHead = `# The modules of others: where their code ends up, their licence, and why: what we use it for or, where it comes along, for which modules.
#
#   program  compiled into guestlist, on one platform at least
#   tests    compiled into tests and tools alone
#   named    in the module graph without any of its code being compiled, so its licence does not matter
#
# "go test ./cmd/internal/house -update" writes it anew. A new module, or one whose licence changed, is a decision: review the difference.
`

// minCoverage is how much of a licence file must be the words of licences that are known, in
// percent.
const minCoverage = 90

// acceptable are the licences that code of others may have here. BSD-2-Clause-Views is BSD-2-Clause
// with a sentence that says whose the opinions are.
var acceptable = []string{"Apache-2.0", "BSD-2-Clause", "BSD-2-Clause-Views", "BSD-3-Clause", "ISC", "MIT"}

// module is a line of the list.
type module struct {
	path, use, licence, why string
	direct                  bool
	dir                     string
}

func (m *module) String() string {
	return strings.TrimRight(fmt.Sprintf("%-8s %-24s %-62s %s", m.use, cmp.Or(m.licence, "-"), m.path, m.why), " ")
}

func TestEveryModuleOfOthersIsReviewed(t *testing.T) {
	t.Parallel()
	known := readModules(t)
	modules := detectModules(t)
	for path, m := range modules {
		if old := known[path]; old != nil && m.direct {
			m.why = old.why
		}
	}
	if testkit.Updates() {
		writeModules(t, modules)
	}
	for path, m := range modules {
		switch old := known[path]; {
		case testkit.Updates():
		case old == nil:
			t.Errorf("%s is new (%s, %s): review it, then go test ./cmd/internal/house -update", path, m.use, m.licence)
		case !m.direct && old.why != m.why:
			t.Errorf("%s came along %q when it was reviewed, and now %q: go test ./cmd/internal/house -update", path,
				old.why, m.why)
		case old.use != m.use || old.licence != m.licence:
			t.Errorf("%s is now %s under %s, and was %s under %s when it was reviewed", path, m.use, m.licence, old.use,
				old.licence)
		}
		if m.use != "named" {
			for licence := range strings.SplitSeq(m.licence, "+") {
				if !slices.Contains(acceptable, licence) {
					t.Errorf("%s is under %s, and the house takes %s", path, licence, strings.Join(acceptable, ", "))
				}
			}
		}
		if m.direct && m.why == "" {
			t.Errorf("%s: go.mod asks for it, and %s does not say why", path, modulesFile)
		}
	}
	for path := range known {
		if modules[path] == nil && !testkit.Updates() {
			t.Errorf("%s is in %s and no longer used", path, modulesFile)
		}
	}
}

// A review that takes every text for a licence would find nothing wrong with anything.
func TestALicenceIsFoundByItsWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none":                 {map[string]string{"README.md": "MIT"}, "unknown"},
		"words-of-its-own":     {map[string]string{"LICENSE": "Everything is allowed on weekdays."}, "unknown"},
		"a-name-is-not-a-text": {map[string]string{"LICENSE": "This is under the MIT license, but you must pay."}, "unknown"},
		"isc": {map[string]string{"LICENSE.txt": "Copyright (c) 2026 Somebody\n\nPermission to use, copy, modify, and/or distribute this software for any " +
			"purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.\n\n" +
			"THE SOFTWARE IS PROVIDED \"AS IS\" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF " +
			"MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY " +
			"DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, " +
			"ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.\n"}, "ISC"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range test.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := licenceOf(t, dir); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// detectModules finds every module of the graph, what its code is used for, and its licence.
func detectModules(t *testing.T) map[string]*module {
	t.Helper()
	modules := map[string]*module{}
	for decoder := json.NewDecoder(bytes.NewReader(run(t, nil, "go", "list", "-m", "-json", "all"))); decoder.More(); {
		var listed struct {
			Path, Dir      string
			Main, Indirect bool
		}
		if err := decoder.Decode(&listed); err != nil {
			t.Fatal(err)
		}
		if !listed.Main {
			modules[listed.Path] = &module{path: listed.Path, use: "named", direct: !listed.Indirect, dir: listed.Dir}
		}
	}
	tests := modulesOf(t, nil, "-test", "guestlist/...", "guestlist/testdata/profiles")
	for _, path := range append(tests, modulesOf(t, nil, "tool")...) {
		modules[path].use = "tests"
	}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, path := range modulesOf(t, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "guestlist/cmd/guestlist") {
			modules[path].use = "program"
		}
	}
	importers := importersOf(t)
	for path, m := range modules {
		if m.use == "named" {
			continue
		}
		m.licence = licenceOf(t, m.dir)
		if !m.direct {
			m.why = "a tool that make runs" // where nothing imports it
			if len(importers[path]) > 0 {
				m.why = "for " + firstOf(importers[path], modules)
			}
		}
	}
	return modules
}

// importersOf lists for each module those that import a package of it, ourselves and tools
// included. Tests are those of Linux, so that every machine finds the same.
func importersOf(t *testing.T) map[string]map[string]bool {
	t.Helper()
	type entry struct {
		module  string
		imports []string
	}
	packages := map[string]entry{}
	format := `{{.ImportPath}} {{with .Module}}{{.Path}}{{else}}std{{end}}{{range .Imports}} {{.}}{{end}}`
	lists := [][]string{{"linux", "guestlist/cmd/guestlist"}, {"darwin", "guestlist/cmd/guestlist"},
		{"windows", "guestlist/cmd/guestlist"},
		{"linux", "-test", "guestlist/...", "guestlist/testdata/profiles"}, {"linux", "tool"}}
	importers := map[string]map[string]bool{}
	for _, list := range lists {
		output := run(t, []string{"GOOS=" + list[0], "CGO_ENABLED=0"}, "go",
			append([]string{"list", "-deps", "-f", format}, list[1:]...)...)
		clear(packages)
		for line := range strings.Lines(string(output)) {
			// A package that is built anew for a test is called "PATH [TEST]".
			fields := slices.DeleteFunc(strings.Fields(line), func(field string) bool { return strings.HasPrefix(field, "[") })
			packages[fields[0]] = entry{fields[1], fields[2:]}
		}
		for _, importing := range packages {
			for _, path := range importing.imports {
				if of := packages[path].module; of != importing.module && importing.module != "std" {
					if importers[of] == nil {
						importers[of] = map[string]bool{}
					}
					importers[of][importing.module] = true
				}
			}
		}
	}
	return importers
}

// firstOf names a few modules, those that go.mod asks for before others.
func firstOf(set map[string]bool, modules map[string]*module) string {
	const most = 2
	paths := slices.SortedFunc(maps.Keys(set), func(a, b string) int {
		isDirect := func(path string) int {
			if m := modules[path]; m != nil && m.direct {
				return 0
			}
			return 1
		}
		return cmp.Or(isDirect(a)-isDirect(b), strings.Compare(a, b))
	})
	if more := len(paths) - most; more > 0 {
		return strings.Join(paths[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(paths, ", ")
}

// unwanted are packages that nothing of the program may bring along, on any platform.
var unwanted = []struct{ path, why string }{
	{"testing", "tests are not for users"},
	{"net/http/pprof", "it opens the process to whoever reaches a port"},
	{"expvar", "it opens the process to whoever reaches a port"},
	{"plugin", "code is not loaded while it runs"},
	{"runtime/cgo", "guestlist is built without a C compiler"},
	{"golang.org/x/net/trace", "it brings templates, and with these every method of the vendors' clients: build with -tags grpcnotrace"},
	{"github.com/spf13/viper", "the configuration is read strictly, by package strict"},
	{"github.com/stretchr/testify", "tests compare whole values with cmp"},
	{"github.com/pkg/errors", "errors are wrapped with %w"},
	{"github.com/sirupsen/logrus", "log/slog does it"},
	{"go.uber.org/zap", "log/slog does it"},
}

// unwantedModules are not even for tests.
var unwantedModules = []string{"github.com/stretchr/testify", "github.com/onsi/gomega", "github.com/golang/mock",
	"go.uber.org/mock"}

func TestTheProgramBringsNothingUnwantedAlong(t *testing.T) {
	t.Parallel()
	for _, system := range []string{"linux", "darwin", "windows"} {
		output := run(t, []string{"GOOS=" + system, "CGO_ENABLED=0"}, "go", "list", "-deps", "-tags=grpcnotrace",
			"guestlist/cmd/guestlist")
		packages := strings.Fields(string(output))
		if len(packages) < 100 {
			t.Fatalf("%s: only %d packages were listed", system, len(packages))
		}
		for _, banned := range unwanted {
			for _, path := range packages {
				if isBelow(path, banned.path) {
					t.Errorf("%s: the program contains %s: %s", system, path, banned.why)
				}
			}
		}
	}
	for path, m := range readModules(t) {
		if slices.Contains(unwantedModules, path) && m.use != "named" {
			t.Errorf("%s is compiled for %s: tests compare with cmp and have fakes of their own", path, m.use)
		}
	}
}

// modulesOf lists the modules of others that packages need.
func modulesOf(t *testing.T, environment []string, packages ...string) []string {
	t.Helper()
	format := "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}"
	output := run(t, environment, "go", append([]string{"list", "-deps", "-f", format}, packages...)...)
	return slices.Compact(slices.Sorted(slices.Values(strings.Fields(string(output)))))
}

func run(t *testing.T, environment []string, name string, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Env = append(os.Environ(), environment...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, stderr.String())
	}
	return output
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying)(\.(md|txt))?$`)

// licenceOf names the licences that a module's own licence file consists of, joined by "+";
// "unknown" for other words in it, or none.
func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("the module's files are not here: %v", err)
	}
	found := map[string]bool{}
	for _, entry := range entries {
		if !licenceName.MatchString(entry.Name()) || entry.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		coverage := licensecheck.Scan(text)
		if coverage.Percent < minCoverage {
			found["unknown"] = true
		}
		for _, match := range coverage.Match {
			found[match.ID] = true
		}
	}
	if len(found) == 0 {
		return "unknown"
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), "+")
}

func readModules(t *testing.T) map[string]*module {
	t.Helper()
	text, err := os.ReadFile(modulesFile)
	if err != nil && !(testkit.Updates() && os.IsNotExist(err)) {
		t.Fatal(err)
	}
	known := map[string]*module{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || strings.HasPrefix(line, "#") {
			continue
		}
		m := &module{use: fields[0], licence: strings.TrimSuffix(fields[1], "-"), path: fields[2],
			why: strings.Join(fields[3:], " ")}
		if fields[1] != "-" {
			m.licence = fields[1]
		}
		known[m.path] = m
	}
	return known
}

func writeModules(t *testing.T, modules map[string]*module) {
	t.Helper()
	var text strings.Builder
	text.WriteString(modulesHead)
	last := ""
	for _, m := range slices.SortedFunc(maps.Values(modules), func(a, b *module) int {
		return cmp.Or(strings.Compare(order(a), order(b)), strings.Compare(a.path, b.path))
	}) {
		if order(m) != last {
			text.WriteByte('\n')
		}
		last = order(m)
		fmt.Fprintln(&text, m)
	}
	if err := os.MkdirAll(filepath.Dir(modulesFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(modulesFile, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// order puts what matters more first.
func order(m *module) string {
	rank := map[string]string{"program": "1", "tests": "2", "named": "3"}[m.use]
	if m.direct {
		return rank + "a"
	}
	return rank + "b"
}

package house

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/testkit"
)

var (
	codeSpan   = regexp.MustCompile("`([^`\n]+)`")
	pathInCode = regexp.MustCompile(`^\.?[A-Za-z]+(/[A-Za-z.]+)+/?$`)
	identifier = regexp.MustCompile(`^([a-z]+\.)?([A-Za-z]+)$`)
	makeTarget = regexp.MustCompile("(?m)(?:^ {4}|`)make ([a-z]+)")
	layoutLine = regexp.MustCompile(`(?m)^([a-z/]+/) +\S`)
)

// rootsOfManyRooms are directories whose packages have nothing in common but their place, so that
// each of them has a line of its own in the layout.
var rootsOfManyRooms = []string{".", "cmd", "cmd/internal", "scanner", "scanner/internal", "providers",
	"providers/internal"}

func TestEveryFileThatThePapersNameIsThere(t *testing.T) {
	t.Parallel()
	for _, paper := range []string{readmePath, contributingPath} {
		text := testkit.ReadFile(t, paper)
		for _, path := range pathsIn(text) {
			if _, err := os.Stat(filepath.Join(topPath, path)); err != nil {
				t.Errorf("%s names %s: %v", filepath.Base(paper), path, err)
			}
		}
		makefile := testkit.ReadFile(t, topPath+"/Makefile")
		for _, target := range makeTarget.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+target[1]+":") {
				t.Errorf("%s names make %s, which is no target", filepath.Base(paper), target[1])
			}
		}
	}
}

func TestTheLayoutHasALineForEveryPackage(t *testing.T) {
	t.Parallel()
	listed := map[string]bool{}
	for _, line := range layoutLine.FindAllStringSubmatch(section(t, "Layout"), -1) {
		dir := strings.TrimSuffix(line[1], "/")
		listed[dir] = true
		if info, err := os.Stat(filepath.Join(topPath, dir)); err != nil || !info.IsDir() {
			t.Errorf("the layout lists %s, which is no directory", dir)
		}
	}
	packages := 0
	for path := range textsOfTheTree(t) {
		dir := filepath.ToSlash(filepath.Dir(path))
		if !strings.HasSuffix(path, ".go") {
			continue
		}
		packages++
		for !listed[dir] {
			parent := filepath.ToSlash(filepath.Dir(dir))
			if slices.Contains(rootsOfManyRooms, parent) {
				t.Errorf("%s: the layout has no line for %s", path, dir)
				break
			}
			dir = parent
		}
	}
	if packages < 100 {
		t.Errorf("only %d files were looked at", packages)
	}
}

// What is to be added, and where, is followed word by word: each identifier is in one of the files
// that its section names.
func TestEveryPageOnAddingSomethingIsTrue(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"browser", "rule", "format", "provider", "vendor"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := section(t, "Add a "+name)
			var code strings.Builder
			for _, path := range pathsIn(text) {
				code.WriteString(codeBelow(t, filepath.Join(topPath, path)))
			}
			for _, span := range codeSpan.FindAllStringSubmatch(text, -1) {
				name := identifier.FindStringSubmatch(span[1])
				if name != nil && !regexp.MustCompile(`\b`+name[2]+`\b`).MatchString(code.String()) {
					t.Errorf("%s is in none of the files that are named beside it", span[1])
				}
			}
		})
	}
}

func TestCINeedsNoOtherCommandThanTheReadmes(t *testing.T) {
	t.Parallel()
	readme, run := testkit.ReadFile(t, readmePath), testkit.ReadFile(t, topPath+"/.ci/run")
	for _, command := range []string{"go run ./cmd/guestlist demo", "make test"} {
		if strings.Count(readme, "\n\n    "+command+"\n\n") != 1 {
			t.Errorf("the README does not give %q as a command of its own", command)
		}
	}
	for _, command := range []string{"make test", "make build", "make lint", "make race", "make vuln"} {
		if strings.Count(run, "\n"+command+"\n") != 1 {
			t.Errorf(".ci/run does not call %q", command)
		}
	}
}

// pathsIn lists the paths of this repository that a text names.
func pathsIn(text string) []string {
	var paths []string
	for _, span := range codeSpan.FindAllStringSubmatch(text, -1) {
		if pathInCode.MatchString(span[1]) {
			paths = append(paths, span[1])
		}
	}
	return paths
}

// section is the text below a heading of CONTRIBUTING.md.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(testkit.ReadFile(t, contributingPath), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("CONTRIBUTING.md has no section %q", heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// codeBelow is the code of a file, or of the files of a directory.
func codeBelow(t *testing.T, path string) string {
	t.Helper()
	if !strings.HasSuffix(path, ".go") {
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		var code strings.Builder
		for _, file := range files {
			code.WriteString(testkit.ReadFile(t, file))
		}
		return code.String()
	}
	return testkit.ReadFile(t, path)
}

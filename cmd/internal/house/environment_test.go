package house

import (
	"go/ast"
	"go/constant"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"guestlist/scanner/testkit"
)

const (
	topPath          = "../../.."
	manualPath       = topPath + "/cmd/guestlist/doc.go"
	readmePath       = topPath + "/README.md"
	contributingPath = topPath + "/.github/CONTRIBUTING.md"
)

// variableName is what the name of an environment variable looks like.
var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9]+(_[A-Z0-9]+)*$`)

// otherWords look like variables, beside lookups whose name is not a constant.
var otherWords = map[string]bool{"POSIX": true} // a locale

// namesItsVariables: whatever is looked up in the environment is in the manual. A name that is not
// a constant where it is looked up comes from a table or a list of the same file, so every text
// there that looks like a name is taken for one.
func namesItsVariables(t *testing.T, pkg *packages.Package) {
	page := testkit.ReadFile(t, manualPath)
	if pkg.PkgPath == testkitPath || isBelow(pkg.PkgPath, "guestlist/providers/internal/realbrowser") {
		page = testkit.ReadFile(t, contributingPath) // what only tests look up
	}
	for _, file := range pkg.Syntax {
		for name, at := range variablesOf(pkg, file) {
			if !regexp.MustCompile(`\b` + name + `\b`).MatchString(page) {
				t.Errorf("%s: the variable %s is looked up: add it to the table of cmd/internal/cli/environment.go, or to CONTRIBUTING.md if only tests do",
					pkg.Fset.Position(at), name)
			}
		}
	}
}

func variablesOf(pkg *packages.Package, file *ast.File) map[string]token.Pos {
	found := map[string]token.Pos{}
	byTable := false
	ast.Inspect(file, func(node ast.Node) bool {
		if function, ok := node.(*ast.FuncDecl); ok && isLookup(function.Name.Name) {
			return false // it passes on the name that it is given
		}
		call, ok := node.(*ast.CallExpr)
		if !ok || !looksUp(call) {
			return true
		}
		if value := pkg.TypesInfo.Types[call.Args[0]].Value; value != nil {
			found[constant.StringVal(value)] = call.Pos()
		} else {
			byTable = true
		}
		return true
	})
	if !byTable {
		return found
	}
	ast.Inspect(file, func(node ast.Node) bool {
		expression, ok := node.(ast.Expr)
		if !ok {
			return true
		}
		if value := pkg.TypesInfo.Types[expression].Value; value != nil && value.Kind() == constant.String {
			if text := constant.StringVal(value); variableName.MatchString(text) && !otherWords[text] {
				found[text] = expression.Pos()
			}
		}
		return true
	})
	return found
}

// looksUp reports whether a call is one of os.Getenv, os.LookupEnv, or a function that stands in
// for them.
func looksUp(call *ast.CallExpr) bool {
	name := ""
	switch function := call.Fun.(type) {
	case *ast.Ident:
		name = function.Name
	case *ast.SelectorExpr:
		name = function.Sel.Name
	}
	return len(call.Args) == 1 && isLookup(name)
}

func isLookup(name string) bool {
	return strings.EqualFold(name, "getenv") || strings.EqualFold(name, "lookupenv")
}

// ownVariable is what a variable of guestlist's own is called, wherever it is written.
var ownVariable = regexp.MustCompile(`\bGUESTLIST_[A-Z]+(_[A-Z]+)*\b`)

// betweenProcesses are what a test says to a process that it starts.
var betweenProcesses = map[string]bool{"GUESTLIST_KILLED_HELPER": true, "GUESTLIST_BENCH_ROLE": true}

func TestEveryVariableOfOurOwnIsExplained(t *testing.T) {
	t.Parallel()
	explained := ownVariable.FindAllString(testkit.ReadFile(t, manualPath)+testkit.ReadFile(t, contributingPath), -1)
	for path, text := range textsOfTheTree(t) {
		for _, name := range ownVariable.FindAllString(text, -1) {
			if !betweenProcesses[name] && !slices.Contains(explained, name) {
				t.Errorf("%s: %s is neither in the manual nor, if it serves tests alone, in CONTRIBUTING.md", path, name)
			}
		}
	}
}

// textsOfTheTree are the files that people write, by their path from the top, except for test data.
func textsOfTheTree(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	err := filepath.WalkDir(topPath, func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (name == "testdata" || name == ".git" || name == "dist"):
			return filepath.SkipDir
		case entry.Type().IsRegular() && (textFile.MatchString(name) || filepath.Base(filepath.Dir(path)) == ".ci"):
			relative, err := filepath.Rel(topPath, path)
			if err != nil {
				return err
			}
			texts[filepath.ToSlash(relative)] = testkit.ReadFile(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

var textFile = regexp.MustCompile(`\.(go|md|txt|yml|toml)$|^Makefile$`)

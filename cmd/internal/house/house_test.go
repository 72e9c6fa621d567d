// Package house holds no code but the rules that all other packages keep: who may import whom, who
// may touch the process, where foreign text may become a plain string, and which modules of others
// are built in, under which licences and why.
package house

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

// forbidden lists, for a package and everything below it, what it must not import ("self" names the
// package's own folder).
var forbidden = []struct {
	who, why string
	imports  []string
}{
	{"guestlist/scanner/inventory", "the vocabulary stands on nothing", []string{"guestlist/"}},
	{"guestlist/providers", "a provider reports, it does not judge", []string{
		"guestlist/allowlist", "guestlist/scanner/diff", "guestlist/scanner/report", "guestlist/scanner/notify",
		"guestlist/scanner/risk",
	}},
	{"guestlist/providers/googleworkspace/checkpoint", "what is kept on disk meets no token, no vendor and no network",
		[]string{
			"guestlist/providers/googleworkspace", "guestlist/scanner", "golang.org/x/oauth2", "net/http",
		}},
	{"guestlist/providers/googleworkspace/api", "asking knows nothing of what is kept, counted or scanned", []string{
		"guestlist/providers/googleworkspace", "guestlist/providers/chromemanagement",
	}},
	{"guestlist/providers/googleworkspace/tally", "counting asks nobody",
		[]string{"guestlist/providers/googleworkspace/checkpoint", "net/http"}},
	{"guestlist/providers/googleworkspace", "managed browsers are a provider of their own",
		[]string{"guestlist/providers/chromemanagement"}},
	{"guestlist/providers/chromemanagement", "only a scan of users keeps a checkpoint",
		[]string{"guestlist/providers/googleworkspace/checkpoint"}},
	{"guestlist/providers/github/lenient", "fields are decoded by whoever asks, and ask nobody", []string{
		"guestlist/providers", "net/http",
	}},
	{"guestlist/providers/github/api", "asking does not know how a credential is had", []string{
		"guestlist/providers/github/signin", "guestlist/providers/internal/secretfile", "golang.org/x/oauth2",
		"github.com/golang-jwt", "github.com/bradleyfalzon",
	}},
	{"guestlist/providers/github/signin", "lists and kept pages are for asking", []string{
		"guestlist/providers/internal/paging", "guestlist/scanner/atomicfile",
	}},
	{"guestlist/allowlist", "what is approved does not depend on who reads it",
		[]string{"guestlist/providers", "guestlist/cmd"}},
	{"guestlist/scanner", "only the command line wires everything together",
		[]string{"guestlist/cmd", "guestlist/providers"}},
	{"guestlist/scanner/diff", "judging is pure", []string{"os", "net/http"}},
	{"guestlist/scanner/risk", "judging is pure", []string{"os", "net/http"}},
	{"guestlist/scanner/access", "judging is pure", []string{"os", "net/http"}},
	{"guestlist/scanner/notify/news", "what is news is decided without the disk and the network",
		[]string{"os", "net/http", "guestlist/scanner/atomicfile"}},
	{"guestlist/scanner/vendor", "what a vendor is stands on the vocabulary alone", []string{
		"guestlist/allowlist", "guestlist/scanner/access", "guestlist/scanner/diff",
		"guestlist/scanner/report", "guestlist/scanner/risk", "guestlist/scanner/snapshot", "os", "net/http",
	}},
	{"guestlist/scanner/lookalike", "names are compared by nothing else", []string{"guestlist/", "os", "net/http"}},
	{testkitPath, "what serves every test stands on the vocabulary alone", []string{
		"guestlist/allowlist", "guestlist/cmd", "guestlist/providers", "guestlist/scanner",
	}},
}

// permitted lists what may be imported although it is below something forbidden.
var permitted = map[string]string{testkitPath: inventoryPath}

const (
	inventoryPath = "guestlist/scanner/inventory"
	configPath    = "guestlist/cmd/internal/config" // a parser
	testkitPath   = "guestlist/scanner/testkit"     // for tests alone
	fakesPath     = "guestlist/providers/fake"
	programPath   = "guestlist/cmd/guestlist"
)

// The packages are loaded once: it takes longer than all rules together.
func TestThePackagesKeepTheRulesOfTheHouse(t *testing.T) {
	t.Parallel()
	loaded := load(t)
	for name, rule := range map[string]func(*testing.T, *packages.Package){
		"imports-go-one-way":                                  keepsToItsImports,
		"no-provider-imports-a-fake":                          readsTheRealThing,
		"every-variable-looked-up-is-in-the-manual":           namesItsVariables,
		"what-has-a-row-is-named-in-its-table":                namesRowsInTheirTable,
		"a-vendor-is-named-in-its-own-rooms":                  namesVendorsInTheirRooms,
		"only-the-command-line-knows-the-process":             leavesTheProcessAlone,
		"foreign-text-is-unwrapped-for-logic-or-by-renderers": unwrapsNothingOnTheWayOut,
		"the-program-holds-nothing-that-is-for-tests":         leavesTestsOut,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, pkg := range loaded {
				rule(t, pkg)
			}
		})
	}
}

func keepsToItsImports(t *testing.T, pkg *packages.Package) {
	for _, rule := range forbidden {
		if !isBelow(pkg.PkgPath, rule.who) {
			continue
		}
		for path := range pkg.Imports {
			for _, banned := range rule.imports {
				if matches(path, banned) && !isBelow(path, rule.who) && permitted[rule.who] != path {
					t.Errorf("%s imports %s: %s", pkg.PkgPath, path, rule.why)
				}
			}
		}
	}
}

// readsTheRealThing: what stands in for a vendor is for the demo and for tests.
func readsTheRealThing(t *testing.T, pkg *packages.Package) {
	if !isBelow(pkg.PkgPath, "guestlist/providers") || isBelow(pkg.PkgPath, fakesPath) {
		return
	}
	for path := range pkg.Imports {
		if isBelow(path, fakesPath) {
			t.Errorf("%s imports %s: a fake is for the demo and for tests", pkg.PkgPath, path)
		}
	}
}

// process lists what of package os belongs to the command line alone.
var process = []string{"Stdin", "Stdout", "Stderr", "Getenv", "LookupEnv", "Environ", "Exit", "Args"}

func leavesTheProcessAlone(t *testing.T, pkg *packages.Package) {
	if isBelow(pkg.PkgPath, "guestlist/cmd") || pkg.PkgPath == testkitPath {
		return
	}
	for id, object := range pkg.TypesInfo.Uses {
		if object.Pkg() != nil && object.Pkg().Path() == "os" && slices.Contains(process, object.Name()) &&
			object.Parent() == object.Pkg().Scope() {
			t.Errorf("%s uses os.%s: the process belongs to cmd/internal/cli", pkg.Fset.Position(id.Pos()), object.Name())
		}
	}
}

func leavesTestsOut(t *testing.T, pkg *packages.Package) {
	if pkg.PkgPath != programPath {
		return
	}
	seen := map[string]bool{}
	var visit func(*packages.Package)
	visit = func(pkg *packages.Package) {
		for path, imported := range pkg.Imports {
			if path == testkitPath || path == "testing" {
				t.Errorf("%s imports %s, and the program imports it", pkg.PkgPath, path)
			}
			if !seen[path] && isBelow(path, "guestlist") {
				seen[path] = true
				visit(imported)
			}
		}
	}
	visit(pkg)
}

// unwrapsNothingOnTheWayOut: foreign text may become a plain string where it is parsed or looked
// up. It may not in the commands at all, and nowhere as an operand of a print, a log or an error.
func unwrapsNothingOnTheWayOut(t *testing.T, pkg *packages.Package) {
	for _, file := range pkg.Syntax {
		ast.Inspect(file, func(node ast.Node) bool {
			call, ok := node.(*ast.CallExpr)
			if !ok {
				return true
			}
			if isBelow(pkg.PkgPath, "guestlist/cmd") && !isBelow(pkg.PkgPath, configPath) && unwraps(pkg.TypesInfo, call) {
				t.Errorf("%s: foreign text becomes a plain string in the command line", pkg.Fset.Position(call.Pos()))
			}
			if !prints(pkg.TypesInfo, call) {
				return true
			}
			for _, argument := range call.Args {
				if inner, ok := argument.(*ast.CallExpr); ok && unwraps(pkg.TypesInfo, inner) {
					t.Errorf("%s: foreign text is printed without an escape", pkg.Fset.Position(inner.Pos()))
				}
			}
			return true
		})
	}
}

// unwraps reports whether a call is the conversion string(u) of an Untrusted.
func unwraps(info *types.Info, call *ast.CallExpr) bool {
	converted, ok := info.Types[call.Fun]
	if !ok || !converted.IsType() || len(call.Args) != 1 {
		return false
	}
	basic, ok := converted.Type.(*types.Basic)
	if !ok || basic.Kind() != types.String {
		return false
	}
	named, ok := info.TypeOf(call.Args[0]).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == inventoryPath && named.Obj().Name() == "Untrusted"
}

func prints(info *types.Info, call *ast.CallExpr) bool {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	function, ok := info.Uses[selector.Sel].(*types.Func)
	if !ok || function.Pkg() == nil {
		return false
	}
	switch function.Pkg().Path() {
	case "fmt", "log", "log/slog", "errors", "io":
		return true
	}
	return false
}

// Everything in a report is either foreign text, which a renderer must escape, or a closed set of
// our own words.
func TestReportsHoldNoPlainStrings(t *testing.T) {
	t.Parallel()
	ours := map[string]bool{ // written by guestlist itself
		"Report.SchemaVersion": true, "Tool.Name": true, "Tool.Version": true, "Finding.ID": true,
		"Change.ID": true, "Entry.ID": true, "Entry.FindingIDs": true, "Entry.ChangeIDs": true, "Entry.AsIn": true, // hashes
	}
	seen := make(map[reflect.Type]bool)
	var visit func(typ reflect.Type, path string)
	visit = func(typ reflect.Type, path string) {
		switch typ.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			visit(typ.Elem(), path)
		case reflect.String:
			if typ == reflect.TypeFor[string]() && !ours[path] {
				t.Errorf("%s is a plain string: make it inventory.Untrusted, or a type of its own", path)
			}
		case reflect.Struct:
			if seen[typ] || typ.PkgPath() == "time" {
				return
			}
			seen[typ] = true
			for field := range typ.Fields() {
				visit(field.Type, typ.Name()+"."+field.Name)
			}
		}
	}
	for _, root := range []reflect.Type{
		reflect.TypeFor[report.Report](), reflect.TypeFor[diff.Finding](), reflect.TypeFor[inventory.Item](),
		reflect.TypeFor[inventory.Account](),
	} {
		visit(root, root.Name())
	}
}

func load(t *testing.T) []*packages.Package {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedImports | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedFiles,
	}, "guestlist/...")
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 || len(loaded) < 10 {
		t.Fatalf("the packages did not load: %d found", len(loaded))
	}
	return loaded
}

func isBelow(path, parent string) bool { return path == parent || strings.HasPrefix(path, parent+"/") }

func matches(path, banned string) bool {
	return path == banned || strings.HasPrefix(path, strings.TrimSuffix(banned, "/")+"/")
}

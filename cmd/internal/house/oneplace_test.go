package house

import (
	"go/ast"
	"go/constant"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"guestlist/providers/chromium"
	"guestlist/providers/firefox"
	"guestlist/scanner/diff"
)

// rows are names that stand in one table each: whoever adds a row there adds it nowhere else.
var rows = []struct {
	what   string
	names  []string
	files  []string // where they may be written
	exempt []string // packages in which such a word means something else
}{
	// The families are called after a browser.
	{"a browser of the Chromium family", chromium.Browsers(), []string{"providers/chromium/browsers.go", familiesFile, targetsFile},
		[]string{fakesPath}},
	{"a browser of the Firefox family", firefox.Browsers(), []string{"providers/firefox/products.go", familiesFile, targetsFile},
		[]string{fakesPath}},
	// Some are called as the kind or the mark that they are about.
	{"a rule", compoundRules(), []string{"scanner/diff/rules.go"}, []string{inventoryPath, "guestlist/scanner/risk"}},
}

const (
	familiesFile = "scanner/vendor/browsers.go"
	// targetsFile has a row for each browser with a policy of its own.
	targetsFile = "allowlist/enforce/target.go"
)

// compoundRules are the names of rules that are not words of every day.
func compoundRules() []string {
	var names []string
	for n := range diff.Rules {
		if name := string(diff.Rules[n].Rule); strings.Contains(name, "-") {
			names = append(names, name)
		}
	}
	return names
}

// namesRowsInTheirTable: a name that is written a second time is a second place to change.
func namesRowsInTheirTable(t *testing.T, pkg *packages.Package) {
	for _, file := range pkg.Syntax {
		path := filepath.ToSlash(pkg.Fset.Position(file.Pos()).Filename)
		ast.Inspect(file, func(node ast.Node) bool {
			literal, ok := node.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING {
				return true
			}
			text := constant.StringVal(constant.MakeFromLiteral(literal.Value, literal.Kind, 0))
			for _, row := range rows {
				isPlace := func(place string) bool { return strings.HasSuffix(path, "/"+place) }
				isExempt := func(parent string) bool { return isBelow(pkg.PkgPath, parent) }
				if slices.Contains(row.names, text) && !slices.ContainsFunc(row.files, isPlace) &&
					!slices.ContainsFunc(row.exempt, isExempt) {
					t.Errorf("%s: %q is %s, which is written in %s alone", pkg.Fset.Position(literal.Pos()), text, row.what,
						row.files[0])
				}
			}
			return true
		})
	}
}

// vendorRooms are the packages that may know a vendor by its name: its own, and those with a row
// for each.
var vendorRooms = []string{"guestlist/providers", configPath, "guestlist/scanner/vendor", inventoryPath,
	"guestlist/allowlist/enforce"}

// namesVendorsInTheirRooms: everything else asks the vendor's row.
func namesVendorsInTheirRooms(t *testing.T, pkg *packages.Package) {
	if slices.ContainsFunc(vendorRooms, func(room string) bool { return isBelow(pkg.PkgPath, room) }) {
		return
	}
	for id, object := range pkg.TypesInfo.Uses {
		isProvider := object.Pkg() != nil && object.Pkg().Path() == inventoryPath &&
			object.Type().String() == inventoryPath+".Provider" && object.Parent() == object.Pkg().Scope()
		if _, isConstant := object.(interface{ Val() constant.Value }); isProvider && isConstant {
			t.Errorf("%s names %s: ask the row of package vendor, or that of package config", pkg.Fset.Position(id.Pos()),
				object.Name())
		}
	}
}

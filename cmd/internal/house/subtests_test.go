package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// fewestNames is how many calls of Run have to be understood at least: a search that understands
// none finds no fault.
const fewestNames = 100

// Go prints the space in a subtest's name as an underscore, so that -run does not take what the
// test wrote. Names are followed to the literals that they come from, through a table that is
// ranged over; one that is made while the test runs is beyond this search.
func TestNamesOfSubtestsHaveNoSpaces(t *testing.T) {
	t.Parallel()
	set := token.NewFileSet()
	packages := map[string][]*ast.File{}
	for name, text := range textsOfTheTree(t) {
		if strings.HasSuffix(name, "_test.go") {
			file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			key := path.Dir(name) + " " + file.Name.Name
			packages[key] = append(packages[key], file)
		}
	}
	understood := 0
	for _, key := range slices.Sorted(maps.Keys(packages)) {
		search := newNameSearch(packages[key])
		for _, file := range packages[key] {
			search.inFile(file, func(literals []*ast.BasicLit) {
				if len(literals) > 0 {
					understood++
				}
				for _, literal := range literals {
					if text, err := strconv.Unquote(literal.Value); err == nil && strings.ContainsAny(text, " \t\n") {
						t.Errorf("%s: %s is in the name of a subtest", set.Position(literal.Pos()), literal.Value)
					}
				}
			})
		}
	}
	if understood < fewestNames {
		t.Errorf("only %d names were understood", understood)
	}
}

func TestTheSearchFollowsANameToItsTable(t *testing.T) {
	t.Parallel()
	const source = `package p
type row struct { id int; name string }
var shared = []row{{1, "from a package's table"}}
func TestIt(t *testing.T) {
	t.Run("direct name", f)
	t.Run("a"+" sum", f)
	t.Run(fmt.Sprintf("%d years", n), f)
	t.Run(strings.ReplaceAll("a b", " ", "_"), f)
	for name, c := range map[string]struct{ says string }{"a key": {"not this"}} { t.Run(name, f) }
	for _, name := range []string{"an element"} { t.Run(name, f) }
	for _, c := range []struct{ says, name string }{{"not this", "a field"}, {name: "a keyed field"}} { t.Run(c.name, f) }
	local := []*row{{2, "a local table"}}
	for _, c := range local { t.Run(c.name, f) }
	for _, c := range shared { t.Run(c.name, f) }
	name := "an assignment of its own"
	t.Run(name, f)
	run.Run("is not a test's", 1, 2)
}`
	file, err := parser.ParseFile(token.NewFileSet(), "p_test.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	newNameSearch([]*ast.File{file}).inFile(file, func(literals []*ast.BasicLit) {
		for _, literal := range literals {
			got = append(got, strings.Trim(literal.Value, `"`))
		}
	})
	want := []string{
		"direct name", "a", " sum", "%d years", "a key", "an element", "a field", "a keyed field", "a local table",
		"from a package's table", "an assignment of its own",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// nameSearch knows the types and variables of a package of tests.
type nameSearch struct {
	structs map[string]*ast.StructType
	values  map[string]ast.Expr // of package variables
}

func newNameSearch(files []*ast.File) *nameSearch {
	s := &nameSearch{map[string]*ast.StructType{}, map[string]ast.Expr{}}
	for _, file := range files {
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.TypeSpec); ok {
				if structure, ok := spec.Type.(*ast.StructType); ok {
					s.structs[spec.Name.Name] = structure
				}
			}
			_, inFunction := node.(*ast.FuncDecl)
			if spec, ok := node.(*ast.ValueSpec); ok {
				for n, value := range spec.Values {
					s.values[spec.Names[n].Name] = value
				}
			}
			return !inFunction
		})
	}
	return s
}

// inFile visits the literals of each subtest's name.
func (s *nameSearch) inFile(file *ast.File, visit func([]*ast.BasicLit)) {
	var above []ast.Node
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil {
			above = above[:len(above)-1]
			return true
		}
		above = append(above, node)
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Run" {
			visit(s.literals(call.Args[0], above))
		}
		return true
	})
}

// literals are those that an expression is made of, as far as they can be followed.
func (s *nameSearch) literals(expression ast.Expr, above []ast.Node) []*ast.BasicLit {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return []*ast.BasicLit{e}
		}
	case *ast.BinaryExpr:
		return slices.Concat(s.literals(e.X, above), s.literals(e.Y, above))
	case *ast.CallExpr:
		if function, ok := e.Fun.(*ast.SelectorExpr); ok && strings.HasPrefix(function.Sel.Name, "Sprint") {
			var list []*ast.BasicLit
			for _, argument := range e.Args {
				list = append(list, s.literals(argument, above)...)
			}
			return list
		}
	case *ast.Ident:
		return s.ofVariable(e.Name, above)
	case *ast.SelectorExpr:
		if variable, ok := e.X.(*ast.Ident); ok {
			return s.ofField(variable.Name, e.Sel.Name, above)
		}
	}
	return nil
}

// ofVariable follows a variable: the key or element of a table, or what was assigned to it.
func (s *nameSearch) ofVariable(name string, above []ast.Node) (list []*ast.BasicLit) {
	loop, isKey := rangeOver(name, above)
	if loop == nil {
		if value := s.valueOf(name, above); value != nil {
			return s.literals(value, nil)
		}
		return nil
	}
	table := s.table(loop.X, above)
	if table == nil {
		return nil
	}
	for _, element := range table.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Value
			if isKey {
				element = pair.Key
			}
		} else if isKey {
			continue // a number
		}
		list = append(list, s.literals(element, nil)...)
	}
	return list
}

// ofField follows a field of a table's rows.
func (s *nameSearch) ofField(variable, field string, above []ast.Node) (list []*ast.BasicLit) {
	loop, isKey := rangeOver(variable, above)
	if loop == nil || isKey {
		return nil
	}
	table := s.table(loop.X, above)
	if table == nil {
		return nil
	}
	position := s.position(table.Type, field)
	for _, element := range table.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			element = pair.Value
		}
		if address, ok := element.(*ast.UnaryExpr); ok {
			element = address.X
		}
		row, ok := element.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for n, value := range row.Elts {
			pair, keyed := value.(*ast.KeyValueExpr)
			if keyed && pair.Key.(*ast.Ident).Name == field {
				list = append(list, s.literals(pair.Value, nil)...)
			} else if !keyed && n == position {
				list = append(list, s.literals(value, nil)...)
			}
		}
	}
	return list
}

// table is the composite literal that an expression is, or that was assigned to it.
func (s *nameSearch) table(expression ast.Expr, above []ast.Node) *ast.CompositeLit {
	if variable, ok := expression.(*ast.Ident); ok {
		expression = s.valueOf(variable.Name, above)
	}
	table, _ := expression.(*ast.CompositeLit)
	return table
}

// valueOf is what was assigned first to a variable of the function, or else of the package.
func (s *nameSearch) valueOf(name string, above []ast.Node) (value ast.Expr) {
	for _, node := range above {
		if function, ok := node.(*ast.FuncDecl); ok {
			ast.Inspect(function, func(node ast.Node) bool {
				assign, ok := node.(*ast.AssignStmt)
				if ok && value == nil && len(assign.Lhs) == len(assign.Rhs) {
					for n, left := range assign.Lhs {
						if variable, ok := left.(*ast.Ident); ok && variable.Name == name {
							value = assign.Rhs[n]
						}
					}
				}
				return value == nil
			})
		}
	}
	if value == nil {
		return s.values[name]
	}
	return value
}

// position is the place of a field in the rows of a table, -1 if it is not known.
func (s *nameSearch) position(table ast.Expr, field string) int {
	var row ast.Expr
	switch t := table.(type) {
	case *ast.ArrayType:
		row = t.Elt
	case *ast.MapType:
		row = t.Value
	}
	if pointer, ok := row.(*ast.StarExpr); ok {
		row = pointer.X
	}
	structure, ok := row.(*ast.StructType)
	if name, isName := row.(*ast.Ident); isName {
		structure, ok = s.structs[name.Name]
	}
	if !ok {
		return -1
	}
	place := 0
	for _, fields := range structure.Fields.List {
		for _, name := range fields.Names {
			if name.Name == field {
				return place
			}
			place++
		}
	}
	return -1
}

// rangeOver is the innermost loop that a variable is the key or the element of.
func rangeOver(name string, above []ast.Node) (loop *ast.RangeStmt, isKey bool) {
	for _, node := range slices.Backward(above) {
		loop, ok := node.(*ast.RangeStmt)
		if !ok {
			continue
		}
		if key, ok := loop.Key.(*ast.Ident); ok && key.Name == name {
			return loop, true
		}
		if value, ok := loop.Value.(*ast.Ident); ok && value.Name == name {
			return loop, false
		}
	}
	return nil, false
}

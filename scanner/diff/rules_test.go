package diff

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

// A rule is whole: whoever adds one fills in its row, and every report and help text has what it
// needs.
func TestEveryRuleSaysAllOfItself(t *testing.T) {
	t.Parallel()
	isName := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	phrases, sections := append(Phrases(), PhraseNone), Sections()
	seen := make(map[Rule]bool)
	for _, info := range Rules {
		for fault, found := range map[string]bool{
			"has a name that is no name":      !isName.MatchString(string(info.Rule)),
			"has two rows":                    seen[info.Rule],
			"says nothing of when it applies": info.Summary == "",
			"says nothing of what to do":      info.Help == "",
			"has severities that are none": !isLevel(info.Least) || !isLevel(info.Most) ||
				info.Least.Compare(info.Most) > 0,
			"has no phrase":  !slices.Contains(phrases, info.Phrase),
			"has no section": !slices.Contains(sections, info.Section),
			"asks for something and is in no phrase": info.Phrase == PhraseNone && info.Most != inventory.Info &&
				info.Section != SectionCoverage,
			"has a sentence for many and none for one":          (info.many == "") != (info.one == ""),
			"has a sentence for many and gathers no items":      info.many != "" && info.gathers == gatherApp,
			"gathers what an organization holds without saying": info.gathers == gatherOrganization && info.many == "",
			"proposes an approval that it does not offer":       info.proposes && info.approval.ask == "",
		} {
			if found {
				t.Errorf("%s %s", info.Rule, fault)
			}
		}
		seen[info.Rule] = true
	}
}

func isLevel(level inventory.Level) bool { return slices.Contains(inventory.Levels(), level) }

func TestEveryRuleOfTheSourceHasItsRowAndEveryPhraseAndSectionItsPlace(t *testing.T) {
	t.Parallel()
	if constants := constantsOf(t, "rules.go", "Rule"); len(constants) != len(Rules) {
		t.Errorf("%d rules are declared, %d have a row", len(constants), len(Rules))
	} else {
		for _, name := range constants {
			if Rule(name).Info().Summary == "" {
				t.Errorf("%s has no row", name)
			}
		}
	}
	for _, name := range constantsOf(t, "sections.go", "Phrase") {
		if phrase := Phrase(name); phrase != PhraseNone && !slices.Contains(Phrases(), phrase) {
			t.Errorf("the verdict has no place for %q", name)
		}
	}
	for _, name := range constantsOf(t, "sections.go", "Section") {
		if !slices.Contains(Sections(), Section(name)) {
			t.Errorf("a report has no place for %q", name)
		}
	}
}

// constantsOf returns the values of the string constants of one type.
func constantsOf(t *testing.T, file, typeName string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	ast.Inspect(parsed, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); !ok || of.Name != typeName {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, text)
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("%s declares no %s", file, typeName)
	}
	return values
}

func TestWhatALineOfATableSaysIsShort(t *testing.T) {
	t.Parallel()
	for _, info := range Rules {
		if count := len(strings.Fields(info.Short.String())); count == 0 || count > MaxShortWords {
			t.Errorf("%s says %q", info.Rule, info.Short)
		}
	}
}

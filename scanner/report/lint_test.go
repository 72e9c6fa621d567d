package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// lints are results of allow lint: of lists with every kind of warning, hostile names, and errors.
func lints(t *testing.T) map[string]*Lint {
	t.Helper()
	all := map[string]*Lint{"clean": NewLint("v1", &AllowlistRef{Path: "allowlist.toml"}, 0, nil, nil)}
	entry := &allowlist.Entry{Name: "=Acme|Notes\u202e](https://evil.example)", IDs: []inventory.Untrusted{"addon@vendor.example"}}
	var warnings []allowlist.Warning
	for n, info := range allowlist.LintRules {
		w := allowlist.Warning{Rule: info.Rule, Problem: allowlist.Problem{Message: "something of note", Hint: "do something",
			Position: allowlist.Position{File: "lists/a b.toml", Line: n + 1}}}
		if n%2 == 0 {
			w.Entry = entry
		}
		warnings = append(warnings, w)
	}
	all["every rule"] = NewLint("v1", &AllowlistRef{Path: "allowlist.toml", Entries: 1}, 1,
		[]LintScan{{Path: "scan.jsonl", Started: "2026-11-23T09:00:00Z"}}, warnings)
	_, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n[[allow]]\nids = \"x\"\nkind = 7\n"), nil)
	problems, ok := err.(*allowlist.Problems)
	if !ok {
		t.Fatalf("Parse = %v", err)
	}
	all["errors"] = NewLintErrors("v1", "allowlist.toml", problems)
	return all
}

func lintIn(t *testing.T, l *Lint, format string) string {
	t.Helper()
	for _, each := range LintFormats {
		if each.Name == format {
			var b bytes.Buffer
			if err := each.Write(&b, l); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
	}
	t.Fatalf("no format %s", format)
	return ""
}

func TestLintAsSARIFFollowsItsSchema(t *testing.T) {
	t.Parallel()
	schema := testkit.PublishedSchema(t, "@microsoft/jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json")
	for name, l := range lints(t) {
		validate(t, schema, name, lintIn(t, l, "sarif"))
	}
}

func TestLintAsJSONFollowsItsSchema(t *testing.T) {
	t.Parallel()
	schema := compiled(t, LintSchema())
	for name, l := range lints(t) {
		validate(t, schema, name, lintIn(t, l, "json"))
	}
}

func validate(t *testing.T, schema *jsonschema.Schema, name, text string) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// Code scanning keeps an alert while its fingerprint stays, so lines and numbers do not count.
func TestAnAlertOfLintStaysTheSameWhenLinesMove(t *testing.T) {
	t.Parallel()
	message := LintMessage{Rule: "wide-pins", Position: allowlist.Position{File: "allowlist.toml", Line: 7}, ID: "a@b.example",
		Message: "3 of 20 pinned permissions are unused"}
	moved, other := message, message
	moved.Position.Line, moved.Message = 70, "4 of 21 pinned permissions are unused"
	other.ID = "c@b.example"
	if message.fingerprint() != moved.fingerprint() {
		t.Error("the fingerprint moved with the line")
	}
	if message.fingerprint() == other.fingerprint() {
		t.Error("two entries have one fingerprint")
	}
}

func TestNothingInANameActsInLintsText(t *testing.T) {
	t.Parallel()
	for name, l := range lints(t) {
		if text := lintIn(t, l, "text"); strings.ContainsAny(text, "\u202e\x1b") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

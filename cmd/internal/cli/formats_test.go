package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/scanner/report"
)

// The demo holds every kind of finding, so its output shows that every format can say them, and that the schemas say what is written.
func TestTheDemosOutputFollowsTheSchemasAndComesInEveryFormat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	document, lines := filepath.Join(dir, "demo.json"), filepath.Join(dir, "demo.jsonl")
	var stdout, stderr bytes.Buffer
	env := &Env{
		Args: []string{"demo", "--all"}, Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Width: 80,
	}
	for _, format := range report.Formats {
		env.Args = append(env.Args, "--output", format.Name+"="+filepath.Join(dir, "demo."+format.Name))
	}
	if code := Run(context.Background(), env); code != 0 || stdout.Len() > 0 {
		t.Fatalf("exit code %d: %s%s", code, stdout.String(), stderr.String())
	}
	for _, format := range report.Formats {
		if text := read(t, filepath.Join(dir, "demo."+format.Name)); len(text) < 1000 {
			t.Errorf("%s says little of the demo: %q", format.Name, text)
		}
	}
	validate(t, compile(t, report.Schema()), document, read(t, document))
	lineSchema := compile(t, report.LineSchema())
	text := read(t, lines)
	for line := range strings.Lines(text) {
		validate(t, lineSchema, lines, line)
	}
	if !strings.HasSuffix(text, `"complete":true}}`+"\n") {
		t.Error("the stream of lines has no end")
	}
}

func compile(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	var document any
	if err := json.Unmarshal(schema, &document); err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func validate(t *testing.T, schema *jsonschema.Schema, name, text string) {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

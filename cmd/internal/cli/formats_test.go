package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/providers/chromium/chromiumtest"
	"guestlist/scanner/report"
	"guestlist/scanner/testkit"
)

// The demo holds every kind of finding, so its output shows that every format can say them, and
// that the schemas say what is written.
func TestTheDemosOutputFollowsTheSchemasAndComesInEveryFormat(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	document, lines := filepath.Join(dir, "demo.json"), filepath.Join(dir, "demo.jsonl")
	var stdout, stderr bytes.Buffer
	env := &Env{
		Args: []string{"demo", "--all"}, Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" },
		Width: 80,
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
	for _, bounded := range []string{"markdown", "github", "prometheus"} { // which a person reads at once
		testkit.Golden(t, filepath.Join("testdata", "formats", "demo."+bounded), read(t, filepath.Join(dir, "demo."+bounded)))
	}
}

// The schemas that others published of their formats come in packages; see the tests of
// scanner/report.
func TestTheDemoFollowsTheSchemasOfOthers(t *testing.T) {
	t.Parallel()
	for format, schema := range map[string]*jsonschema.Schema{
		"sarif": testkit.PublishedSchema(t, "@microsoft/jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json"),
		"cyclonedx": testkit.PublishedSchema(t, "@cyclonedx/cyclonedx-library", "res", "schema",
			"bom-1.6.SNAPSHOT.schema.json"),
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			env := &Env{Args: []string{"demo", "--output", format}, Stdout: &stdout, Stderr: &stderr,
				Getenv: func(string) string { return "" }, Width: 80}
			if code := Run(context.Background(), env); code != 0 {
				t.Fatalf("exit code %d: %s", code, stderr.String())
			}
			validate(t, schema, format, stdout.String())
		})
	}
}

// A saved scan is reported in each format, and in all at once, and ends as the scan did.
func TestTheExitCodeIsTheSameForEveryFormat(t *testing.T) {
	t.Parallel()
	var every []string
	for _, format := range report.Formats {
		every = append(every, "--output", format.Name+"={dir}/all."+format.Name)
	}
	for name, test := range map[string]struct {
		preferences string // in place of those of a profile of two extensions
		want        int
	}{
		"clean": {"{}", report.ExitClean}, "findings": {"", report.ExitFindings}, "unread": {"{", report.ExitIncomplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if test.preferences != "" {
				testkit.WriteFile(t, filepath.Join(dir, ".config", "chromium", "Default", "Preferences"), test.preferences)
			} else if err := chromiumtest.WriteHome(dir, chromiumtest.Spec{Profiles: 1, Extensions: 2}); err != nil {
				t.Fatal(err)
			}
			run := func(args ...string) {
				t.Helper()
				for n := range args {
					args[n] = strings.ReplaceAll(args[n], "{dir}", dir)
				}
				env := &Env{
					Args: args, Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Width: 80,
					Now: time.Now, OS: "linux", Host: "laptop-01",
					SystemRoot: dir,
				}
				if code := Run(context.Background(), env); code != test.want {
					t.Errorf("%q ends with %d, want %d", args, code, test.want)
				}
			}
			run("scan", "--home", "{dir}", "--save", "{dir}/scan.jsonl", "--baseline", "none", "--output",
				"json={dir}/scan.json")
			for _, format := range report.Formats {
				run("render", "{dir}/scan.jsonl", "--output", format.Name)
			}
			run(append([]string{"render", "{dir}/scan.jsonl"}, every...)...)
			for _, format := range report.Formats {
				if content := read(t, filepath.Join(dir, "all."+format.Name)); content == "" &&
					!(name == "clean" && format.Name == "ocsf") {
					t.Errorf("%s wrote nothing", format.Name)
				}
			}
		})
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

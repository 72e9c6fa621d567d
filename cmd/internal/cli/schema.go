package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/cmd/internal/config"
	"guestlist/scanner/notify"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

// schemas are the JSON Schemas of everything that guestlist reads and writes.
var schemas = []struct {
	name, about string
	content     func() []byte
}{
	{"report", "the json format", report.Schema},
	{"report-line", "one line of the jsonl format", report.LineSchema},
	{"show", "what show writes as json", report.ShownSchema},
	{"digest", "what webhooks, commands and files are handed", notify.Schema},
	{"risk", "what risk writes as json", report.WeighedSchema},
	{"lint", "what allow lint writes as json", report.LintSchema},
	{"compare", "what allow compare writes as json", report.ComparedSchema},
	{"snapshot", "one line of a snapshot file", snapshot.Schema},
	{"allowlist", "the allowlist, for editors that complete TOML", allowlist.Schema},
	{"config", "guestlist.toml, for the same", config.Schema},
}

func newSchema(env *Env) *cobra.Command {
	words := vocabulary{one: "a schema", all: "schemas",
		others: map[string]string{"json": "report", "jsonl": "report-line", "guestlist": "config"}}
	var lines []string
	for _, schema := range schemas {
		words.words, words.about = append(words.words, schema.name), append(words.about, schema.about)
		lines = append(lines, fmt.Sprintf("  %-12s %s", schema.name, schema.about))
	}
	return &cobra.Command{
		Use:               "schema NAME",
		Short:             "Print the JSON Schema of a format",
		Long:              "schema prints the JSON Schema of a format:\n\n" + strings.Join(lines, "\n"),
		ValidArgsFunction: words.completeOnce,
		Args:              exactly(1, "one name ("+strings.Join(words.words, ", ")+")"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, schema := range schemas {
				if schema.name == args[0] {
					_, err := env.Stdout.Write(schema.content())
					return err
				}
			}
			return words.check("", args[0])
		},
	}
}

package cli

import (
	_ "embed"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/config"
	"guestlist/providers/chromium"
	"guestlist/providers/firefox"
	"guestlist/scanner"
	"guestlist/scanner/diff"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
	"guestlist/scanner/report"
)

// topic is a page of help that does not belong to a command: "guestlist help NAME".
type topic struct {
	name, about string
	page        func(width int) string
}

var (
	//go:embed manual/allowlist.txt
	allowlistText string
	//go:embed manual/configuration.txt
	configurationText string
	//go:embed manual/posting.txt
	postingText string
	//go:embed manual/browsers.txt
	browsersText string
	//go:embed manual/formats.txt
	formatsText string
)

// topics returns all pages, in the order of the help text. A vendor that can be configured has its
// own.
func topics() []topic {
	list := []topic{
		{"rules", "every rule, and what to do about it", rulesPage},
		{"allowlist", "the file of what is approved and denied", allowlistPage},
		{"configuration", "guestlist.toml: what to read, and as whom", configurationPage},
		{"posting", "channels: where a scan's news go, and how", postingPage},
		{"environment", "the variables that guestlist looks up", environmentPage},
		{"browsers", "which browsers are read, and how", browsersPage},
		{"formats", "every format of a report, and what takes it in", formatsPage},
	}
	for _, v := range config.Vendors() {
		list = append(list, topic{providerOf(v), "signing in, permissions, costs, limits",
			func(width int) string { return manualPage(v.Manual(), width) }})
	}
	return list
}

// writeTopic writes the page of a topic, and reports whether there is one of that name.
func (env *Env) writeTopic(w io.Writer, args []string) (found bool, err error) {
	for _, topic := range topics() {
		if len(args) == 1 && topic.name == args[0] {
			_, err := io.WriteString(w, topic.page(env.helpWidth()))
			return true, err
		}
	}
	return false, nil
}

// topicsOf returns the names of the pages that can be asked for in place of a command's help.
func topicsOf(cmd *cobra.Command) []string {
	if cmd.HasParent() {
		return nil
	}
	var names []string
	for _, topic := range topics() {
		names = append(names, topic.name)
	}
	return names
}

func topicLines() string {
	var lines strings.Builder
	for _, topic := range topics() {
		fmt.Fprintf(&lines, "  %-17s %s\n", topic.name, topic.about)
	}
	return lines.String()
}

// rulesPage lists all rules, with the severities that their findings may have.
func rulesPage(width int) string {
	var page strings.Builder
	for n := range diff.Rules {
		rule := &diff.Rules[n]
		severities := string(rule.Least)
		if rule.Most != rule.Least {
			severities += " to " + string(rule.Most)
		}
		text := strings.ToUpper(rule.Summary[:1]) + rule.Summary[1:] + ". " + rule.Help
		fmt.Fprintf(&page, "%s (%s)\n%s", rule.Rule, severities, indented(text, 1, width))
	}
	return page.String()
}

func allowlistPage(width int) string {
	return manualPage(&scanner.Manual{Text: allowlistText}, width)
}

func configurationPage(width int) string {
	var pages []scanner.ManualEntry
	for _, v := range config.Vendors() {
		pages = append(pages, scanner.ManualEntry{Title: "guestlist help " + providerOf(v)})
	}
	return manualPage(&scanner.Manual{Text: configurationText,
		Lists: map[string][]scanner.ManualEntry{"vendors": pages}}, width)
}

func postingPage(width int) string {
	var kinds, whens []scanner.ManualEntry
	for _, row := range news.Whens {
		whens = append(whens, scanner.ManualEntry{Title: string(row.When) + ": " + row.About})
	}
	for _, kind := range notify.Kinds {
		kinds = append(kinds, entryOfKind(kind))
	}
	return manualPage(&scanner.Manual{Text: postingText,
		Lists: map[string][]scanner.ManualEntry{"kinds": kinds, "whens": whens}}, width)
}

// entryOfKind says everything about a kind of channel.
func entryOfKind(kind *notify.Kind) scanner.ManualEntry {
	entry := scanner.ManualEntry{Title: kind.Name + ": " + kind.About, Lines: []string{kind.Help}}
	for _, key := range kind.Keys {
		line := key.Name + " = " + key.Example
		if !key.Required {
			line += " (optional)"
		}
		entry.Lines = append(entry.Lines, line+": "+key.About)
	}
	if kind.Twice != "" {
		entry.Lines = append(entry.Lines, kind.Twice)
	} else {
		entry.Lines = append(entry.Lines, "A message that is sent again after a crash appears once.")
	}
	return entry
}

func browsersPage(width int) string {
	names := func(list []string) []scanner.ManualEntry {
		return []scanner.ManualEntry{{Title: strings.Join(list, ", ")}}
	}
	return manualPage(&scanner.Manual{Text: browsersText, Lists: map[string][]scanner.ManualEntry{
		"chromium": names(chromium.Browsers()), "firefox": names(firefox.Browsers()),
	}}, width)
}

func formatsPage(width int) string {
	var list []scanner.ManualEntry
	for _, format := range report.Formats {
		entry := scanner.ManualEntry{Title: format.Name + ": " + format.About}
		if format.Help != "" {
			entry.Lines = []string{format.Help}
		}
		list = append(list, entry)
	}
	return manualPage(&scanner.Manual{Text: formatsText, Lists: map[string][]scanner.ManualEntry{"formats": list}}, width)
}

// manualPage breaks the text of a manual for the terminal, and fills in its lists.
func manualPage(manual *scanner.Manual, width int) string {
	var paragraphs []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(manual.Text, "\n"), "\n\n") {
		name, isList := strings.CutPrefix(paragraph, "{")
		if !isList {
			paragraphs = append(paragraphs, wrapParagraph(paragraph, width))
			continue
		}
		for _, entry := range manual.Lists[strings.TrimSuffix(name, "}")] {
			text := indented(entry.Title, 1, width)
			for _, line := range entry.Lines {
				text += indented(line, 2, width)
			}
			paragraphs = append(paragraphs, text)
		}
	}
	return strings.Join(paragraphs, "\n")
}

// indented wraps a text into lines that are indented by steps.
func indented(text string, steps, width int) string {
	indent := strings.Repeat("  ", steps)
	return hanging(indent, text, len(indent), width)
}

package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manWidth is how wide a table or an example of a manual page is, in columns: with what man puts in
// front of it, it fits a terminal of 80.
const manWidth = 72

// The sections of the manual: for commands, and for everything else.
const (
	commandSection = 1
	topicSection   = 7
)

// ManPages returns the manual pages of all commands and topics, by the names of their files. They
// are written in man(7) from the same texts as the help. Cobra's own generator takes those texts for
// Markdown, which they are not, and would run tables and examples together.
//
// Only the packaging calls it, so the linker leaves it and [Completions] out of the program.
func ManPages(release string, day time.Time) map[string]string {
	root := newRoot(&Env{Getenv: func(string) string { return "" }, OS: "linux", Width: manWidth})
	head := func(name string, section int) *manPage {
		page := &manPage{}
		fmt.Fprintf(page, ".TH %s %d %s %s %s\n", quotedRoff(strings.ToUpper(name)), section,
			day.UTC().Format(time.DateOnly), quotedRoff("guestlist "+release), quotedRoff("Guestlist Manual"))
		return page
	}
	pages := map[string]string{}
	eachCommand(root, func(cmd *cobra.Command) {
		if cmd == root || cmd.IsAvailableCommand() {
			page := head(manName(cmd), commandSection)
			page.describe(cmd)
			pages[fmt.Sprintf("%s.%d", manName(cmd), commandSection)] = page.String()
		}
	})
	for _, topic := range topics() {
		page := head("guestlist-"+topic.name, topicSection)
		page.section("Name", roff("guestlist-"+topic.name)+` \- `+roff(topic.about))
		page.section("Description", literal(topic.page(manWidth)))
		page.section("See also", manReference("guestlist", commandSection))
		pages[fmt.Sprintf("guestlist-%s.%d", topic.name, topicSection)] = page.String()
	}
	return pages
}

// Completions returns the scripts of the shells that packages install them for, by the shells'
// names.
func Completions() (map[string]string, error) {
	root := newRoot(&Env{Getenv: func(string) string { return "" }, OS: "linux", Width: manWidth})
	scripts := map[string]string{}
	for shell, write := range map[string]func(io.Writer) error{
		"bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"zsh":  root.GenZshCompletion,
		"fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
	} {
		var script bytes.Buffer
		if err := write(&script); err != nil {
			return nil, fmt.Errorf("writing the completion of %s: %w", shell, err)
		}
		scripts[shell] = script.String()
	}
	return scripts, nil
}

// manPage is a page in the language of man(7).
type manPage struct{ strings.Builder }

func (page *manPage) describe(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag() // as cobra does for --help
	page.section("Name", roff(manName(cmd))+` \- `+roff(strings.TrimSuffix(cmd.Short, ".")))
	page.section("Synopsis", ".B "+roff(usageLine(cmd)))
	page.section("Description", paragraphs(helpText(cmd)))
	page.section("Commands", commandEntries(cmd))
	page.section("Options", flagEntries(cmd.Flags()))
	page.section("Examples", literal(cmd.Example))
	page.section("See also", related(cmd))
}

// section adds a section, unless it would be empty.
func (page *manPage) section(title, content string) {
	if content = strings.TrimRight(content, "\n"); content != "" {
		fmt.Fprintf(page, ".SH %s\n%s\n", quotedRoff(strings.ToUpper(title)), content)
	}
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// paragraphs are filled again, but for tables and examples, which begin with a space as in the
// help.
func paragraphs(text string) string {
	var content strings.Builder
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n\n") {
		if content.Len() > 0 {
			content.WriteString(".PP\n")
		}
		if strings.HasPrefix(paragraph, " ") {
			content.WriteString(literal(wrapParagraph(paragraph, manWidth)))
		} else {
			content.WriteString(roffLines(paragraph))
		}
	}
	return content.String()
}

// literal is text whose lines stay as they are.
func literal(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return ".nf\n" + roffLines(strings.Trim(text, "\n")) + ".fi\n"
}

func commandEntries(cmd *cobra.Command) string {
	var content strings.Builder
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			fmt.Fprintf(&content, ".TP\n.B %s\n%s", roff(sub.Name()), roffLines(sub.Short+"."))
		}
	}
	return content.String()
}

func flagEntries(flags *pflag.FlagSet) string {
	var content strings.Builder
	flags.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		value, about := pflag.UnquoteUsage(flag)
		names := `\fB` + roff("--"+flag.Name) + `\fR`
		if flag.Shorthand != "" {
			names = `\fB` + roff("-"+flag.Shorthand) + `\fR, ` + names
		}
		if value != "" {
			names += ` \fI` + roff(value) + `\fR`
		}
		fmt.Fprintf(&content, ".TP\n%s\n%s", names, roffLines(about+defaultOf(flag)))
	})
	return content.String()
}

// defaultOf is what help says of the value without the flag.
func defaultOf(flag *pflag.Flag) string {
	switch flag.DefValue {
	case "", "false", "0", "0s", "[]":
		return ""
	}
	return " (default " + flag.DefValue + ")"
}

// related lists the command above, those below, and for guestlist itself the topics.
func related(cmd *cobra.Command) string {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, manReference(manName(cmd.Parent()), commandSection))
	}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			pages = append(pages, manReference(manName(sub), commandSection))
		}
	}
	if !cmd.HasParent() {
		for _, topic := range topics() {
			pages = append(pages, manReference("guestlist-"+topic.name, topicSection))
		}
	}
	return strings.Join(pages, ",\n")
}

func manReference(name string, section int) string {
	return fmt.Sprintf(`\fB%s\fR(%d)`, roff(name), section)
}

// roffLines escapes lines of text, none of which may look like a request.
func roffLines(text string) string {
	var lines strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		escaped := roff(line)
		if strings.HasPrefix(escaped, ".") {
			escaped = `\&` + escaped
		}
		lines.WriteString(cmp.Or(escaped, `\&`) + "\n")
	}
	return lines.String()
}

// quotedRoff is an argument of a request.
func quotedRoff(text string) string { return `"` + roff(text) + `"` }

// roffCharacters are those that man(7) would take for something else, or print as another one, so
// that a command that is copied from the page would not work.
var roffCharacters = map[rune]string{
	'\\': `\(rs`, '-': `\-`, '\'': `\(aq`, '`': `\(ga`, '^': `\(ha`, '~': `\(ti`, '"': `\(dq`,
}

func roff(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		switch name, special := roffCharacters[r]; {
		case special:
			escaped.WriteString(name)
		case r > '~':
			fmt.Fprintf(&escaped, `\[u%04X]`, r)
		default:
			escaped.WriteRune(r)
		}
	}
	return escaped.String()
}

package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwarp"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	// maxHelpWidth is how wide help gets on a wide terminal, in columns: longer lines are hard to
	// read.
	maxHelpWidth = 100
	// minHelpWidth is the narrowest terminal that help is wrapped to, in columns.
	minHelpWidth = 40
	// minColumnsWidth is the narrowest terminal where flags and what they do stand side by side, in
	// columns; on a narrower one what a flag does goes below its name.
	minColumnsWidth = 76
)

// newHelp is "guestlist help COMMAND", because cobra's own exits with 0 for an unknown command.
func newHelp(env *Env) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Show the help of a command",
		Long:  "help shows the help of a command, or of a topic:\n\n" + topicLines(),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			of, _, err := cmd.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []cobra.Completion
			for _, sub := range of.Commands() {
				if sub.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			if of == cmd.Root() {
				for _, topic := range topics() {
					names = append(names, cobra.CompletionWithDesc(topic.name, topic.about))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if found, err := env.writeTopic(env.Stdout, args); found {
				return err
			}
			of, rest, err := cmd.Root().Find(args)
			if err == nil {
				err = noneOf(of, rest, topicsOf(of))
			}
			if err != nil {
				return err
			}
			of.InitDefaultHelpFlag() // as cobra does for --help
			return of.Help()
		},
	}
}

// writeHelp writes a command's whole help, wrapped to the terminal.
func (env *Env) writeHelp(w io.Writer, cmd *cobra.Command) error {
	width := env.helpWidth()
	var text strings.Builder
	for paragraph := range strings.SplitSeq(helpText(cmd), "\n\n") {
		text.WriteString(wrapParagraph(paragraph, width))
		text.WriteByte('\n')
	}
	section := func(title, content string) {
		if content != "" {
			fmt.Fprintf(&text, "%s:\n%s\n\n", title, strings.TrimRight(content, "\n"))
		}
	}
	section("Usage", hanging("  ", usageLine(cmd), len("      "), width))
	section("Commands", commandLines(cmd, width))
	section("Examples", cmd.Example)
	section("Flags", flagLines(cmd.LocalFlags(), width))
	section("Flags of every command", flagLines(cmd.InheritedFlags(), width))
	if cmd.HasAvailableSubCommands() {
		text.WriteString(wrapParagraph(fmt.Sprintf("Run %s COMMAND --help to read more about a command.",
			cmd.CommandPath()), width))
	}
	_, err := io.WriteString(w, strings.TrimRight(text.String(), "\n")+"\n")
	return err
}

// helpWidth is how wide help is on this terminal, in columns.
func (env *Env) helpWidth() int { return max(minHelpWidth, min(env.Width, maxHelpWidth)) }

// helpText is what a command does. Cobra's own commands indent their examples with tabs.
func helpText(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return strings.ReplaceAll(cmd.Long, "\t", "    ")
	}
	return cmd.Short + "."
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return cmd.CommandPath() + " COMMAND"
	}
	return cmd.UseLine()
}

func commandLines(cmd *cobra.Command, width int) string {
	var text strings.Builder
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		indent := cmd.Commands()[0].NamePadding() + len("    ")
		text.WriteString(hanging(fmt.Sprintf("  %-*s", indent-len("  "), sub.Name()), sub.Short, indent, width))
	}
	return text.String()
}

// flagLines list flags with what they do.
func flagLines(flags *pflag.FlagSet, width int) string {
	if width >= minColumnsWidth {
		return flags.FlagUsagesWrapped(width)
	}
	var text strings.Builder
	for line := range strings.Lines(flags.FlagUsages()) { // of one flag, with at least three spaces between the columns
		flag, about, _ := strings.Cut(strings.TrimSpace(line), "   ")
		text.WriteString("  " + flag + "\n" + indented(about, 3, width))
	}
	return text.String()
}

// wrapParagraph wraps a paragraph again. One that begins with a space is a table or an example,
// whose lines stay lines.
func wrapParagraph(paragraph string, width int) string {
	if !strings.HasPrefix(paragraph, " ") {
		return hanging("", paragraph, 0, width)
	}
	var text strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(paragraph, "\n"), "\n") {
		text.WriteString(wrapRow(line, width))
	}
	return text.String()
}

// tableRow is a line of a table: a word, and what it means. In an example such a line has a
// comment.
var tableRow = regexp.MustCompile(`^( +\S+ {2,})([^ #].*)$`)

// wrapRow wraps the second column of a table; other lines, which are examples to copy, are not
// broken.
func wrapRow(line string, width int) string {
	row := tableRow.FindStringSubmatch(line)
	if row == nil {
		return line + "\n"
	}
	return hanging(row[1], row[2], len(row[1]), width)
}

// hanging wraps a text into lines, the first behind a label and the others so many columns to the
// right.
func hanging(label, text string, indent, width int) string {
	return label + strings.Join(wrapWords(text, width-max(len(label), indent)), "\n"+strings.Repeat(" ", indent)) + "\n"
}

// wrapWords wraps a text into lines of at most width columns. A longer word has a line of its own,
// and makes no other line longer.
func wrapWords(text string, width int) []string {
	var lines []string
	var words []string // that fit a line
	flush := func() {
		for _, line := range twwarp.WrapWords(words, 1, width, tooLong) {
			lines = append(lines, strings.Join(line, " "))
		}
		words = nil
	}
	for word := range strings.FieldsSeq(text) {
		if twwidth.Width(word) <= width {
			words = append(words, word)
			continue
		}
		flush()
		lines = append(lines, word)
	}
	flush()
	return lines
}

// tooLong is what a line that is too long weighs, so that there is none.
const tooLong = 1e5

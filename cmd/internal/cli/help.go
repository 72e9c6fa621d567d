package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwarp"
	"github.com/spf13/cobra"
)

// maxHelpWidth is how wide help gets on a wide terminal, in columns: longer lines are hard to read.
const maxHelpWidth = 100

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
	width := min(env.Width, maxHelpWidth)
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
	section("Usage", usageLines(cmd))
	section("Commands", commandLines(cmd, width))
	section("Examples", cmd.Example)
	section("Flags", cmd.Flags().FlagUsagesWrapped(width))
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&text, "Run %s COMMAND --help to read more about a command.\n", cmd.CommandPath())
	}
	_, err := io.WriteString(w, strings.TrimRight(text.String(), "\n")+"\n")
	return err
}

func helpText(cmd *cobra.Command) string {
	if cmd.Long != "" {
		return cmd.Long
	}
	return cmd.Short + "."
}

func usageLines(cmd *cobra.Command) string {
	if cmd.HasAvailableSubCommands() {
		return "  " + cmd.CommandPath() + " COMMAND"
	}
	return "  " + cmd.UseLine()
}

func commandLines(cmd *cobra.Command, width int) string {
	var text strings.Builder
	for _, sub := range cmd.Commands() {
		if !sub.IsAvailableCommand() {
			continue
		}
		indent := cmd.Commands()[0].NamePadding() + len("    ")
		lines, _ := twwarp.WrapString(sub.Short, width-indent)
		fmt.Fprintf(&text, "  %-*s%s\n", indent-len("  "), sub.Name(), strings.Join(lines, "\n"+strings.Repeat(" ", indent)))
	}
	return text.String()
}

// wrapParagraph wraps a paragraph again. Lines that begin with a space are a table and stay as they
// are.
func wrapParagraph(paragraph string, width int) string {
	if strings.HasPrefix(paragraph, " ") {
		return strings.TrimRight(paragraph, "\n") + "\n"
	}
	lines, _ := twwarp.WrapString(strings.ReplaceAll(paragraph, "\n", " "), width)
	return strings.Join(lines, "\n") + "\n"
}

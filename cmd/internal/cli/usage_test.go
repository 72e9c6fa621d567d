package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// helpOf is what a command line prints on a terminal of that width.
func helpOf(t *testing.T, width int, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := &Env{Args: args, Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Width: width}
	if code := Run(context.Background(), env); code != 0 || stderr.Len() > 0 {
		t.Fatalf("%v ended with %d: %s", args, code, stderr.String())
	}
	return stdout.String()
}

// commandsOf lists every command of guestlist's own as arguments.
func commandsOf(t *testing.T) map[string]*cobra.Command {
	t.Helper()
	commands := map[string]*cobra.Command{}
	eachCommand(newRoot(&Env{Getenv: func(string) string { return "" }}), func(cmd *cobra.Command) {
		if !strings.HasPrefix(cmd.CommandPath(), "guestlist completion ") { // cobra's texts, with commands to paste
			commands[strings.TrimSpace(strings.TrimPrefix(cmd.CommandPath(), "guestlist"))] = cmd
		}
	})
	return commands
}

func TestHelpFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for command, cmd := range commandsOf(t) {
		for _, width := range []int{40, 60, 80, 120} {
			fits(t, helpOf(t, width, append(strings.Fields(command), "--help")...), width, cmd.Example)
		}
	}
}

// What describes flags measures their words in bytes, so that other letters would shift a column.
func TestTheWordsForValuesOfFlagsStandInOneColumn(t *testing.T) {
	t.Parallel()
	for command, cmd := range commandsOf(t) {
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if word, _ := pflag.UnquoteUsage(flag); len(word) != utf8.RuneCountInString(word) {
				t.Errorf("%s --%s: %q is not ASCII", command, flag.Name, word)
			}
		})
	}
}

// fits holds that no line is longer than the terminal is wide, but for examples, which are there to
// be copied, and for a single word.
func fits(t *testing.T, page string, width int, examples string) {
	t.Helper()
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\n")
		if utf8.RuneCountInString(line) > width && !strings.Contains(examples, line) && len(strings.Fields(line)) > 1 {
			t.Errorf("%d columns: a line of %d: %s", width, utf8.RuneCountInString(line), line)
		}
	}
}

func TestAWiderTerminalIsUsed(t *testing.T) {
	t.Parallel()
	narrow, wide := helpOf(t, 80, "scan", "--help"), helpOf(t, 100, "scan", "--help")
	if strings.Count(wide, "\n") >= strings.Count(narrow, "\n") {
		t.Errorf("scan's help has %d lines at 100 columns and %d at 80", strings.Count(wide, "\n"),
			strings.Count(narrow, "\n"))
	}
	if helpOf(t, 100, "scan", "--help") != helpOf(t, 400, "scan", "--help") {
		t.Errorf("help grows beyond %d columns", maxHelpWidth)
	}
}

func TestHelpIsTheSameHoweverItIsAskedFor(t *testing.T) {
	t.Parallel()
	for command, same := range map[string]string{
		"help scan": "scan --help", "help allow lint": "allow lint --help", "help": "--help", "": "--help",
		"allow": "allow -h",
	} {
		if helpOf(t, 80, strings.Fields(command)...) != helpOf(t, 80, strings.Fields(same)...) {
			t.Errorf("guestlist %s and guestlist %s differ", command, same)
		}
	}
}

func TestEveryFlagWithAValueIsCompletedAndExplained(t *testing.T) {
	t.Parallel()
	for command, cmd := range commandsOf(t) {
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if flag.Usage == "" || strings.HasSuffix(flag.Usage, ".") {
				t.Errorf("guestlist %s --%s: its help is %q", command, flag.Name, flag.Usage)
			}
			if flag.Value.Type() == "bool" {
				return
			}
			if _, found := cmd.GetFlagCompletionFunc(flag.Name); !found {
				t.Errorf("guestlist %s --%s completes nothing", command, flag.Name)
			}
			if name, _ := pflag.UnquoteUsage(flag); name != strings.ToUpper(name) {
				t.Errorf("guestlist %s --%s: its value is called %q", command, flag.Name, name)
			}
		})
	}
}

func TestEveryCommandChecksItsArguments(t *testing.T) {
	t.Parallel()
	for command, cmd := range commandsOf(t) {
		if cmd.Args == nil && cmd.ValidArgsFunction == nil {
			t.Errorf("guestlist %s takes whatever is typed", command)
		}
		if cmd.RunE == nil {
			t.Errorf("guestlist %s does nothing", command)
		}
	}
}

func TestOtherNamesLeadToWordsThatExist(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]vocabulary{
		"sources": sourceWords(), "formats": formatWords(), "severities": severities, "colours": colorModes,
	} {
		for other, word := range v.others {
			if near := v.nearest(other); near != word {
				t.Errorf("%s: %q leads to %q, want %q", name, other, near, word)
			}
		}
	}
	commands := map[string]bool{}
	for command := range commandsOf(t) {
		fields := strings.Fields(command)
		if len(fields) > 0 {
			commands[fields[len(fields)-1]] = true
		}
	}
	for other, command := range otherCommands {
		if !commands[command] {
			t.Errorf("%q leads to %q, which is no command", other, command)
		}
	}
	scan := commandsOf(t)["scan"]
	for other, flag := range otherFlags {
		name, _, _ := strings.Cut(flag, " ")
		if scan.Flags().Lookup(name) == nil {
			t.Errorf("--%s leads to --%s, which scan does not have", other, flag)
		}
	}
}

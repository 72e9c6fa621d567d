package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/testkit"
)

// The sample in the README is what the demo shows on a terminal.
func TestTheReadmeShowsWhatTheDemoShows(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	env := &Env{
		Args: []string{"demo", "--color", "never"}, Stdout: &stdout, Stderr: &stderr,
		Getenv:         func(string) string { return "" },
		StdoutTerminal: true, Width: 80, Height: 32,
	}
	if code := Run(t.Context(), env); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr.String())
	}
	sample := "```\n" + stdout.String() + "```\n"
	testkit.GoldenPart(t, filepath.Join("..", "..", "..", "README.md"), "demo", sample)
}

// What the papers tell a reader to type is understood: the command, its flags and, after help, the
// topic.
func TestEveryCommandOfThePapersIsUnderstood(t *testing.T) {
	t.Parallel()
	top := filepath.Join("..", "..", "..")
	written := func(before string) *regexp.Regexp {
		return regexp.MustCompile("(?m)(?:" + before + ")(?:sudo )?guestlist ([a-z][^`\"\n]*)")
	}
	seen := 0
	for paper, pattern := range map[string]*regexp.Regexp{
		"README.md":               written("^ {4}|`"),
		".github/CONTRIBUTING.md": written("^ {4}|`"),
		"cmd/guestlist/doc.go":    written("^\t|\""),
	} {
		for _, line := range pattern.FindAllStringSubmatch(testkit.ReadFile(t, filepath.Join(top, paper)), -1) {
			command, _, _ := strings.Cut(line[1], "#")
			command, _, _ = strings.Cut(command, " > ")
			command, _, _ = strings.Cut(command, "   ") // the manual says beside it what it does
			seen++
			if err := understood(strings.Fields(command)); err != nil {
				t.Errorf("%s: guestlist %s: %v", paper, command, err)
			}
		}
	}
	if seen < 20 {
		t.Errorf("only %d commands were found", seen)
	}
}

// understood parses a command line without running it. What is in capitals or in brackets stands for a
// value of the reader's.
func understood(args []string) error {
	cmd, rest, err := newRoot(&Env{Getenv: func(string) string { return "" }}).Find(args)
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return err
	}
	rest = slices.DeleteFunc(cmd.Flags().Args(), func(value string) bool {
		return strings.HasPrefix(value, "[") || value == strings.ToUpper(value)
	})
	if cmd.HasSubCommands() && len(rest) > 0 {
		return fmt.Errorf("it has no command %q", rest[0])
	}
	isTopic := func(topic topic) bool { return topic.name == rest[0] }
	if cmd.Name() == "help" && len(rest) > 0 && !slices.ContainsFunc(topics(), isTopic) {
		return fmt.Errorf("there is no topic %q", rest[0])
	}
	return nil
}

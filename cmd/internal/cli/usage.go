package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

// vocabulary is a closed set of words that a person may type in one place.
type vocabulary struct {
	one, all string // the name of one of them, with its article, and of all of them: "a format", "formats"
	words    []string
	about    []string          // a line on each word, for completion; may be shorter or nil
	others   map[string]string // what people call some of them instead
	several  bool              // more than one may be given, with spaces between
}

// check refuses a word that is not in the vocabulary, and says which one was probably meant. where
// is put in front of the message, such as "--output: ".
func (v vocabulary) check(where, written string) error {
	if v.knows(written) {
		return nil
	}
	return usageError(fmt.Errorf("%s%q is not %s", where, inventory.Untrusted(written), v.one), v.hint(written))
}

func (v vocabulary) knows(written string) bool { return slices.Contains(v.words, written) }

// hint is the word that was probably meant, or all words.
func (v vocabulary) hint(written string) string {
	if near := v.nearest(written); near != "" {
		return strict.DidYouMean(near)
	}
	parts := strings.Split(written, ",")
	isUnknown := func(part string) bool { return !slices.Contains(v.words, part) }
	if v.several && !slices.ContainsFunc(parts, isUnknown) {
		return strict.DidYouMean(strings.Join(parts, " "))
	}
	return v.all + ": " + strings.Join(v.words, ", ")
}

func (v vocabulary) nearest(written string) string {
	known := slices.Clone(v.words)
	for other, word := range v.others {
		if slices.Contains(v.words, word) {
			known = append(known, other)
		}
	}
	slices.Sort(known[len(v.words):]) // so that the same word is suggested every time
	near := strict.Nearest(written, known)
	if slices.Contains(v.words, near) {
		return near
	}
	return v.others[near]
}

// noSubcommand is the argument check of a command that takes only subcommands.
func noSubcommand(cmd *cobra.Command, args []string) error {
	return noneOf(cmd, args, nil)
}

// noneOf refuses what is neither a subcommand of a command nor one of the topics.
func noneOf(cmd *cobra.Command, args, topics []string) error {
	if len(args) == 0 {
		return nil
	}
	v := vocabulary{one: "a command of " + cmd.CommandPath(), all: "commands", others: otherCommands}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			v.words = append(v.words, sub.Name())
		}
	}
	if len(v.words) == 0 { // asked by help
		return usageError(fmt.Errorf("%s has no commands, so %q is none", cmd.CommandPath(), inventory.Untrusted(args[0])),
			cmd.CommandPath()+" --help")
	}
	if len(topics) > 0 {
		v.one, v.all = "a command or topic of "+cmd.CommandPath(), "commands and topics"
		v.words = append(v.words, topics...)
	}
	return v.check("", args[0])
}

// otherCommands are what other tools call ours.
var otherCommands = map[string]string{
	"audit": "scan", "run": "scan", "list": "scan", "login": "sign-in", "signin": "sign-in",
	"auth": "sign-in", "compare": "diff", "history": "show", "info": "show", "inspect": "show", "report": "render",
	"permission": "risk", "scope": "risk", "tier": "risk",
	"convert": "render",
	"send":    "post", "notify": "post", "deliver": "post",
	"allowlist": "allow", "approve": "allow", "status": "doctor", "example": "demo",
	"new": "init", "validate": "lint", "verify": "lint", "why": "explain", "show": "explain",
}

// exactly is cobra.ExactArgs with our words.
func exactly(n int, names string) cobra.PositionalArgs { return between(n, n, names) }

// between is cobra.RangeArgs with our words.
func between(least, most int, names string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= most {
			return nil
		}
		given := fmt.Sprintf("%d arguments were given", len(args))
		switch len(args) {
		case 0:
			given = "none was given"
		case 1:
			given = fmt.Sprintf("only %q was given", inventory.Untrusted(args[0]))
			if most == 0 {
				given = fmt.Sprintf("%q was given", inventory.Untrusted(args[0]))
			}
		}
		return usageError(fmt.Errorf("%s takes %s, but %s", cmd.CommandPath(), names, given),
			strings.TrimSpace(cmd.UseLine()))
	}
}

// notEmpty refuses empty arguments and flags: usually a script has a variable that was never set,
// and reading them as "not given" would scan something that was not meant.
func notEmpty(cmd *cobra.Command, args []string) error {
	for n, argument := range args {
		if strings.TrimSpace(argument) == "" {
			return usageError(fmt.Errorf("argument %d of %s is empty", n+1, cmd.CommandPath()), emptyHint)
		}
	}
	var err error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		if len(values) == 0 { // pflag reads an empty text as a list of nothing
			values = []string{""}
		}
		if slices.ContainsFunc(values, func(value string) bool { return strings.TrimSpace(value) == "" }) && err == nil {
			err = usageError(fmt.Errorf("--%s is empty", flag.Name), emptyHint)
		}
	})
	return err
}

const emptyHint = "leave it out, or set the variable that it comes from"

// flagError explains in our words what pflag does not understand.
func (env *Env) flagError(cmd *cobra.Command, err error) error {
	help := cmd.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return env.unknownFlag(cmd, unknown, help)
	case errors.As(err, &missing):
		name, _ := pflag.UnquoteUsage(missing.GetFlag())
		flag := missing.GetFlag().Name
		return usageError(fmt.Errorf("--%s needs a value: --%s %s", flag, flag, name), help)
	case errors.As(err, &invalid) && invalid.GetFlag().Value.Type() == "bool":
		return usageError(fmt.Errorf("--%s takes no value, or true or false, not %q", invalid.GetFlag().Name,
			inventory.Untrusted(invalid.GetValue())), help)
	case errors.As(err, &invalid) && strings.TrimSpace(invalid.GetValue()) == "":
		return usageError(fmt.Errorf("--%s is empty", invalid.GetFlag().Name), emptyHint)
	case errors.As(err, &invalid):
		return usageError(fmt.Errorf("--%s %w, is %q", invalid.GetFlag().Name, invalid.Unwrap(),
			inventory.Untrusted(invalid.GetValue())), help)
	}
	return usageError(fmt.Errorf("%v", clean(err.Error())), help)
}

// timeLimit is a flag's length of time, which is longer than 0 if it is given.
type timeLimit time.Duration

func (*timeLimit) Type() string { return "duration" }

// String implements [pflag.Value]. No limit is "".
func (l *timeLimit) String() string {
	if *l == 0 {
		return ""
	}
	return time.Duration(*l).String()
}

// Set implements [pflag.Value].
func (l *timeLimit) Set(text string) error {
	limit, err := time.ParseDuration(text)
	if err != nil || limit <= 0 {
		return errors.New("must be a length of time above 0, with its unit, such as 30s or 2m")
	}
	*l = timeLimit(limit)
	return nil
}

// unknownFlag finds the flag that was meant: of this command by its spelling, or of another one by
// its name.
func (env *Env) unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError, help string) error {
	written, shown := unknown.GetSpecifiedName(), "--"+unknown.GetSpecifiedName()
	if group := unknown.GetSpecifiedShortnames(); group != "" {
		written, shown = group, "-"+group
		// -quiet: pflag reads a long name after one dash as a row of letters, and names those that
		// it has not read yet.
		for _, argument := range env.Args {
			if long, ok := strings.CutPrefix(argument, "-"); ok && strings.HasSuffix(long, group) &&
				!strings.HasPrefix(long, "-") {
				written, shown = long, argument
			}
		}
	}
	hints := []string{help}
	if near := nearestFlag(cmd, written); near != "" {
		hints = []string{strict.DidYouMean("--" + near), help}
	} else if owners := commandsWith(cmd.Root(), written); len(owners) > 0 {
		hints = []string{fmt.Sprintf("commands with --%s: %s", inventory.Untrusted(written), strings.Join(owners, ", ")),
			help}
	}
	return usageError(fmt.Errorf("%s has no flag %s", cmd.CommandPath(), inventory.Untrusted(shown)), hints...)
}

// nearestFlag is the flag of a command that was probably meant, with its value if the written name
// implies one.
func nearestFlag(cmd *cobra.Command, written string) string {
	other := otherFlags[strings.ToLower(written)]
	name, _, _ := strings.Cut(other, " ")
	switch {
	case name != "" && cmd.Flags().Lookup(name) != nil:
		return other
	case strings.EqualFold(written, "v") && cmd.Flags().Lookup("version") != nil:
		return "version"
	}
	return strict.Nearest(written, flagNames(cmd))
}

// otherFlags are what other tools call ours, in place of a flag and its value.
var otherFlags = map[string]string{
	"format": "output", "report": "output", "out": "output", "file": "output", "f": "output",
	"json": "output json", "jsonl": "output jsonl", "toml": "output toml", "html": "output html",
	"no-color": "color never", "no-colour": "color never", "colour": "color",
	"verbose": "debug", "v": "debug", "trace": "debug", "silent": "quiet", "s": "quiet",
	"severity": "fail-on", "min-severity": "fail-on", "exit-code": "fail-on", "fail": "fail-on",
	"users": "all-users", "a": "all", "profile": "profile-dir", "policy": "allowlist", "c": "config",
	"previous": "baseline", "since": "baseline", "no-baseline": "baseline none",
	"filter": "only", "show-only": "only", "changes": "only new,changed", "new": "only new", "name": "baseline-name",
	"no-save": "save none", "dry-run": "save none",
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(flag *pflag.Flag) { names = append(names, flag.Name) })
	return names
}

// commandsWith lists the commands that have a flag.
func commandsWith(root *cobra.Command, flag string) []string {
	var found []string
	eachCommand(root, func(cmd *cobra.Command) {
		if cmd.IsAvailableCommand() && cmd.Flags().Lookup(flag) != nil {
			found = append(found, cmd.CommandPath())
		}
	})
	return found
}

func eachCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, visit)
	}
}

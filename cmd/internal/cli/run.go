package cli

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// Run executes one command line and returns the exit code.
func Run(ctx context.Context, outside *Env) int {
	env := *outside
	env.stopped = func() error { return context.Cause(ctx) }
	env.context = func() context.Context { return ctx }
	env.Stdout = &stoppable{outside.Stdout, env.stopped}
	env.Stderr = &inTurn{to: outside.Stderr}
	defer env.useLogFormat()()
	return env.exitCode(env.run(ctx, func(ctx context.Context) error {
		root := newRoot(&env)
		root.SetArgs(env.Args)
		root.SetOut(env.Stdout)
		root.SetErr(env.Stderr)
		return root.ExecuteContext(ctx)
	}))
}

func newRoot(env *Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "guestlist",
		Short: "Which third-party software have we let in, and did anyone agree to it?",
		Long: `guestlist lists the third-party software that was let in, compares it with a reviewed
allowlist and with the last scan, and reports the difference.

It reads and never changes anything: no profile, no account, no policy.

Exit codes:

  0  clean, and everything was read
  1  failed: there is no result to trust
  2  wrong usage, or a file that was named is wrong: nothing was scanned
  3  findings at or above --fail-on, or changes that it names
  4  something that should have been read was not`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSubcommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	showVersion := root.Flags().Bool("version", false, "print the version")
	root.AddCommand(
		newScan(env), newPost(env), newCheck(env), newShow(env), newRisk(env), newDiff(env), newRender(env), newAllow(env),
		newDoctor(env),
		newSignIn(env), newSchedule(env), newDemo(env), newSchema(env), newVersion(env),
	)
	root.PersistentFlags().String(logFormatFlag, textLogs,
		"write warnings, errors, hints and progress to stderr as `FORMAT`: "+strings.Join(logFormats.words, ", "))
	root.SetHelpCommand(newHelp(env))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.SetFlagErrorFunc(env.flagError)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		env.writeHelp(cmd.OutOrStdout(), cmd) // cobra cannot return a failure to write it
	})
	eachCommand(root, env.complete)
	// Cobra's own flag is shown by a template, and templates bring every method of the vendors'
	// clients into the program.
	help := root.RunE
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if *showVersion {
			return env.writeVersion(false)
		}
		return help(cmd, args)
	}
	return root
}

// complete gives a command what all of them have: checks of its arguments, values for completion,
// and help if it only has subcommands.
func (env *Env) complete(cmd *cobra.Command) {
	cmd.DisableFlagsInUseLine = !cmd.HasAvailableLocalFlags()
	env.addCompletions(cmd)
	if cmd.HasSubCommands() {
		cmd.Args, cmd.RunE = noSubcommand, func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	if parent := cmd.Parent(); parent != nil && parent.Name() == "completion" { // cobra's own commands
		cmd.Args = exactly(0, "no arguments")
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := notEmpty(cmd, args); err != nil {
				return err
			}
			if err := logFormats.check("--"+logFormatFlag+": ", cmp.Or(logFormat(env.Args), textLogs)); err != nil {
				return err
			}
			return run(cmd, args)
		}
	}
}

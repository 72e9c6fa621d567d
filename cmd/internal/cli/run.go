package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Run executes one command line and returns the exit code.
func Run(ctx context.Context, env *Env) int {
	root := newRoot(env)
	root.SetArgs(env.Args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	return env.exitCode(root.ExecuteContext(ctx))
}

func newRoot(env *Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "guestlist",
		Short: "Which third-party software have we let in, and did anyone agree to it?",
		Long: `guestlist lists the third-party software that was let in, compares it to a reviewed
allowlist and to the last scan, and reports the difference.

It reads and never changes: no profile, no account, no policy.

Exit codes: 0 clean and everything read · 1 failed · 2 wrong usage, nothing scanned ·
3 findings at or above --fail-on · 4 something could not be read`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError(err, cmd.CommandPath()+" --help")
	})
	root.AddCommand(
		newScan(env), newCheck(env), newDiff(env), newRender(env), newAllow(env), newDoctor(env), newSignIn(env), newDemo(env), newSchema(env), newVersion(env),
	)
	root.CompletionOptions.HiddenDefaultCmd = false
	return root
}

// exactly is cobra.ExactArgs with our words.
func exactly(n int, names string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError(fmt.Errorf("%s takes %s, not %d arguments", cmd.CommandPath(), names, len(args)),
				strings.TrimSpace(cmd.UseLine()))
		}
		return nil
	}
}

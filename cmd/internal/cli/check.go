package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func newCheck(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check your own browsers, in plain words",
		Long: `check reads the browsers of the person who runs it and says in plain words what to do.
It needs no rights beyond yours, sends nothing anywhere, and keeps no record.

The exit codes are those of scan.`,
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.check(cmd.Context(), options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.allowlist, "allowlist", "", "the allowlist `FILE` (default: ./allowlist.toml, then the user's configuration directory)")
	flags.StringArrayVar(&options.homes, "home", nil, "read the browsers under this home `DIR` instead of your own (repeatable)")
	flags.StringArrayVar(&options.profileDirs, "profile-dir", nil, "read the browser directory `DIR` as well (repeatable)")
	options.addOutputFlags(cmd)
	return cmd
}

// check is a scan of local sources that remembers nothing and speaks plainly.
func (env *Env) check(ctx context.Context, o scanOptions) error {
	o.baseline, o.save = "none", "none"
	if len(o.outputs) == 0 {
		o.outputs = []string{"plain"}
	}
	return env.scan(ctx, o)
}

package cli

import (
	"context"

	"github.com/spf13/cobra"

	"guestlist/scanner/inventory"
)

func newCheck(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "check [provider...]",
		Short: "Check your own browsers and GitHub account, in plain words",
		Long: `check reads the browsers of the person who runs it and says in plain words what to do.
It needs no rights beyond yours, keeps no record, and asks nobody but this machine.

"check github" looks at your own GitHub account instead: your second factor, the token that
gh or the environment holds, your keys. It asks GitHub and nobody else.

The exit codes are those of scan.`,
		Example: `  guestlist check
  guestlist check github`,
		ValidArgs: append(localNames(), string(inventory.GitHub)),
		RunE: func(cmd *cobra.Command, args []string) error {
			options.providers = args
			return env.check(cmd.Context(), options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.allowlist, "allowlist", "", "the allowlist `FILE` (default: ./allowlist.toml, then the user's configuration directory)")
	flags.StringArrayVar(&options.homes, "home", nil, "read the browsers under this home `DIR` instead of your own (repeatable)")
	flags.StringArrayVar(&options.profileDirs, "profile-dir", nil, "read the browser directory `DIR` as well (repeatable)")
	addConfigFlag(cmd, &options.config)
	options.addOutputFlags(cmd)
	return cmd
}

// check is a scan of local sources that remembers nothing and speaks plainly.
func (env *Env) check(ctx context.Context, o scanOptions) error {
	o.self, o.baseline, o.save = true, "none", "none"
	if len(o.outputs) == 0 {
		o.outputs = []string{"plain"}
	}
	return env.scan(ctx, o)
}

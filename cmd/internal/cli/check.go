package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"guestlist/scanner/inventory"
)

func newCheck(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "check [provider...]",
		Short: "Check your own browsers and GitHub account, in plain words",
		Long: `check reads the browsers of the person who runs it and says in plain words what to do.
It needs no rights beyond yours, keeps no record, and connects to nothing.

"check github" looks at your own GitHub account instead: your second factor, the token that
gh or the environment holds, your keys. It connects to GitHub and nothing else.

The exit codes are those of scan.`,
		Example: `  guestlist check
  guestlist check github`,
		ValidArgsFunction: selfWords().completeRest,
		RunE: func(cmd *cobra.Command, args []string) error {
			options.providers = args
			if err := checkable(args); err != nil {
				return err
			}
			return env.check(cmd.Context(), options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.allowlist, "allowlist", "", allowlistUsage)
	flags.StringArrayVar(&options.homes, "home", nil, homeUsage)
	flags.StringArrayVar(&options.profileDirs, "profile-dir", nil, profileDirUsage)
	addConfigFlag(cmd, &options.config)
	options.addOutputFlags(cmd)
	return cmd
}

// selfWords are the providers that a person can check alone.
func selfWords() vocabulary {
	words := sourceWords()
	words.words = append(localNames(), string(inventory.GitHub))
	return words
}

// checkable refuses what is no provider, and providers that only an administrator can read.
func checkable(names []string) error {
	for _, name := range names {
		words := selfWords()
		if slices.Contains(sourceNames(), name) && !slices.Contains(words.words, name) {
			return usageError(fmt.Errorf("check cannot check %s: it needs an administrator", inventory.Untrusted(name)),
				"guestlist scan "+name)
		}
		if err := words.check("", name); err != nil {
			return err
		}
	}
	return nil
}

// check is a scan of local sources that remembers nothing and speaks plainly.
func (env *Env) check(ctx context.Context, o scanOptions) error {
	o.purpose, o.baseline, o.save = purpose{self: true}, "none", "none"
	if len(o.outputs) == 0 {
		o.outputs = []string{"plain"}
	}
	return env.scan(ctx, o)
}

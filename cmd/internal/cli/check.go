package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/config"
	"guestlist/scanner/inventory"
)

func newCheck(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use: "check [provider...]",
		Short: "Check your own browsers and " + inventory.Enumerate(wordsOf(vendorsWhere(isForSelf),
			(*config.Vendor).Name), "and") +
			" account, in plain words",
		Long: `check reads the browsers of the person who runs it and says in plain words, on one screen,
what is fine, what to remove and how, and what to ask approval for: with a message to paste
to the contact that the allowlist's [policy] names. --details shows everything.
It needs no rights beyond yours, keeps no record, and connects to nothing.

` + strings.Join(wordsOf(vendorsWhere(isForSelf), aboutSelf), "\n\n") + `

The exit codes are those of scan.`,
		Example:           "  guestlist check\n" + strings.Join(wordsOf(vendorsWhere(isForSelf), checkLine), "\n"),
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

func aboutSelf(v *config.Vendor) string {
	return fmt.Sprintf("%q %s", "check "+providerOf(v), v.SelfCheck)
}

func checkLine(v *config.Vendor) string { return "  guestlist check " + providerOf(v) }

// selfWords are the providers that a person can check for themselves.
func selfWords() vocabulary {
	words := sourceWords()
	words.words = append(localNames(), wordsOf(vendorsWhere(isForSelf), providerOf)...)
	return words
}

// checkable refuses unknown providers, and those that only an administrator can read.
func checkable(names []string) error {
	for _, name := range names {
		words := selfWords()
		if meant := sourceWords().nearest(name); meant != "" && words.nearest(name) == "" {
			return usageError(fmt.Errorf("check cannot check %s: it needs an administrator", meant), "guestlist scan "+meant)
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

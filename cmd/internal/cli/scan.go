package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/providers"
	"guestlist/providers/provider"
	"guestlist/scanner/inventory"
)

// scanOptions are the flags of scan. check and demo run the same pipe with other values.
type scanOptions struct {
	providers                 []string
	homes                     []string
	profileDirs               []string
	allUsers, builtin         bool
	allowlist, baseline, save string
	outputs                   []string
	failOn, color             string
	all, wide, quiet          bool
	// For allow init: who answers for the proposals, and that no allowlist is asked.
	owner       string
	noAllowlist bool
}

func newScan(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "scan [provider...]",
		Short: "Read every source, compare to the allowlist and the last scan, report the difference",
		Long: `scan reads every source that is configured or found here (local browsers need no
configuration), compares the items to the allowlist and to the last comparable scan,
and reports what a person should act on.

The snapshot of the scan is kept as the next scan's baseline. Without an allowlist
every item is shown by what it can do.`,
		Example: `  guestlist scan
  guestlist scan --output table --output json=report.json
  guestlist scan firefox --home /mnt/backup/home --baseline none`,
		ValidArgs: providerNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			options.providers = args
			return env.scan(cmd.Context(), options)
		},
	}
	options.addSourceFlags(cmd)
	options.addReportFlags(cmd)
	return cmd
}

func (o *scanOptions) addSourceFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.homes, "home", nil, "read the browsers under this home `DIR` instead of your own (repeatable)")
	flags.StringArrayVar(&o.profileDirs, "profile-dir", nil, "read the browser directory `DIR` as well, wherever it is (repeatable)")
	flags.BoolVar(&o.allUsers, "all-users", false, "read every user's home on this machine (needs root)")
	flags.BoolVar(&o.builtin, "builtin", false, "list the browsers' own components as well")
	cmd.MarkFlagsMutuallyExclusive("home", "all-users")
}

func (o *scanOptions) addReportFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.allowlist, "allowlist", "", "the allowlist `FILE` (default: ./allowlist.toml, then the user's configuration directory)")
	flags.StringVar(&o.baseline, "baseline", "", "compare to this snapshot `FILE`, or \"none\" (default: the last comparable scan)")
	flags.StringVar(&o.save, "save", "", "keep the snapshot in this `FILE`, or \"none\" (default: the state directory, as the next baseline)")
	o.addOutputFlags(cmd)
}

func (o *scanOptions) addOutputFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&o.outputs, "output", "o", nil, "write the report as `FORMAT[=PATH]`: "+formatNames()+" (repeatable)")
	flags.StringVar(&o.failOn, "fail-on", "low", "exit with 3 when a finding has this `SEVERITY` or more: info, low, medium, high, critical, never")
	flags.BoolVar(&o.all, "all", false, "list the whole inventory after the findings")
	flags.StringVar(&o.color, "color", "auto", "colour the table: auto, always, never")
	flags.BoolVar(&o.wide, "wide", false, "whole values, one line a finding, on a terminal too")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "no hints and warnings on stderr")
}

// providerList asks for every provider that needs no configuration, or for those that were named.
func (env *Env) providerList(o *scanOptions) ([]provider.Provider, []provider.Home, error) {
	homes, err := env.homes(o)
	if err != nil {
		return nil, nil, err
	}
	all := providers.All(env.providerEnv(homes, o.profileDirs, o.builtin))
	if len(o.providers) == 0 {
		return all, homes, nil
	}
	var chosen []provider.Provider
	for _, name := range o.providers {
		n := slices.IndexFunc(all, func(p provider.Provider) bool { return string(p.Name()) == name })
		if n < 0 {
			return nil, nil, usageError(fmt.Errorf("%q is not a provider", inventory.Untrusted(name)), "providers: "+strings.Join(providerNames(), ", "))
		}
		if !slices.Contains(chosen, all[n]) {
			chosen = append(chosen, all[n])
		}
	}
	return chosen, homes, nil
}

func providerNames() []string {
	var names []string
	for _, p := range providers.All(provider.Env{}) {
		names = append(names, string(p.Name()))
	}
	return names
}

func (env *Env) scan(ctx context.Context, o scanOptions) error {
	run, err := env.prepare(&o)
	if err != nil {
		return err
	}
	list, homes, err := env.providerList(&o)
	if err != nil {
		return err
	}
	return run.scan(ctx, list, run.scope(list, homes))
}

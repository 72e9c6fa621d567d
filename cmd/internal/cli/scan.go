package cli

import (
	"context"

	"github.com/spf13/cobra"
)

// scanOptions are the flags of scan. check and demo run the same pipe with other values.
type scanOptions struct {
	providers                 []string
	homes                     []string
	profileDirs               []string
	allUsers, builtin         bool
	allowlist, baseline, save string
	config                    string
	outputs                   []string
	failOn, color             string
	all, wide, quiet, debug   bool
	incremental               bool
	// self is a person's own check: local sources, and the person's own account where that is named.
	self bool
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
configuration; Google Workspace and GitHub stand in guestlist.toml), compares the items
to the allowlist and to the last comparable scan, and reports what a person should act on.

The snapshot of the scan is kept as the next scan's baseline. Without an allowlist
every item is shown by what it can do.`,
		Example: `  guestlist scan
  guestlist scan --output table --output json=report.json
  guestlist scan firefox --home /mnt/backup/home --baseline none
  guestlist scan google-workspace github --incremental`,
		ValidArgs: sourceNames(),
		RunE: func(cmd *cobra.Command, args []string) error {
			options.providers = args
			return env.scan(cmd.Context(), options)
		},
	}
	options.addSourceFlags(cmd)
	addConfigFlag(cmd, &options.config)
	cmd.Flags().BoolVar(&options.incremental, "incremental", false,
		"read again only what the logs and counts of Google Workspace say may have changed")
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

func addDebugFlag(cmd *cobra.Command, debug *bool) {
	cmd.Flags().BoolVar(debug, "debug", false, "tell every request and its answer's status on stderr, without credentials")
}

func (o *scanOptions) addOutputFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&o.outputs, "output", "o", nil, "write the report as `FORMAT[=PATH]`: "+formatNames()+" (repeatable)")
	flags.StringVar(&o.failOn, "fail-on", "low", "exit with 3 when a finding has this `SEVERITY` or more: info, low, medium, high, critical, never")
	flags.BoolVar(&o.all, "all", false, "list the whole inventory after the findings")
	flags.StringVar(&o.color, "color", "auto", "colour the table: auto, always, never")
	flags.BoolVar(&o.wide, "wide", false, "whole values, one line a finding, on a terminal too")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "no progress, hints and warnings on stderr")
	addDebugFlag(cmd, &o.debug)
}

func (env *Env) scan(ctx context.Context, o scanOptions) error {
	run, err := env.prepare(&o)
	if err != nil {
		return err
	}
	from, err := env.sources(ctx, &o, run.progress)
	if err != nil {
		return err
	}
	return run.scan(ctx, from.list, run.scope(from))
}

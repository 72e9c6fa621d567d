package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/config"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

// scanOptions are the flags and arguments of scan. check and demo run the same pipeline with other
// values.
type scanOptions struct {
	providers                 []string
	sourceTimeout, timeout    timeLimit
	homes                     []string
	profileDirs               []string
	allUsers, builtin         bool
	allowlist, baseline, save string
	baselineName              string
	config                    string
	outputs, only             []string
	failOn, color             string
	all, wide, details        bool
	quiet, debug, noPager     bool
	when                      string
	incremental, exclusive    bool
	post                      []string // channels; nil for none
	requirePost               bool
	purpose                   purpose
}

// purpose is what a command runs the pipeline for, if not for an ordinary scan.
type purpose struct {
	self     bool   // a self-check: local sources, and the person's own account if it is named
	proposal bool   // a first allowlist: none is used
	owner    string // who owns the proposed entries
}

func newScan(env *Env) *cobra.Command {
	var options scanOptions
	var post string
	cmd := &cobra.Command{
		Use:   "scan [provider...]",
		Short: "Read every source, compare with the allowlist and the last scan, report the difference",
		Long: `scan reads every source that is configured or found here (local browsers need no
configuration; ` + inventory.Enumerate(wordsOf(config.Vendors(), (*config.Vendor).Name), "and") + ` are set up in guestlist.toml), compares the items
with the allowlist and with the last comparable scan, and reports what a person should act on.

The snapshot of the scan is kept as the baseline of the next one. Without an allowlist every
item is shown by what it can do.`,
		Example: `  guestlist scan
  guestlist scan --output table --output json=report.json
  guestlist scan --only new,changed --fail-on new
  guestlist scan --quiet --when changes --post
  guestlist scan firefox --home /mnt/backup/home --baseline none
  guestlist scan ` + strings.Join(wordsOf(config.Vendors(), providerOf), " ") + ` --incremental`,
		ValidArgsFunction: sourceWords().completeRest,
		RunE: func(cmd *cobra.Command, args []string) error {
			options.providers, options.post = args, orAll(post, cmd.Flags().Changed("post"))
			return env.scan(cmd.Context(), options)
		},
	}
	cmd.Flags().StringVar(&post, "post", "", "post what is news to all channels of the configuration, or to `CHANNELS` by name, with commas; \"any\" is all, even if there are none")
	cmd.Flags().Lookup("post").NoOptDefVal = allChannels
	cmd.Flags().BoolVar(&options.requirePost, "require-post", false,
		"exit with 1 if a message cannot be delivered, which otherwise waits for the next run")
	options.addSourceFlags(cmd)
	addConfigFlag(cmd, &options.config)
	cmd.Flags().Var(&options.timeout, "timeout", "stop reading after this `TIME` and report what was read; the rest is not observed")
	cmd.Flags().BoolVar(&options.exclusive, "exclusive", false,
		"end at once, with exit code 1, while another exclusive scan of the same places and name is running; with --post always")
	cmd.Flags().BoolVar(&options.incremental, "incremental", false,
		"read again only what "+inventory.Enumerate(wordsOf(vendorsWhere(isIncremental), (*config.Vendor).Name),
			"and")+"'s logs and counts say may have changed")
	options.addReportFlags(cmd)
	return cmd
}

// What several commands say about the same flag.
const (
	allowlistUsage  = "check against the allowlist `FILE` (default: ./allowlist.toml, then allowlist.toml in your configuration directory)"
	homeUsage       = "read the browsers below the home directory `DIR` instead of your own (repeatable)"
	profileDirUsage = "read the browser data directory `DIR`, wherever it is, instead of your home (repeatable)"
)

func (o *scanOptions) addSourceFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&o.homes, "home", nil, homeUsage)
	flags.StringArrayVar(&o.profileDirs, "profile-dir", nil, profileDirUsage)
	flags.BoolVar(&o.allUsers, "all-users", false, "read the home directory of every user of this machine (needs root)")
	flags.BoolVar(&o.builtin, "builtin", false, "list the browsers' built-in components as well")
	o.sourceTimeout = timeLimit(scanner.DefaultSourceLimit)
	flags.Var(&o.sourceTimeout, "source-timeout",
		"give up a browser profile that takes longer than this `TIME`, as on a disk that does not answer")
}

func (o *scanOptions) addReportFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.allowlist, "allowlist", "", allowlistUsage)
	flags.StringVar(&o.baseline, "baseline", "",
		"compare with the snapshot `FILE`, or with \"none\" (default: the last comparable scan)")
	flags.StringVar(&o.baselineName, "baseline-name", "",
		"compare with, and become, the baseline of this `NAME` (default: "+interactiveSeries+" on a terminal, "+scheduledSeries+" elsewhere)")
	flags.StringVar(&o.save, "save", "",
		"save the snapshot to `FILE`, or \"none\" to keep nothing (default: the state directory, as the next baseline)")
	o.addOnlyFlag(cmd)
	flags.StringVar(&o.when, "when", string(report.Always),
		"write the report to stdout only `WHEN`: "+strings.Join(whenWords().words, ", ")+"; files are always written")
	o.addOutputFlags(cmd)
}

// whenWords are the values of --when.
func whenWords() vocabulary {
	words := vocabulary{one: "one of its words", all: "words", others: map[string]string{
		"change": "changes", "changed": "changes", "new": "changes", "news": "changes", "finding": "findings",
		"failure": "findings", "error": "findings", "all": "always",
	}}
	for _, row := range report.Whens {
		words.words, words.about = append(words.words, string(row.When)), append(words.about, row.About)
	}
	return words
}

func (o *scanOptions) addOnlyFlag(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&o.only, "only", nil,
		"show only what changed in one of these `KINDS` since the baseline: "+strings.Join(newsWords().words, ", "))
}

func addDebugFlag(cmd *cobra.Command, debug *bool) {
	cmd.Flags().BoolVar(debug, "debug", false, "log every request and its response status to stderr, without credentials")
}

func (o *scanOptions) addOutputFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&o.outputs, "output", "o", nil,
		"write the report as `FORMAT[=PATH]` (repeatable): "+strings.Join(formatWords().words, ", "))
	flags.StringVar(&o.failOn, "fail-on", "low",
		"exit with 3 if a finding has this `SEVERITY` or a higher one: "+strings.Join(severities.words, ", ")+
			"; or for news alone: new, changed, removed …, also as high,new")
	flags.BoolVar(&o.details, "details", false, "print everything at length after the table: each entry, what no API reports, the allowlist")
	flags.BoolVar(&o.all, "all", false, "list the whole inventory at the end")
	flags.StringVar(&o.color, "color", "auto", "colour the table `WHEN`: "+strings.Join(colorModes.words, ", "))
	flags.BoolVar(&o.wide, "wide", false, "print whole values, tab-separated, one line an entry, in place of the table")
	addNoPagerFlag(flags, &o.noPager)
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print no progress, hints or warnings on stderr")
	addDebugFlag(cmd, &o.debug)
}

// contradiction refuses unknown providers, and flags that exclude each other or have no effect on
// what was asked for.
func (o *scanOptions) contradiction() error {
	for _, name := range o.providers {
		if err := sourceWords().check("", name); err != nil {
			return err
		}
	}
	if len(o.homes) > 0 && o.allUsers {
		return usageError(errors.New("--home and --all-users exclude each other"), "leave one of them out")
	}
	if err := o.contradictoryBaseline(); err != nil || len(o.providers) == 0 {
		return err
	}
	names := strings.Join(o.providers, ", ")
	for _, row := range []struct {
		flag  string
		given bool
	}{
		{"home", len(o.homes) > 0}, {"profile-dir", len(o.profileDirs) > 0}, {"all-users", o.allUsers},
		{"builtin", o.builtin},
	} {
		if row.given && !containsAny(o.providers, localNames()) {
			return usageError(fmt.Errorf("--%s is for browsers on this machine, and %s reads none", row.flag, names),
				"leave it out, or add a provider that does: "+strings.Join(localNames(), ", "))
		}
	}
	if able := wordsOf(vendorsWhere(isIncremental), providerOf); o.incremental && !containsAny(o.providers, able) {
		return usageError(fmt.Errorf("--incremental is for %s, and only %s was named", inventory.Enumerate(able, "and"),
			names), "leave it out")
	}
	return nil
}

// contradictoryBaseline refuses a name of a baseline that is not valid or would have no effect.
func (o *scanOptions) contradictoryBaseline() error {
	if o.baselineName == "" {
		return nil
	}
	if err := snapshot.CheckName(o.baselineName); err != nil {
		return usageError(fmt.Errorf("--baseline-name: %q is not a name: %w", inventory.Untrusted(o.baselineName), err),
			"--baseline-name nightly")
	}
	if o.baseline != "" && o.save != "" {
		return usageError(errors.New("--baseline-name is for the baselines of the state directory, and --baseline and --save use none of them"),
			"leave it out")
	}
	return nil
}

func containsAny(list, wanted []string) bool {
	return slices.ContainsFunc(list, func(entry string) bool { return slices.Contains(wanted, entry) })
}

func (env *Env) scan(ctx context.Context, o scanOptions) error {
	post, err := env.posting(&o)
	if err != nil {
		return err
	}
	post.start(ctx)
	return post.end(ctx, env.scanAndTell(ctx, o, post))
}

// scanAndTell scans, and writes what the channels are to be told to the outbox.
func (env *Env) scanAndTell(ctx context.Context, o scanOptions, post *posting) error {
	run, err := env.prepare(&o)
	if err != nil {
		return err
	}
	run.posting = post
	defer run.endInTime()()
	from, err := env.sources(ctx, &o, run.progress)
	if err != nil {
		return err
	}
	run.history = from.history
	scope := run.scope(from)
	release, err := run.exclude(ctx, scope)
	if err != nil {
		return err
	}
	defer release()
	return run.scan(ctx, from.list, scope)
}

package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"guestlist/allowlist/edit"
	"guestlist/scanner/diff"
	"guestlist/scanner/report"
)

// initOptions are the flags of allow init.
type initOptions struct {
	scanOptions
	write  string
	dryRun bool
}

func newAllowInit(env *Env) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init [provider...]",
		Short: "Propose a first allowlist from what is installed",
		Long: `init scans like "scan" and prints an [[allow]] entry for every app that was found, the most
powerful first, pinned to what it may do now, with that in plain words above it. It is a proposal
and approves nothing: fill in the owner, the reason and the day of each entry, delete what no one
agreed to. Nothing is written but stdout.

--write FILE writes the proposal there. A list that is there already is never replaced: entries are
added for apps that it says nothing about, and it keeps everything else as it is.`,
		Example: `  guestlist allow init --owner it@acme.example > allowlist.toml
  guestlist allow init --write allowlist.toml
  guestlist allow init github --owner engineering@acme.example`,
		ValidArgsFunction: sourceWords().completeRest,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.purpose.proposal, o.providers = true, args
			o.baseline, o.save, o.quiet = none, none, true
			if o.write != "" || o.dryRun {
				return env.allowInitInto(cmd.Context(), &o)
			}
			return env.allowInit(cmd.Context(), o.scanOptions)
		},
	}
	o.addSourceFlags(cmd)
	addConfigFlag(cmd, &o.config)
	flags := cmd.Flags()
	flags.StringVar(&o.purpose.owner, "owner", "", "name `OWNER` as the owner of every entry, such as it@acme.example")
	flags.StringVar(&o.write, "write", "", "write to `FILE`; to a list that is there only what it lacks")
	flags.BoolVar(&o.dryRun, "dry-run", false, "with --write: show what would be changed, and change nothing")
	return cmd
}

func (env *Env) allowInit(ctx context.Context, o scanOptions) error {
	o.outputs = []string{"toml"}
	return env.unlessIncomplete(env.scan(ctx, o))
}

// unlessIncomplete: unapproved apps are what a proposal is for, and no fault.
func (env *Env) unlessIncomplete(err error) error {
	var code reported
	switch {
	case errors.As(err, &code) && int(code) == report.ExitFindings:
		return nil
	case errors.As(err, &code) && int(code) == report.ExitIncomplete:
		env.hint("something could not be read or nothing was found, so the proposal may lack entries: guestlist scan says what")
	}
	return err
}

// allowInitInto adds to a list what it says nothing about.
func (env *Env) allowInitInto(ctx context.Context, o *initOptions) error {
	if o.write == "" {
		return usageError(errors.New("--dry-run is for --write"), "guestlist allow init --write allowlist.toml --dry-run")
	}
	e, err := env.editList(&editFlags{allowlist: o.write, color: "auto", dryRun: o.dryRun}, true)
	if err != nil {
		return err
	}
	run, err := env.prepare(&o.scanOptions)
	if err != nil {
		return err
	}
	run.allowlist, run.outputs = e.list, nil
	from, err := env.sources(ctx, &o.scanOptions, run.progress)
	if err != nil {
		return err
	}
	r, err := run.report(ctx, from.list, run.scope(from))
	if err != nil {
		return err
	}
	var missing []edit.Entry
	for _, proposed := range r.Proposed([]diff.Rule{diff.Unapproved}) {
		missing = append(missing, proposed.Entries...)
	}
	if err := e.doc.Append(missing...); err != nil {
		return refused(err)
	}
	if err := e.finish(); err != nil {
		return err
	}
	return env.unlessIncomplete(ended(r))
}

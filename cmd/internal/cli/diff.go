package cli

import (
	"github.com/spf13/cobra"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

func newDiff(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Report every difference between two snapshots",
		Long: `diff compares two snapshot files and reports every difference: what is new, gone or
changed, plain version changes included. "Removed" is said only of sources that both
snapshots read fully. The allowlist is not asked; "render NEW --baseline OLD" asks it.

It exits with 3 if there are differences at or above --fail-on: what is new weighs what it may
do, what was gained weighs what that adds, the rest is info.`,
		ValidArgsFunction: fileArguments(2),
		Example: `  guestlist diff monday.jsonl friday.jsonl --output json
  guestlist diff monday.jsonl friday.jsonl --only gained --fail-on info`,
		Args: exactly(2, "two snapshot files"),
		RunE: func(_ *cobra.Command, args []string) error {
			return env.diff(&options, args[0], args[1])
		},
	}
	options.addOnlyFlag(cmd)
	options.addOutputFlags(cmd)
	return cmd
}

func (env *Env) diff(o *scanOptions, oldPath, newPath string) error {
	named := []namedFile{{path: oldPath}, {path: newPath}}
	p, err := env.prepareWithout(o, named...)
	if err != nil {
		return err
	}
	p.named = named
	old, err := p.named[0].open()
	if err != nil {
		return err
	}
	defer old.Close()
	now, err := p.named[1].open()
	if err != nil {
		return err
	}
	defer now.Close()
	judgement, err := diff.Judge(diff.Input{
		Pairs: snapshot.Compare(old, now), Baseline: true, SameScope: old.Header().Scope.Equal(now.Header().Scope),
		Now: env.Now().UTC(), ChangesOnly: true,
	})
	if err != nil {
		return p.readFault(err)
	}
	meta := p.meta(now.Header(), at(newPath))
	meta.Comparison = true
	meta.Baseline = &report.BaselineRef{Path: inventory.Untrusted(oldPath), RunID: old.Header().RunID,
		Started: old.Header().Started}
	r := report.New(judgement, meta)
	if err := p.render(r); err != nil {
		return err
	}
	if err := p.page(); err != nil {
		return err
	}
	return ended(r)
}

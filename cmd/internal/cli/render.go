package cli

import (
	"os"

	"github.com/spf13/cobra"

	"guestlist/scanner/inventory"
)

func newRender(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "render SNAPSHOT",
		Short: "Report a saved snapshot, as a scan would have",
		Long: `render reads a snapshot instead of sources, asks the allowlist of today, and reports in
any format. With --baseline it compares to an earlier snapshot.`,
		Example: "  guestlist render monday.jsonl --baseline sunday.jsonl --output json=report.json",
		Args:    exactly(1, "one snapshot file"),
		RunE: func(_ *cobra.Command, args []string) error {
			return env.renderSnapshot(&options, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.allowlist, "allowlist", "", "the allowlist `FILE` (default: ./allowlist.toml, then the user's configuration directory)")
	flags.StringVar(&options.baseline, "baseline", "none", "compare to this snapshot `FILE`")
	options.addOutputFlags(cmd)
	return cmd
}

func (env *Env) renderSnapshot(o *scanOptions, path string) error {
	p, err := env.prepare(o)
	if err != nil {
		return err
	}
	baseline := ""
	if o.baseline != "none" {
		baseline = o.baseline
	}
	for _, file := range []string{path, baseline} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return usageError(fileError(file, err))
		}
	}
	r, err := p.judge(path, baseline)
	if err != nil {
		return err
	}
	if err := p.render(r); err != nil {
		return err
	}
	p.hints(r)
	return ended(r)
}

func fileError(path string, err error) error {
	if os.IsNotExist(err) {
		return &os.PathError{Op: "reading", Path: inventory.Untrusted(path).String(), Err: os.ErrNotExist}
	}
	return err
}

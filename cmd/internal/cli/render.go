package cli

import (
	"github.com/spf13/cobra"
)

func newRender(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "render SNAPSHOT",
		Short: "Report a saved snapshot as a scan would have",
		Long: `render reads a snapshot instead of sources, checks it against the current allowlist, and
reports in any format. With --baseline it compares with an earlier snapshot.`,
		ValidArgsFunction: fileArguments(1),
		Example:           "  guestlist render monday.jsonl --baseline sunday.jsonl -o json=report.json",
		Args:              exactly(1, "one snapshot file"),
		RunE: func(_ *cobra.Command, args []string) error {
			return env.renderSnapshot(&options, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.allowlist, "allowlist", "", allowlistUsage)
	flags.StringVar(&options.baseline, "baseline", "none", "compare with the snapshot `FILE`, or with \"none\"")
	options.addOnlyFlag(cmd)
	options.addOutputFlags(cmd)
	return cmd
}

func (env *Env) renderSnapshot(o *scanOptions, path string) error {
	file := namedFile{path: path}
	p, err := env.prepare(o, file)
	if err != nil {
		return err
	}
	p.once = true
	baseline := ""
	p.named = []namedFile{file}
	if o.baseline != none {
		baseline = o.baseline
		p.named = append(p.named, namedFile{"--baseline", baseline})
	}
	for _, file := range p.named {
		reader, err := file.open()
		if err != nil {
			return err
		}
		reader.Close()
	}
	r, err := p.judge(at(path), baseline)
	if err != nil {
		return err
	}
	if err := p.render(r); err != nil {
		return err
	}
	if err := p.page(); err != nil {
		return err
	}
	p.hints(r)
	return ended(r)
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/config"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

func newDoctor(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "doctor [provider...]",
		Short: "Show what each provider can read here, and how to fix what it cannot",
		Long: `doctor signs in to every provider that is configured, tries each source with one small
request, and says what a scan will read and what it will not: which API, scope, role or
permission is missing, the page to grant it on, and the line to paste there. It does the same for the channels
of [[post]], without posting to them.

It exits with 0 when everything that can be read is readable, with 4 when something is
missing or there is nothing to read, and with 2 when the configuration is wrong.`,
		Example:           "  guestlist doctor\n  guestlist doctor github",
		ValidArgsFunction: sourceWords().completeRest,
		RunE: func(cmd *cobra.Command, args []string) error {
			options.providers = args
			return env.doctor(cmd.Context(), options)
		},
	}
	addConfigFlag(cmd, &options.config)
	addDebugFlag(cmd, &options.debug)
	flags := cmd.Flags()
	flags.StringArrayVar(&options.homes, "home", nil, homeUsage)
	flags.StringArrayVar(&options.profileDirs, "profile-dir", nil, profileDirUsage)
	flags.BoolVarP(&options.quiet, "quiet", "q", false, "print no hints or warnings on stderr")
	return cmd
}

// doctor asks every provider what it may read.
func (env *Env) doctor(ctx context.Context, o scanOptions) error {
	progress := &progress{env: env, quiet: o.quiet}
	from, err := env.sources(ctx, &o, progress)
	if err != nil {
		return err
	}
	incomplete, readable := false, false
	for _, p := range from.list {
		diagnosis, err := probe(ctx, p)
		switch {
		case ctx.Err() != nil:
			return runError(errors.New("interrupted"))
		case err != nil:
			return runError(fmt.Errorf("asking %s: %w", p.Name(), err))
		}
		incomplete, readable = incomplete || diagnosis.Lacks(), readable || len(diagnosis.Checks) > 0
		if err := writeDiagnosis(env.Stdout, p, diagnosis); err != nil {
			return runError(fmt.Errorf("writing: %w", err))
		}
	}
	if len(o.providers) == 0 {
		lacks, err := env.diagnosePosting(ctx, &o)
		if err != nil {
			return err
		}
		incomplete = incomplete || lacks
	}
	if !o.quiet && len(from.targets) == 0 && len(o.providers) == 0 {
		configured, err := env.loadConfig(o.config)
		if err != nil {
			return err
		}
		env.hint("no organization is configured: write %s in %q",
			inventory.Enumerate(wordsOf(config.Vendors(), tableOf), "or"), env.configPath(configured))
	}
	if incomplete || !readable { // a scan that reads nothing is not clean
		return reported(report.ExitIncomplete)
	}
	return nil
}

// diagnosePosting checks the channels of the configuration, if there are any.
func (env *Env) diagnosePosting(ctx context.Context, o *scanOptions) (lacks bool, err error) {
	configured, err := env.loadConfig(o.config)
	isUnused := err == nil && len(configured.Posts) == 0 && configured.Heartbeat == nil
	if err != nil || isUnused && env.stateDir() == "" {
		return false, err
	}
	p, err := env.postingTo(configured, nil, o.debug)
	if err != nil {
		return false, err
	}
	p.heartbeat = configured.Heartbeat
	lacks, err = env.checkChannels(ctx, p)
	return p.foreign() || lacks, err
}

// probe asks a provider that is a [scanner.Prober]; the others read only this machine, so it lets
// them collect.
func probe(ctx context.Context, p scanner.Provider) (*scanner.Diagnosis, error) {
	if prober, ok := p.(scanner.Prober); ok {
		return prober.Probe(ctx)
	}
	sources, err := p.Collect(ctx, nowhere{})
	if err != nil {
		return nil, err
	}
	diagnosis := &scanner.Diagnosis{Target: "this machine"}
	for _, source := range sources {
		check := scanner.Check{Name: source.Source.Name, State: scanner.CheckReadable, Reason: source.Reason,
			Remedy: source.Remedy,
			Gives:  fmt.Sprintf("%d items", source.Items)}
		switch {
		case source.IsGap():
			check.State = scanner.CheckLacking
		case source.Unobservable:
			check.State = scanner.CheckUnavailable
		}
		diagnosis.Checks = append(diagnosis.Checks, check)
	}
	return diagnosis, nil
}

// nowhere is a sink that keeps nothing.
type nowhere struct{}

func (nowhere) AddItem(*inventory.Item) error       { return nil }
func (nowhere) AddAccount(*inventory.Account) error { return nil }

// checkWords are what doctor says about a state.
var checkWords = map[scanner.CheckState]string{
	scanner.CheckReadable: "ok", scanner.CheckLacking: "MISSING", scanner.CheckUnavailable: "no API",
}

const checkIndent = "          " // as wide as the state and the space around it

func writeDiagnosis(w io.Writer, p scanner.Provider, d *scanner.Diagnosis) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s", p.Name())
	if d.Target != "" {
		fmt.Fprintf(&text, ": %s", d.Target)
	}
	text.WriteByte('\n')
	switch {
	case d.Who != "" && d.SignIn != "":
		fmt.Fprintf(&text, "  signs in as %s with %s\n", d.Who, d.SignIn)
	case d.SignIn != "":
		fmt.Fprintf(&text, "  signs in with %s\n", d.SignIn)
	}
	for _, fact := range d.Facts {
		fmt.Fprintf(&text, "  %s\n", fact)
	}
	if len(d.Checks) == 0 {
		text.WriteString("  nothing found to read\n")
	}
	done := ""
	for _, check := range d.Checks {
		writeCheck(&text, check, done)
		done = remedyOf(check)
	}
	text.WriteByte('\n')
	_, err := io.WriteString(w, text.String())
	return err
}

// remedyOf is what to do, with the line to paste set apart.
func remedyOf(check scanner.Check) string {
	remedy := check.Remedy.String()
	if check.Paste != "" {
		remedy = strings.Replace(remedy, check.Paste, "the line below", 1)
	}
	return remedy
}

// writeCheck writes one check; done is the remedy of the previous one, which is not repeated.
func writeCheck(text *strings.Builder, check scanner.Check, done string) {
	fmt.Fprintf(text, "  %-7s %s", checkWords[check.State], check.Name)
	if check.Gives != "" {
		fmt.Fprintf(text, ": %s", check.Gives)
	}
	text.WriteByte('\n')
	if check.State == scanner.CheckReadable && check.Reason == "" {
		return
	}
	line := func(label, words string) {
		if words != "" {
			fmt.Fprintf(text, "%s%s%s\n", checkIndent, label, words)
		}
	}
	line("", check.Reason.String())
	line("needs ", check.Lacks)
	remedy := remedyOf(check)
	if remedy != "" && remedy == done {
		line("do: ", "as above")
		return
	}
	line("do: ", remedy)
	if !strings.Contains(remedy, check.Page) {
		line("at: ", check.Page)
	}
	line("paste: ", check.Paste)
}

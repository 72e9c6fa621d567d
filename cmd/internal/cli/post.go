package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
	"guestlist/scanner/report"
)

// postOptions are the flags and arguments of post.
type postOptions struct {
	scanOptions
	dryRun, test bool
	from         string
}

func newPost(env *Env) *cobra.Command {
	var o postOptions
	cmd := &cobra.Command{
		Use:   "post [channel...]",
		Short: "Deliver what waits in the outbox, show what would be posted, or test a channel",
		Long: `post delivers the messages that guestlist scan --post could not: to all channels, or to those
that are named. It exits with 1 while something still waits.

--dry-run prints exactly what each channel would be sent about the last snapshot that was kept, or
about another one; it sends nothing, keeps nothing and shows no secret. --test sends a message that
says it is a test.`,
		Example: `  guestlist post
  guestlist post --dry-run
  guestlist post --dry-run team-chat --from monday.jsonl
  guestlist post --test team-chat`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, written string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return env.channelsOf(cmd).completeRest(cmd, args, written)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.post = args
			return env.post(cmd.Context(), &o)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.dryRun, "dry-run", false, "print what each channel would be sent, and send nothing")
	flags.BoolVar(&o.test, "test", false, "send a message that says it is a test")
	flags.StringVar(&o.from, "from", "", "with --dry-run: report the snapshot `FILE` (default: the last one that was kept)")
	flags.StringVar(&o.baseline, "baseline", "none", "with --dry-run: compare with the snapshot `FILE`, or with \"none\"")
	flags.StringVar(&o.allowlist, "allowlist", "", "with --dry-run: "+allowlistUsage)
	addConfigFlag(cmd, &o.config)
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print no hints or warnings on stderr")
	addDebugFlag(cmd, &o.debug)
	return cmd
}

// contradiction refuses flags that have no effect.
func (o *postOptions) contradiction() error {
	if o.dryRun && o.test {
		return usageError(errors.New("--dry-run and --test exclude each other"), "leave one of them out")
	}
	if o.dryRun {
		return nil
	}
	for _, row := range []struct{ flag, value string }{
		{"from", o.from}, {"allowlist", o.allowlist}, {"baseline", strings.TrimPrefix(o.baseline, none)},
	} {
		if row.value != "" {
			return usageError(fmt.Errorf("--%s is for --dry-run", row.flag), "leave it out, or add --dry-run")
		}
	}
	return nil
}

func (env *Env) post(ctx context.Context, o *postOptions) error {
	if err := o.contradiction(); err != nil {
		return err
	}
	configured, err := env.loadConfig(o.config)
	if err != nil {
		return err
	}
	p, err := env.postingTo(configured, o.post, o.debug)
	if err != nil {
		return err
	}
	p.now = true
	switch {
	case len(configured.Posts) == 0:
		return usageError(fmt.Errorf("no channel is configured in %q", p.config), postingHint)
	case o.dryRun:
		return p.rehearse(ctx, o)
	case o.test:
		return p.try(ctx)
	}
	if lost, waiting := p.deliver(ctx); lost || waiting {
		return reported(report.ExitFailed)
	}
	return nil
}

// try sends every channel a test, past the outbox.
func (p *posting) try(ctx context.Context) error {
	failed := false
	for _, c := range p.channels {
		if err := p.sendTest(ctx, c); err != nil {
			failed = true
			p.error("posting to %s: %v", c.Name, err)
			continue
		}
		if _, err := fmt.Fprintf(p.env.Stdout, "%s (%s): the test was delivered\n", c.Name, c.Kind.Name); err != nil {
			return runError(fmt.Errorf("writing: %w", err))
		}
	}
	if failed {
		return reported(report.ExitFailed)
	}
	return nil
}

func (p *posting) sendTest(ctx context.Context, c channel) error {
	now := p.env.Now()
	d := news.Test(c.Name, report.Tool{Name: "guestlist", Version: version()}, clean(p.env.Host), now)
	d.Page, d.Document = []byte("<!doctype html><title>guestlist: a test</title><p>This is a test."), []byte(`{"test":true}`)
	payloads, err := c.Prepare(d)
	if err != nil {
		return err
	}
	if len(payloads) == 0 {
		return errors.New("this kind of channel has no message for a test")
	}
	run := newRunID()
	for n, payload := range payloads {
		m := notify.Message{ID: fmt.Sprintf("%s%s%04x", run, run[:4], n), Channel: c.Name, Kind: c.Kind.Name, Created: now.UTC(),
			Payload: payload}
		if err := c.Deliver(ctx, p.outside, &m); err != nil {
			return err
		}
	}
	return nil
}

// rehearse prints what each channel would be sent about a snapshot.
func (p *posting) rehearse(ctx context.Context, o *postOptions) error {
	file := namedFile{"--from", o.from}
	if o.from == "" {
		path, err := p.env.lastSnapshot()
		if err != nil {
			return err
		}
		file = namedFile{path: path}
	}
	run, err := p.env.prepare(&o.scanOptions, file)
	if err != nil {
		return err
	}
	run.once, run.named = true, []namedFile{file}
	baseline := ""
	if o.baseline != none {
		baseline = o.baseline
		run.named = append(run.named, namedFile{"--baseline", baseline})
	}
	for _, named := range run.named {
		reader, err := named.open()
		if err != nil {
			return err
		}
		p.scope = reader.Header().Scope.Digest()
		reader.Close()
	}
	r, err := run.judge(at(file.path), baseline)
	if err != nil {
		return err
	}
	scan := &news.Scan{Report: r, Scope: p.scope, Now: p.env.Now()}
	for _, c := range p.channels {
		if err := ctx.Err(); err != nil {
			return runError(errInterrupted)
		}
		if err := p.show(c, scan, o.quiet); err != nil {
			return err
		}
	}
	return nil
}

// show prints the messages of one channel. If nothing is new to it, it prints what a first report
// would be.
func (p *posting) show(c channel, scan *news.Scan, quiet bool) error {
	memory, err := c.box.Memory()
	if err != nil {
		return runError(fmt.Errorf("reading what %s was told: %w", c.Name, err))
	}
	hint := ""
	d, _ := news.Digest(scan, c.Filter, memory)
	if d == nil {
		hint = "nothing is new to %s, which would be sent nothing: this is what its first report would be"
		if d, _ = news.Digest(scan, c.Filter, news.NewMemory()); d == nil {
			hint = "this scan has nothing for %s"
		}
	}
	if hint != "" && !quiet {
		p.env.hint(hint, c.Name)
	}
	if d == nil {
		return nil
	}
	if c.Kind.Whole {
		if err := completer(scan.Report)(d); err != nil {
			return runError(err)
		}
	}
	payloads, err := c.Prepare(d)
	if err != nil {
		return runError(fmt.Errorf("%s: preparing the message: %w", c.Name, err))
	}
	for n, payload := range payloads {
		if err := p.showPayload(c, payload, n+1, len(payloads)); err != nil {
			return runError(fmt.Errorf("writing: %w", err))
		}
	}
	if len(payloads) == 0 {
		_, err = fmt.Fprintf(p.env.Stdout, "=== %s (%s): no message\n", c.Name, c.Kind.Name)
	}
	return err
}

// showPayload prints a message exactly; on a terminal what could act on it is made visible.
func (p *posting) showPayload(c channel, payload notify.Payload, n, of int) error {
	var text strings.Builder
	fmt.Fprintf(&text, "=== %s (%s): message %d of %d, %s, %d bytes\n", c.Name, c.Kind.Name, n, of,
		cmp.Or(payload.ContentType, "no content type"), len(payload.Body))
	for _, key := range slices.Sorted(maps.Keys(payload.About)) {
		fmt.Fprintf(&text, "--- %s: %s\n", key, inventory.Untrusted(payload.About[key]))
	}
	body := string(payload.Body)
	if p.env.StdoutTerminal {
		lines := strings.Split(body, "\n")
		for n, line := range lines {
			lines[n] = inventory.Untrusted(strings.TrimSuffix(line, "\r")).String()
		}
		body = strings.Join(lines, "\n")
	}
	text.WriteString(body)
	if !strings.HasSuffix(body, "\n") {
		text.WriteByte('\n')
	}
	_, err := io.WriteString(p.env.Stdout, text.String())
	return err
}

// lastSnapshot is the baseline that was kept last.
func (env *Env) lastSnapshot() (string, error) {
	baselines, err := storeIn(env.stateDir()).Baselines()
	if err != nil {
		return "", runError(fmt.Errorf("looking for the last snapshot: %w", err))
	}
	last, kept := "", time.Time{}
	for _, baseline := range baselines {
		if info, err := os.Stat(baseline.Path); err == nil && info.ModTime().After(kept) {
			last, kept = baseline.Path, info.ModTime()
		}
	}
	if last == "" {
		return "", usageError(errors.New("no snapshot was kept yet"), "run guestlist scan first, or name a snapshot with --from FILE")
	}
	return last, nil
}

// checkChannels says for every channel whether a message would be delivered, and reports whether one
// would not.
func (env *Env) checkChannels(ctx context.Context, p *posting) (lacks bool, err error) {
	if len(p.channels) == 0 && p.heartbeat == nil {
		return false, nil
	}
	var text strings.Builder
	text.WriteString("posting\n")
	for _, c := range p.channels {
		state, why := "ok", ""
		switch err := c.Check(ctx, p.outside); {
		case ctx.Err() != nil:
			return false, runError(errors.New("interrupted"))
		case errors.Is(err, notify.ErrNoCheck):
			state, why = "?", "there is no way to check it without posting: guestlist post --test "+c.Name
		case err != nil:
			state, why, lacks = "MISSING", err.Error(), true
		}
		fmt.Fprintf(&text, "  %-7s %s (%s)\n", state, c.Name, c.Kind.Name)
		if why != "" {
			fmt.Fprintf(&text, "%s%s\n", checkIndent, inventory.Untrusted(why))
		}
		switch waiting, err := c.box.Waiting(); {
		case err != nil:
			lacks = true
			fmt.Fprintf(&text, "%sreading its outbox: %s\n", checkIndent, inventory.Untrusted(err.Error()))
		case waiting.Count > 0:
			fmt.Fprintf(&text, "%s%s: guestlist post\n", checkIndent, waitingWords(waiting))
		}
	}
	if p.heartbeat != nil {
		state, why := "ok", ""
		if err := p.checkHeartbeat(ctx); err != nil {
			state, why, lacks = "MISSING", checkIndent+inventory.Untrusted(err.Error()).String()+"\n", true
		}
		fmt.Fprintf(&text, "  %-7s heartbeat\n%s", state, why)
	}
	text.WriteByte('\n')
	_, err = io.WriteString(env.Stdout, text.String())
	return lacks, err
}

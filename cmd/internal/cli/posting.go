package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"guestlist/cmd/internal/config"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
	"guestlist/scanner/notify/outbox"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

const (
	// postWithin is how long a run tries to deliver what it has to say; the next one goes on.
	postWithin = 2 * time.Minute
	// postNowWithin is the same while a person waits for it.
	postNowWithin = 30 * time.Second
	// soon is when the next run of a schedule comes, so that its time need not be said.
	soon = time.Hour
	// maxFailureBytes bounds what a channel is told of a scan that failed.
	maxFailureBytes = 2000
)

// allChannels is the value of --post without one. anyChannels means the same, but that there are none
// is no mistake: it is for schedules, which are installed before there is a configuration.
const (
	allChannels = "all"
	anyChannels = "any"
)

// channel is a [[post]] that can be delivered to.
type channel struct {
	*config.Post
	notify.Channel
	box *outbox.Box
}

// posting is what a command has to do with channels. The methods of a nil one do nothing.
type posting struct {
	env       *Env
	channels  []channel
	heartbeat *config.Heartbeat
	outbox    *outbox.Outbox
	outside   *notify.Outside
	known     vocabulary // all channels of the configuration
	config    string     // its path, for messages
	required  bool       // a message that is not delivered fails the run
	now       bool       // a person is waiting: failures are tried again at once

	scope string // of the scan; empty while it is not known
	runID string
	told  bool // the channels were told of this scan
}

// posting returns the channels that are named, or all of them; nil if there is nothing to post.
func (env *Env) posting(o *scanOptions) (*posting, error) {
	if o.post == nil {
		return nil, nil
	}
	configured, err := env.loadConfig(o.config)
	if err != nil {
		return nil, err
	}
	isAny := slices.Equal(o.post, []string{anyChannels})
	if isAny {
		o.post = []string{allChannels}
	}
	if isAny && configured.Heartbeat == nil && len(configured.Posts) == 0 {
		return nil, env.forgotten(configured)
	}
	if o.config == none {
		return nil, usageError(errors.New("--post needs a configuration, and --config none reads none"), "leave one of them out")
	}
	p, err := env.postingTo(configured, o.post, o.debug)
	if err != nil {
		return nil, err
	}
	if p.heartbeat = configured.Heartbeat; p.heartbeat == nil && len(configured.Posts) == 0 {
		return nil, usageError(fmt.Errorf("--post: no channel is configured in %q", env.configPath(configured)), postingHint)
	}
	for _, word := range o.providers { // --post takes no separate value
		if p.known.knows(word) && !sourceWords().knows(word) {
			return nil, usageError(fmt.Errorf("%q is a channel, and not a provider", word), "--post="+word)
		}
	}
	p.required = o.requirePost
	return p, nil
}

const postingHint = "guestlist help posting shows what to write there"

// postingTo prepares channels by their names; all of them if none is given.
func (env *Env) postingTo(configured *config.Config, names []string, debug bool) (*posting, error) {
	dir := env.stateDir()
	if dir == "" {
		return nil, usageError(errors.New("posting: there is no state directory, where messages wait until they are delivered"),
			"set GUESTLIST_STATE_DIR to a directory that can be written")
	}
	p := &posting{env: env, known: channelWords(configured), config: env.configPath(configured), outside: env.notifyOutside(debug)}
	p.outbox = &outbox.Outbox{Dir: postDir(dir), Now: env.Now, Say: env.warn, Holder: env.holder(), Step: env.Step}
	for _, name := range names {
		if name != allChannels {
			if err := p.known.check("", name); err != nil {
				return nil, err
			}
		}
	}
	for _, post := range configured.Posts {
		if len(names) > 0 && !slices.Contains(names, post.Name) && !slices.Contains(names, allChannels) {
			continue
		}
		made, err := post.Channel(env.outside())
		if err != nil {
			return nil, usageError(fmt.Errorf("%s: %w", post.Name, err))
		}
		p.channels = append(p.channels, channel{post, made, p.outbox.Box(post.Name)})
	}
	return p, nil
}

func postDir(stateDir string) string { return filepath.Join(stateDir, "post") }

// channelWords are the names of the channels of a configuration.
func channelWords(configured *config.Config) vocabulary {
	v := vocabulary{one: "a channel of the configuration", all: "channels", several: true}
	for _, post := range configured.Posts {
		v.words, v.about = append(v.words, post.Name), append(v.about, post.Kind.Name)
	}
	return v
}

// notifyOutside is what delivering uses of the outside world.
func (env *Env) notifyOutside(debug bool) *notify.Outside {
	return &notify.Outside{Transport: env.Transport, Now: env.Now, Sleep: env.Sleep, Getenv: env.Getenv, Log: env.log(debug)}
}

// tell writes what every channel is to be told of a scan to the outbox, before the baseline is
// replaced: what is written is not lost.
func (p *posting) tell(ctx context.Context, scan *news.Scan) error {
	if p == nil {
		return nil
	}
	p.told = true
	complete := completer(scan.Report)
	var failed error
	for _, c := range p.channels {
		decide := func(m *news.Memory) (*notify.Digest, *news.Memory) { return news.Digest(scan, c.Filter, m) }
		add := complete
		if !c.Kind.Whole {
			add = nil
		}
		_, err := c.box.Tell(ctx, c.Kind, c.Channel, decide, add)
		switch {
		case errors.Is(err, outbox.ErrFull):
			p.error("%s: this scan is not posted, since its outbox is full: what is still open then is posted once there is room", c.Name)
		case err != nil && failed == nil:
			failed = runError(fmt.Errorf("posting to %s: writing to the outbox: %w", c.Name, err),
				"the next scan says again what this one found")
		}
	}
	return failed
}

// completer returns what adds the whole report to a digest, rendered once for all channels.
func completer(r *report.Report) func(*notify.Digest) error {
	if r == nil {
		return nil
	}
	rendered := map[string][]byte{}
	render := func(name string) ([]byte, error) {
		if document, done := rendered[name]; done {
			return document, nil
		}
		format, _ := report.FormatNamed(name)
		var text bytes.Buffer
		if err := format.New(report.Style{}).Render(&text, r); err != nil {
			return nil, fmt.Errorf("rendering the report as %s: %w", name, err)
		}
		rendered[name] = text.Bytes()
		return text.Bytes(), nil
	}
	return func(d *notify.Digest) (err error) {
		if d.Page, err = render("html"); err == nil {
			d.Document, err = render("json")
		}
		return err
	}
}

// end tells the channels of a run that failed, delivers what waits, and asks for the heartbeat's
// URL. It returns the run's own error, unless a message was lost, or was required.
func (p *posting) end(ctx context.Context, err error) error {
	if p == nil {
		return err
	}
	code := reported(0)
	failed := err != nil && !errors.As(err, &code)
	if ctx.Err() != nil || errors.Is(err, errInterrupted) {
		return err // what was written waits for the next run
	}
	if failed && errors.As(err, new(*busyError)) {
		return err // the other run will report
	}
	if failed && !p.told {
		if tellErr := p.tell(ctx, p.failedScan(err)); tellErr != nil {
			p.error("%v", tellErr)
		}
	}
	lost, waiting := p.deliver(ctx)
	if ctx.Err() != nil {
		return err
	}
	p.beat(ctx, failed || lost || waiting)
	if !failed && (lost || p.required && waiting) {
		return reported(report.ExitFailed)
	}
	return err
}

// failedScan is a scan without a result.
func (p *posting) failedScan(err error) *news.Scan {
	return &news.Scan{Failure: inventory.Clean(err.Error(), maxFailureBytes), Scope: p.scope,
		Tool: report.Tool{Name: "guestlist", Version: version()}, RunID: inventory.Untrusted(p.runID),
		Host: clean(p.env.Host), Now: p.env.Now()}
}

// busyError ends a run because another one is doing its work.
type busyError struct{ error }

func (e *busyError) Unwrap() error { return e.error }

// deliver sends what waits, to all channels at the same time, and reports whether a message was lost
// and whether some still wait.
func (p *posting) deliver(ctx context.Context) (lost, waiting bool) {
	type result struct {
		outcome outbox.Outcome
		err     error
	}
	results := make([]result, len(p.channels))
	within := postWithin
	if p.now {
		within = postNowWithin
	}
	until := p.env.Now().Add(within)
	var all errgroup.Group
	for n, c := range p.channels {
		all.Go(func() error {
			delivery := &outbox.Delivery{Kind: c.Kind, Channel: c.Channel, Outside: p.outside, Until: until, Now: p.now}
			results[n].outcome, results[n].err = c.box.Deliver(ctx, delivery)
			return nil
		})
	}
	all.Wait() // returns no error
	for n, c := range p.channels {
		outcome, err := results[n].outcome, results[n].err
		lost = lost || len(outcome.GivenUp) > 0
		waiting = waiting || outcome.Waiting.Count > 0 || err != nil
		p.say(c, &outcome, err)
	}
	return lost, p.foreign() || waiting
}

// say reports what became of a channel's messages. Failures are said even to those who asked for
// quiet: nothing else will say them.
func (p *posting) say(c channel, outcome *outbox.Outcome, err error) {
	for _, lost := range outcome.GivenUp {
		p.error("posting to %s: %s", c.Name, lost)
	}
	waits := ""
	if n := outcome.Waiting.Count; n > 0 {
		waits = fmt.Sprintf("; %s and %s", waitingWords(outcome.Waiting), p.nextWords(outcome.Waiting))
	}
	switch {
	case err != nil:
		p.error("posting to %s: %v", c.Name, err)
	case outcome.Busy != nil:
		p.env.warn("posting to %s: %v, which sends what waits", c.Name, outcome.Busy)
	case outcome.Failure != nil && outcome.Waiting.Count > 0:
		p.error("posting to %s: %v%s", c.Name, outcome.Failure, waits)
	case outcome.Waiting.Count > 0:
		p.error("posting to %s: %s", c.Name, strings.TrimPrefix(waits, "; "))
	}
}

// waitingWords says how much waits: "2 messages wait since 25 Nov 06:00 UTC".
func waitingWords(w outbox.Waiting) string {
	words := "1 message waits"
	if w.Count != 1 {
		words = fmt.Sprintf("%d messages wait", w.Count)
	}
	if !w.Oldest.IsZero() {
		words += " since " + w.Oldest.UTC().Format("2 Jan 15:04 UTC")
	}
	return words
}

// nextWords says what becomes of what waits.
func (p *posting) nextWords(w outbox.Waiting) string {
	if w.Next.Sub(p.env.Now()) > soon {
		return "will be tried again from " + w.Next.UTC().Format("2 Jan 15:04 UTC") + " on"
	}
	return "the next run tries again"
}

// forgotten says that messages wait although no channel is configured any more.
func (env *Env) forgotten(configured *config.Config) error {
	if env.stateDir() == "" {
		return nil
	}
	p, err := env.postingTo(configured, nil, false)
	if err == nil {
		p.foreign()
	}
	return err
}

// foreign says that messages wait for channels that the configuration no longer names.
func (p *posting) foreign() bool {
	names, err := p.outbox.Names()
	if err != nil {
		p.error("reading the outbox: %v", err)
		return true
	}
	found := false
	for _, name := range names {
		if !p.known.knows(name) {
			found = true
			p.error("messages wait for %s, which %q no longer names: add it again, or remove %q", inventory.Untrusted(name),
				p.config, filepath.Join(p.outbox.Dir, name))
		}
	}
	return found
}

func (p *posting) error(format string, args ...any) {
	p.env.say(anError, fmt.Sprintf(format, args...))
}

// scanFor makes a scan that can be told of a report.
func scanFor(r *report.Report, scope snapshot.Scope, now time.Time) *news.Scan {
	return &news.Scan{Report: r, Scope: scope.Digest(), Now: now}
}

// orAll is the names that --post was given; nil if it was not.
func orAll(text string, given bool) []string {
	if !given {
		return nil
	}
	return strings.Split(cmp.Or(text, allChannels), ",")
}

package cli

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows a person at the terminal how far a long scan is. In a pipe it only says what makes
// a scan wait, and in JSON both.
type progress struct {
	env   *Env
	quiet bool

	mu  sync.Mutex
	bar *progressbar.ProgressBar
	// tenths of the users were logged.
	tenths int
}

// users shows how many of an organization's users were read.
func (p *progress) users(done, total int) {
	if p.quiet || total == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.env.records != nil:
		p.logUsers(done, total)
		return
	case !p.env.StderrTerminal:
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.env.Stderr),
			progressbar.OptionSetDescription("users"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	p.bar.Set(done) // drawing is all that can fail
}

// logUsers says of each tenth of an organization's users that it was read.
func (p *progress) logUsers(done, total int) {
	if tenth := done * 10 / total; tenth > p.tenths {
		p.tenths = tenth
		p.env.say(aNotice, fmt.Sprintf("read %d of %d users", done, total), slog.Int("done", done), slog.Int("total", total))
	}
}

// wait says that a limit makes the scan wait, and until when.
func (p *progress) wait(until time.Time, reason string) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.env.say(aNotice, fmt.Sprintf("waiting until %s: %s", until.UTC().Format("15:04:05 MST"), clean(reason)),
		slog.Time("until", until.UTC()))
}

// end removes the bar, so that only the report remains.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Clear()
		p.bar = nil
	}
}

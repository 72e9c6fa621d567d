package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows a person at the terminal how far a long scan is. In a pipe it only says what makes
// a scan wait.
type progress struct {
	env   *Env
	quiet bool

	mu  sync.Mutex
	bar *progressbar.ProgressBar
}

// users shows how many of an organization's users were read.
func (p *progress) users(done, total int) {
	if p.quiet || !p.env.StderrTerminal || total == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.env.Stderr),
			progressbar.OptionSetDescription("users"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	p.bar.Set(done) // drawing is all that can fail
}

// wait says that a limit makes the scan wait, and until when.
func (p *progress) wait(until time.Time, reason string) {
	if p.quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.env.Stderr, "guestlist: waiting until %s: %s\n", until.UTC().Format("15:04:05 MST"), clean(reason))
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

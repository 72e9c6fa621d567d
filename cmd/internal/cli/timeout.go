package cli

import (
	"context"
	"fmt"
	"time"

	"guestlist/scanner"
)

// reportWithin is how long a run may take for everything after reading, once its time is up: judging,
// writing the report and sending it. Then something hangs that cannot be interrupted, such as a pipe
// that nobody reads.
const reportWithin = 5 * time.Minute

// endInTime starts the time of --timeout, if there is one. The returned function stops it.
func (p *pipeline) endInTime() (stop func()) {
	limit := time.Duration(p.options.timeout)
	if limit == 0 {
		return func() {}
	}
	p.deadline = time.Now().Add(limit)
	if p.env.exit == nil {
		return func() {}
	}
	late := time.AfterFunc(limit+reportWithin, func() {
		p.env.exit(fmt.Sprintf("the run did not end within %s after its time was up (--timeout %s)", reportWithin, limit))
	})
	return func() { late.Stop() }
}

// untilTimeUp is the context for reading sources: when the time is up, what was not read is not
// observed, and the run goes on.
func (p *pipeline) untilTimeUp(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.deadline.IsZero() {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, p.deadline, scanner.ErrTimeUp)
}

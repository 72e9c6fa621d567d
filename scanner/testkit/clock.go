package testkit

import (
	"context"
	"sync"
	"time"
)

// Clock stands still until something sleeps on it or the test moves it. A sleep returns at once, so
// that a test of a wait of hours takes no time; sleeps of several goroutines add up.
type Clock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

// NewClock returns a clock that shows a time.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move moves the clock without a sleep; by may be negative.
func (c *Clock) Move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// Sleep moves the clock and returns the context's error.
func (c *Clock) Sleep(ctx context.Context, wait time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(wait)
	c.slept = append(c.slept, wait)
	return ctx.Err()
}

// Slept is the sum of all sleeps.
func (c *Clock) Slept() (sum time.Duration) {
	for _, wait := range c.Sleeps() {
		sum += wait
	}
	return sum
}

// Sleeps returns the duration of each sleep, in order.
func (c *Clock) Sleeps() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]time.Duration(nil), c.slept...)
}

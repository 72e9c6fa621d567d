package outbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"time"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
	"guestlist/scanner/lockfile"
	"guestlist/scanner/notify"
)

// How often and how long a message is tried.
const (
	// firstPause is the most that a run waits before its second attempt; it doubles up to maxPause. A
	// random part of it is left out, so that many machines do not come back together. That, and the
	// times that are kept for later runs, is all of a backoff: a library for it has its own clock.
	firstPause = 2 * time.Second
	maxPause   = time.Minute
	// lastingPause is how long a failure that needs a person is left alone; it doubles up to
	// maxLastingPause.
	lastingPause    = 50 * time.Minute
	maxLastingPause = 24 * time.Hour
	// clockSlack is how far a clock may be corrected without a message seeming to come from the future.
	clockSlack = 5 * time.Minute
	// maxLastingFailures is how many messages of one channel may fail that way in one run.
	maxLastingFailures = 3
)

// Delivery is how messages are sent.
type Delivery struct {
	Kind    *notify.Kind
	Channel notify.Channel
	Outside *notify.Outside
	// Until is when to leave the rest to the next run.
	Until time.Time
	// Now: a person asks for it, so failures that needed a person are tried at once.
	Now bool
}

// Outcome is what became of a channel's messages.
type Outcome struct {
	Delivered int // messages
	// Failure is why the last one that failed did; nil if none did.
	Failure error
	// GivenUp says of each digest that was given up what it was and why.
	GivenUp []string
	Busy    *lockfile.LockedError // who else is sending; nil: no one
	Waiting Waiting
}

// Deliver sends what waits, in order. An error means that the outbox itself cannot be used; what
// happened to messages is in the outcome.
func (b *Box) Deliver(ctx context.Context, d *Delivery) (outcome Outcome, err error) {
	list, err := b.list()
	if err != nil || len(list) == 0 {
		return outcome, err
	}
	patient, cancel := context.WithTimeout(ctx, sendWait)
	release, err := lockfile.Lock(patient, filepath.Join(b.dir, "sending.lock"), b.outbox.Holder)
	cancel()
	switch {
	case errors.As(err, &outcome.Busy):
		outcome.Waiting, err = b.Waiting()
		return outcome, err
	case err != nil:
		return outcome, err
	}
	defer release()
	s := &sending{Box: b, Delivery: d, outcome: &outcome, done: map[int]bool{}}
	for ctx.Err() == nil && err == nil && !s.stop {
		var e *envelope
		if e, err = s.next(ctx); e == nil {
			break
		}
		err = s.send(ctx, e)
	}
	if err != nil {
		return outcome, err
	}
	outcome.Waiting, err = b.Waiting()
	return outcome, err
}

// sending is one delivery under way.
type sending struct {
	*Box
	*Delivery
	outcome *Outcome
	done    map[int]bool // what this run does not try again
	lasting int          // failures that need a person
	stop    bool         // the rest is left to the next run
	doubted attempted    // the last of which was said that it may arrive twice
}

// attempted is one message of a digest.
type attempted struct{ sequence, done int }

// next returns the first message that this run has not left to another; nil if there is none. Its
// memory is in memory.json.
func (s *sending) next(ctx context.Context) (*envelope, error) {
	release, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer release()
	if _, err := s.settle(); err != nil {
		return nil, err
	}
	list, err := s.list()
	if err != nil {
		return nil, err
	}
	for _, number := range list {
		if s.done[number] {
			continue
		}
		e, err := s.read(number)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if e != nil {
			e.Memory = nil
		}
		return e, err
	}
	return nil, nil
}

// send sends the messages of one digest. An error means that the outbox cannot be used.
func (s *sending) send(ctx context.Context, e *envelope) error {
	if e.Kind != s.Kind.Name {
		if err := e.prepare(s.Kind, s.Channel); err != nil {
			return s.failed(e, err)
		}
		if len(e.Messages) == 0 { // there is nothing that a channel of this kind says of it
			return s.remove(e)
		}
	}
	for attempt := 1; ; {
		if wait := s.waitFor(e); wait > 0 && !(s.Now && e.Lasting) {
			if !s.pause(ctx, e, wait) {
				return nil
			}
		}
		err := s.attempt(ctx, e)
		switch failure := (*notify.Failure)(nil); {
		case err == nil:
			if e.Done == len(e.Messages) {
				return s.remove(e)
			}
			attempt = 1
			continue
		case errors.As(err, new(*diskError)):
			return errors.Unwrap(err)
		case ctx.Err() != nil:
			s.outcome.Failure = errors.New("interrupted")
			return nil
		case !errors.As(err, &failure) || !failure.Temporary:
			return s.failed(e, err)
		default:
			e.Lasting, e.NotBefore = false, failure.After
		}
		if err := s.note(e, err); err != nil || s.done[e.Sequence] {
			return err
		}
		if e.NotBefore.IsZero() && !s.pause(ctx, e, pauseAfter(attempt)) {
			return nil
		}
		attempt++
	}
}

// waitFor is how long to wait before a message may be tried. If its times can only come from a clock
// that was ahead and was set back, it is tried at once: it would wait for as long as that was.
func (s *sending) waitFor(e *envelope) time.Duration {
	now := s.Outside.Now()
	wait := e.NotBefore.Sub(now)
	if wait > notify.MaxRetryAfter || e.Created.Sub(now) > clockSlack {
		return 0
	}
	return wait
}

// diskError is an error of the outbox itself.
type diskError struct{ err error }

func (e *diskError) Error() string { return e.err.Error() }
func (e *diskError) Unwrap() error { return e.err }

// attempt sends one message, and notes before that it does, and after that it was taken.
func (s *sending) attempt(ctx context.Context, e *envelope) error {
	m := e.Messages[e.Done]
	if e.Attempt != nil && s.Kind.Twice != "" {
		if doubted := (attempted{e.Sequence, e.Done}); s.doubted != doubted {
			s.doubted = doubted
			s.say("a message of %s may arrive twice: that it arrived was not confirmed", e.Created.UTC().Format(time.RFC3339))
		}
		if e.Repeats != nil {
			m.Payload = e.Repeats[e.Done]
		}
	}
	now := s.Outside.Now().UTC()
	known := e.Attempt
	e.Attempt = &now
	if err := s.write(e); err != nil {
		return &diskError{err}
	}
	s.step("the attempt is written")
	err := s.Channel.Deliver(ctx, s.Outside, &m)
	s.step("the message is sent")
	if err != nil {
		if failure := (*notify.Failure)(nil); errors.As(err, &failure) && !failure.Unsure {
			e.Attempt = known // this one was not taken
		} else if failure == nil && ctx.Err() == nil {
			e.Attempt = known
		}
		return err
	}
	s.outcome.Delivered++
	e.Done++
	e.Attempt, e.Failures, e.Lasting, e.NotBefore, e.LastError = nil, 0, false, time.Time{}, ""
	if e.Done < len(e.Messages) {
		if err := s.write(e); err != nil {
			return &diskError{err}
		}
	}
	s.step("the receipt is written")
	return nil
}

// failed keeps a message that cannot be delivered before a person does something, and goes on to
// the next one.
func (s *sending) failed(e *envelope, why error) error {
	e.Lasting = true
	e.NotBefore = s.Outside.Now().Add(doubled(lastingPause, e.Failures, maxLastingPause))
	if failure := (*notify.Failure)(nil); errors.As(why, &failure) && failure.After.After(e.NotBefore) {
		e.NotBefore = failure.After
	}
	s.done[e.Sequence] = true
	if s.lasting++; s.lasting == maxLastingFailures {
		s.stop = true
	}
	return s.note(e, why)
}

// note writes down why a message failed, or gives it up.
func (s *sending) note(e *envelope, why error) error {
	s.outcome.Failure = why
	e.Failures++
	e.LastError = inventory.Untrusted(why.Error()).String()
	if s.Outside.Now().Sub(e.Created) < GiveUpAfter {
		return s.write(e)
	}
	return s.giveUp(e)
}

// giveUp sets a message aside, and forgets what the channel was told.
func (s *sending) giveUp(e *envelope) error {
	if err := s.write(e); err != nil {
		return err
	}
	release, err := s.lock(context.Background())
	if err != nil {
		return err
	}
	defer release()
	m, err := s.settle()
	if err != nil {
		return err
	}
	m.Forget()
	if err := s.writeMemory(m); err != nil {
		return err
	}
	aside := s.path(e.Sequence) + givenUpSuffix
	if err := atomicfile.Rename(s.path(e.Sequence), aside); err != nil {
		return err
	}
	s.prune(givenUpSuffix)
	s.done[e.Sequence] = true
	s.outcome.GivenUp = append(s.outcome.GivenUp, fmt.Sprintf(
		"gave up a message of %s after %d days: %s; it is kept as %q, and the next message says again everything that is open",
		e.Created.UTC().Format(time.RFC3339), int(GiveUpAfter.Hours()/24), e.LastError, inventory.Untrusted(aside)))
	return nil
}

// pause waits, if there is time for that; otherwise it leaves the rest to the next run.
func (s *sending) pause(ctx context.Context, e *envelope, wait time.Duration) bool {
	if e.Lasting || s.Outside.Now().Add(wait).After(s.Until) {
		s.leave(e)
		if s.outcome.Failure == nil && e.LastError != "" {
			s.outcome.Failure = errors.New(e.LastError)
		}
		return false
	}
	sleep := s.Outside.Sleep
	if sleep == nil {
		sleep = realSleep
	}
	return sleep(ctx, wait) == nil
}

// leave leaves a message to the next run. The others wait as well, so that they arrive in order,
// unless that may take days.
func (s *sending) leave(e *envelope) {
	s.done[e.Sequence] = true
	s.stop = s.stop || !e.Lasting
}

// realSleep waits until the time has passed or the context ends.
func realSleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pauseAfter is how long a run waits after so many attempts.
func pauseAfter(attempts int) time.Duration {
	longest := doubled(firstPause, attempts-1, maxPause)
	return longest/2 + rand.N(longest/2)
}

func doubled(base time.Duration, times int, most time.Duration) time.Duration {
	return min(base<<min(times, 20), most)
}

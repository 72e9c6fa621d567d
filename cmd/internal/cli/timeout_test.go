package cli

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/scanner"
)

func TestARunWhoseTimeIsUpReportsAndThenEndsInAnyCase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ended := make(chan string, 2)
		run := &pipeline{env: &Env{exit: func(why string) { ended <- why }},
			options: &scanOptions{timeout: timeLimit(time.Hour)}}
		stop := run.endInTime()
		reading, cancel := run.untilTimeUp(t.Context())
		defer cancel()
		<-reading.Done()
		if !scanner.IsTimeUp(reading) || time.Since(begun) != time.Hour || t.Context().Err() != nil {
			t.Errorf("after %s: %v; the run: %v", time.Since(begun), context.Cause(reading), t.Context().Err())
		}
		time.Sleep(reportWithin - time.Second)
		if len(ended) != 0 {
			t.Errorf("ended while it reported: %q", <-ended)
		}
		if why := <-ended; why != "the run did not end within 5m0s after its time was up (--timeout 1h0m0s)" ||
			time.Since(begun) != time.Hour+reportWithin {
			t.Errorf("after %s: %q", time.Since(begun), why)
		}
		stop()

		stop = run.endInTime()
		stop()
		time.Sleep(24 * time.Hour)
		if len(ended) != 0 {
			t.Errorf("a run that was over was ended: %q", <-ended)
		}
	})
}

func TestARunWithoutALimitOrInterruptedHasNoTimeToBeUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		run := &pipeline{env: &Env{exit: func(why string) { t.Errorf("ended: %s", why) }}, options: &scanOptions{}}
		defer run.endInTime()()
		reading, cancel := run.untilTimeUp(t.Context())
		defer cancel()
		time.Sleep(1000 * time.Hour)
		if reading.Err() != nil {
			t.Error(reading.Err())
		}
		run.options.timeout = timeLimit(time.Hour)
		interrupted, interrupt := context.WithCancelCause(t.Context())
		defer run.endInTime()()
		reading, cancel = run.untilTimeUp(interrupted)
		defer cancel()
		interrupt(errors.New("ctrl-c"))
		if scanner.IsTimeUp(reading) {
			t.Error("an interrupt counts as the time being up")
		}
	})
}

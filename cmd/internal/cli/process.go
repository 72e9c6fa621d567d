package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"guestlist/scanner/guard"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

// endWithin is how long a run that was asked to end may take to clean up. There is no other way to
// end a read that hangs.
const endWithin = 10 * time.Second

// Main runs the process's own command line and returns its exit code.
func Main() int {
	collectLater()
	env := processEnv()
	env.exit = func(why string) {
		env.useLogFormat()
		env.say(anError, why, slog.Int("exit_code", report.ExitFailed))
		os.Exit(report.ExitFailed)
	}
	// The signals stay caught until the process exits: one that arrives after the report must not
	// change the exit code.
	ctx, _ := withSignals(context.Background(), env.exit)
	return Run(ctx, env)
}

// withSignals returns a context that ends with the first signal to end. It calls exit for a second
// one, or if the run does not end in time. A signal that the parent made this process ignore, as
// nohup does, stays ignored.
func withSignals(parent context.Context, exit func(why string)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	asked := make(chan os.Signal, 2)
	for _, wanted := range endSignals {
		if !signal.Ignored(wanted) {
			signal.Notify(asked, wanted)
		}
	}
	// If the reader of our output goes away, writing returns an error and the run cleans up; the
	// default, ending the process, would not.
	broken := make(chan os.Signal, 1)
	if len(pipeSignals) > 0 {
		signal.Notify(broken, pipeSignals...)
	}
	done := make(chan struct{})
	go func() {
		select {
		case <-asked:
			cancel()
		case <-done:
			return
		}
		late := time.NewTimer(endWithin)
		defer late.Stop()
		select {
		case <-asked:
			exit("interrupted twice: ended at once")
		case <-late.C:
			exit(fmt.Sprintf("interrupted: something did not stop within %s", endWithin))
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(asked)
		signal.Stop(broken)
		close(done)
		cancel()
	}
}

// run executes a command below a guard: a panic is a failed run; Go's own exit code for it would
// mean wrong usage.
func (env *Env) run(ctx context.Context, command func(context.Context) error) error {
	err := guard.Do(func() error { return command(ctx) })
	panicked, code := (*guard.PanicError)(nil), reported(0)
	switch {
	case errors.As(err, &panicked):
		for line := range strings.Lines(string(panicked.Stack)) {
			env.say(aStack, strings.TrimSuffix(line, "\n"))
		}
		return runError(panicked, "report it with the lines above, which hold nothing of what was read")
	case err != nil && ctx.Err() != nil && !errors.As(err, &code) && !errors.Is(err, errInterrupted):
		return runError(errors.New("interrupted: what was reported is not complete"))
	}
	return err
}

// errInterrupted is a run that ended before it reported, because it was asked to.
var errInterrupted = errors.New("interrupted: nothing was reported")

// stoppable writes until the context ends.
type stoppable struct {
	io.Writer
	stopped func() error
}

func (s *stoppable) Write(content []byte) (int, error) {
	if err := s.stopped(); err != nil {
		return 0, err
	}
	return s.Writer.Write(content)
}

// inTurn lets several goroutines write lines, one at a time.
type inTurn struct {
	mu sync.Mutex
	to io.Writer
}

func (w *inTurn) Write(content []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(content)
}

// untilStopped passes on pairs until the command is asked to end.
func untilStopped(env *Env, pairs iter.Seq2[snapshot.Pair, error]) iter.Seq2[snapshot.Pair, error] {
	return func(yield func(snapshot.Pair, error) bool) {
		for pair, err := range pairs {
			if stopped := env.stopped(); err == nil && stopped != nil {
				err = stopped
			}
			if !yield(pair, err) {
				return
			}
		}
	}
}

//go:build unix

package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// The test waits for the first signal before it sends the second: two at once are one.
func TestASecondSignalEndsAtOnce(t *testing.T) {
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	exits := make(chan string, 1)
	ctx, stop := withSignals(t.Context(), func(why string) { exits <- why })
	defer stop()
	send(t, syscall.SIGHUP) // whoever started the program wants it to outlive the terminal
	if ctx.Err() != nil {
		t.Error("an ignored signal ended the run")
	}
	send(t, syscall.SIGTERM)
	<-ctx.Done()
	if len(exits) != 0 {
		t.Errorf("the first signal: %q", <-exits)
	}
	send(t, syscall.SIGTERM)
	if why := <-exits; why != "interrupted twice: ended at once" {
		t.Errorf("the second signal: %q", why)
	}
}

func TestARunThatIsOverIsNotInterrupted(t *testing.T) {
	ctx, stop := withSignals(context.Background(), func(why string) { t.Errorf("exit: %s", why) })
	stop()
	if ctx.Err() == nil {
		t.Error("the context lives on")
	}
}

func send(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), signal); err != nil {
		t.Fatal(err)
	}
}

package guard_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner/guard"
)

func TestAPanicIsAnErrorThatSaysWhereItWas(t *testing.T) {
	t.Parallel()
	var list []int
	for name, work := range map[string]func() error{
		"our-own":       func() error { panic("a \x1b[31mred\x1b[0m fault") },
		"the-runtime's": func() error { return errors.Join(nil, errors.New(string(rune(list[len(name(3))])))) },
		"an-error":      func() error { panic(errors.New("wrapped")) },
		"nil":           func() error { panic(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var group errgroup.Group
			group.Go(guard.Go(work))
			err := group.Wait()
			panicked := (*guard.PanicError)(nil)
			if !errors.As(err, &panicked) {
				t.Fatalf("got %v", err)
			}
			if !strings.HasPrefix(panicked.Where, "guard/guard_test.go:") || len(panicked.Stack) == 0 {
				t.Errorf("it was at %q", panicked.Where)
			}
			if text := err.Error(); !strings.HasPrefix(text, "this is a bug in guestlist, please report it: ") ||
				strings.Contains(text, "\x1b") {
				t.Errorf("it says %q", text)
			}
		})
	}
}

func TestWhatDoesNotPanicIsPassedOn(t *testing.T) {
	t.Parallel()
	want := errors.New("an ordinary error")
	if err := guard.Do(func() error { return want }); err != want {
		t.Errorf("got %v", err)
	}
	if err := guard.Do(func() error { return nil }); err != nil {
		t.Errorf("got %v", err)
	}
}

func name(length int) string { return strings.Repeat("x", length) }

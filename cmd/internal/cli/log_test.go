package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/inventory"
)

// Whatever writes to stderr by itself, such as a library, is turned into records line by line.
func TestEveryLineOnStderrIsARecordWhoeverWritesIt(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	env := &Env{Args: []string{"scan", "--log-format", "json"}, Stderr: &stderr, Now: func() time.Time { return demoNow }}
	finish := env.useLogFormat()
	io.WriteString(env.Stderr, "guestlist: warning: one\nguestlist: tw")
	io.WriteString(env.Stderr, "o\n\n  three\x1b[31m\u202e\xff\nguestlist: stack: main.go:1\nthe last without an end")
	env.warn("of %v", inventory.Untrusted("a \x1b]0;name\u202e"))
	env.hint("\n two lines\n")
	env.say(anError, "no end", slog.Int("exit_code", 1))
	env.log(true).With("a", 1).WithGroup("g").Debug("asked", "app", inventory.Untrusted("\u202ex"), "error", errors.New("\u202ey"),
		"for", time.Second, "list", []string{"z"})
	env.log(false).Error("not asked for")
	finish()
	const front = `{"time":"2026-11-23T09:00:00Z","level":`
	want := []string{
		`"WARN","msg":"one"}`, `"INFO","msg":"two"}`, `"INFO","msg":"three\\u{001B}[31m\\u{202E}\\x{FF}"}`,
		`"ERROR","msg":"main.go:1","kind":"stack"}`, `"WARN","msg":"of a \\u{001B}]0;name\\u{202E}"}`,
		`"INFO","msg":"two lines","kind":"hint"}`, `"ERROR","msg":"no end","exit_code":1}`,
		`"DEBUG","msg":"asked","a":1,"g":{"app":"\\u{202E}x","error":"\\u{202E}y","for":1000000000,"list":["z"]}}`,
		`"INFO","msg":"the last without an end"}`,
	}
	if got := stderr.String(); got != front+strings.Join(want, "\n"+front)+"\n" {
		t.Errorf("got\n%swant\n%s", got, strings.Join(want, "\n"))
	}
	for line := range strings.Lines(stderr.String()) {
		if err := checkRecord(line); err != nil {
			t.Error(err)
		}
	}
}

func TestTheFormatOfLogsIsFoundBeforeTheFlagsAreRead(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"scan": "", "scan --log-format json": "json", "--log-format=json scan": "json", "scan --bogus --log-format text": "text",
		"scan --log-format": "", "scan --log-format= x": "", "schedule -- scan --log-format json": "",
		"scan --log-format json --log-format text": "text", "scan --log-formats json": "",
	} {
		if got := logFormat(strings.Fields(line)); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestAPanicIsLoggedLineByLine(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	env := &Env{Args: []string{"version", "--log-format", "json"}, Stdout: failing{}, Stderr: &stderr,
		Now: func() time.Time { return demoNow }, Getenv: func(string) string { return "" }}
	if code := Run(context.Background(), env); code != 1 {
		t.Errorf("exit code %d", code)
	}
	lines := 0
	for line := range strings.Lines(stderr.String()) {
		lines++
		if err := checkRecord(line); err != nil {
			t.Error(err)
		}
	}
	if lines < 5 || !strings.Contains(stderr.String(), fmt.Sprintf("%q:%q", "kind", "stack")) ||
		!strings.Contains(stderr.String(), `"level":"ERROR","msg":"this is a bug in guestlist`) {
		t.Errorf("stderr:\n%s", &stderr)
	}
}

// failing is a stream with a bug.
type failing struct{}

func (failing) Write([]byte) (int, error) { panic("out of its mind") }

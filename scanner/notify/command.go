package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

var commandKind = &Kind{
	Name: "command", About: "a command that reads the message on its standard input",
	Help: `The command runs without a shell. It gets the message on its standard input, GUESTLIST_MESSAGE_ID, ` +
		`GUESTLIST_CHANNEL, GUESTLIST_OCCASION and GUESTLIST_CONTENT_TYPE in its environment, and beside them only PATH, ` +
		`HOME, LANG, LC_ALL and TMPDIR; environment names more variables to pass on. Exit code 0 is a receipt, 75 ` +
		`(EX_TEMPFAIL) asks for another attempt, and any other is an error. What it writes to standard error is quoted in ` +
		`the error, without the values of environment. It has 60 seconds, then it and all that it started are killed.`,
	Keys: []Key{
		{Name: "command", Type: ListKey, Required: true, About: "the command and its arguments",
			Example: `["/usr/local/bin/tell-us", "--from", "guestlist"]`},
		contentKey("digest", "text", "markdown", "report", "page"),
		{Name: "environment", Type: ListKey, About: "the variables to pass on", Example: `["LOGGER_TOKEN"]`},
	},
	Whole: true,
	Twice: "A message may be handed over twice after a crash or when the command is killed, with the same GUESTLIST_MESSAGE_ID: the command must ignore an id that it knows.",
	New:   newCommand,
}

const (
	commandTime    = 60 * time.Second
	commandGrace   = 2 * time.Second // for its output to end after it was killed
	exitTemporary  = 75              // EX_TEMPFAIL of sysexits.h
	maxStderrBytes = 4 << 10
)

// environment are the variables that every command gets, where they are set.
var environment = []string{
	"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR",
	"USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", // on Windows, where Go adds SYSTEMROOT
}

// command hands messages to a program of this machine.
type command struct {
	argv        []string
	environment []string
	content     content
	time        time.Duration
}

func newCommand(s Settings) (Channel, error) {
	c := &command{argv: s.Lists["command"], environment: s.Lists["environment"],
		content: contentNamed(s.Texts["format"], "digest"), time: commandTime}
	if len(c.argv) == 0 || c.argv[0] == "" {
		return nil, errors.New(`command must name a program, such as ["/usr/local/bin/tell-us"]`)
	}
	for _, name := range c.environment {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return nil, fmt.Errorf("environment: %q is not the name of a variable", inventory.Untrusted(name))
		}
	}
	return c, nil
}

// Prepare implements [Channel].
func (c *command) Prepare(d *Digest) ([]Payload, error) {
	payloads, err := c.content.payload(d)
	for i := range payloads {
		payloads[i].About = map[string]string{"occasion": string(d.Occasion)}
	}
	return payloads, err
}

// Check implements [Channel].
func (c *command) Check(context.Context, *Outside) error {
	if _, err := exec.LookPath(c.argv[0]); err != nil {
		return c.failure(err, "")
	}
	return nil
}

// Deliver implements [Channel].
func (c *command) Deliver(ctx context.Context, out *Outside, m *Message) error {
	ctx, cancel := context.WithTimeout(ctx, c.time)
	defer cancel()
	run := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	run.Env = c.variables(out, m)
	run.Stdin = bytes.NewReader(m.Body)
	run.Stdout = io.Discard
	stderr := &head{most: maxStderrBytes}
	run.Stderr = stderr
	run.WaitDelay = commandGrace
	killGroup(run)
	err := run.Run()
	if err != nil && ctx.Err() != nil {
		f := &Failure{Host: c.argv[0], Temporary: true, Unsure: true, Detail: "it was interrupted"}
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			f.Detail = inventory.Textf("it did not finish within %v and was killed", c.time)
		}
		return f
	}
	return c.failure(err, masked(string(stderr.text), c.passed(out)))
}

// passed are the values of the variables to pass on, which may be secret.
func (c *command) passed(out *Outside) []string {
	var values []string
	for _, name := range c.environment {
		if value := out.Getenv(name); len(value) >= minSecretBytes {
			values = append(values, value)
		}
	}
	return values
}

// variables are the environment of the command.
func (c *command) variables(out *Outside, m *Message) []string {
	list := []string{"GUESTLIST_MESSAGE_ID=" + m.ID, "GUESTLIST_CHANNEL=" + m.Channel,
		"GUESTLIST_OCCASION=" + m.About["occasion"], "GUESTLIST_CONTENT_TYPE=" + m.ContentType}
	for _, name := range slices.Concat(environment, c.environment) {
		if value := out.Getenv(name); value != "" {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// failure says how the command failed; nil if it did not.
func (c *command) failure(err error, stderr inventory.Untrusted) error {
	f := &Failure{Host: c.argv[0], Detail: stderr}
	var ended *exec.ExitError
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // it ended well, and left something running
		return nil
	case !errors.As(err, &ended):
		f.Detail = inventory.Textf("it cannot be run: %v", reasonOf(err))
	default:
		f.Status = max(ended.ExitCode(), 0)
		f.Temporary = f.Status == exitTemporary
		if f.Detail == "" {
			f.Detail = inventory.Textf("%v", ended)
		}
	}
	return f
}

// reasonOf is an error without the path of the program, which the failure names.
func reasonOf(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

// head keeps the beginning of what is written.
type head struct {
	text []byte
	most int
}

func (h *head) Write(text []byte) (int, error) {
	h.text = append(h.text, text[:min(len(text), h.most-len(h.text))]...)
	return len(text), nil
}

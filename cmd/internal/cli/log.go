package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"guestlist/scanner/inventory"
)

// What goes to stderr is for people, a line each with "guestlist: " in front, or with --log-format
// json for programs: an object a line, as log/slog writes it, with time, level, msg and attributes.
const (
	logFormatFlag = "log-format"
	textLogs      = "text"
	jsonLogs      = "json"
)

var logFormats = vocabulary{one: "a format of logs", all: "formats", words: []string{textLogs, jsonLogs},
	others: map[string]string{"plain": textLogs, "logfmt": textLogs, "jsonl": jsonLogs, "ndjson": jsonLogs}}

// logFormat is the value of --log-format on a command line, wherever it is: what is wrong with other
// flags is said in that format too. It is "" if there is none.
func logFormat(args []string) string {
	format := ""
	for n, argument := range args {
		name, value, joined := strings.Cut(argument, "=")
		switch {
		case argument == "--":
			return format
		case name != "--"+logFormatFlag:
		case joined:
			format = value
		case n+1 < len(args):
			format = args[n+1]
		}
	}
	return format
}

// kind is a kind of line on stderr, which stands in front of it.
type kind struct {
	name  string
	level slog.Level
}

var (
	anError   = kind{"error", slog.LevelError}
	aStack    = kind{"stack", slog.LevelError}
	aWarning  = kind{"warning", slog.LevelWarn}
	aHint     = kind{"hint", slog.LevelInfo}
	aNotice   = kind{"", slog.LevelInfo}
	lineKinds = []kind{anError, aStack, aWarning, aHint}
)

// say writes a line to stderr. Attributes are for programs: the text says the same.
func (env *Env) say(k kind, text string, attributes ...slog.Attr) {
	if env.records != nil {
		env.records.add(k, text, attributes...)
		return
	}
	front := "guestlist: "
	if k.name != "" {
		front += k.name + ": "
	}
	fmt.Fprintln(env.Stderr, front+text)
}

func (env *Env) hint(format string, args ...any) { env.say(aHint, fmt.Sprintf(format, args...)) }

func (env *Env) warn(format string, args ...any) { env.say(aWarning, fmt.Sprintf(format, args...)) }

// useLogFormat makes everything that is written to stderr JSON, if that was asked for: also what
// does not come through say. The returned function writes the rest of an unfinished line.
func (env *Env) useLogFormat() (finish func()) {
	if logFormat(env.Args) != jsonLogs {
		return func() {}
	}
	env.records = newRecords(env.Stderr, env.Now)
	lines := &recordedLines{to: env.records}
	env.Stderr = lines
	return lines.finish
}

// log is where providers write what they do. Text has no times, so that the output of two runs is
// the same.
func (env *Env) log(debug bool) *slog.Logger {
	switch {
	case !debug:
		return slog.New(slog.DiscardHandler)
	case env.records != nil:
		return slog.New(env.records)
	}
	return slog.New(slog.NewTextHandler(env.Stderr, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(groups []string, attribute slog.Attr) slog.Attr {
			if len(groups) == 0 && attribute.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return attribute
		},
	}))
}

// records is a JSON handler with the clock of the run, whose texts hold nothing that acts on who
// reads them.
type records struct {
	slog.Handler
	now func() time.Time
}

func newRecords(w io.Writer, now func() time.Time) *records {
	return &records{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: harmless}), now}
}

// harmless escapes foreign text in values, as everywhere else for people.
func harmless(_ []string, attribute slog.Attr) slog.Attr {
	switch value := attribute.Value.Any().(type) {
	case string:
		attribute.Value = slog.StringValue(inventory.Untrusted(value).String())
	case error:
		attribute.Value = slog.StringValue(inventory.Untrusted(value.Error()).String())
	case fmt.Stringer:
		if attribute.Value.Kind() == slog.KindAny {
			attribute.Value = slog.StringValue(inventory.Untrusted(value.String()).String())
		}
	}
	return attribute
}

// Handle implements [slog.Handler].
func (r *records) Handle(ctx context.Context, record slog.Record) error {
	record.Time = r.now().UTC()
	return r.Handler.Handle(ctx, record)
}

// WithAttrs implements [slog.Handler].
func (r *records) WithAttrs(attributes []slog.Attr) slog.Handler {
	return &records{r.Handler.WithAttrs(attributes), r.now}
}

// WithGroup implements [slog.Handler].
func (r *records) WithGroup(name string) slog.Handler {
	return &records{r.Handler.WithGroup(name), r.now}
}

// add writes a record. That stderr cannot be written is no reason to end a run.
func (r *records) add(k kind, text string, attributes ...slog.Attr) {
	text = strings.ReplaceAll(strings.TrimSpace(text), "\n", " ")
	record := slog.NewRecord(time.Time{}, k.level, text, 0)
	if k.name != "" && k != anError && k != aWarning { // these are levels
		record.AddAttrs(slog.String("kind", k.name))
	}
	record.AddAttrs(attributes...)
	r.Handle(context.Background(), record)
}

// recordedLines turns lines of text into records.
type recordedLines struct {
	to   *records
	mu   sync.Mutex
	rest []byte // of a line without its end
}

// Write implements [io.Writer].
func (l *recordedLines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, text...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			return len(text), nil
		}
		l.add(string(line))
		l.rest = rest
	}
}

func (l *recordedLines) finish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.add(string(l.rest))
	l.rest = nil
}

func (l *recordedLines) add(line string) {
	line = strings.TrimPrefix(line, "guestlist: ")
	if strings.TrimSpace(line) == "" {
		return
	}
	for _, k := range lineKinds {
		if text, found := strings.CutPrefix(line, k.name+": "); found {
			l.to.add(k, text)
			return
		}
	}
	l.to.add(aNotice, line)
}

package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

func newAllowReview(env *Env) *cobra.Command {
	var o objectionFlags
	cmd := &cobra.Command{
		Use:   "review",
		Short: "Decide about what is pending or expiring, one key for each",
		Long: `review walks through what the newest kept scans found that waits for a decision: apps that no entry
names, entries that are not filled in, decisions that are due, approvals that expire or that the app
has outgrown. One key answers; each answer is written at once, so that leaving early loses nothing.
Owner and reason are asked once and offered again.`,
		Example:           "  guestlist allow review --owner it@acme.example",
		Args:              exactly(0, "no arguments"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(_ *cobra.Command, _ []string) error { return env.allowReview(&o) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.owner, "owner", "", ownerUsage)
	flags.StringVar(&o.expires, "expires", "", expiresUsage)
	flags.StringVar(&o.from, "from", "", "review what the snapshot `FILE` holds instead of the newest that are kept")
	o.add(cmd)
	return cmd
}

// reviewer asks a person about one thing after the other.
type reviewer struct {
	env      *Env
	flags    *objectionFlags
	in       *bufio.Reader
	observed *observedApps
	reasons  map[string]string // the last one that was given, by answer
	until    string
	decided  int
}

// question is one thing to decide about: an entry of a report, or, where no scan saw what it names,
// an entry of the list, with what the list says of it.
type question struct {
	report *report.Report
	entry  *report.Entry
	kind   inventory.Kind
	rule   diff.Rule
	ids    []inventory.Untrusted
	said   []allowlist.Statement
}

// answers are the keys, in the order in which they are offered.
var answers = []struct {
	key  byte
	word string
	help string
}{
	{'a', "approve", "approve it, pinned to what it may do now"},
	{'d', "deny", "deny it: whoever has it is reported"},
	{'l', "later", "let the decision wait until a day"},
	{'s', "skip", "leave it as it is, and go on"},
	{'q', "quit", "leave the rest as it is"},
	{'?', "more", "show everything about it"},
}

func (env *Env) allowReview(o *objectionFlags) error {
	if !env.StdinTerminal || !env.StdoutTerminal {
		return usageError(errors.New("review asks questions, and stdin or stdout is not a terminal"),
			"guestlist allow add, deny and defer decide without asking", "guestlist allow lint lists what is pending")
	}
	if o.expires != "" {
		if _, err := parseDay("--expires", o.expires, env.today()); err != nil {
			return err
		}
	}
	observed, err := env.observed(o.from)
	if err != nil {
		return err
	}
	v := &reviewer{env: env, flags: o, in: bufio.NewReader(env.Stdin), observed: observed, reasons: make(map[string]string)}
	questions, err := v.questions()
	if err != nil {
		return err
	}
	if len(questions) == 0 {
		return v.say("Nothing waits for a decision in what the newest kept scans saw.\n")
	}
	for n := range questions {
		goOn, err := v.ask(&questions[n], n+1, len(questions))
		if err != nil {
			return err
		}
		if !goOn {
			return v.say("Decided %d of %d.\n", v.decided, len(questions))
		}
	}
	return v.say("Decided %d of %d.\n", v.decided, len(questions))
}

// reviewed are the rules whose findings wait for a decision.
var reviewed = []diff.Rule{diff.Unapproved, diff.ApprovalPending, diff.ApprovalExpired, diff.ApprovalExpiring,
	diff.DriftPermissions, diff.DriftPublisher, diff.DriftVersion, diff.DriftOrigin}

// questions judges the snapshots by the allowlist as it is now.
func (v *reviewer) questions() ([]question, error) {
	paths, err := v.env.snapshotsFor(v.flags.from)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, usageError(errors.New("no scan is kept to review"), "guestlist scan")
	}
	e, err := v.env.editList(&v.flags.editFlags, true)
	if err != nil {
		return nil, err
	}
	var all []question
	seen := make(map[string]bool)
	for _, path := range paths {
		r, err := v.env.judged(path, e.list, v.flags.owner)
		if err != nil {
			return nil, err
		}
		for n := range r.Entries {
			entry := &r.Entries[n]
			if q, found := questionOf(r, entry); found && !seen[entry.ID] {
				seen[entry.ID] = true
				all = append(all, q)
			}
		}
	}
	return append(all, v.unseen(e.list, all)...), nil
}

// unseen are the entries that wait, or are about to expire, of apps that no kept scan saw.
func (v *reviewer) unseen(list *allowlist.List, asked []question) []question {
	now := v.env.Now().UTC()
	var unseen []question
	for _, entry := range list.Entries() {
		if entry.Preset != "" || len(entry.IDs) == 0 || slices.ContainsFunc(asked, func(q question) bool {
			return slices.ContainsFunc(q.ids, func(id inventory.Untrusted) bool { return entry.NamesApp(q.kind, id) })
		}) {
			continue
		}
		rule := diff.ApprovalPending
		waits := entry.Part == allowlist.PartAllow && len(entry.Pending()) > 0 ||
			entry.Part == allowlist.PartDefer && !entry.IsDeferred(now)
		if !waits && entry.Part == allowlist.PartAllow {
			last := list.ExpiresOn(entry)
			waits = !last.IsZero() && v.env.today().Add(list.Policy.Notice).Compare(last) >= 0
			rule = diff.ApprovalExpiring
		}
		if waits {
			unseen = append(unseen, question{kind: entry.Kind, rule: rule, ids: entry.IDs[:1],
				said: list.Explain(entry.IDs[0], now)})
		}
	}
	return unseen
}

func questionOf(r *report.Report, entry *report.Entry) (question, bool) {
	for _, f := range entry.Findings {
		if slices.Contains(reviewed, f.Rule) && len(f.AppIDs()) > 0 {
			return question{report: r, entry: entry, kind: entry.Kind, rule: f.Rule, ids: f.AppIDs()}, true
		}
	}
	return question{}, false
}

// judged is the report of a snapshot, judged by a list and compared with nothing. Entries that it
// proposes have the owner.
func (env *Env) judged(path string, list *allowlist.List, owner string) (*report.Report, error) {
	file := namedFile{"--from", path}
	run, err := env.prepareWithout(&scanOptions{baseline: none, save: none, quiet: true, purpose: purpose{owner: owner}}, file)
	if err != nil {
		return nil, err
	}
	run.once, run.allowlist, run.outputs, run.named = true, list, nil, []namedFile{file}
	return run.judge(at(path), "")
}

func (v *reviewer) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(v.env.Stdout, format, args...); err != nil {
		return runError(fmt.Errorf("writing to stdout: %w", err))
	}
	return nil
}

// ask asks about one thing until it is answered; false if the person has had enough.
func (v *reviewer) ask(q *question, number, total int) (goOn bool, err error) {
	if err := v.show(q, number, total, false); err != nil {
		return false, err
	}
	for {
		if err := v.say("%s ", choices()); err != nil {
			return false, err
		}
		key, err := v.key()
		if err != nil || key == 'q' {
			return false, err
		}
		switch key {
		case 's':
			return true, nil
		case '?':
			err = v.show(q, number, total, true)
		case 'a', 'd', 'l':
			err = v.decide(q, key)
			if !errors.Is(err, errNoAnswer) {
				return err == nil, err
			}
			err = nil
		default:
			err = v.help()
		}
		if err != nil {
			return false, err
		}
	}
}

// choices are the keys with what they mean: "[a]pprove [d]eny".
func choices() string {
	words := make([]string, len(answers))
	for n, answer := range answers {
		words[n] = fmt.Sprintf("[%c]%s", answer.key, strings.TrimPrefix(answer.word, string(answer.key)))
	}
	return strings.Join(words, " ") + ":"
}

func (v *reviewer) help() error {
	for _, answer := range answers {
		if err := v.say("  %c  %s\n", answer.key, answer.help); err != nil {
			return err
		}
	}
	return nil
}

// reviewLines is how many lines of the screen the number, the question and two answers take.
const reviewLines = 5

// show shows what there is to decide about, as much of it as fits the screen, or all.
func (v *reviewer) show(q *question, number, total int, whole bool) error {
	lines, err := v.lines(q)
	if err != nil {
		return err
	}
	if most := max(3, v.env.Height-reviewLines); !whole && len(lines) > most {
		left := len(lines) - most + 1
		lines = append(lines[:most-1], fmt.Sprintf("  … %s more, with ?", counted(left, "line", "lines")))
	}
	return v.say("\n%d of %d\n%s\n", number, total, strings.Join(lines, "\n"))
}

// lines are everything about what is asked, in the width of the screen.
func (v *reviewer) lines(q *question) ([]string, error) {
	var card bytes.Buffer
	if q.entry == nil {
		fmt.Fprintf(&card, "%s, which no kept scan saw\n", appID(q.kind, q.ids[0]))
		for _, statement := range q.said {
			card.WriteString(indented(fmt.Sprintf("%v: %s", statement.Position, statement.Text), 1, v.env.Width))
		}
		return strings.Split(strings.TrimSpace(card.String()), "\n"), nil
	}
	style := report.Style{Terminal: true, Width: v.env.Width, Color: v.env.colored(v.flags.color)}
	err := report.WriteEntry(&card, q.report, q.entry, style)
	return strings.Split(strings.Trim(card.String(), "\n"), "\n"), err
}

// Keys that a terminal sends for Ctrl-C and Ctrl-D.
const (
	keyInterrupt = 0x03
	keyEnd       = 0x04
)

// key reads one key, or, where the terminal does not pass on keys, the first letter of a line. The
// end of the input is the wish to quit.
func (v *reviewer) key() (byte, error) {
	restore, err := func() (func(), error) {
		if v.env.RawInput == nil {
			return nil, errors.ErrUnsupported
		}
		return v.env.RawInput()
	}()
	if err != nil {
		line, err := v.line()
		return append([]byte(strings.ToLower(line)), ' ')[0], err
	}
	key, err := v.in.ReadByte()
	restore()
	switch {
	case err != nil || key == keyInterrupt || key == keyEnd:
		return 'q', v.say("\n")
	case key >= 'A' && key <= 'Z':
		key += 'a' - 'A'
	}
	if key < ' ' || key > '~' {
		return ' ', v.say("\n")
	}
	return key, v.say("%c\n", key)
}

// line reads a line. One of its end alone is empty.
func (v *reviewer) line() (string, error) {
	line, err := v.in.ReadString('\n')
	if err != nil && line == "" {
		if errors.Is(err, io.EOF) {
			return "q", nil
		}
		return "", runError(fmt.Errorf("reading from the terminal: %w", err))
	}
	return strings.TrimSpace(line), nil
}

// errNoAnswer: a question that was needed was not answered, so the thing is asked about again.
var errNoAnswer = errors.New("no answer")

// text asks for a text, and offers the last one.
func (v *reviewer) text(what, last string) (string, error) {
	offer := ""
	if last != "" {
		offer = fmt.Sprintf(" [%s]", inventory.Untrusted(last))
	}
	if err := v.say("%s%s: ", what, offer); err != nil {
		return "", err
	}
	text, err := v.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", runError(fmt.Errorf("reading from the terminal: %w", err))
	}
	if text = cmp.Or(strings.TrimSpace(text), last); text == "" {
		return "", errors.Join(errNoAnswer, v.say("It needs one: nothing was changed.\n"))
	}
	return text, nil
}

// decide asks what is still to be known, and writes the answer.
func (v *reviewer) decide(q *question, key byte) error {
	if v.flags.owner == "" && key != 'd' {
		owner, err := v.text("Owner, such as it@acme.example", "")
		if err != nil {
			return err
		}
		v.flags.owner = owner
	}
	reason, err := v.text("Reason", v.reasons[string(key)])
	if err != nil {
		return err
	}
	v.reasons[string(key)] = reason
	var until allowlist.Date
	if key == 'l' {
		text, err := v.text("Until, a day or a number of days", cmp.Or(v.until, "30d"))
		if err != nil {
			return err
		}
		if until, err = parseDay("until", text, v.env.today()); err != nil {
			return errors.Join(errNoAnswer, v.say("%v\n", err))
		}
		v.until = text
	}
	return v.write(q, key, reason, until)
}

// write edits the list as it is now: another person may have changed it since the last answer.
func (v *reviewer) write(q *question, key byte, reason string, until allowlist.Date) error {
	e, err := v.env.editList(&v.flags.editFlags, true)
	if err != nil {
		return err
	}
	for _, id := range q.ids {
		a, err := v.observed.meant(id.String(), history.Query{Text: id, Topic: history.TopicApp, Kind: q.kind}, "")
		if err == nil {
			err = v.apply(e, q, a, key, reason, until)
		}
		if failed := (*failure)(nil); errors.As(err, &failed) && failed.code == report.ExitUsage { // it can be answered otherwise
			return errors.Join(errNoAnswer, v.say("%v\n", failed))
		}
		if err != nil {
			return err
		}
	}
	if err := e.finish(); err != nil {
		return err
	}
	v.decided++
	return nil
}

func (v *reviewer) apply(e *listEdit, q *question, a *app, key byte, reason string, until allowlist.Date) error {
	if key != 'a' {
		return e.object(a, allowlist.Objection{Reason: reason, Owner: v.flags.owner, Until: until})
	}
	decision := v.flags.decisionFlags
	decision.reason = reason
	approval, err := v.env.approval(&decision)
	if err != nil {
		return err
	}
	now := pins{observed: true, given: true}
	if q.rule == diff.Unapproved || q.rule == diff.ApprovalPending {
		return e.approve(a, approval, now)
	}
	for _, entry := range e.entriesOf(a.kind, a.id) {
		if entry.Part == allowlist.PartAllow && entry.Preset == "" {
			return e.renew(entry, v.observed, approval, now)
		}
	}
	return e.approve(a, approval, now)
}

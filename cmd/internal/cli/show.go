package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/allowlist/strict"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

// showOptions are the flags of show.
type showOptions struct {
	snapshots          []string
	allowlist, between string
	within             string
	output, color      string
	noPager            bool
}

// maxCandidates is how many things are listed that a word may mean.
const maxCandidates = 20

func newShow(env *Env) *cobra.Command {
	var options showOptions
	cmd := &cobra.Command{
		Use:   "show WHAT",
		Short: "Show all that is known of one app, person, account, browser profile, repository or allowlist entry",
		Long: `show says what one thing is, what it may do, who let it in and when, what the allowlist says of
it, and what earlier scans saw of it. It reads the snapshots that scans keep, and scans nothing.

WHAT is an ID or a name that only one thing has: of an app, a vendor's project or client ID, a
login, an account's ID, a browser profile, a repository, or an entry of the allowlist. Where
several have it they are listed, each with what to type: app:WHAT, person:WHAT, account:WHAT,
profile:WHAT, repository:WHAT, project:WHAT, entry:WHAT, or the kind of an app: extension:WHAT.

--between A B says what scans saw from A to B: which versions, and when. Where no scan looked, or
could not read the place, it says so, and never "no". Without any scan that knows, the exit code is
4. What is kept of earlier scans, guestlist help configuration says.`,
		Example: `  guestlist show cjpalhdlnbpafiamejdnhcphjbkeiagm
  guestlist show it@acme.example --output json
  guestlist show "Acme Notes" --between 2026-11-01 2026-11-05`,
		Args:              between(1, 2, "one ID or name, and with --between A the time B"),
		ValidArgsFunction: env.completeShown,
		RunE: func(_ *cobra.Command, args []string) error {
			return env.show(&options, args)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&options.snapshots, "snapshot", nil,
		"look into the snapshot `FILE` instead of what is kept (repeatable)")
	flags.StringVar(&options.allowlist, "allowlist", "", allowlistUsage)
	flags.StringVar(&options.between, "between", "",
		"say what scans saw from `A` to B: days such as 2026-11-01, or RFC 3339 times")
	flags.StringVar(&options.within, "in", "", "where several of a name are in different places, that in this `PLACE`: an organization, a machine")
	flags.StringVarP(&options.output, "output", "o", "text",
		"write it as `FORMAT[=PATH]`: "+strings.Join(showWords().words, ", "))
	flags.StringVar(&options.color, "color", "auto", "colour the text `WHEN`: "+strings.Join(colorModes.words, ", "))
	addNoPagerFlag(flags, &options.noPager)
	cmd.RegisterFlagCompletionFunc("output", showWords().complete) // the flag is there
	return cmd
}

func showWords() vocabulary {
	words := vocabulary{one: "a format of show", all: "formats",
		others: map[string]string{"table": "text", "plain": "text", "txt": "text"}}
	for _, format := range report.ShowFormats {
		words.words, words.about = append(words.words, format.Name), append(words.about, format.About)
	}
	return words
}

// shower is one run of show.
type shower struct {
	env     *Env
	options *showOptions
	query   history.Query
	list    *allowlist.List
	// latest are the snapshots that say what is there now, the newest first; all are all that are
	// kept, the oldest first.
	latest, all []string
	broken      map[string]bool
}

func (env *Env) show(o *showOptions, args []string) error {
	format, path, err := parseShowOutput(o.output)
	if err != nil {
		return err
	}
	if err := colorModes.check("--color: ", o.color); err != nil {
		return err
	}
	what, window, err := parseWindow(o.between, args)
	if err != nil {
		return err
	}
	s := &shower{env: env, options: o, query: history.ParseQuery(what), broken: make(map[string]bool)}
	if s.list, err = env.loadAllowlist(namedFile{"--allowlist", o.allowlist}); err != nil {
		return err
	}
	if err := s.gather(); err != nil {
		return err
	}
	shown, err := s.find(what, window)
	if err != nil {
		return err
	}
	if err := s.write(shown, format, path); err != nil {
		return err
	}
	if shown.Window != nil && shown.Window.IsUnknown() {
		return reported(report.ExitIncomplete)
	}
	return nil
}

// parseShowOutput reads FORMAT[=PATH].
func parseShowOutput(text string) (report.ShowFormat, string, error) {
	name, path, err := splitOutput(text, showWords())
	if err != nil {
		return report.ShowFormat{}, "", err
	}
	n := slices.IndexFunc(report.ShowFormats, func(format report.ShowFormat) bool { return format.Name == name })
	return report.ShowFormats[n], path, nil
}

// splitOutput reads FORMAT[=PATH]; no path is stdout.
func splitOutput(text string, formats vocabulary) (name, path string, err error) {
	name, path, hasPath := strings.Cut(text, "=")
	if err := formats.check("--output: ", name); err != nil {
		return "", "", err
	}
	if hasPath && path == "" {
		return "", "", usageError(fmt.Errorf("--output: no path after %q", inventory.Untrusted(text)),
			"--output "+name+"=FILE")
	}
	if path == "-" {
		path = ""
	}
	return name, path, nil
}

// window is a period that is asked about.
type window struct{ from, to time.Time }

const windowHint = "--between 2026-11-01 2026-11-05"

// parseWindow reads --between, whose second time a shell passes as a separate argument, and returns
// the remaining argument.
func parseWindow(between string, args []string) (what string, w *window, err error) {
	from, to, joined := strings.Cut(between, "..")
	switch {
	case between == "" && len(args) == 2:
		return "", nil, usageError(fmt.Errorf("guestlist show takes one ID or name, but %q and %q were given",
			inventory.Untrusted(args[0]),
			inventory.Untrusted(args[1])), "put a name with spaces in quotes")
	case between == "":
		return args[0], nil, nil
	case joined && len(args) == 2, !joined && len(args) == 1:
		return "", nil, usageError(errors.New("--between takes two times and is about one thing"),
			"guestlist show ID "+windowHint)
	case !joined && isTime(args[0]) && !isTime(args[1]): // --between A B WHAT
		to, args = args[0], args[1:]
	case !joined:
		to = args[1]
	}
	w = &window{}
	if w.from, err = parseTime(from, false); err != nil {
		return "", nil, err
	}
	if w.to, err = parseTime(to, true); err != nil {
		return "", nil, err
	}
	if w.to.Before(w.from) {
		return "", nil, usageError(fmt.Errorf("--between: %s is before %s", inventory.Untrusted(to),
			inventory.Untrusted(from)), "name the earlier time first")
	}
	return args[0], w, nil
}

func isTime(text string) bool {
	_, err := parseTime(text, false)
	return err == nil
}

// parseTime reads a day or a time. As the end of a window a day is its last moment.
func parseTime(text string, end bool) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if end {
			return day.AddDate(0, 0, 1).Add(-time.Nanosecond), nil
		}
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, usageError(fmt.Errorf("--between: %q is neither a day nor a time", inventory.Untrusted(text)), windowHint)
	}
	return at.UTC(), nil
}

// gather finds the snapshots: the named ones, or else those that are kept.
func (s *shower) gather() error {
	if len(s.options.snapshots) > 0 {
		for _, path := range s.options.snapshots {
			reader, err := (namedFile{"--snapshot", path}).open()
			if err != nil {
				return err
			}
			reader.Close()
		}
		s.all = s.options.snapshots
		s.latest = slices.Clone(s.all)
		slices.Reverse(s.latest)
		return nil
	}
	var err error
	if s.latest, s.all, err = s.env.kept(); err != nil {
		return runError(fmt.Errorf("listing the kept snapshots: %w", err))
	}
	return nil
}

// kept are the last snapshot of each scope, the newest first, and all that there are, the oldest
// first. An earlier version left only baselines.
func (env *Env) kept() (latest, all []string, err error) {
	dir := env.stateDir()
	if dir == "" {
		return nil, nil, nil
	}
	list, err := history.Archive{Dir: historyIn(dir)}.List()
	if err != nil {
		return nil, nil, err
	}
	scopes := make(map[string]bool)
	for _, kept := range slices.Backward(list) {
		if !scopes[kept.Scope] {
			latest = append(latest, kept.Path)
		}
		scopes[kept.Scope] = true
	}
	for _, kept := range list {
		all = append(all, kept.Path)
	}
	baselines, err := storeIn(dir).Baselines()
	if err != nil {
		return nil, nil, err
	}
	for _, baseline := range baselines {
		scope, _, _ := strings.Cut(filepath.Base(baseline.Path), ".")
		if !scopes[scope] {
			latest, all = append(latest, baseline.Path), append([]string{baseline.Path}, all...)
		}
	}
	return latest, all, nil
}

// damaged says once that a snapshot is not usable. One that was pruned meanwhile is ignored.
func (s *shower) damaged(path string, err error) {
	if !s.broken[path] && !errors.Is(err, fs.ErrNotExist) {
		s.broken[path] = true
		s.env.warn("a kept snapshot cannot be read, and the others are used: %v", err)
	}
}

// find decides what was meant, and gathers everything known about it.
func (s *shower) find(what string, w *window) (*report.Shown, error) {
	now := s.env.Now().UTC()
	var found history.Found
	if s.query.Topic != history.TopicEntry {
		found = history.Find(s.query, s.latest, s.damaged)
		if len(found.Subjects) == 0 {
			near := found.Near
			found = history.FindOlder(s.query, s.older(), s.damaged)
			found.Near = near
		}
	}
	if s.options.within != "" {
		found.Subjects = slices.DeleteFunc(found.Subjects, func(subject history.Subject) bool {
			return !strings.EqualFold(subject.Within.String(), s.options.within)
		})
	}
	switch entries := s.entries(); {
	case len(found.Subjects) == 1:
		traced := history.Trace(found.Subjects[0], s.all, s.damaged)
		shown := report.NewShown(&traced, s.list, now)
		if w != nil {
			cut := history.Between(traced.Looks, w.from, w.to)
			shown.Window = &cut
		}
		shown.Unreadable = len(s.broken)
		return shown, nil
	case len(found.Subjects) > 1:
		return nil, ambiguous(what, found.Subjects)
	case len(entries) > 1:
		return nil, ambiguousEntries(what, entries)
	case len(entries) == 1:
		if len(s.all) == 0 {
			s.env.hint("no scan was kept yet: guestlist scan")
		}
		shown := report.NewShownEntry(s.list, entries[0], s.named(entries[0]), now)
		if w != nil {
			cut := history.Between(nil, w.from, w.to)
			shown.Window = &cut
		}
		return shown, nil
	}
	return nil, s.unknown(what, found.Near)
}

// older returns the snapshots that were not searched yet, the newest first.
func (s *shower) older() []string {
	older := slices.DeleteFunc(slices.Clone(s.all), func(path string) bool { return slices.Contains(s.latest, path) })
	slices.Reverse(older)
	return older
}

// entries returns those of the allowlist that the query may mean.
func (s *shower) entries() []*allowlist.Entry {
	if s.list == nil || s.query.Topic != "" && s.query.Topic != history.TopicEntry {
		return nil
	}
	var found []*allowlist.Entry
	for _, entry := range s.list.Entries() {
		names := append(slices.Clone(entry.IDs), entry.Name, entry.Project, inventory.Untrusted(entry.Position.String()))
		if slices.ContainsFunc(names, func(name inventory.Untrusted) bool {
			return strings.EqualFold(name.String(), s.query.Text.String())
		}) {
			found = append(found, entry)
		}
	}
	return found
}

// maxNamed is how many IDs of an entry are looked for.
const maxNamed = 10

// named returns the things that an entry names, as far as the last scans saw them.
func (s *shower) named(entry *allowlist.Entry) []history.Subject {
	var found []history.Subject
	for n, id := range append(slices.Clone(entry.IDs), entry.Project) {
		if id != "" && n < maxNamed {
			found = append(found, history.Find(history.Query{Text: id}, s.latest, s.damaged).Subjects...)
		}
	}
	return found
}

func ambiguous(what string, subjects []history.Subject) error {
	var hints []string
	times := make(map[inventory.Untrusted]int)
	for i := range subjects {
		times[subjects[i].Query()]++
	}
	for i := range subjects[:min(len(subjects), maxCandidates)] {
		subject := &subjects[i]
		line := fmt.Sprintf("guestlist show %s", shellWord(subject.Query()))
		if times[subject.Query()] > 1 {
			line += " --in " + shellWord(subject.Within)
		}
		about := subject.Name.String()
		if subject.Items > 0 {
			about += ", " + counted(subject.Items, "item", "items")
		}
		hints = append(hints, line+"  # "+about)
	}
	if more := len(subjects) - maxCandidates; more > 0 {
		hints = append(hints, fmt.Sprintf("and %d more", more))
	}
	return usageError(fmt.Errorf("%q may mean %d things", inventory.Untrusted(what), len(subjects)), hints...)
}

func ambiguousEntries(what string, entries []*allowlist.Entry) error {
	var hints []string
	for _, entry := range entries[:min(len(entries), maxCandidates)] {
		at := inventory.Untrusted("entry:" + entry.Position.String())
		hints = append(hints, fmt.Sprintf("guestlist show %s  # %s", shellWord(at), entry.Title()))
	}
	return usageError(fmt.Errorf("%q may mean %d entries of the allowlist", inventory.Untrusted(what), len(entries)),
		hints...)
}

// shellWord is a word quoted for a shell.
func shellWord(word inventory.Untrusted) string {
	text := word.String()
	if plainArgument.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// unknown says that nothing of that name is known, and which names are similar.
func (s *shower) unknown(what string, near []inventory.Untrusted) error {
	if len(s.all) == 0 {
		return usageError(fmt.Errorf("there is nothing to show: no scan was kept yet"), "guestlist scan")
	}
	var hints []string
	for _, name := range near {
		hints = append(hints, strict.DidYouMean(name.String()))
	}
	if len(hints) == 0 {
		hints = append(hints, "guestlist render SNAPSHOT --all lists everything that a scan saw")
	}
	return usageError(fmt.Errorf("no scan that is kept saw %q, and no entry of the allowlist names it",
		inventory.Untrusted(what)), hints...)
}

func (s *shower) write(shown *report.Shown, format report.ShowFormat, path string) error {
	style := report.Style{Terminal: s.env.StdoutTerminal && path == "", Width: s.env.Width,
		Color: s.env.colored(s.options.color) && path == ""}
	write := func(w io.Writer) error { return format.Write(w, shown, style) }
	var err error
	switch {
	case path != "":
		err = s.env.writeFile(path, write)
	case format.ForPeople && s.env.hasPager(s.options.noPager):
		return s.writePaged(write)
	default:
		err = write(s.env.Stdout)
	}
	if err != nil {
		return runError(fmt.Errorf("writing to %s: %w", orStdout(path), withoutPath(err)))
	}
	return nil
}

// writePaged shows what is longer than the screen in the person's pager.
func (s *shower) writePaged(write func(io.Writer) error) error {
	var text bytes.Buffer
	err := write(&text)
	if err == nil && s.env.isLong(text.Bytes()) {
		return s.env.runPager(text.Bytes(), s.env.warn)
	}
	if err == nil {
		_, err = s.env.Stdout.Write(text.Bytes())
	}
	if err != nil {
		return runError(fmt.Errorf("writing to stdout: %w", err))
	}
	return nil
}

// maxOffered is how many words are offered for completion: more would not help.
const maxOffered = 500

// completeShown offers IDs and logins of the last snapshots, and those that the allowlist names.
func (env *Env) completeShown(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion,
	cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	latest, _, _ := env.kept() // what cannot be listed is not offered
	var offered []cobra.Completion
	seen := make(map[string]bool)
	offer := func(word, about inventory.Untrusted) bool {
		for _, each := range []inventory.Untrusted{word, about} {
			text := each.String()
			if text == "" || seen[text] || !strings.HasPrefix(strings.ToLower(text), strings.ToLower(begun)) {
				continue
			}
			seen[text] = true
			if each == word && about != "" {
				offered = append(offered, cobra.CompletionWithDesc(text, about.String()))
			} else {
				offered = append(offered, text)
			}
		}
		return len(offered) < maxOffered
	}
	for _, path := range latest {
		if err := history.Offer(path, offer); err != nil {
			continue // completion cannot report it
		}
	}
	listed, directive := env.completeID(cmd, args, begun)
	for _, completion := range listed {
		word, _, _ := strings.Cut(completion, "\t")
		if !seen[word] && strings.HasPrefix(word, begun) {
			offered = append(offered, completion)
		}
	}
	return offered, directive
}

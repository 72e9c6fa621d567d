package cli

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist"
	"guestlist/allowlist/strict"
	"guestlist/scanner"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/diff"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

// pipeline is the one way from sources to an exit code: collect, snapshot, judge, report, render.
// Commands enter it at different points.
type pipeline struct {
	env     *Env
	options *scanOptions
	outputs []output
	failOn  inventory.Level
	// failOnChanges and only are the only kinds of change that fail the run, and that are shown;
	// nil means all.
	failOnChanges, only []diff.ChangeKind
	allowlist           *allowlist.List
	runID               string
	started             time.Time
	progress            *progress
	named               []namedFile // snapshots that the user named
	history             history.Policy
	// seriesName is the name of the series whose baseline is used; "" if the user named the
	// baseline, or an earlier version wrote it.
	seriesName string
	// baselineName is what the report calls the baseline, if its path would be meaningless.
	baselineName string
	// hintLines are the lines of hints that follow the report.
	hintLines int
	earlier   *earlierScans  // nil: not read yet
	held      *heldEarlier   // nil: not read yet
	deadline  time.Time      // when reading has to end; zero for never
	once      bool           // no later scan is compared with this one
	posting   *posting       // nil: nothing is posted
	unlimited *report.Report // what is posted, where --only limits the report
	paged     *bytes.Buffer  // a report for the pager; nil for none
}

// prepare checks everything that can be wrong before anything is read. snapshots are what the
// command reads besides what its flags name.
func (env *Env) prepare(o *scanOptions, snapshots ...namedFile) (*pipeline, error) {
	p, err := env.prepareWithout(o, append(env.inputs(o), snapshots...)...)
	if err != nil {
		return nil, err
	}
	if !o.purpose.proposal {
		p.allowlist, err = env.readAllowlist(namedFile{"--allowlist", o.allowlist}, env.fetchList)
		env.warnOfCopies(p.allowlist, p.warn)
	}
	return p, err
}

// prepareWithout prepares a command that uses no allowlist and reads these files.
func (env *Env) prepareWithout(o *scanOptions, inputs ...namedFile) (*pipeline, error) {
	p := &pipeline{env: env, options: o, runID: newRunID(), started: env.Now().UTC(),
		progress: &progress{env: env, quiet: o.quiet}}
	var err error
	if p.outputs, err = parseOutputs(o.outputs); err != nil {
		return nil, err
	}
	if p.failOn, p.failOnChanges, err = parseFailOn(o.failOn); err != nil {
		return nil, err
	}
	if p.only, err = parseOnly(o.only); err != nil {
		return nil, err
	}
	if o.baseline == none && (p.only != nil || p.failOnChanges != nil || report.When(o.when) == report.Changes) {
		return nil, usageError(errors.New("nothing is new or changed where nothing is compared with"),
			"--baseline FILE names a snapshot to compare with")
	}
	if o.when != "" {
		if err := whenWords().check("--when: ", o.when); err != nil {
			return nil, err
		}
	}
	if o.color != "" {
		if err := colorModes.check("--color: ", o.color); err != nil {
			return nil, err
		}
	}
	return p, checkPlaces(p.outputs, o.save, inputs)
}

// parseFailOn reads a severity, kinds of change, or both: "high,new". Kinds alone mean changes of
// any severity.
func parseFailOn(text string) (inventory.Level, []diff.ChangeKind, error) {
	if text == "" {
		return "", nil, nil
	}
	var news []string
	level, given := inventory.Info, ""
	for word := range strings.SplitSeq(text, ",") {
		switch {
		case newsWords().knows(word):
			news = append(news, word)
			continue
		case given != "" && severities.knows(word):
			return "", nil, usageError(fmt.Errorf("--fail-on: %s and %s are two severities", given, word),
				"name the lower one: what is above it is meant as well")
		}
		if err := failWords().check("--fail-on: ", word); err != nil {
			return "", nil, err
		}
		given, level = word, inventory.Level(word)
	}
	if given == "never" {
		level = ""
		if news != nil {
			return "", nil, usageError(errors.New(`--fail-on: "never" leaves nothing to fail on`),
				"--fail-on "+strings.Join(news, ","))
		}
	}
	return level, report.KindsOf(news), nil
}

// parseOnly reads the kinds of change that the report is limited to; nil is everything.
func parseOnly(texts []string) ([]diff.ChangeKind, error) {
	for _, word := range texts {
		if err := newsWords().check("--only: ", word); err != nil {
			return nil, err
		}
	}
	return report.KindsOf(texts), nil
}

// newsWords are the kinds of change.
func newsWords() vocabulary {
	words := vocabulary{one: "a kind of change", all: "kinds", others: make(map[string]string)}
	for _, news := range report.AllNews {
		words.words, words.about = append(words.words, news.Name), append(words.about, news.About)
		for _, other := range news.Also {
			words.others[other] = news.Name
		}
	}
	return words
}

// failWords are the values of --fail-on.
func failWords() vocabulary {
	words := newsWords()
	words.one, words.all = "a severity or a kind of change", "severities and kinds"
	words.words = append(slices.Clone(severities.words), words.words...)
	words.about = append(make([]string, len(severities.words)), words.about...)
	maps.Copy(words.others, severities.others)
	return words
}

var (
	severities = vocabulary{
		one: "a severity", all: "severities", words: append(strict.NamesOf(inventory.Levels()), "never"),
		others: map[string]string{"none": "never", "warning": "medium", "error": "high", "severe": "critical"},
	}
	colorModes = vocabulary{
		one: "a colour mode", all: "modes", words: []string{"auto", "always", "never"},
		others: map[string]string{"yes": "always", "on": "always", "true": "always", "no": "never", "off": "never",
			"false": "never"},
	}
)

// none is the value of a flag for no file.
const none = "none"

func newRunID() string {
	var random [8]byte
	rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// scan runs the providers and everything after them.
func (p *pipeline) scan(ctx context.Context, list []scanner.Provider, scope snapshot.Scope) error {
	r, err := p.report(ctx, list, scope)
	if err != nil {
		return err
	}
	if err := p.page(); err != nil {
		return err
	}
	p.hints(r)
	return ended(r)
}

// report scans, delivers the report, and keeps the snapshot as the next baseline.
func (p *pipeline) report(ctx context.Context, list []scanner.Provider, scope snapshot.Scope) (*report.Report, error) {
	if p.posting != nil {
		p.posting.scope, p.posting.runID = scope.Digest(), p.runID
	}
	files, err := p.files(scope)
	if err != nil {
		return nil, err
	}
	defer files.close()
	if err := p.collect(ctx, list, scope, files.create); err != nil {
		return nil, err
	}
	p.env.step("the snapshot is written")
	if err := files.save(); err != nil {
		return nil, err
	}
	if err := p.readEarlier(files.current); err != nil {
		return nil, err
	}
	if err := files.lock(ctx); err != nil {
		return nil, err
	}
	r, err := files.judge()
	if err != nil {
		return nil, err
	}
	if err := p.render(r); err != nil {
		return nil, err
	}
	p.env.step("the report is written")
	if err := p.posting.tell(ctx, scanFor(cmp.Or(p.unlimited, r), scope, p.env.Now())); err != nil {
		return nil, err
	}
	p.env.step("the channels are told")
	return r, files.keep()
}

func ended(r *report.Report) error {
	if r.ExitCode == report.ExitClean {
		return nil
	}
	return reported(r.ExitCode)
}

// scope says what the scan looks at, so that it is compared to a scan of the same places.
func (p *pipeline) scope(from *sources) snapshot.Scope {
	scope := snapshot.Scope{AllUsers: p.options.allUsers, Builtin: p.options.builtin, Targets: from.targets}
	for _, provider := range from.list {
		scope.Providers = append(scope.Providers, provider.Name())
	}
	slices.Sort(scope.Providers)
	scope.Providers = slices.Compact(scope.Providers)
	if !p.options.allUsers {
		for _, home := range from.homes {
			scope.Homes = append(scope.Homes, inventory.Untrusted(home.Dir))
		}
	}
	for _, dir := range p.options.profileDirs {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			absolute = dir
		}
		scope.ProfileDirs = append(scope.ProfileDirs, inventory.Untrusted(absolute))
	}
	return scope
}

// collect runs the providers and writes what they saw to the snapshot that create begins.
func (p *pipeline) collect(
	ctx context.Context, list []scanner.Provider, scope snapshot.Scope,
	create func(snapshot.Header) (*snapshot.Writer, error),
) error {
	header := snapshot.Header{
		ToolVersion: inventory.Untrusted(version()), RunID: inventory.Untrusted(p.runID), Started: p.started,
		Host: clean(p.env.Host), Scope: scope,
	}
	if p.allowlist != nil {
		header.AllowlistDigest = inventory.Untrusted(p.allowlist.Digest)
	}
	writer, err := create(header)
	if err != nil {
		return runError(fmt.Errorf("creating the snapshot: %w", err), "--save FILE puts it elsewhere, --save none keeps none")
	}
	defer writer.Abort()
	reading, stop := p.untilTimeUp(ctx)
	_, err = scanner.Collect(reading, list, writer)
	stop()
	p.progress.end()
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return runError(errInterrupted)
		}
		return runError(fmt.Errorf("collecting: %w", err), spaceHints(err)...)
	}
	if _, err := writer.Commit(p.env.Now().UTC()); err != nil {
		return runError(fmt.Errorf("writing the snapshot: %w", err), spaceHints(err)...)
	}
	return nil
}

// spaceHints say what to do about a file that the scan needs and that could not be written. The last
// baseline is still there.
func spaceHints(err error) []string {
	if failed := (*atomicfile.Error)(nil); errors.As(err, &failed) {
		return []string{"free space there, or set GUESTLIST_STATE_DIR and TMPDIR to directories with more; the last scan is still what the next one is compared with"}
	}
	return nil
}

// readFault is an error of reading snapshots: wrong usage if the user named the damaged file,
// otherwise a run without a result.
func (p *pipeline) readFault(err error) error {
	var format *snapshot.FormatError
	for _, file := range p.named {
		if errors.As(err, &format) && format.Path == file.path {
			return file.fault(format)
		}
	}
	return runError(fmt.Errorf("reading the snapshots: %w", err))
}

// warn and hint write to stderr for a person, unless --quiet is set.
func (p *pipeline) warn(format string, args ...any) {
	if !p.options.quiet {
		p.env.warn(format, args...)
	}
}

func (p *pipeline) hint(format string, args ...any) {
	if !p.options.quiet {
		p.env.hint(format, args...)
	}
}

// opener opens a snapshot; it may be called several times.
type opener func() (*snapshot.Reader, error)

// at opens the snapshot file at a path.
func at(path string) opener {
	return func() (*snapshot.Reader, error) { return openSnapshot(path) }
}

// judge makes the report of a snapshot, compared to a baseline file where there is one.
func (p *pipeline) judge(current opener, baseline string) (*report.Report, error) {
	reader, err := current()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	input := diff.Input{Allowlist: p.allowlist, Now: p.env.Now().UTC(), Owner: p.options.purpose.owner,
		Self: p.options.purpose.self}
	meta := p.meta(reader.Header(), current)
	meta.Trend = p.trend(reader.Header())
	input.Earlier = p.heldEarlier(reader.Header())
	input.Pairs = snapshot.Compare(nil, reader)
	if baseline != "" {
		old, err := openSnapshot(baseline)
		if err != nil {
			return nil, p.readFault(err)
		}
		defer old.Close()
		input.Pairs = snapshot.Compare(old, reader)
		input.Baseline = true
		input.SameScope = old.Header().Scope.Equal(reader.Header().Scope)
		meta.Baseline = &report.BaselineRef{Path: inventory.Untrusted(cmp.Or(p.baselineName, baseline)),
			RunID: old.Header().RunID, Started: old.Header().Started,
			Name: inventory.Untrusted(p.seriesName)}
	}
	input.Pairs = untilStopped(p.env, input.Pairs)
	judgement, err := diff.Judge(input)
	if err != nil {
		return nil, p.readFault(err)
	}
	if p.posting != nil && meta.Only != nil {
		whole := meta
		whole.Only = nil
		p.unlimited = report.New(judgement, whole)
	}
	return report.New(judgement, meta), nil
}

func (p *pipeline) meta(header snapshot.Header, from opener) report.Meta {
	meta := report.Meta{
		ToolVersion: version(), RunID: header.RunID, Host: header.Host, Started: header.Started, Finished: p.env.Now().UTC(),
		FailOn: p.failOn, FailOnChanges: p.failOnChanges, Only: p.only,
		Once: p.once || p.options.save != "",
	}
	if p.allowlist != nil {
		meta.Allowlist = report.NewAllowlistRef(p.allowlist, p.env.Now())
	}
	if p.options.all {
		meta.Inventory = inventoryOf(from)
	}
	return meta
}

// inventoryOf reads the items of a snapshot each time it is ranged over, so that a renderer needs
// no memory for them.
func inventoryOf(from opener) iter.Seq2[*inventory.Item, error] {
	return func(yield func(*inventory.Item, error) bool) {
		reader, err := from()
		if err != nil {
			yield(nil, err)
			return
		}
		defer reader.Close()
		for record, err := range reader.Records() {
			if err != nil {
				yield(nil, err)
				return
			}
			if record.Item != nil && !yield(record.Item, nil) {
				return
			}
		}
	}
}

// promptLines are the lines of a terminal that the report leaves free.
const promptLines = 1

func (p *pipeline) render(r *report.Report) error {
	return p.writeReports(r, report.Style{
		Terminal: p.env.StdoutTerminal, Width: p.env.Width, Height: p.env.Height - promptLines - p.hintLines,
		Color: p.env.colored(p.options.color),
		Wide:  p.options.wide, Details: p.options.details, Again: p.env.again(),
	})
}

// hints writes the next command, if one would help.
func (p *pipeline) hints(r *report.Report) {
	if p.options.quiet {
		return
	}
	if p.allowlist == nil && len(r.Findings) > 0 && !p.options.purpose.self && !p.showsTable() {
		p.env.hint("there is no allowlist yet: `guestlist allow init` writes a first one from this scan, to be reviewed")
	}
	switch {
	case r.Summary.Sources.Total > 0:
	case len(p.options.homes) > 0:
		p.env.hint("no browser profile was found below --home: name a directory that holds .config, Library or AppData, or a browser's own with --profile-dir DIR")
	default:
		p.env.hint("no browser profile was found: name one with --profile-dir DIR, or a home directory with --home DIR")
	}
}

// showsTable reports whether the report on stdout itself names the next command.
func (p *pipeline) showsTable() bool {
	return slices.ContainsFunc(p.outputs, func(o output) bool {
		return o.path == "" &&
			o.format.Name == report.Formats[0].Name
	})
}

func openSnapshot(path string) (*snapshot.Reader, error) {
	reader, err := snapshot.Open(path)
	if err != nil {
		return nil, runError(fmt.Errorf("opening the snapshot: %w", err))
	}
	return reader, nil
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

// lockWait is how long a scan waits for another one of the same scope to report and to keep its
// snapshot.
const lockWait = 30 * time.Second

// The default names of series of scans: a scan by hand does not use up the changes that a scheduled
// one should report.
const (
	interactiveSeries = "interactive"
	scheduledSeries   = "scheduled"
)

// series is the series of scans that this one is compared with. Until it has a baseline, that of
// the other one is used.
func (p *pipeline) series(scope snapshot.Scope) snapshot.Series {
	switch {
	case p.options.baselineName != "":
		return snapshot.Series{Scope: scope, Name: p.options.baselineName}
	case p.env.StdoutTerminal || p.env.StderrTerminal:
		return snapshot.Series{Scope: scope, Name: interactiveSeries, Until: []string{scheduledSeries}}
	}
	return snapshot.Series{Scope: scope, Name: scheduledSeries, Until: []string{interactiveSeries}}
}

// storeIn and historyIn are where a state directory has baselines and kept snapshots.
func storeIn(dir string) snapshot.Store { return snapshot.Store{Dir: filepath.Join(dir, "snapshots")} }

func historyIn(dir string) string { return filepath.Join(dir, "history") }

// files are the snapshot files of a run: where it writes, what it compares to, and what it keeps.
type files struct {
	run     *pipeline
	store   snapshot.Store
	archive history.Archive
	series  snapshot.Series
	// compares and keeps say what the state directory is used for.
	compares, keeps bool
	baseline        string   // "" for none
	foreign         bool     // it is of another series, until this one has its own
	temporary       *os.File // of a snapshot that does not become the baseline
	pending         string   // of one that does
	release         func()   // releases the lock
}

// files decides where the snapshot goes and what it is compared to. A baseline that the user named
// must be one.
func (p *pipeline) files(scope snapshot.Scope) (*files, error) {
	f := &files{run: p, series: p.series(scope), release: func() {}}
	switch p.options.baseline {
	case none:
	case "":
		f.compares = true
	default:
		named := namedFile{"--baseline", p.options.baseline}
		f.baseline, p.named = named.path, append(p.named, named)
		if err := checkBaseline(named); err != nil {
			return nil, err
		}
	}
	f.keeps = p.options.save == ""
	f.prepare()
	if f.keeps {
		f.pending = f.store.Pending(f.series.Scope, p.runID)
		return f, nil
	}
	var err error
	if f.temporary, err = atomicfile.Temporary(""); err != nil {
		return nil, runError(fmt.Errorf("creating the snapshot in %w", err), "set TMPDIR to a directory that can be written")
	}
	return f, nil
}

// checkBaseline reads a baseline that the user named to its end, so that a damaged one is found
// before the scan. It skips what can be read only once.
func checkBaseline(named namedFile) error {
	if info, err := os.Stat(named.path); err == nil && info.Mode().Type()&^os.ModeDir != 0 {
		return nil
	}
	if err := snapshot.Verify(named.path); err != nil {
		return named.fault(err, "--baseline none compares with nothing")
	}
	return nil
}

// prepare checks whether the state directory can be used as the run needs it, and says if it
// cannot.
func (f *files) prepare() {
	if !f.compares && !f.keeps {
		return
	}
	dir := f.run.env.stateDir()
	f.store, f.archive = storeIn(dir), history.Archive{Dir: historyIn(dir), Policy: f.run.history}
	err := errors.New("there is no state directory")
	if dir != "" {
		if !f.keeps {
			return // nothing is written, and what is not there is no baseline
		}
		if err = f.store.Prepare(); err == nil {
			return
		}
		if _, known, latestErr := f.store.Latest(f.series); f.compares && known && latestErr == nil {
			f.run.warn("this scan is compared to the last one but not kept for the next: the state directory cannot be written: %v", err)
			f.keeps = false
			return
		}
		err = fmt.Errorf("the state directory cannot be written: %w", err)
	}
	switch {
	case f.compares && f.keeps:
		f.run.warn("nothing is compared to an earlier scan, and this one is not kept for a later: %v", err)
	case f.compares:
		f.run.warn("nothing is compared to an earlier scan: %v", err)
	default:
		f.run.warn("this scan is not kept for a later one: %v", err)
	}
	f.run.hint("set GUESTLIST_STATE_DIR to a directory that can be written, or keep snapshots with --save FILE and compare with --baseline FILE")
	f.compares, f.keeps = false, false
}

// create begins the snapshot of what is about to be read.
func (f *files) create(header snapshot.Header) (*snapshot.Writer, error) {
	if f.pending != "" {
		return snapshot.Create(f.pending, header)
	}
	return snapshot.CreateTemporary(f.temporary, strings.HasSuffix(f.run.options.save, ".gz"), header), nil
}

// current opens the snapshot.
func (f *files) current() (*snapshot.Reader, error) {
	if f.pending != "" {
		return openSnapshot(f.pending)
	}
	reader, err := snapshot.OpenTemporary(f.temporary)
	if err != nil {
		return nil, runError(fmt.Errorf("opening the snapshot: %w", err))
	}
	return reader, nil
}

// save copies the snapshot to where the user wants it, before anything is judged.
func (f *files) save() error {
	path := f.run.options.save
	if path == "" || path == none {
		return nil
	}
	if err := f.copyTo(path); err != nil {
		return runError(fmt.Errorf("writing the snapshot to %q: %w", path, withoutPath(err)))
	}
	return nil
}

func (f *files) copyTo(path string) error {
	if _, err := f.temporary.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return f.run.env.writeFile(path, func(w io.Writer) error {
		_, err := io.Copy(w, f.temporary)
		return err
	})
}

// lock waits until no other run compares or keeps a snapshot of this scope, and finds the baseline.
// If it cannot get the lock, it says so and goes on without.
func (f *files) lock(ctx context.Context) error {
	if !f.compares && !f.keeps {
		return nil
	}
	patient, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	release, err := f.store.Lock(patient, f.series.Scope, f.run.env.holder())
	switch {
	case err == nil:
		f.release = release
	case ctx.Err() != nil:
		return runError(errInterrupted)
	case f.keeps:
		f.keeps = false
		f.run.warn("this scan is not kept for the next one: %v", err)
	}
	if !f.compares {
		return nil
	}
	latest, known, err := f.store.Latest(f.series)
	f.foreign = latest.Name != f.series.Name && latest.Name != ""
	if err != nil {
		f.setAside(latest.Path, err)
	}
	if known {
		f.baseline, f.run.seriesName = latest.Path, latest.Name
	}
	return nil
}

// judge makes the report. A baseline of ours that cannot be read is set aside: the scan then counts
// as the first.
func (f *files) judge() (*report.Report, error) {
	r, err := f.run.judge(f.current, f.baseline)
	if err == nil || !f.compares || f.baseline == "" || !snapshot.IsOf(err, f.baseline) {
		return r, err
	}
	f.setAside(f.baseline, err)
	f.baseline = ""
	return f.run.judge(f.current, "")
}

// setAside says that the last scan's snapshot is not usable, and moves it away, unless it belongs
// to another series.
func (f *files) setAside(path string, fault error) {
	why := fault
	if format := (*snapshot.FormatError)(nil); errors.As(fault, &format) {
		why = format
	}
	if f.foreign {
		f.run.warn("nothing is compared to the last scan, whose snapshot cannot be read: %v", why)
		return
	}
	aside, err := f.store.SetAside(path, f.run.env.Now())
	if err != nil {
		f.keeps = false
		f.run.warn("nothing is compared to the last scan, whose snapshot cannot be read: %v; nor is this scan kept: setting that one aside: %v", why, err)
		return
	}
	f.run.warn("nothing is compared to the last scan, whose snapshot cannot be read: %v; it is now %q", why,
		inventory.Untrusted(aside))
}

// keep makes the snapshot the baseline of the next scan, now that the report was delivered, and
// puts a copy into the history.
func (f *files) keep() error {
	if !f.keeps {
		return nil
	}
	f.remember()
	f.run.env.step("the history is written")
	err := f.store.Keep(f.series, f.pending)
	if latest, _, _ := f.store.Latest(f.series); err != nil && snapshot.IsOf(err, latest.Path) {
		if f.setAside(latest.Path, err); !f.keeps {
			return nil
		}
		err = f.store.Keep(f.series, f.pending)
	}
	if err != nil {
		return runError(fmt.Errorf("keeping the snapshot: %w", err))
	}
	f.run.env.step("the baseline is replaced")
	return nil
}

// remember puts the snapshot into the history, before anything is carried into it. Failing to write
// the history has no other effect.
func (f *files) remember() {
	reader, err := snapshot.Open(f.pending)
	if err == nil {
		reader.Close()
		err = f.archive.Keep(f.pending, reader.Header(), f.run.env.Now())
	}
	if err != nil {
		f.run.warn("guestlist show will not know of this scan, whose snapshot could not be put into the history: %v", err)
	}
}

// close releases what the run held. A snapshot that did not become the baseline is removed.
func (f *files) close() {
	f.release()
	if f.temporary != nil {
		f.temporary.Close()
	}
	if f.pending != "" {
		os.Remove(f.pending) // it has another name if it was kept
	}
}

// trend is what earlier scans of the same places saw, where a format shows it: all that are kept
// are read for that.
func (p *pipeline) trend(header snapshot.Header) []report.TrendPoint {
	if p.earlier == nil {
		p.earlier = &earlierScans{p.countEarlier(header)}
	}
	return p.earlier.points
}

// readEarlier reads the earlier scans before others have to wait for this one: there may be many.
func (p *pipeline) readEarlier(current opener) error {
	if !p.showsTrend() && !p.hasFeeds() {
		return nil
	}
	reader, err := current()
	if err != nil {
		return err
	}
	p.trend(reader.Header())
	p.heldEarlier(reader.Header())
	return reader.Close()
}

func (p *pipeline) showsTrend() bool {
	return slices.ContainsFunc(p.outputs, func(o output) bool { return o.format.ShowsTrend })
}

// earlierScans is what was counted of them, once.
type earlierScans struct{ points []report.TrendPoint }

func (p *pipeline) countEarlier(header snapshot.Header) []report.TrendPoint {
	dir := p.env.stateDir()
	if dir == "" || !p.showsTrend() {
		return nil
	}
	list, err := history.Archive{Dir: historyIn(dir)}.List()
	if err != nil {
		p.warn("the page shows no earlier scans: %v", err)
		return nil
	}
	var paths []string
	for _, kept := range list {
		if isEarlier(kept, header) {
			paths = append(paths, kept.Path)
		}
	}
	numbers := history.Count(paths, func(_ string, err error) {
		if !errors.Is(err, fs.ErrNotExist) { // pruned meanwhile
			p.warn("a kept snapshot cannot be read, and the page does not show it: %v", err)
		}
	})
	var points []report.TrendPoint
	for _, each := range numbers {
		points = append(points, report.TrendPoint(each))
	}
	return points
}

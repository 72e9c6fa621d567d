package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/secretfile"
)

// Records of one kind are spread over parts by user, so that only one part is in memory at a time.
// The number of parts is a power of two that follows from the number of users.
const (
	maxParts     = 64
	usersPerPart = 1000 // until maxParts is reached
)

// How old an earlier scan may be to build on it.
const (
	// Overlap is how far an incremental scan reads the log before the last scan began: the log lags by
	// hours.
	Overlap = 6 * time.Hour
	// MaxCursorAge is how old the last scan may be to build on it. The log reaches back 180 days.
	MaxCursorAge = 170 * 24 * time.Hour
	// MaxCheckpointAge is how old an interrupted scan may be to resume it.
	MaxCheckpointAge = 24 * time.Hour
	// RollingShares is the number of incremental scans within which every user is read again at least
	// once.
	RollingShares = 14
	// LogRetention is how far back the token log reaches.
	LogRetention = 180 * 24 * time.Hour
)

// stateVersion changes when records change their meaning; older state is then set aside.
const stateVersion = 2

// Kinds of records on disk.
const (
	Listed = "listed" // users in the order of the pages, in one part
	Users  = "users"  // every user who was listed
	Events = "events" // what the token log says about a user
	Counts = "counts" // how many grants of a user Google counts
	Done   = "done"   // a user who was read, with what was found
	// Addressed are log entries that name their user by address only, in one part.
	Addressed = "addressed"
)

// meta describes a scan's directory.
type meta struct {
	Version     int       `json:"version"`
	Fingerprint string    `json:"fingerprint"` // of what was to be read
	Started     time.Time `json:"started"`     // the cursor of the next incremental scan
	Incremental bool      `json:"incremental"`
	From        time.Time `json:"from"` // the start of what was read of the log
	Prepared    bool      `json:"prepared"`
	Users       int       `json:"users"`
	Outside     int       `json:"outside,omitempty"` // users in units that are left out
	Parts       int       `json:"parts"`
	Finished    bool      `json:"finished"`
	// Partial says why no later scan can build on this one.
	Partial string `json:"partial,omitempty"`
	Runs    int    `json:"runs"` // incremental scans since the last full one
}

// State is what a scan keeps on disk: its own run, and the base it may build on.
type State struct {
	root      string
	Temporary bool
	lock      *os.File // nil for a temporary directory
	Run       *Store
	Meta      meta
	Base      *Store // nil: nothing to build on
	BaseMeta  meta
	Resumed   bool
	Notes     []string // what was decided, in words for the coverage
}

// Open opens the state directory and decides whether to resume an interrupted scan and whether an
// incremental one is possible. If another scan is using the directory, this scan leaves it alone,
// is full, keeps nothing, and says so.
func Open(dir, fingerprint string, incremental bool, now time.Time) (*State, error) {
	s := &State{}
	if err := s.take(dir); err != nil {
		return nil, err
	}
	s.Meta = meta{Version: stateVersion, Fingerprint: fingerprint, Started: now.UTC(), From: now.Add(-LogRetention).UTC()}
	if err := s.choose(incremental, now); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

// take makes a directory the scan's own: the state directory or else a temporary one, below the
// state directory if possible.
func (s *State) take(stateDir string) error {
	below := ""
	if stateDir != "" {
		s.root = filepath.Join(stateDir, "google-workspace")
		err := os.MkdirAll(s.root, 0o700)
		if err == nil {
			below = s.root
			s.lock, err = lockState(s.root)
		}
		if err == nil {
			s.sweep()
			return nil
		}
		s.Notes = append(s.Notes, fmt.Sprintf(
			"the state directory was left untouched: %v; this scan is a full one, and starts over if it is interrupted", err))
	}
	dir, err := os.MkdirTemp(below, temporaryPrefix+"*")
	if err != nil && below != "" {
		dir, err = os.MkdirTemp("", temporaryPrefix+"*")
	}
	if err != nil {
		return fmt.Errorf("making a temporary directory: %w", err)
	}
	s.root, s.Temporary = dir, true
	return nil
}

// temporaryPrefix begins the name of the directory that a scan uses if it did not get the state
// directory.
const temporaryPrefix = "guestlist-google-"

// sweep removes the temporary directories of scans that were killed too long ago to be resumed.
func (s *State) sweep() {
	entries, _ := os.ReadDir(s.root) // a directory that cannot be listed is not swept
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.IsDir() && strings.HasPrefix(entry.Name(), temporaryPrefix) &&
			time.Since(info.ModTime()) > MaxCheckpointAge {
			os.RemoveAll(s.dir(entry.Name())) // the next scan tries again
		}
	}
}

// choose decides what the scan builds on.
func (s *State) choose(incremental bool, now time.Time) error {
	if err := s.promote(); err != nil {
		return err
	}
	if incremental && !s.Temporary {
		s.chooseBase(now)
	}
	if err := s.chooseRun(now); err != nil {
		return err
	}
	return s.SaveMeta()
}

// chooseBase decides whether an incremental scan can build on the last one, and says so when it
// cannot.
func (s *State) chooseBase(now time.Time) {
	base, err := readMeta(s.dir("base"))
	age := now.Sub(base.Started)
	reason := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		reason = "there is no finished scan to build on"
	case err != nil || base.Version != stateVersion:
		reason = "the last scan was kept by another version of guestlist"
	case base.Fingerprint != s.Meta.Fingerprint:
		reason = "the configuration has changed since the last scan"
	case base.Partial != "":
		reason = "the last scan was partial: " + base.Partial
	case age > MaxCursorAge || age < 0:
		reason = fmt.Sprintf("the last scan is from %s, too old for the log to cover", base.Started.Format(time.DateOnly))
	}
	if reason != "" {
		s.DropBase(reason)
		return
	}
	s.Base, s.BaseMeta = newStore(s.dir("base"), base.Parts), base
	s.Meta.Incremental, s.Meta.Runs = true, base.Runs+1
	s.Meta.From = base.Started.Add(-Overlap)
}

// chooseRun resumes an interrupted scan of the same things or starts a new one. An interrupted full
// scan is finished first, even if an incremental one was asked for.
func (s *State) chooseRun(now time.Time) error {
	run, err := readMeta(s.dir("run"))
	age := now.Sub(run.Started)
	same := err == nil && run.Version == stateVersion && run.Fingerprint == s.Meta.Fingerprint &&
		(run.Incremental == s.Meta.Incremental || !run.Incremental) && age >= 0 && age <= MaxCheckpointAge
	if same {
		if s.Base != nil && !run.Incremental {
			s.DropBase("the interrupted full scan comes first")
		}
		s.Meta, s.Resumed = run, true
		s.Run = newStore(s.dir("run"), run.Parts)
		return nil
	}
	if err == nil {
		s.Notes = append(s.Notes, fmt.Sprintf("the interrupted scan of %s was put aside: it is too old or had a different scope",
			run.Started.Format(time.RFC3339)))
		if s.Base != nil {
			s.DropBase("the last scan was partial")
		}
	}
	if err := os.RemoveAll(s.dir("run")); err != nil {
		return fmt.Errorf("putting an interrupted scan aside: %w", err)
	}
	s.Run = newStore(s.dir("run"), 1)
	s.Run.temporary = s.Temporary
	if err := os.MkdirAll(s.dir("run"), 0o700); err != nil {
		return fmt.Errorf("making the state directory: %w", err)
	}
	return nil
}

// DropBase makes an incremental scan a full one, and says why.
func (s *State) DropBase(reason string) {
	s.Base, s.BaseMeta = nil, meta{}
	s.Meta.Incremental, s.Meta.Runs, s.Meta.From = false, 0, s.Meta.Started.Add(-LogRetention)
	s.Notes = append(s.Notes, "full scan instead of an incremental one: "+reason)
}

// promote makes a finished run the base, including one that finished just before a crash.
func (s *State) promote() error {
	run, err := readMeta(s.dir("run"))
	if err != nil || !run.Finished {
		return nil
	}
	if err := os.RemoveAll(s.dir("base")); err != nil {
		return fmt.Errorf("replacing the last scan's state: %w", err)
	}
	if err := os.Rename(s.dir("run"), s.dir("base")); err != nil {
		return fmt.Errorf("keeping the scan's state: %w", err)
	}
	return nil
}

// Finish marks the run as whole and keeps it as the base of the next scan.
func (s *State) Finish() error {
	if s.Temporary {
		return nil
	}
	if err := s.Run.Close(); err != nil {
		return err
	}
	for _, kind := range []string{Users, Events, Counts, Addressed} {
		if err := s.Run.Remove(kind); err != nil {
			return err
		}
	}
	s.Meta.Finished = true
	if err := s.SaveMeta(); err != nil {
		return err
	}
	return s.promote()
}

// Close releases files and the directory.
func (s *State) Close() error { return errors.Join(s.Run.Close(), s.release()) }

// release unlocks the state directory; it removes a temporary one.
func (s *State) release() error {
	if s.Temporary {
		return os.RemoveAll(s.root)
	}
	return s.lock.Close()
}

// Divide sets the number of parts over which the run's records are spread, for that number of
// users. A resumed scan keeps its parts even if its list has changed in size: the checkpoint is
// already spread over them.
func (s *State) Divide(users int) {
	if !s.Resumed || s.Meta.Parts == 0 {
		s.Meta.Parts = partsFor(users)
	}
	s.Run.Parts = s.Meta.Parts
}

// EachOfBase visits the base's records of one part of this run. The base may have a different
// number of parts.
func EachOfBase[T any](s *State, part int, id func(*T) string, visit func(T)) error {
	run, base := s.Run.Parts, s.Base.Parts
	for at := part % min(run, base); at < base; at += min(run, base) {
		err := Each(s.Base, Done, at, func(record T) {
			if partOf(id(&record), run) == part {
				visit(record)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// IsTurn reports whether it is a user's turn to be read again.
func (s *State) IsTurn(id string) bool { return shareOf(id) == s.Meta.Runs%RollingShares }

func (s *State) dir(name string) string { return filepath.Join(s.root, name) }

func (s *State) SaveMeta() error {
	return secretfile.WriteJSON(filepath.Join(s.dir("run"), "meta.json"), s.Meta)
}

func readMeta(dir string) (m meta, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "meta.json"))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}

package googleworkspace

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
)

// Limits of a scan.
const (
	// maxEventPages bounds how much of the token log about grants is read, in pages of 1,000 entries,
	// newest first: about five minutes. Grants from before it have no known date; an incremental scan
	// that reaches it becomes a full one.
	maxEventPages = 1000
	// MaxActivityDays bounds Config.ActivityDays: the log has one entry for each API call of each app.
	MaxActivityDays = 30
	// maxActivityPages bounds how much of that log is read, in pages of 1,000 entries.
	maxActivityPages = 200
)

// Config says what to read, and as whom.
type Config struct {
	api.Connection
	// Units limits the users by organizational unit path, sub-units included: only those of Units
	// (empty: all) and none of ExcludeUnits, capitals aside. A user outside is an account with
	// [inventory.FactOutsideUnits], and nothing else of the scan.
	Units, ExcludeUnits []string
	// Projects are the numbers of the organization's own Cloud projects. Google counts their OAuth
	// clients as internal apps.
	Projects []string
	// StateDir is a directory for checkpoints and incremental scans. Empty: an interrupted scan starts
	// over, every scan is full.
	StateDir    string
	Incremental bool
	// ActivityDays reads the token log's activity entries that many days back, for the last use of
	// grants.
	ActivityDays int
	// Progress, if set, is told how many of the users are read. It is called from several goroutines.
	Progress func(done, total int)
}

// check says what is wrong with the fields that only a scan of users has.
func (c Config) check() error {
	switch {
	case c.ActivityDays < 0 || c.ActivityDays > MaxActivityDays:
		return fmt.Errorf("reading the google_workspace configuration: activity_days must be between 0 and %d, is %d",
			MaxActivityDays, c.ActivityDays)
	case c.Incremental && c.StateDir == "":
		return errors.New("reading the google_workspace configuration: an incremental scan needs a state directory")
	}
	for _, unit := range slices.Concat(c.Units, c.ExcludeUnits) {
		if !strings.HasPrefix(unit, "/") {
			return fmt.Errorf("reading the google_workspace configuration: unit %q must be a path that starts with /, such as /Sales",
				inventory.Untrusted(unit))
		}
	}
	for _, project := range c.Projects {
		if !api.IsProject(project) {
			return fmt.Errorf("reading the google_workspace configuration: %q is not the number of a Cloud project",
				inventory.Untrusted(project))
		}
	}
	return nil
}

// includes reports whether a user in that unit belongs to the scan.
func (c Config) includes(unit string) bool {
	parents := func(parent string) bool { return within(unit, parent) }
	return (len(c.Units) == 0 || slices.ContainsFunc(c.Units, parents)) && !slices.ContainsFunc(c.ExcludeUnits, parents)
}

// fingerprint changes when a scan would read other things, so that no scan builds on another one's
// state.
func (c Config) fingerprint() string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %q %q %q %q %d",
		c.Customer, c.Target(), strings.ToLower(c.Subject), c.Features, c.Units, c.ExcludeUnits, c.ActivityDays)
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

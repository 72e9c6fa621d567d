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
	// maxEventPages bounds how much of the token log about grants is read, in pages of 1,000
	// entries, newest first: about five minutes. Grants from before that have no known date; an
	// incremental scan that reaches the limit becomes a full one.
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
	// (empty: all) and none of ExcludeUnits, ignoring case. A user outside them is only an account
	// with [inventory.FactOutsideUnits].
	Units, ExcludeUnits []string
	// Projects are the numbers of the organization's own Cloud projects. Google counts their OAuth
	// clients as internal apps.
	Projects []string
	// StateDir is a directory for checkpoints and incremental scans. If it is empty, an interrupted
	// scan starts over and every scan is full.
	StateDir    string
	Incremental bool
	// ActivityDays is how many days of the token log's activity entries are read, for the last use
	// of grants.
	ActivityDays int
	// Progress, if set, is called with how many of the users have been read, from several
	// goroutines.
	Progress func(done, total int)
}

// check says what is wrong with the fields that only a scan of users uses.
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

// includes reports whether users in unit are scanned.
func (c Config) includes(unit string) bool {
	parents := func(parent string) bool { return within(unit, parent) }
	return (len(c.Units) == 0 || slices.ContainsFunc(c.Units, parents)) && !slices.ContainsFunc(c.ExcludeUnits, parents)
}

// fingerprint changes when a scan would read other things, so that no scan builds on the state of a
// different one.
func (c Config) fingerprint() string {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q %q %q %q %q %q %d",
		c.Customer, c.Target(), strings.ToLower(c.Subject), c.Features, c.Units, c.ExcludeUnits, c.ActivityDays)
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Source is one thing a provider reads: a browser profile, a user's grants, an organization's
// installations.
//
// Name is a path of readable parts joined by "/", such as "ada/chromium/Profile 12" or
// "acme.example/grants/it@acme.example". A source without a Coverage of its own is covered by the
// nearest one above it ("acme.example/grants"), so that 100,000 users read without trouble need one
// record, and the few that failed have one each.
type Source struct {
	Provider Provider  `json:"provider"`
	Host     Untrusted `json:"host,omitzero"` // the machine, for local sources only
	Name     Untrusted `json:"name"`
}

// Provider is the name of a provider.
type Provider string

const (
	Chromium         Provider = "chromium"
	Firefox          Provider = "firefox"
	GoogleWorkspace  Provider = "google-workspace"
	ChromeManagement Provider = "chrome-management"
	GitHub           Provider = "github"
)

// accountsOf names the provider whose accounts hold what another one reads: the extensions of
// managed browsers belong to accounts of the Workspace.
var accountsOf = map[Provider]Provider{ChromeManagement: GoogleWorkspace}

// Parent returns the source one level up, and false at the top.
func (s Source) Parent() (Source, bool) {
	cut := strings.LastIndexByte(string(s.Name), '/')
	if cut < 0 {
		return Source{}, false
	}
	s.Name = s.Name[:cut]
	return s, true
}

// Join returns the source below s with one more part. A "/" in part is replaced, since it separates
// parts.
func (s Source) Join(part Untrusted) Source {
	if s.Name != "" {
		s.Name += "/"
	}
	s.Name += Untrusted(asPart(part))
	return s
}

// asPart makes a name a part of a source's name: U+2215 looks like "/" but does not separate parts.
func asPart(name Untrusted) string { return strings.ReplaceAll(string(name), "/", "∕") }

// Compare orders sources by provider, host and name.
func (s Source) Compare(other Source) int {
	return cmp.Or(cmp.Compare(s.Provider, other.Provider), cmp.Compare(s.Host, other.Host),
		cmp.Compare(s.Name, other.Name))
}

func (s *Source) normalize() {
	s.Host = cleanName(s.Host)
	s.Name = cleanID(s.Name)
}

// Coverage says how well one source was read.
type Coverage struct {
	Source Source `json:"source"`
	Status Status `json:"status"`
	// Reason says why the source is not complete, in words for the person who can change it.
	Reason Untrusted `json:"reason,omitzero"`
	// Remedy says what to do about it: a command, a permission to grant, a page to open.
	Remedy Untrusted `json:"remedy,omitzero"`
	// Items and Accounts count what was observed in this source and below it.
	Items    int `json:"items"`
	Accounts int `json:"accounts,omitzero"`
	// Read and Expected count the parts of an aggregate source, such as users: 1,204 of 1,210. Zero
	// where there are no parts.
	Read     int `json:"read,omitzero"`
	Expected int `json:"expected,omitzero"`
	// Unobservable says that the platform reports this to no one: the report names it without
	// calling the scan incomplete.
	Unobservable bool `json:"unobservable,omitzero"`
	// AllListed says that an incomplete source has all its entries, and only properties of some are
	// unknown: what is not in it does not exist.
	AllListed bool `json:"all_listed,omitzero"`
	// CarriedFrom is the run that read the source, in a baseline that keeps what a later run could
	// not read. Otherwise empty.
	CarriedFrom Untrusted `json:"carried_from,omitzero"`
	// Details are the individual faults that made a source partial, at most MaxCoverageDetails of
	// them.
	Details []Untrusted `json:"details,omitempty"`
	// Logged are the apps that a log names, whether or not anyone holds them still: at most
	// MaxLogged, those that it names last. They are in no item.
	Logged []LoggedApp `json:"logged,omitempty"`
}

// LoggedApp is an app that a log names.
type LoggedApp struct {
	Kind Kind `json:"kind"`
	App  App  `json:"app"`
	// Last is the latest entry that names it, and Entries how many do.
	Last    time.Time `json:"last"`
	Entries int       `json:"entries"`
}

// MaxLogged bounds Coverage.Logged.
const MaxLogged = 5000

// MaxCoverageDetails bounds Coverage.Details; a last entry counts the rest.
const MaxCoverageDetails = 20

// Status is how completely a source was read.
type Status string

const (
	StatusComplete      Status = "complete"
	StatusPartial       Status = "partial"
	StatusNotObservable Status = "not-observable"
)

// IsGap reports whether something that should have been read was not.
func (c *Coverage) IsGap() bool { return c.Status != StatusComplete && !c.Unobservable }

// IsWhole reports whether what is not in the source does not exist.
func (c *Coverage) IsWhole() bool { return c.Status == StatusComplete || c.AllListed }

// NearestCoverage finds the coverage of the source or of the nearest source above it.
func NearestCoverage(index map[Source]Coverage, source Source) (Coverage, bool) {
	for {
		if coverage, ok := index[source]; ok {
			return coverage, true
		}
		parent, ok := source.Parent()
		if !ok {
			return Coverage{}, false
		}
		source = parent
	}
}

// Normalize brings a coverage into the form used in snapshots.
func (c *Coverage) Normalize() {
	c.Source.normalize()
	c.Reason = cleanID(c.Reason)
	c.Remedy = cleanID(c.Remedy)
	c.Details = slices.Clone(c.Details)
	for n, detail := range c.Details {
		c.Details[n] = cleanID(detail)
	}
	c.Logged = slices.Clone(c.Logged)
	for n := range c.Logged {
		app := &c.Logged[n].App
		app.ID, app.Name = cleanID(app.ID), cleanName(app.Name)
	}
	if c.Status == "" {
		c.Status = StatusNotObservable
	}
}

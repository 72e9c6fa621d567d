package risk

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

//go:generate go test -run TestTheTablesAreThoseOfTheFiles -update .

// The tables in tables.go are generated from tables/*.toml, so that no run has to parse them. They
// are read-only.

// noTable is for providers that this version does not know.
var noTable = table{
	unknown: row{Level: inventory.Medium, Why: "do something that this version of guestlist does not recognize"},
	missing: row{Level: inventory.Medium, Why: "hold access that could not be read"},
}

// row is one line of a table. Its columns are described in tables/chrome.toml and
// tables/google.toml.
type row struct {
	Name         string              `toml:"name"`
	Level        inventory.Level     `toml:"level"`
	Why          inventory.Untrusted `toml:"why"`
	WithHosts    inventory.Level     `toml:"with_hosts"`
	WhyWithHosts inventory.Untrusted `toml:"why_with_hosts"`
	Warns        bool                `toml:"warns"`
	CoveredBy    []string            `toml:"covered_by"`
	WarnsBeside  []string            `toml:"warns_beside"`
	Class        inventory.Untrusted `toml:"class"`
	Guess        bool                `toml:"guess"`
}

// modifier changes the weight of everything else. Aspect is "origin", "mark", "fact" or
// "repositories"; key names the fact.
type modifier struct {
	aspect, key, value string
	why                inventory.Untrusted
	lowers             bool
}

// table is one file of tables/, prepared for lookups.
type table struct {
	name, source                               string // of the file, and where its rows are from
	browser                                    bool   // of extensions, which reach pages by match patterns
	permissions, surfaces, data, events, kinds rows
	families                                   []row // the longest pattern first
	modifiers                                  []modifier
	hostsCoveredBy                             []string
	hostsByName                                bool
	unknown, missing                           row
}

// rows are sorted by name.
type rows []row

// find returns the row of a name, or nil.
func (r rows) find(name string) *row {
	n, found := slices.BinarySearchFunc(r, name, func(each row, name string) int { return cmp.Compare(each.Name, name) })
	if !found {
		return nil
	}
	return &r[n]
}

// permission returns the row of a permission or scope; false if it has neither a row nor a family.
func (t *table) permission(name inventory.Untrusted) (*row, bool) {
	short := shortened(string(name))
	if found := t.permissions.find(short); found != nil {
		return found, true
	}
	for n := range t.families {
		if matches(t.families[n].Name, short) {
			return &t.families[n], true
		}
	}
	return &t.unknown, false
}

// surface returns the row of a manifest feature: by its whole text, by its name, or by its name's
// first part.
func (t *table) surface(text inventory.Untrusted) (*row, bool) {
	name, _, _ := strings.Cut(string(text), " ")
	first, _, _ := strings.Cut(name, ".")
	for _, key := range []string{string(text), name, first} {
		if found := t.surfaces.find(key); found != nil {
			return found, true
		}
	}
	return &t.unknown, false
}

// ShortName returns a permission or scope as the tables spell it.
func ShortName(name inventory.Untrusted) string { return shortened(string(name)) }

// shortened returns a name as the tables spell it. Scopes that are URLs are granted in several
// spellings.
func shortened(name string) string {
	if rest, found := strings.CutPrefix(name, "http://"); found {
		name = "https://" + rest
	}
	if short, found := vendor.CutScopePrefix(name); found {
		return short
	}
	if strings.HasPrefix(name, "https://") {
		return strings.TrimRight(name, "/")
	}
	return name
}

// matches compares a name with a family's pattern, which has one "*".
func matches(pattern, name string) bool {
	before, after, _ := strings.Cut(pattern, "*")
	return len(name) >= len(before)+len(after) && strings.HasPrefix(name, before) && strings.HasSuffix(name, after)
}

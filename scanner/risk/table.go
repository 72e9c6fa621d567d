package risk

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"guestlist/scanner/inventory"
)

//go:embed tables/*.toml
var files embed.FS

// The tables, each read when it is first asked. A fault in one is a fault of the build, which TestTheTablesAreSound finds; all of its
// names are then unknown.
var (
	chromeTable  = tableOf("chrome")
	firefoxTable = tableOf("firefox")
	googleTable  = tableOf("google")
	githubTable  = tableOf("github")
	hostTable    = sync.OnceValue(func() *hosts {
		t, err := loadHosts()
		if err != nil {
			return &hosts{}
		}
		return t
	})
	// noTable is for providers that this version does not know.
	noTable = &table{
		unknown: row{Level: inventory.Medium, Why: "do something that this guestlist does not know"},
		missing: row{Level: inventory.Medium, Why: "do what could not be read"},
	}
)

// row is one line of a table. Its columns are described in tables/chrome.toml and tables/google.toml.
type row struct {
	Name         string              `toml:"name"`
	Level        inventory.Level     `toml:"level"`
	Why          inventory.Untrusted `toml:"why"`
	WithHosts    inventory.Level     `toml:"with_hosts"`
	WhyWithHosts inventory.Untrusted `toml:"why_with_hosts"`
	Warns        bool                `toml:"warns"`
	CoveredBy    []string            `toml:"covered_by"`
	Class        inventory.Untrusted `toml:"class"`
}

// modifier changes what everything else weighs. Name is "origin:", "mark:", "fact:" or "repositories:" and a value.
type modifier struct {
	Name   string              `toml:"name"`
	Why    inventory.Untrusted `toml:"why"`
	Lowers bool                `toml:"lowers"`

	aspect, key, value string
}

// file is a table as it is written.
type file struct {
	HostsCoveredBy []string   `toml:"hosts_covered_by"`
	Permissions    []row      `toml:"permissions"`
	Families       []row      `toml:"families"`
	Surfaces       []row      `toml:"surfaces"`
	Data           []row      `toml:"data"`
	Events         []row      `toml:"events"`
	Kinds          []row      `toml:"kinds"`
	Modifiers      []modifier `toml:"modifiers"`
	Unknown        row        `toml:"unknown"`
	Missing        row        `toml:"missing"`
}

// table is a file made ready to be asked.
type table struct {
	permissions, surfaces, data, events, kinds map[string]*row
	families                                   []row // the longest first
	modifiers                                  []modifier
	hostsCoveredBy                             []string
	unknown, missing                           row
}

// permission returns the row of a permission or scope; false for one that has neither a row nor a family.
func (t *table) permission(name inventory.Untrusted) (*row, bool) {
	short := strings.TrimPrefix(string(name), googlePrefix)
	if found := t.permissions[short]; found != nil {
		return found, true
	}
	for n := range t.families {
		if matches(t.families[n].Name, short) {
			return &t.families[n], true
		}
	}
	return &t.unknown, false
}

// surface returns the row of a manifest feature: by its whole text, by its name, or by its name's first part.
func (t *table) surface(text inventory.Untrusted) (*row, bool) {
	name, _, _ := strings.Cut(string(text), " ")
	first, _, _ := strings.Cut(name, ".")
	for _, key := range []string{string(text), name, first} {
		if found := t.surfaces[key]; found != nil {
			return found, true
		}
	}
	return &t.unknown, false
}

const googlePrefix = "https://www.googleapis.com/auth/"

func tableOf(name string) func() *table {
	return sync.OnceValue(func() *table {
		t, err := load(name)
		if err != nil {
			return noTable
		}
		return t
	})
}

func load(name string) (*table, error) {
	var f file
	if err := decode(name, &f); err != nil {
		return nil, err
	}
	t := &table{
		families: f.Families, modifiers: f.Modifiers, hostsCoveredBy: f.HostsCoveredBy, unknown: f.Unknown, missing: f.Missing,
	}
	for _, part := range []struct {
		rows []row
		into *map[string]*row
	}{{f.Permissions, &t.permissions}, {f.Surfaces, &t.surfaces}, {f.Data, &t.data}, {f.Events, &t.events}, {f.Kinds, &t.kinds}} {
		index, err := indexOf(part.rows)
		if err != nil {
			return nil, fmt.Errorf("reading the table %s: %w", name, err)
		}
		*part.into = index
	}
	_, familyErr := indexOf(f.Families)
	err := errors.Join(familyErr, t.unknown.check(), t.missing.check(), t.checkFamilies(), t.readModifiers())
	if err != nil {
		return nil, fmt.Errorf("reading the table %s: %w", name, err)
	}
	slices.SortStableFunc(t.families, func(a, b row) int { return cmp.Compare(len(b.Name), len(a.Name)) })
	return t, nil
}

// decode is strict: a key that the table's type does not have is an error.
func decode(name string, into any) error {
	text, err := files.ReadFile("tables/" + name + ".toml")
	if err != nil {
		return err
	}
	meta, err := toml.Decode(string(text), into)
	if err != nil {
		return fmt.Errorf("reading the table %s: %w", name, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("reading the table %s: unknown key %s", name, unknown[0])
	}
	return nil
}

func indexOf(rows []row) (map[string]*row, error) {
	index := make(map[string]*row, len(rows))
	for n := range rows {
		r := &rows[n]
		if r.Name == "" {
			return nil, errors.New("a row without a name")
		}
		if index[r.Name] != nil {
			return nil, fmt.Errorf("%q stands twice", r.Name)
		}
		if err := r.check(); err != nil {
			return nil, err
		}
		index[r.Name] = r
	}
	return index, nil
}

func (r *row) check() error {
	if _, err := inventory.ParseLevel(string(r.Level)); err != nil {
		return fmt.Errorf("%q: %w", r.Name, err)
	}
	if r.WithHosts != "" {
		if _, err := inventory.ParseLevel(string(r.WithHosts)); err != nil {
			return fmt.Errorf("%q: %w", r.Name, err)
		}
	}
	if r.Why == "" || (r.WithHosts == "") != (r.WhyWithHosts == "") {
		return fmt.Errorf("%q does not say why", r.Name)
	}
	return nil
}

func (t *table) checkFamilies() error {
	for _, family := range t.families {
		if !strings.HasPrefix(family.Name, "*") && !strings.HasSuffix(family.Name, "*") {
			return fmt.Errorf("the family %q has no * at its beginning or end", family.Name)
		}
	}
	return nil
}

func (t *table) readModifiers() error {
	for n := range t.modifiers {
		m := &t.modifiers[n]
		aspect, value, found := strings.Cut(m.Name, ":")
		if !found || value == "" || m.Why == "" || !slices.Contains([]string{"origin", "mark", "fact", "repositories"}, aspect) {
			return fmt.Errorf("the modifier %q is not whole", m.Name)
		}
		m.aspect, m.value = aspect, value
		if aspect == "fact" {
			if m.key, m.value, found = strings.Cut(value, "="); !found {
				return fmt.Errorf("the modifier %q has no value", m.Name)
			}
		}
	}
	return nil
}

// matches compares a name with a family's pattern, which has one "*" at its beginning or end.
func matches(pattern, name string) bool {
	if ending, ok := strings.CutPrefix(pattern, "*"); ok {
		return strings.HasSuffix(name, ending)
	}
	return strings.HasPrefix(name, strings.TrimSuffix(pattern, "*"))
}

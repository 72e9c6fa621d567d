package risk

import (
	"cmp"
	"errors"
	"fmt"
	"go/format"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// TestTheTablesAreThoseOfTheFiles writes tables.go with -update.
func TestTheTablesAreThoseOfTheFiles(t *testing.T) {
	t.Parallel()
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "tables.go", string(want)) // go generate writes it
}

func TestATableWithAFaultIsRefused(t *testing.T) {
	t.Parallel()
	good := row{Name: "tabs", Level: inventory.High, Why: "see tabs"}
	for name, list := range map[string][]row{
		"a name that stands twice":     {good, good},
		"no name":                      {{Level: inventory.High, Why: "x"}},
		"a level that does not exist":  {{Name: "x", Level: "severe", Why: "x"}},
		"no reason":                    {{Name: "x", Level: inventory.High}},
		"a level with hosts, no words": {{Name: "x", Level: inventory.High, Why: "x", WithHosts: inventory.Critical}},
		"an address that is not short": {{Name: "https://www.googleapis.com/auth/x", Level: inventory.High, Why: "x"}},
		"an address with its slash":    {{Name: "https://example.com/feeds/", Level: inventory.High, Why: "x"}},
	} {
		if _, err := sorted(list); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for _, m := range []fileModifier{{Name: "origin", Why: "x"}, {Name: "weather:rain", Why: "x"},
		{Name: "fact:a", Why: "x"}, {Name: "mark:a"}} {
		if _, err := m.split(); err == nil {
			t.Errorf("the modifier %q was taken", m.Name)
		}
	}
	for _, pattern := range []string{"tabs", "a*b*", "*"} {
		if err := checkFamilies([]row{{Name: pattern, Level: inventory.High, Why: "x"}}); err == nil {
			t.Errorf("the family %q was taken", pattern)
		}
	}
	for _, list := range [][]row{{{Name: "example.com"}}, {{Name: "*://example.com/*"}, {Name: "*://*.example.com/*"}}} {
		if _, err := jewelsOf(list); err == nil {
			t.Errorf("the jewels of %s were taken", list[0].Name)
		}
	}
}

// file is a table as it is written.
type file struct {
	// Providers are those whose items the table is asked about.
	Providers []inventory.Provider `toml:"providers"`
	// Source says where the rows are from.
	Source string `toml:"source"`
	// Browser: the items are extensions, which reach pages by match patterns.
	Browser        bool           `toml:"browser"`
	HostsCoveredBy []string       `toml:"hosts_covered_by"`
	HostsByName    bool           `toml:"hosts_by_name"`
	Permissions    []row          `toml:"permissions"`
	Families       []row          `toml:"families"`
	Surfaces       []row          `toml:"surfaces"`
	Data           []row          `toml:"data"`
	Events         []row          `toml:"events"`
	Kinds          []row          `toml:"kinds"`
	Modifiers      []fileModifier `toml:"modifiers"`
	Unknown        row            `toml:"unknown"`
	Missing        row            `toml:"missing"`
	// What gives no access is not for the program; see published_test.go.
	NoPermissions []note `toml:"no_permissions"`
	Manifest      []note `toml:"manifest"`
}

// fileModifier is a modifier as it is written: "origin:", "mark:", "fact:" or "repositories:" and a
// value.
type fileModifier struct {
	Name   string              `toml:"name"`
	Why    inventory.Untrusted `toml:"why"`
	Lowers bool                `toml:"lowers"`
}

// hostFile is tables/hosts.toml.
type hostFile struct {
	Source string `toml:"source"`
	Jewels []row  `toml:"jewels"`
	Hosts  struct {
		All     row `toml:"all"`
		Some    row `toml:"some"`
		File    row `toml:"file"`
		FileOff row `toml:"file_off"`
		Named   row `toml:"named"`
		Own     row `toml:"own"`
		Unknown row `toml:"unknown"`
	} `toml:"hosts"`
}

// decode is strict: a key that the table's type does not have is an error.
func decode(name string, into any) error {
	meta, err := toml.DecodeFile(filepath.Join("tables", name+".toml"), into)
	if err != nil {
		return fmt.Errorf("reading the table %s: %w", name, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("reading the table %s: unknown key %s", name, unknown[0])
	}
	return nil
}

func load(name string) (*table, []inventory.Provider, error) {
	var f file
	if err := decode(name, &f); err != nil {
		return nil, nil, err
	}
	t, err := f.table()
	if err == nil && (len(f.Providers) == 0 || f.Source == "") {
		err = errors.New("it names no providers, or no source")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("reading the table %s: %w", name, err)
	}
	return t, f.Providers, nil
}

func (f *file) table() (*table, error) {
	t := &table{browser: f.Browser, families: f.Families, hostsCoveredBy: f.HostsCoveredBy, hostsByName: f.HostsByName,
		source: f.Source, unknown: f.Unknown, missing: f.Missing}
	for _, part := range []struct {
		list []row
		into *rows
	}{{f.Permissions, &t.permissions}, {f.Surfaces, &t.surfaces}, {f.Data, &t.data}, {f.Events, &t.events}, {f.Kinds,
		&t.kinds}} {
		list, err := sorted(part.list)
		if err != nil {
			return nil, err
		}
		*part.into = list
	}
	if err := errors.Join(checkFamilies(t.families), t.unknown.check(), t.missing.check()); err != nil {
		return nil, err
	}
	slices.SortStableFunc(t.families, func(a, b row) int { return cmp.Compare(len(b.Name), len(a.Name)) })
	for _, m := range f.Modifiers {
		parts, err := m.split()
		if err != nil {
			return nil, err
		}
		t.modifiers = append(t.modifiers, parts)
	}
	return t, nil
}

func loadHosts() (*hosts, error) {
	var f hostFile
	if err := decode("hosts", &f); err != nil {
		return nil, err
	}
	t := &hosts{source: f.Source, fileOff: f.Hosts.FileOff}
	t.rows = [reaches]row{
		reachOwn: f.Hosts.Own, reachUnknown: f.Hosts.Unknown, reachNamed: f.Hosts.Named, reachJewel: f.Hosts.Named,
		reachFile: f.Hosts.File,
		reachSome: f.Hosts.Some, reachAll: f.Hosts.All,
	}
	for _, r := range append(append(t.rows[:0:0], t.rows[:]...), t.fileOff) {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("reading the table hosts: %w", err)
		}
	}
	_, rowErr := sorted(f.Jewels)
	jewels, err := jewelsOf(f.Jewels)
	t.jewels = jewels
	return t, errors.Join(rowErr, err)
}

func jewelsOf(list []row) ([]jewel, error) {
	var jewels []jewel
	for _, r := range list {
		if _, err := access.Parse(inventory.Untrusted(r.Name)); err != nil {
			return nil, err
		}
		_, host, _ := splitPattern(r.Name)
		name, wildcard := strings.CutPrefix(host, "*.")
		jewels = append(jewels, jewel{r, name, wildcard})
	}
	slices.SortFunc(jewels, func(a, b jewel) int { return cmp.Compare(a.host, b.host) })
	for n := range jewels[:max(len(jewels)-1, 0)] {
		if jewels[n].host == jewels[n+1].host {
			return nil, fmt.Errorf("%q stands twice", jewels[n].host)
		}
	}
	return jewels, nil
}

func sorted(list []row) (rows, error) {
	list = slices.SortedFunc(slices.Values(list), func(a, b row) int { return cmp.Compare(a.Name, b.Name) })
	for n := range list {
		switch r := &list[n]; {
		case r.Name == "":
			return nil, errors.New("a row without a name")
		case n > 0 && list[n-1].Name == r.Name:
			return nil, fmt.Errorf("%q stands twice", r.Name)
		case shortened(r.Name) != r.Name && !strings.Contains(r.Name, "*"):
			return nil, fmt.Errorf("%q is not in its short form, %q", r.Name, shortened(r.Name))
		}
		if err := list[n].check(); err != nil {
			return nil, err
		}
	}
	return list, nil
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

func checkFamilies(families []row) error {
	for _, family := range families {
		if strings.Count(family.Name, "*") != 1 || family.Name == "*" {
			return fmt.Errorf("the family %q must hold one * and more", family.Name)
		}
	}
	_, err := sorted(families)
	return err
}

func (m fileModifier) split() (modifier, error) {
	aspect, value, found := strings.Cut(m.Name, ":")
	if !found || value == "" || m.Why == "" || !slices.Contains([]string{"origin", "mark", "fact", "repositories"},
		aspect) {
		return modifier{}, fmt.Errorf("the modifier %q is not whole", m.Name)
	}
	parts := modifier{aspect: aspect, value: value, why: m.Why, lowers: m.Lowers}
	if aspect == "fact" {
		if parts.key, parts.value, found = strings.Cut(value, "="); !found {
			return modifier{}, fmt.Errorf("the modifier %q has no value", m.Name)
		}
	}
	return parts, nil
}

// generate writes the tables as Go: constants only, so that they cost a run nothing.
func generate() ([]byte, error) {
	var b strings.Builder
	b.WriteString("// Code generated by go generate from tables/*.toml. DO NOT EDIT.\n\npackage risk\n\nimport \"guestlist/scanner/inventory\"\n")
	names, err := tableNames()
	if err != nil {
		return nil, err
	}
	var index strings.Builder
	for _, name := range names {
		t, providers, err := load(name)
		if err != nil {
			return nil, err
		}
		for _, provider := range providers {
			fmt.Fprintf(&index, "%q: &%sTable,\n", string(provider), name)
		}
		fmt.Fprintf(&b, "\n// %sTable is tables/%s.toml.\nvar %sTable = table{\nname: %q,\nsource: %q,\n", name, name, name,
			name+".toml", t.source)
		if t.browser {
			b.WriteString("browser: true,\n")
		}
		for _, part := range []struct {
			field string
			list  rows
		}{{"permissions", t.permissions}, {"surfaces", t.surfaces}, {"data", t.data}, {"events", t.events}, {"kinds",
			t.kinds}} {
			if len(part.list) > 0 {
				fmt.Fprintf(&b, "%s: rows{%s},\n", part.field, lines(part.list))
			}
		}
		fmt.Fprintf(&b, "families: []row{%s},\n", lines(t.families))
		b.WriteString("modifiers: []modifier{\n")
		for _, m := range t.modifiers {
			fmt.Fprintf(&b, "{aspect: %q, key: %q, value: %q, why: %q, lowers: %t},\n", m.aspect, m.key, m.value,
				string(m.why), m.lowers)
		}
		fmt.Fprintf(&b, "},\nhostsCoveredBy: %#v,\nhostsByName: %t,\nunknown: row{%s},\nmissing: row{%s},\n}\n",
			t.hostsCoveredBy, t.hostsByName, fields(&t.unknown), fields(&t.missing))
	}
	if err := generateHosts(&b); err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "\n// tables are asked about the items of each provider.\nvar tables = map[inventory.Provider]*table{\n%s}\n", index.String())
	return format.Source([]byte(b.String()))
}

// tableNames are those of all files but that of hosts, sorted.
func tableNames() ([]string, error) {
	files, err := filepath.Glob(filepath.Join("tables", "*.toml"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".toml"); name != "hosts" {
			names = append(names, name)
		}
	}
	return names, nil
}

func generateHosts(b *strings.Builder) error {
	t, err := loadHosts()
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\n// hostTable is tables/hosts.toml.\nvar hostTable = hosts{\nsource: %q,\nrows: [reaches]row{%s},\nfileOff: row{%s},\njewels: []jewel{\n",
		t.source, lines(t.rows[:]), fields(&t.fileOff))
	for _, each := range t.jewels {
		fmt.Fprintf(b, "{row: row{%s}, host: %q, wildcard: %t},\n", fields(&each.row), each.host, each.wildcard)
	}
	b.WriteString("},\n}\n")
	return nil
}

func lines(list []row) string {
	var b strings.Builder
	for n := range list {
		fmt.Fprintf(&b, "\n{%s},", fields(&list[n]))
	}
	return b.String() + "\n"
}

// fields writes those of a row that are not zero.
func fields(r *row) string {
	var parts []string
	for _, text := range []struct{ field, value string }{
		{"Name", r.Name}, {"Level", string(r.Level)}, {"Why", string(r.Why)}, {"WithHosts", string(r.WithHosts)},
		{"WhyWithHosts", string(r.WhyWithHosts)}, {"Class", string(r.Class)},
	} {
		if text.value != "" {
			parts = append(parts, fmt.Sprintf("%s: %q", text.field, text.value))
		}
	}
	if r.Warns {
		parts = append(parts, "Warns: true")
	}
	if r.Guess {
		parts = append(parts, "Guess: true")
	}
	if len(r.CoveredBy) > 0 {
		parts = append(parts, fmt.Sprintf("CoveredBy: %#v", r.CoveredBy))
	}
	if len(r.WarnsBeside) > 0 {
		parts = append(parts, fmt.Sprintf("WarnsBeside: %#v", r.WarnsBeside))
	}
	return strings.Join(parts, ", ")
}

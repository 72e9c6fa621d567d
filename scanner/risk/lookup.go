package risk

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Part is the part of a table that a row is in.
type Part string

const (
	PartPermission Part = "permission" // or an OAuth scope
	PartSurface    Part = "surface"
	PartData       Part = "data" // what an add-on says it sends away
	PartEvent      Part = "event"
	PartKind       Part = "kind"
	PartHost       Part = "host"
)

// Row is what a table says of one name.
type Row struct {
	Part Part `json:"part"`
	// Providers are those whose items the table is about; empty for hosts, which are every
	// browser's.
	Providers []inventory.Provider `json:"providers,omitempty"`
	// Name is that of the row: the name that was asked for, or a pattern of names or of hosts.
	Name  inventory.Untrusted `json:"name"`
	Level inventory.Level     `json:"level"`
	Why   inventory.Untrusted `json:"why"`
	// WithHosts and WhyWithHosts are for an extension that also reaches pages; empty if that makes
	// no difference.
	WithHosts    inventory.Level     `json:"with_hosts,omitzero"`
	WhyWithHosts inventory.Untrusted `json:"why_with_hosts,omitzero"`
	Class        inventory.Untrusted `json:"class,omitzero"`
	// Prompts: the browser names it in a prompt when an update adds it. Nil where no browser asks.
	Prompts *bool `json:"prompts,omitzero"`
	// Guess: only the name's family is known.
	Guess bool `json:"guess,omitzero"`
	// Table is the file of the table, and Source where its rows are from.
	Table  string `json:"table"`
	Source string `json:"source"`
}

// hostsFile is the file of the table of hosts.
const hostsFile = "hosts.toml"

// Lookup returns what the tables say of a permission, a scope, a surface, an event, a kind, a host
// or a match pattern. It returns nothing for a name that no table has.
func Lookup(name inventory.Untrusted) []Row {
	var rows []Row
	for _, t := range allTables() {
		rows = append(rows, t.lookup(name)...)
	}
	if row, found := lookupHost(name); found && (len(rows) == 0 || row.isJewel && !isHost(name)) {
		rows = append(rows, row.Row)
	}
	return rows
}

// allTables are the tables in the order of their files, each once.
func allTables() []*table {
	found := map[*table]bool{}
	for _, t := range tables {
		found[t] = true
	}
	return slices.SortedFunc(maps.Keys(found), func(a, b *table) int { return cmp.Compare(a.name, b.name) })
}

func (t *table) providers() []inventory.Provider {
	var found []inventory.Provider
	for provider, each := range tables {
		if each == t {
			found = append(found, provider)
		}
	}
	slices.Sort(found)
	return found
}

func (t *table) lookup(name inventory.Untrusted) []Row {
	var list []Row
	add := func(part Part, r *row) {
		found := Row{
			Part: part, Providers: t.providers(), Name: inventory.Untrusted(r.Name), Level: r.Level, Why: r.Why,
			WithHosts: r.WithHosts, WhyWithHosts: r.WhyWithHosts, Class: r.Class, Guess: r.Guess, Table: t.name,
			Source: t.source,
		}
		if t.browser && part == PartPermission {
			found.Prompts = &r.Warns
		}
		list = append(list, found)
	}
	if r, known := t.permission(name); known {
		add(PartPermission, r)
	}
	if r, known := t.surface(name); known {
		add(PartSurface, r)
	}
	for _, each := range []struct {
		part Part
		rows rows
	}{{PartData, t.data}, {PartEvent, t.events}, {PartKind, t.kinds}} {
		if r := each.rows.find(string(name)); r != nil {
			add(each.part, r)
		}
	}
	return list
}

// hostRow is a row of the table of hosts.
type hostRow struct {
	Row
	isJewel bool
}

// lookupHost reads a name as a match pattern or as a host.
func lookupHost(name inventory.Untrusted) (hostRow, bool) {
	pattern := name
	if !isHost(name) {
		pattern = "*://" + inventory.Untrusted(strings.ToLower(string(name))) + "/*"
		if !strings.Contains(string(name), ".") || strings.ContainsAny(string(name), " /:") {
			return hostRow{}, false
		}
	}
	if _, err := access.Parse(pattern); err != nil {
		return hostRow{}, false
	}
	reach, r := hostTable.reachOf(pattern)
	found := hostRow{isJewel: r != nil}
	if r == nil {
		r = &hostTable.rows[reach]
	}
	found.Row = Row{Part: PartHost, Name: inventory.Untrusted(cmp.Or(r.Name, string(pattern))), Level: r.Level, Why: r.Why,
		Table: hostsFile, Source: hostTable.source}
	return found, true
}

// Names returns every permission, scope, surface, event and data type of the tables, sorted.
func Names() []string {
	names := map[string]bool{}
	for _, t := range allTables() {
		for _, part := range []rows{t.permissions, t.surfaces, t.data, t.events, t.kinds} {
			for n := range part {
				names[part[n].Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

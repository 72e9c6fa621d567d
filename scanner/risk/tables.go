package risk

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"

	"guestlist/scanner/inventory"
)

//go:embed browser.toml
var browserFile string

//go:embed google.toml
var googleFile string

//go:embed github.toml
var githubFile string

// row is one rank of names in a table.
type row struct {
	Level  inventory.Level     `toml:"level"`
	Names  []string            `toml:"names"`
	Why    inventory.Untrusted `toml:"why"`
	Silent bool                `toml:"silent"` // an update that adds it raises no prompt
}

// table finds the row of a name: exactly, or by the longest prefix.
type table struct {
	exact    map[string]*row
	prefixes []prefix // in the order of the file
}

type prefix struct {
	text string
	row  *row
}

func (t *table) find(name string) *row {
	if found := t.exact[name]; found != nil {
		return found
	}
	for _, p := range t.prefixes {
		if strings.HasPrefix(name, p.text) {
			return p.row
		}
	}
	return nil
}

type tables struct {
	permissions, surfaces, scopes, github table
	jewels                                struct {
		Why   inventory.Untrusted `toml:"why"`
		Hosts []string            `toml:"hosts"`
	}
	unknown struct {
		Write inventory.Level `toml:"write"`
		Read  inventory.Level `toml:"read"`
	}
}

// loaded are the embedded tables. A fault in them is a fault of the build; TestTheTablesAreSound finds it.
var loaded = sync.OnceValue(func() *tables {
	t, err := parse()
	if err != nil {
		return &tables{}
	}
	return t
})

const googlePrefix = "https://www.googleapis.com/auth/"

func parse() (*tables, error) {
	var browser struct {
		Permission  []*row `toml:"permission"`
		Surface     []*row `toml:"surface"`
		CrownJewels struct {
			Why   inventory.Untrusted `toml:"why"`
			Hosts []string            `toml:"hosts"`
		} `toml:"crown_jewels"`
	}
	var google struct {
		Scope []*row `toml:"scope"`
	}
	var github struct {
		Permission []*row `toml:"permission"`
		Unknown    struct {
			Write inventory.Level `toml:"write"`
			Read  inventory.Level `toml:"read"`
		} `toml:"unknown"`
	}
	for _, file := range []struct {
		name, text string
		into       any
	}{{"browser.toml", browserFile, &browser}, {"google.toml", googleFile, &google}, {"github.toml", githubFile, &github}} {
		meta, err := toml.Decode(file.text, file.into)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.name, err)
		}
		if unknown := meta.Undecoded(); len(unknown) > 0 {
			return nil, fmt.Errorf("%s: unknown key %s", file.name, unknown[0])
		}
	}
	t := &tables{jewels: browser.CrownJewels, unknown: github.Unknown}
	for _, part := range []struct {
		name string
		rows []*row
		into *table
		full func(string) string
	}{
		{"permission", browser.Permission, &t.permissions, same},
		{"surface", browser.Surface, &t.surfaces, same},
		{"scope", google.Scope, &t.scopes, googleScope},
		{"github", github.Permission, &t.github, same},
	} {
		if err := part.into.fill(part.rows, part.full); err != nil {
			return nil, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return t, nil
}

func (t *table) fill(rows []*row, full func(string) string) error {
	t.exact = make(map[string]*row)
	for _, r := range rows {
		if _, err := inventory.ParseLevel(string(r.Level)); err != nil || r.Why == "" || len(r.Names) == 0 {
			return fmt.Errorf("row %v is not whole", r.Names)
		}
		for _, name := range r.Names {
			name = full(name)
			if text, isPrefix := strings.CutSuffix(name, "*"); isPrefix {
				t.prefixes = append(t.prefixes, prefix{text, r})
				continue
			}
			if t.exact[name] != nil {
				return fmt.Errorf("%q stands twice", name)
			}
			t.exact[name] = r
		}
	}
	return nil
}

func same(name string) string { return name }

// googleScope writes a short name out.
func googleScope(name string) string {
	if strings.Contains(name, "://") || name == "openid" || name == "email" || name == "profile" {
		return name
	}
	return googlePrefix + name
}

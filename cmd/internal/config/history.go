package config

import (
	"math"
	"strconv"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
)

// partHistory is the table that says which snapshots of earlier scans are kept.
const partHistory = "history"

// Limits of the values in [history].
const (
	maxKeep  = 1000
	maxWeeks = 10 * 52
)

var historyKeys = []string{"keep", "weeks", "max_size"}

// sizeUnits are what sizes are counted in.
var sizeUnits = []struct {
	name  string
	bytes int64
}{{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}}

// history reads [history]; keys that are missing have their defaults.
func (p *parser) history(root *strict.Table) history.Policy {
	policy := history.DefaultPolicy()
	t, found := root.Table(partHistory)
	if !found {
		return policy
	}
	t.CheckKeys(partHistory)
	if t.Has("keep") {
		policy.Last = int(t.Number("keep", 0, maxKeep))
	}
	if t.Has("weeks") {
		policy.Weeks = int(t.Number("weeks", 0, maxWeeks))
	}
	if text := t.Text("max_size"); text != "" {
		var ok bool
		if policy.MaxBytes, ok = parseSize(text); !ok {
			p.Report(t.Line("max_size"), `write a number and its unit, such as "500MB"`,
				"max_size must be a size in kB, MB or GB, is %q", text)
		}
	}
	return policy
}

// parseSize reads a number of bytes such as "500MB" or "1.5 GB".
func parseSize(text inventory.Untrusted) (int64, bool) {
	for _, unit := range sizeUnits {
		digits, found := strings.CutSuffix(strings.ToLower(string(text)), strings.ToLower(unit.name))
		if !found {
			continue
		}
		number, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		bytes := number * float64(unit.bytes)
		return int64(bytes), err == nil && bytes >= 1 && bytes < math.MaxInt64
	}
	return 0, false
}

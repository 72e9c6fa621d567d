package github

import (
	"slices"
	"strconv"
	"strings"

	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

func formatID(id lenient.Number) string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

func joined(list []string) string {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return strings.Join(sorted, ",")
}

// facts makes a map of facts from pairs of name and value; empty values are omitted.
func facts(pairs ...string) map[string]inventory.Untrusted {
	made := map[string]inventory.Untrusted{}
	for n := 0; n+1 < len(pairs); n += 2 {
		if pairs[n+1] != "" {
			made[pairs[n]] = inventory.Untrusted(pairs[n+1])
		}
	}
	return made
}

func setFact(item *inventory.Item, name, value string) {
	if value == "" {
		return
	}
	if item.Facts == nil {
		item.Facts = map[string]inventory.Untrusted{}
	}
	item.Facts[name] = inventory.Untrusted(value)
}

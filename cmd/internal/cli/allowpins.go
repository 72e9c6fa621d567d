package cli

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/allowlist/edit"
	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

// pins say what an approval is limited to.
type pins struct {
	given    bool // by a flag
	observed bool // everything that scans saw of it
	named    []edit.Pair
}

const pinObserved = "observed"

// textPins are the pins that are one string; the others are lists.
var textPins = []string{"versions", "repositories"}

// parsePins reads --pin. Without it, what was observed is pinned.
func parsePins(values []string) (pins, error) {
	p := pins{given: len(values) > 0, observed: true}
	for _, value := range values {
		key, text, isNamed := strings.Cut(value, "=")
		switch {
		case value == pinObserved:
		case value == none && len(values) > 1:
			return p, usageError(fmt.Errorf("--pin none excludes any other --pin"), "leave it out")
		case value == none:
			p.observed = false
		case !isNamed || !slices.Contains(allowlist.PinKeys(), edit.Name(key)):
			words := vocabulary{one: "something to pin", all: "words",
				words:  append([]string{pinObserved, none}, strict.NamesOf(allowlist.PinKeys())...),
				others: map[string]string{"scopes": "permissions", "scope": "permissions", "permission": "permissions", "host": "hosts", "version": "versions"}}
			if err := words.check("--pin: ", key); err != nil {
				return p, err
			}
			return p, usageError(fmt.Errorf("--pin %s names no value", key), "--pin "+key+"=VALUE")
		case slices.Contains(textPins, key):
			p.named = append(p.named, edit.Pair{Key: edit.Name(key), Value: edit.Text(inventory.Untrusted(text))})
		default:
			p.named = append(p.named, edit.Pair{Key: edit.Name(key), Value: edit.List(splitList(text))})
		}
	}
	return p, nil
}

// splitList reads values with commas between them; an empty text is an empty list, which approves
// none.
func splitList(text string) []inventory.Untrusted {
	list := []inventory.Untrusted{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, inventory.Untrusted(part))
		}
	}
	return list
}

// of are the pins of an app: those that were named, in place of what was observed.
func (p pins) of(a *app) []edit.Pair {
	var pairs []edit.Pair
	if p.observed && a.observed != nil {
		pairs = allowlist.Pins(a.observed.Ways)
	}
	for _, named := range p.named {
		pairs = slices.DeleteFunc(pairs, func(pair edit.Pair) bool { return pair.Key == named.Key })
		pairs = append(pairs, named)
	}
	order := allowlist.PinKeys()
	slices.SortStableFunc(pairs, func(a, b edit.Pair) int { return slices.Index(order, a.Key) - slices.Index(order, b.Key) })
	return pairs
}

// excess is what an app holds beyond the pins of an entry, in any of the ways it is held.
func excess(entry *allowlist.Entry, a *app) []inventory.Untrusted {
	var beyond []inventory.Untrusted
	if a == nil || a.observed == nil {
		return nil
	}
	for n := range a.observed.Ways {
		for _, drift := range entry.Drifts(&a.observed.Ways[n]) {
			what := slices.Concat(drift.Permissions, drift.Hosts)
			if len(what) == 0 {
				what = []inventory.Untrusted{inventory.Textf("%s %s", inventory.Untrusted(drift.Aspect), drift.After)}
			}
			for _, each := range what {
				if !slices.Contains(beyond, each) {
					beyond = append(beyond, each)
				}
			}
		}
	}
	return beyond
}

// maxScopes is how many permissions a line lists.
const maxScopes = 6

func scopeList(scopes []inventory.Untrusted) string {
	shown := strict.NamesOf(scopes[:min(len(scopes), maxScopes)])
	for n := range shown {
		shown[n] = inventory.Untrusted(shown[n]).String()
	}
	text := strings.Join(shown, ", ")
	if more := len(scopes) - maxScopes; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

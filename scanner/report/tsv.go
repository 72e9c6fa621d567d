package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// TSV is a table for other programs: a header, then one line for each entry, with whole values
// separated by tabs and times in RFC 3339. Unknown values are "-". After the entries come sources
// that no API reports on and those with something good to know, one line each, then the allowlist
// that was checked against and the baseline that was compared with.
//
// The inventory, if it was asked for, follows after an empty line with a header of its own.
type TSV struct{}

var tsvFormat = Format{Name: "tsv", About: "one line an entry, tab-separated, whole values",
	New: func(Style) Renderer { return TSV{} }}

// Render implements [Renderer]. Escaped text holds no tab of its own.
func (TSV) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(&inertLines{w: w})
	row := func(values ...string) { fmt.Fprintln(out, strings.Join(cells(values...), "\t")) }
	row("URGENCY", "FINDING", "CHANGE", "APP", "ID", "HOLDERS", "WHERE", "WHY", "CAN", "DECIDED", "REMEDY", "KIND", "APPROVE")
	for i := range r.Entries {
		e := &r.Entries[i]
		row(inventory.Untrusted(e.Urgency).String(), rulesOf(e), e.Change.String(), e.Title.String(), idsOf(e), holdersOf(e),
			allPlaces(e), whysOf(e, r), allReasons(e), decidedBy(e),
			strings.Join(texts(e.Findings, func(f *diff.Finding) string { return f.Remedy.String() }), "; "), kindOf(e),
			e.ApproveWith.String())
	}
	for i := range r.Coverage {
		if word := noteWord(&r.Coverage[i]); word != "" {
			c := &r.Coverage[i]
			row("", word, "", c.Source.Name.String(), "", "", "", whyOf(c), "", "", c.Remedy.String(), string(diff.AboutSource), "")
		}
	}
	for _, file := range []decision{r.checkedAgainst(), r.comparedWith()} {
		row("", file.word, "", file.path, "", "", "", file.which, "", "", "", "file", "")
	}
	if r.Inventory != nil {
		row("")
		row("APP", "ID", "KIND", "VERSION", "STATE", "ORIGIN", "WHERE", "ADDED", "ACCESS")
		for item, err := range r.Inventory {
			if err != nil {
				return fmt.Errorf("listing the inventory: %w", err)
			}
			row(itemValues(item)...)
		}
	}
	return out.Flush()
}

// Words in place of a rule, for what is good to know about a source but is not a finding.
const (
	noteNoAPI = "no-api"
	noteKnown = "good-to-know"
)

// noteWord returns that word; empty if there is nothing to know.
func noteWord(c *inventory.Coverage) string {
	switch {
	case c.Unobservable:
		return noteNoAPI
	case !c.IsGap() && len(c.Details) > 0:
		return noteKnown
	}
	return ""
}

func whyOf(c *inventory.Coverage) string {
	var whys []string
	for _, text := range append([]inventory.Untrusted{c.Reason}, c.Details...) {
		if text != "" {
			whys = append(whys, text.String())
		}
	}
	return strings.Join(whys, "; ")
}

// texts returns what a function says about each, without duplicates and empty texts.
func texts[T any](list []T, of func(T) string) []string {
	var all []string
	for _, each := range list {
		if text := of(each); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

func rulesOf(e *Entry) string {
	return strings.Join(texts(e.Findings, func(f *diff.Finding) string { return f.Rule.String() }), " ")
}

// idsOf are all IDs that an entry is about.
func idsOf(e *Entry) string {
	ids := []string{e.App.ID.String()}
	for _, app := range e.Also {
		ids = append(ids, app.ID.String())
	}
	return strings.Join(ids, " ")
}

// kindOf is the kind as spelled in files, or what else the entry is about.
func kindOf(e *Entry) string {
	if e.Kind != "" {
		return inventory.Untrusted(e.Kind).String()
	}
	return string(e.About)
}

// holdersOf counts holders, and administrators among them.
func holdersOf(e *Entry) string {
	if e.AdminCount > 0 {
		return fmt.Sprintf("%d (%d admin)", e.HolderCount, e.AdminCount)
	}
	return fmt.Sprint(e.HolderCount)
}

func allPlaces(e *Entry) string {
	places := make([]string, len(e.Holders))
	for n := range e.Holders {
		places[n] = affectedWhole(&e.Holders[n])
	}
	return strings.Join(places, "; ")
}

func whysOf(e *Entry, r *Report) string {
	whys := texts(e.Findings, func(f *diff.Finding) string {
		if isUndecided(f, r) {
			return e.Why.String()
		}
		return f.Why.String()
	})
	return strings.Join(append(whys, remarks(e.Notes, e.Lookalikes)...), "; ")
}

func allReasons(e *Entry) string { return reasonLines(e.Reasons) }

// reasonLines joins reasons into one text, with whole values.
func reasonLines(reasons []risk.Reason) string {
	lines := make([]string, len(reasons))
	for n := range reasons {
		lines[n] = reasonLine(&reasons[n], reasons[n].Subject.String())
	}
	return strings.Join(lines, "; ")
}

func decidedBy(e *Entry) string {
	return strings.Join(texts(e.Findings, func(f *diff.Finding) string {
		if f.Decided == nil {
			return ""
		}
		return fmt.Sprintf("%s:%d", f.Decided.File, f.Decided.Line)
	}), " ")
}

// cells writes "-" for what is not known, so that columns stay columns for tools that split on
// spaces.
func cells(values ...string) []string {
	if len(values) == 1 {
		return values
	}
	for n, value := range values {
		if value == "" {
			values[n] = "-"
		}
	}
	return values
}

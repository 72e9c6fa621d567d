package news

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/report"
)

// lineOf is the line of an entry.
func lineOf(e *report.Entry) notify.Line {
	words := e.Words()
	return notify.Line{ID: e.ID, Urgency: cmp.Or(e.Urgency, inventory.Info), Provider: e.Provider, Sign: words.Sign,
		Title: words.Title, Kind: words.Kind, Where: words.Where, Why: words.Why, Change: words.Change,
		Remedy: words.Remedy}
}

// joined is two phrases as one.
func joined(a, b inventory.Untrusted) inventory.Untrusted {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// standingOf returns the severities of what needs a person about an entry, by the findings' IDs, for
// as long as it is so, and the highest.
func standingOf(e *report.Entry) (map[string]inventory.Level, inventory.Level) {
	findings, highest := map[string]inventory.Level{}, inventory.Info
	for _, f := range e.Findings {
		if report.IsOpen(f) && f.Rule != diff.NotObserved && !isEvent(f) {
			findings[f.ID] = f.Severity
			highest = inventory.MaxLevel(highest, f.Severity)
		}
	}
	return findings, highest
}

// isEvent reports whether a finding is about a change: the next scan does not have it.
func isEvent(f *diff.Finding) bool { return f.Rule.Info().Section == diff.SectionChanges }

// changeOf is how much the changes of an entry weigh, and whether one of them needs a person.
func changeOf(e *report.Entry) (level inventory.Level, needsPerson bool) {
	level = inventory.Info
	for _, c := range e.Changes {
		level = inventory.MaxLevel(level, c.Severity)
	}
	for _, f := range e.Findings {
		if isEvent(f) && report.IsOpen(f) {
			level, needsPerson = inventory.MaxLevel(level, f.Severity), true
		}
	}
	return level, needsPerson
}

// eventLevel is how urgent the changes of an entry are by themselves.
func eventLevel(needsPerson bool, level inventory.Level) inventory.Level {
	if needsPerson {
		return level
	}
	return inventory.Info
}

// knows reports whether the channel was told of all changes of an entry since the baseline.
func (t *telling) knows(e *report.Entry) bool {
	baseline := t.scan.Report.Baseline
	if baseline == nil {
		return false
	}
	for _, key := range changeKeys(e) {
		if told, found := t.memory.Changes[key]; !found || told.Before(baseline.Started) {
			return false
		}
	}
	return true
}

// changeKeys are the same for the same changes: what changed, from what to what, and where.
func changeKeys(e *report.Entry) []string {
	var keys []string
	for _, c := range e.Changes {
		key := changeKey{ID: c.ID, What: c.What, Before: c.Before, After: c.After, Gained: c.Gained, Lost: c.Lost,
			Count: c.HolderCount}
		for i := range c.Holders {
			key.Places = append(key.Places, changePlace{c.Holders[i].Source, c.Holders[i].Holder})
		}
		slices.SortFunc(key.Places, func(a, b changePlace) int {
			return cmp.Or(a.Source.Compare(b.Source), cmp.Compare(a.Holder.Account, b.Holder.Account),
				cmp.Compare(a.Holder.Repository, b.Holder.Repository))
		})
		keys = append(keys, hashOf(key))
	}
	for _, f := range e.Findings {
		if isEvent(f) && len(e.Changes) == 0 {
			keys = append(keys, hashOf(changeKey{ID: f.ID, Before: f.Before, After: f.After, Gained: f.Gained, Lost: f.Lost,
				Count: f.HolderCount}))
		}
	}
	return keys
}

// changeKey is everything that makes a change the same as another.
type changeKey struct {
	ID                  string
	What, Before, After inventory.Untrusted
	Gained, Lost        []inventory.Untrusted
	Count               int
	Places              []changePlace
}

// changePlace is where something changed.
type changePlace struct {
	Source inventory.Source
	Holder inventory.Holder
}

// hashOf is the same for the same content.
func hashOf(content any) string {
	text, err := json.Marshal(content)
	if err != nil { // texts and numbers always encode
		return ""
	}
	return shortHash(string(text))
}

// sortLines puts the most urgent first, and leaves lines of one urgency as they are.
func sortLines(lines []notify.Line) {
	slices.SortStableFunc(lines, func(a, b notify.Line) int { return b.Urgency.Compare(a.Urgency) })
}

// keyOf is the same for digests that say the same.
func keyOf(d *notify.Digest) string {
	return hashOf(struct {
		Occasion notify.Occasion
		Verdict  []inventory.Untrusted
		Lists    [][]notify.Line
		Open     map[inventory.Level]int
	}{d.Occasion, d.Verdict, [][]notify.Line{d.Act, d.Changes, d.Unread, d.Gone, d.Still}, d.Open})
}

// headline is the digest in one sentence that fits a subject line.
func headline(d *notify.Digest) inventory.Untrusted {
	open := total(d.Open)
	switch d.Occasion {
	case notify.First:
		switch {
		case open == 0 && d.Clean:
			return "First report: nothing is open"
		case open == 0:
			return "First report: not everything was read"
		}
		return inventory.Textf("First report: %d open%s", open, byUrgency(d.Open))
	case notify.Reminder:
		text := fmt.Sprintf("Still open: %d%s", open, byUrgency(d.Open))
		if len(d.Act) > 0 {
			text += fmt.Sprintf("; %d of them new, worse or back", len(d.Act))
		}
		return inventory.Untrusted(text)
	}
	var parts []string
	if len(d.Act) > 0 {
		counts := map[inventory.Level]int{}
		for i := range d.Act {
			counts[d.Act[i].Urgency]++
		}
		parts = append(parts, fmt.Sprintf("%d new, worse or back%s", len(d.Act), byUrgency(counts)))
	}
	for _, count := range []struct {
		lines     []notify.Line
		one, many string
	}{
		{d.Unread, "1 source could not be read", "%d sources could not be read"},
		{d.Changes, "1 change", "%d changes"},
		{d.Gone, "1 no longer open", "%d no longer open"},
	} {
		switch n := len(count.lines); n {
		case 0:
		case 1:
			parts = append(parts, count.one)
		default:
			parts = append(parts, fmt.Sprintf(count.many, n))
		}
	}
	switch {
	case len(parts) > 0:
		return inventory.Untrusted(strings.Join(parts, "; "))
	case open > 0:
		return inventory.Textf("Nothing new; %d open%s", open, byUrgency(d.Open))
	case !d.Clean:
		return "Nothing new, and not everything was read"
	}
	return "Nothing to act on"
}

// byUrgency says how many of each urgency there are, the highest first: ": 1 critical, 2 high".
func byUrgency(counts map[inventory.Level]int) string {
	var parts []string
	for _, level := range slices.Backward(inventory.Levels()) {
		if counts[level] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[level], level))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

func total(counts map[inventory.Level]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

// withoutNumbers makes reasons alike that differ in a time or a count.
func withoutNumbers(reason inventory.Untrusted) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, string(reason))
}

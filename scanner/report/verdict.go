package report

import (
	"fmt"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// The verdict is the report in two lines: what needs a person, then what changed and how much was
// read. Each fits the narrowest usual terminal.

// VerdictColumns is how wide a line of the verdict is at most, in columns.
const VerdictColumns = 80

// maxNeeds is how many groups of what needs a person the verdict names; it sums up the others.
const maxNeeds = 3

// verdict returns the two lines.
func (r *Report) verdict(comparison bool) []inventory.Untrusted {
	if comparison {
		changes := firstFitting(r.changes(0), r.changes(2), r.changes(1))
		if changes == "" {
			changes = "no difference"
		}
		return []inventory.Untrusted{ended(sentence(changes)), ended(firstFitting(r.reading(false), r.reading(true)))}
	}
	return []inventory.Untrusted{ended(r.needs()), ended(r.news())}
}

func ended(text string) inventory.Untrusted { return inventory.Untrusted(text + ".") }

// need is a group of entries that need a person.
type need struct {
	count int
	words string // after the count: "denied"
}

// needs says how many entries need a person, each counted once, by the first phrase that matches
// one of its findings. Without an allowlist nothing is approved or unapproved: it says what apps
// reach instead.
func (r *Report) needs() string {
	groups := r.needGroups()
	total := 0
	for _, group := range groups {
		total += group.count
	}
	if total == 0 {
		return sentence(r.unneeding())
	}
	var candidates []string
	for most := min(maxNeeds, len(groups)); most > 0; most-- {
		parts, rest := make([]string, most), total
		for n, group := range groups[:most] {
			parts[n] = thousands(group.count) + " " + group.words
			rest -= group.count
		}
		text := strings.Join(parts, ", ")
		if rest > 0 {
			text += ", and " + thousands(rest) + " more"
		}
		candidates = append(candidates, text)
	}
	return firstFitting(candidates...)
}

// needGroups returns the groups that are not empty, in the order of the phrases.
func (r *Report) needGroups() []need {
	phrases := diff.Phrases()
	counts := make([]need, len(phrases))
	for n, phrase := range phrases {
		counts[n].words = string(phrase)
	}
	var reached []need // by apps that needed no approval
	names := reachNames()
	for _, name := range names {
		reached = append(reached, need{words: "reach " + string(name)})
	}
	reached = append(reached, need{words: "with less access"})
	for i := range r.Entries {
		e := &r.Entries[i]
		switch n := e.phrase(phrases); {
		case n < 0:
		case r.Allowlist == nil && phrases[n] == diff.PhraseUnlisted:
			reached[e.reachRank(names)].count++
		default:
			counts[n].count++
		}
	}
	var groups []need
	for _, group := range append(counts, reached...) {
		if group.count == 1 {
			group.words = singular.Replace(group.words)
		}
		if group.count > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// singular makes the words after a count fit one.
var singular = strings.NewReplacer("reach ", "reaches ", "their vendor", "its vendor", "they claim", "it claims")

// phrase is the index of the first phrase that matches one of the entry's findings; -1 if none
// does.
func (e *Entry) phrase(phrases []diff.Phrase) int {
	for n, phrase := range phrases {
		for _, f := range e.Findings {
			if phraseOf(f) == phrase {
				return n
			}
		}
	}
	return -1
}

// unneeding says that nothing needs a person, which only what was read can show.
func (r *Report) unneeding() string {
	switch sources := r.Summary.Sources; {
	case sources.Total == 0:
		return "nothing was scanned"
	case sources.Complete+sources.Partial == 0:
		return "nothing could be read"
	}
	return "nothing to act on"
}

func phraseOf(f *diff.Finding) diff.Phrase {
	info := f.Rule.Info()
	switch {
	case info.Section == diff.SectionChanges && !f.Severity.AtLeast(inventory.Low):
		return diff.PhraseNone
	case f.Rule == diff.Changed && f.Kind == "": // an account
		return diff.PhrasePosture
	}
	return info.Phrase
}

// news says what changed and how much was read.
func (r *Report) news() string {
	since := r.Since.Words.String()
	day, _, _ := strings.Cut(since, ",")
	changes := []string{r.changes(0), r.changes(2), r.changes(1)}
	var candidates []string
	for _, reading := range []string{r.reading(false), r.reading(true)} {
		switch {
		case r.Summary.Sources.Complete+r.Summary.Sources.Partial == 0 && changes[0] == "": // nothing was compared
			candidates = append(candidates, reading)
		case r.Since.First:
			candidates = append(candidates, sentence(since)+". "+reading)
		case changes[0] == "":
			words := "No change "
			if r.Summary.Sources.Complete < r.Summary.Sources.Total {
				words = "No change seen "
			}
			candidates = append(candidates, words+since+". "+reading, words+day+". "+reading)
		default:
			for _, each := range changes {
				candidates = append(candidates, sentence(since)+": "+each+". "+reading, sentence(day)+": "+each+". "+reading)
			}
		}
	}
	return firstFitting(candidates...)
}

// firstFitting is the first text that leaves room for a full stop; the last one if none does.
func firstFitting(texts ...string) string {
	for _, text := range texts {
		if cellWidth(text) < VerdictColumns {
			return text
		}
	}
	return texts[len(texts)-1]
}

// changes counts what changed, by kind: most kinds separately if most is not 0, and the others
// summed up. Empty: nothing changed.
func (r *Report) changes(most int) string {
	counts := r.Difference.Counts
	var parts []string
	rest := counts[diff.ChangeOther] + counts[diff.ChangeLost] + counts[diff.ChangeReadAgain]
	for _, part := range []struct {
		kind  diff.ChangeKind
		words string
	}{
		{diff.ChangeAdded, "new"}, {diff.ChangeGained, "with more access"}, {diff.ChangeRemoved, "gone"},
		{diff.ChangeUnread, "no longer read"},
	} {
		switch count := counts[part.kind]; {
		case count == 0:
		case most > 0 && len(parts) == most:
			rest += count
		default:
			parts = append(parts, thousands(count)+" "+part.words)
		}
	}
	switch {
	case rest > 0 && len(parts) > 0:
		parts = append(parts, thousands(rest)+" other")
	case rest > 0:
		parts = append(parts, thousands(rest)+" changed")
	}
	return strings.Join(parts, ", ")
}

// reading says how much was read.
func (r *Report) reading(short bool) string {
	sources := r.Summary.Sources
	switch {
	case sources.Total == 0:
		return "No source found"
	case sources.Complete == sources.Total:
		return "Read " + plural(sources.Total, "source")
	}
	text := fmt.Sprintf("Read %s of %s", thousands(sources.Complete), plural(sources.Total, "source"))
	if !short && sources.Partial > 0 {
		text += fmt.Sprintf(", %s in part", thousands(sources.Partial))
	}
	return text
}

// plural writes a count with thousands separated, and its noun.
func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(n) + " " + noun
}

func thousands(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

package report

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// verdict says the whole report in one sentence: what needs a person, what changed, out of how
// much, and how much was read.
func (r *Report) verdict(comparison bool) inventory.Untrusted {
	parts := []string{r.needs(comparison), r.changes(comparison), r.population(), r.reading()}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return inventory.Untrusted(strings.Join(parts, "; "))
}

// needs counts what needs a person: each app once, in the first phrase that takes one of its
// findings. What only differs from the baseline is counted by changes.
func (r *Report) needs(comparison bool) string {
	if comparison {
		return ""
	}
	phrases := diff.Phrases()
	first := make(map[string]int) // phrases, by what the findings are about
	for i := range r.Findings {
		f := &r.Findings[i]
		n := slices.Index(phrases, phraseOf(f))
		if n < 0 {
			continue
		}
		about := aboutWhat(f)
		if earlier, counted := first[about]; !counted || n < earlier {
			first[about] = n
		}
	}
	counts := make([]int, len(phrases))
	for _, n := range first {
		counts[n]++
	}
	var parts []string
	for n, phrase := range phrases {
		if counts[n] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[n], phrase))
		}
	}
	if len(parts) == 0 {
		return r.unneeding()
	}
	return strings.Join(parts, ", ")
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

// aboutWhat names the app that a finding is about, the same for all of its findings; a finding
// about anything else is about itself.
func aboutWhat(f *diff.Finding) string {
	id := f.App.ID
	if f.Kind == inventory.KindOAuthGrant && f.App.Project != "" {
		id = "project " + f.App.Project
	}
	if id == "" || f.Kind == "" {
		return f.ID
	}
	return string(inventory.Untrusted(f.Provider) + "\x00" + inventory.Untrusted(f.Kind) + "\x00" + id)
}

// changes counts items by how they stand to the baseline, whichever rules tell of them.
func (r *Report) changes(comparison bool) string {
	counts := r.Summary.Counts
	var parts []string
	for _, part := range []struct {
		count int
		words string
		said  bool
	}{
		{counts.New, "new", true}, {counts.Gained, "with more access", !comparison}, {counts.Changed, "changed", comparison},
		{counts.Removed, "removed", true},
	} {
		if part.count > 0 && part.said {
			parts = append(parts, fmt.Sprintf("%s %s", thousands(part.count), part.words))
		}
	}
	switch {
	case len(parts) > 0 && comparison:
		return strings.Join(parts, ", ")
	case len(parts) > 0:
		return "since the last scan " + strings.Join(parts, ", ")
	case comparison && len(r.Findings) == 0:
		return "no difference"
	case comparison:
		return "no item differs"
	}
	return ""
}

func (r *Report) population() string {
	counts := r.Summary.Counts
	text := fmt.Sprintf("%s of %s", plural(counts.Items, "item"), plural(counts.Apps, "app"))
	if counts.Accounts > 0 {
		text += fmt.Sprintf(" and %s", plural(counts.Accounts, "account"))
	}
	return text
}

func (r *Report) reading() string {
	sources := r.Summary.Sources
	switch {
	case sources.Total == 0:
		return "no source found"
	case sources.Complete == sources.Total:
		return fmt.Sprintf("%s read completely", plural(sources.Total, "source"))
	}
	text := fmt.Sprintf("%d of %s read completely", sources.Complete, plural(sources.Total, "source"))
	var gaps []string
	if sources.Partial > 0 {
		gaps = append(gaps, fmt.Sprintf("%d in part", sources.Partial))
	}
	if sources.NotObservable > 0 {
		gaps = append(gaps, fmt.Sprintf("%d not at all", sources.NotObservable))
	}
	return text + " (" + strings.Join(gaps, ", ") + ")"
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

package report

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// phrases are the parts of the verdict sentence about what needs a person, in this order. Each app is counted once, in the first phrase
// that takes one of its findings.
var phrases = []struct {
	words string
	rules []diff.Rule
}{
	{"denied", []diff.Rule{diff.Denied}},
	{"blocked by their vendor", []diff.Rule{diff.VendorBlocked}},
	{"not what they claim", []diff.Rule{diff.IdentityMismatch}},
	{"unapproved", []diff.Rule{diff.Unapproved, diff.AppPassword}},
	{"waiting for approval", []diff.Rule{diff.ApprovalPending}},
	{"wider than approved", []diff.Rule{diff.DriftPermissions}},
	{"otherwise not as approved", []diff.Rule{diff.DriftPublisher, diff.DriftVersion, diff.DriftOrigin}},
	{"with an expired approval", []diff.Rule{diff.ApprovalExpired}},
	{"required and missing", []diff.Rule{diff.RequiredMissing}},
	{"changed in a way to look at", []diff.Rule{diff.Changed}},
	{"about accounts, tokens and hooks", []diff.Rule{
		diff.TwoFactorOff, diff.TokenNoExpiry, diff.TokenUnused, diff.OwnerLeft, diff.HookHost, diff.PermissionRequest,
		diff.ObscureLink, diff.New,
	}},
}

// verdict says the whole report in one sentence: what needs a person, what changed, out of how much, and how much was read.
func (r *Report) verdict(comparison bool) inventory.Untrusted {
	parts := []string{r.needs(comparison), r.changes(comparison), r.population(), r.reading()}
	parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
	return inventory.Untrusted(strings.Join(parts, "; "))
}

// needs counts what needs a person. What only differs from the baseline is counted by changes.
func (r *Report) needs(comparison bool) string {
	if comparison {
		return ""
	}
	first := make(map[string]int) // phrases, by what the findings are about
	for i := range r.Findings {
		f := &r.Findings[i]
		if (f.Rule == diff.New || f.Rule == diff.Changed) && !f.Severity.AtLeast(inventory.Low) {
			continue
		}
		n := slices.IndexFunc(phrases, func(phrase struct {
			words string
			rules []diff.Rule
		}) bool {
			return slices.Contains(phrase.rules, f.Rule)
		})
		if f.Rule == diff.Changed && f.Kind == "" { // an account
			n = len(phrases) - 1
		}
		if about := aboutWhat(f); n >= 0 {
			if earlier, counted := first[about]; !counted || n < earlier {
				first[about] = n
			}
		}
	}
	counts := make([]int, len(phrases))
	for _, n := range first {
		counts[n]++
	}
	var parts []string
	for n, phrase := range phrases {
		if counts[n] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[n], phrase.words))
		}
	}
	if len(parts) == 0 {
		return "nothing to act on"
	}
	return strings.Join(parts, ", ")
}

// aboutWhat names the app that a finding is about, the same for all of its findings; a finding about anything else is about itself.
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

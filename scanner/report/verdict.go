package report

import (
	"fmt"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// phrases are the parts of the verdict sentence, in this order. Rules of one phrase are counted together.
var phrases = []struct {
	words string
	rules []diff.Rule
}{
	{"denied", []diff.Rule{diff.Denied}},
	{"blocked by their vendor", []diff.Rule{diff.VendorBlocked}},
	{"not what they claim", []diff.Rule{diff.IdentityMismatch}},
	{"unapproved", []diff.Rule{diff.Unapproved, diff.AppPassword}},
	{"wider than approved", []diff.Rule{diff.DriftPermissions}},
	{"otherwise not as approved", []diff.Rule{diff.DriftPublisher, diff.DriftVersion, diff.DriftOrigin}},
	{"with an approval that ended", []diff.Rule{diff.ApprovalExpired}},
	{"required and missing", []diff.Rule{diff.RequiredMissing}},
	{"about accounts, tokens and hooks", []diff.Rule{
		diff.TwoFactorOff, diff.TokenNoExpiry, diff.TokenUnused, diff.OwnerLeft, diff.HookHost, diff.PermissionRequest,
		diff.ObscureLink,
	}},
	{"new", []diff.Rule{diff.New}},
	{"changed", []diff.Rule{diff.Changed}},
	{"removed", []diff.Rule{diff.Removed}},
}

// verdict says the whole report in one sentence: what needs a person, out of how much, and how much was read.
func (r *Report) verdict() inventory.Untrusted {
	var parts []string
	for _, phrase := range phrases {
		count := 0
		for _, rule := range phrase.rules {
			count += r.Summary.Rules[rule]
		}
		if count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count, phrase.words))
		}
	}
	what := "nothing to act on"
	if len(parts) > 0 {
		what = strings.Join(parts, ", ")
	}
	return inventory.Untrusted(what + "; " + r.population() + "; " + r.reading())
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

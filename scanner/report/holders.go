package report

import (
	"fmt"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// gathered says of how many things of a kind a finding tells, where they are several apps, with the
// kind's name as files have it.
func gathered(f *diff.Finding) string {
	text := fmt.Sprintf("%s × %s", thousands(f.ItemCount), inventory.Untrusted(f.Kind))
	if whose := holderOf(f); whose != "" {
		text += " of " + whose
	}
	return text
}

// counted says the same in words.
func counted(f *diff.Finding) string {
	words, ok := gatherings[f.Kind]
	if !ok {
		return gathered(f)
	}
	text := plural(f.ItemCount, words.one)
	if whose := holderOf(f); whose != "" {
		text += " of " + whose
	}
	return text
}

// holderOf is the one account that holds everything of a finding, if there is one.
func holderOf(f *diff.Finding) string {
	if f.HolderCount == 1 && len(f.Holders) > 0 {
		return f.Holders[0].Holder.Account.String()
	}
	return ""
}

// gatherings name what a person may have several of: one of them, and as a heading.
var gatherings = map[inventory.Kind]struct{ one, heading string }{
	inventory.KindAccessToken: {"access token", "Access tokens"}, inventory.KindSSHKey: {"SSH key", "SSH keys"},
	inventory.KindGPGKey: {"GPG key", "GPG keys"}, inventory.KindAppPassword: {"app password", "App passwords"},
	inventory.KindCredential: {"authorized credential", "Authorized credentials"}, inventory.KindDeployKey: {"deploy key", "Deploy keys"},
}

// heldBy counts the holders of an app, administrators apart: "Held by 5 people, 1 admin". One
// holder stands for itself.
func heldBy(f *diff.Finding) string {
	if len(f.Holders) == 0 || f.HolderCount < 2 {
		return ""
	}
	verb := "held by "
	switch {
	case f.Kind == "" || f.Rule.Info().Absent: // nobody holds anything
		if f.AdminCount == 0 {
			return ""
		}
		verb = ""
	case f.Kind == inventory.KindInstallation || f.Kind == inventory.KindWebhook || f.Kind == inventory.KindDeployKey:
		verb = "in "
	}
	text := verb + holders(&f.Holders[0].Holder, f.HolderCount)
	if f.AdminCount > 0 {
		text += ", " + plural(f.AdminCount, "admin")
	}
	return sentence(text)
}

// holders counts in the words that the kind of holder has.
func holders(h *inventory.Holder, count int) string {
	switch {
	case h.Profile != "" || h.Browser != "":
		return plural(count, "browser profile")
	case h.Account != "" && count == 1:
		return "1 person"
	case h.Account != "":
		return thousands(count) + " people"
	case h.Repository != "" && count == 1:
		return "1 repository"
	case h.Repository != "":
		return thousands(count) + " repositories"
	case h.Organization != "":
		return plural(count, "organization")
	}
	return plural(count, "holder")
}

// holdersOf counts holders, and administrators among them.
func holdersOf(f *diff.Finding) string {
	if f.AdminCount > 0 {
		return fmt.Sprintf("%d (%d admin)", f.HolderCount, f.AdminCount)
	}
	return fmt.Sprint(f.HolderCount)
}

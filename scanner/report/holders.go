package report

import "guestlist/scanner/inventory"

// gatherings name what a person may have several of: one of them, and as a heading.
var gatherings = map[inventory.Kind]struct{ one, heading string }{
	inventory.KindAccessToken: {"access token", "Access tokens"}, inventory.KindSSHKey: {"SSH key", "SSH keys"},
	inventory.KindGPGKey: {"GPG key", "GPG keys"}, inventory.KindAppPassword: {"app password", "App passwords"},
	inventory.KindCredential: {"authorized credential", "Authorized credentials"},
	inventory.KindDeployKey:  {"deploy key", "Deploy keys"},
}

// heldBy counts the holders of an app, administrators separately: "Held by 5 people, 1 admin". A
// single holder is named.
func heldBy(e *Entry) string {
	if len(e.Holders) == 0 || e.HolderCount < 2 {
		return ""
	}
	verb := "held by "
	switch {
	case e.Kind == "" || e.Rule().Info().Absent: // there are no holders
		if e.AdminCount == 0 {
			return ""
		}
		verb = ""
	case e.Kind == inventory.KindInstallation || e.Kind == inventory.KindWebhook || e.Kind == inventory.KindDeployKey:
		verb = "in "
	}
	text := verb + holders(&e.Holders[0].Holder, e.HolderCount)
	if e.AdminCount > 0 {
		text += ", " + plural(e.AdminCount, "admin")
	}
	return sentence(text)
}

// holders counts in the words for the kind of holder.
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

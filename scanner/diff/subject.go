package diff

import (
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// subject says what the finding of a rule about an item is about, and whether it gathers several
// apps that a person deals with at once.
//
// Mostly that is one app. Where a vendor has projects, the client IDs of one are one maker's and
// one finding. Credentials are each an app of their own, and a large organization has thousands:
// what is unapproved or new is gathered by the account that holds it, and what is amiss with many
// in the same way (no end, no use, an owner who left, app passwords) by organization.
func subject(rule Rule, item *inventory.Item) (name string, gathers bool) {
	switch {
	case item.App.ID == "":
		return item.Key(), false
	case item.Kind == inventory.KindOAuthGrant && item.App.Project != "" && vendor.Of(item.Source.Provider).MakerByProject:
		return projectSubject(item.App.Project), false
	case item.Kind == inventory.KindAppPassword:
		return "organization\x00" + string(organization(item)), true
	case !isCredential(item.Kind):
		return string(item.App.ID), false
	}
	switch rule.Info().gathers {
	case gatherOrganization:
		return "organization\x00" + string(organization(item)), true
	case gatherAccount:
		if item.Holder.Account != "" {
			return "account\x00" + string(organization(item)) + "\x00" + string(item.Holder.Account), true
		}
	}
	return string(item.App.ID), false
}

func projectSubject(project inventory.Untrusted) string { return "project\x00" + string(project) }

// organization names the organization that an item belongs to by its source, host included, so that
// organizations of one name on two servers stay apart; for what belongs to no organization, the
// source's top.
func organization(item *inventory.Item) inventory.Untrusted {
	name := string(item.Source.Name)
	for at := 0; item.Holder.Organization != "" && at < len(name); {
		part, _, _ := strings.Cut(name[at:], "/")
		if strings.EqualFold(part, string(item.Holder.Organization)) {
			return inventory.Untrusted(name[:at+len(part)])
		}
		at += len(part) + 1
	}
	return top(item.Source).Name
}

// isCredential reports whether an item of that kind is a person's key or token, of which everyone
// may have several.
func isCredential(kind inventory.Kind) bool {
	switch kind {
	case inventory.KindAccessToken, inventory.KindCredential, inventory.KindSSHKey, inventory.KindGPGKey, inventory.KindDeployKey:
		return true
	}
	return false
}

// top is the source that a source lies below: an organization, a person's home.
func top(source inventory.Source) inventory.Source {
	for {
		parent, ok := source.Parent()
		if !ok {
			return source
		}
		source = parent
	}
}

package diff

import (
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// subject says what a rule's finding about an item is about, and whether it gathers several apps
// that a person deals with together.
//
// Usually that is one app. If a vendor has projects, the client IDs of one project belong to one
// maker and are one finding. Each credential is an app of its own, and a large organization has
// thousands: those that are unapproved or new are gathered by the account that holds them, and
// those with the same problem (no expiry, unused, an owner who left, app passwords) by
// organization.
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

// organization names the organization that an item belongs to by its source, including the host, so
// that organizations with the same name on two servers stay apart. For an item of no organization
// it is the source's top.
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

// isCredential reports whether an item of that kind is a person's key or token, of which a person
// may have several.
func isCredential(kind inventory.Kind) bool {
	switch kind {
	case inventory.KindAccessToken, inventory.KindCredential, inventory.KindSSHKey, inventory.KindGPGKey, inventory.KindDeployKey:
		return true
	}
	return false
}

// top is the topmost source above a source: an organization, a person's home.
func top(source inventory.Source) inventory.Source {
	for {
		parent, ok := source.Parent()
		if !ok {
			return source
		}
		source = parent
	}
}

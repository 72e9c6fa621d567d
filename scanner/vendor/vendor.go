// Package vendor holds what the judge, the reports and the allowlist know about each vendor: its
// name for people, its word for a second factor, where a thing is revoked, the form of its IDs, and
// what it lists for everyone.
//
// Each vendor is one row ([Vendor]), in a file of its own; nothing else of scanner and allowlist
// names one. The tiers of its permissions are in a table of package risk, and its API is called by
// a package below providers. A provider without a row, as in a snapshot from a later guestlist,
// gets words that claim nothing about it.
package vendor

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// vendors are all rows, in the order of the documentation.
var vendors = []*Vendor{&chromium, &firefox, &googleWorkspace, &chromeManagement, &github}

// Vendor is everything about one vendor. Texts that people read may contain "{site}" and
// "{organization}" for the address and the name of the organization they are about; see
// [Vendor.Page].
type Vendor struct {
	Provider inventory.Provider
	Name     string // for people
	// Also are words that people type in place of the provider's name: older names, and what it
	// reads.
	Also []string
	// Local: a machine's browsers. Their sources are named USER/BROWSER/PROFILE.
	Local bool
	// mainSite is the address of the vendor's own site, whose sources are named by their
	// organization alone. The names of those on other hosts begin with the host.
	mainSite string
	// scopePrefix begins most of its permissions, and carries no meaning.
	scopePrefix string
	// FirstParty is what the mark of that name means for this vendor; "{detail}" is the detail of
	// the mark.
	FirstParty string
	// MakerByProject: apps of one project have one maker, whatever their IDs.
	MakerByProject bool

	SecondFactor SecondFactor
	Accounts     AccountWords
	// obscureLinks are the pages that list what an account keeps readable for anyone who has the
	// address: on the main site, and on other hosts.
	obscureLinks [2]string

	// Lists are the kinds that the vendor lists completely, for everyone, with the parts of each
	// organization that have the lists. Kinds that are not here are never reported as unused.
	Lists map[inventory.Kind][]string
	// forms are what its IDs of a kind look like, where that is known.
	forms map[inventory.Kind]Form
	// couldBe reports whether an ID of a kind may be one of the vendor's; nil accepts any.
	couldBe func(kind inventory.Kind, id inventory.Untrusted) bool

	// remedies say how to revoke things of a kind; takeBack is for what depends on more than the
	// kind. What is in neither gets general words.
	remedies map[inventory.Kind]remedy
	takeBack func(*inventory.Item) Remedy
	// byHand is how to remove an extension in browsers of the family. The first row that matches
	// counts.
	byHand []byHand
}

// SecondFactor is what a vendor calls a second factor, and where it is turned on.
type SecondFactor struct {
	Name    string
	TurnOn  string // what its holder does
	Enforce string // the page where an organization enforces it
}

// AccountWords are what a vendor calls roles and names, and the pages where accounts are looked at.
type AccountWords struct {
	Admin, Guest, Name string
	Departed           [2]string // of one account, and of several
	Page, GuestPage    string
}

// Of returns the row of a provider. For one that has none, it returns a row with general words and
// no name.
func Of(provider inventory.Provider) *Vendor {
	for _, row := range vendors {
		if row.Provider == provider {
			return row
		}
	}
	return &other
}

// All returns every row, in the order of the documentation.
func All() []*Vendor { return slices.Clone(vendors) }

// CouldBe reports whether the vendor could have given the ID to something of the kind.
func (v *Vendor) CouldBe(kind inventory.Kind, id inventory.Untrusted) bool {
	return v.couldBe == nil || v.couldBe(kind, id)
}

// Page fills in the placeholders of a page for the organization of a source.
func (v *Vendor) Page(page string, organization inventory.Source) inventory.Untrusted {
	site, name := v.siteOf(organization)
	return inventory.Untrusted(strings.NewReplacer("{site}", site, "{organization}", name).Replace(page))
}

// ObscureLinksOf is the page that lists what an account keeps readable for anyone who has the
// address; "" if there is none.
func (v *Vendor) ObscureLinksOf(organization inventory.Source) inventory.Untrusted {
	if site, _ := v.siteOf(organization); site != v.mainSite {
		return v.Page(v.obscureLinks[1], organization)
	}
	return v.Page(v.obscureLinks[0], organization)
}

func (v *Vendor) siteOf(source inventory.Source) (site, organization string) {
	before, after, found := strings.Cut(string(source.Name), "/")
	if !found {
		return v.mainSite, before
	}
	return "https://" + before + "/", after
}

// ShortScopes removes the meaningless prefixes of permissions from a text.
func ShortScopes(text string) string {
	for _, row := range vendors {
		if row.scopePrefix != "" {
			text = strings.ReplaceAll(text, row.scopePrefix, "")
		}
	}
	return text
}

// CutScopePrefix removes the meaningless prefix of a permission, and reports whether it had one.
func CutScopePrefix(permission string) (short string, found bool) {
	for _, row := range vendors {
		if row.scopePrefix == "" {
			continue
		}
		if short, found = strings.CutPrefix(permission, row.scopePrefix); found {
			return short, true
		}
	}
	return permission, false
}

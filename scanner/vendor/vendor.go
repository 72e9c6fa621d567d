// Package vendor holds what the judge, the reports and the allowlist know of each vendor: its name
// for people, its word for a second factor, where a thing is taken back, which IDs it gives, what
// it lists for everyone.
//
// Each vendor is one row ([Vendor]), in a file of its own; nothing else of scanner and allowlist
// names one. What its permissions are worth is in a table of package risk, and how it is asked
// in a package below providers. A provider that has no row, as in a snapshot of a later guestlist,
// gets words that claim nothing of it.
package vendor

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// vendors are all rows, in the order of the documentation.
var vendors = []*Vendor{&chromium, &firefox, &googleWorkspace, &chromeManagement, &github}

// Vendor is what there is to know of one. Texts that a person reads may have "{site}" and
// "{organization}" in place of the address and the name of the organization that they are about,
// see [Vendor.Page].
type Vendor struct {
	Provider inventory.Provider
	Name     string // for people
	// Also is what people type in place of the provider's name: older names, and what it reads.
	Also []string
	// Local: a machine's browsers. Their sources are named USER/BROWSER/PROFILE.
	Local bool
	// mainSite is the address of the vendor's own site, where sources are named by their
	// organization alone. Those of other hosts begin with the host.
	mainSite string
	// scopePrefix begins most of its permissions, and says nothing.
	scopePrefix string
	// FirstParty is what the mark of that name means here; "{detail}" is the mark's own.
	FirstParty string
	// MakerByProject: apps of one project are of one maker, whatever their IDs.
	MakerByProject bool

	SecondFactor SecondFactor
	Accounts     AccountWords
	// obscureLinks are the pages of what an account keeps where anybody who has its address can
	// read it: on the main site, and on other hosts.
	obscureLinks [2]string

	// Lists are the kinds of which the vendor lists all that there are, for everyone, and the
	// parts of each of its organizations in which it does. Kinds that are not here are never called
	// unused.
	Lists map[inventory.Kind][]string
	// couldBe reports whether an ID of a kind may be one of the vendor's; nil is any.
	couldBe func(kind inventory.Kind, id inventory.Untrusted) bool

	// remedies say how to take back what is of a kind, and takeBack what depends on more than that.
	// What is in neither is taken back in general words.
	remedies map[inventory.Kind]remedy
	takeBack func(*inventory.Item) Remedy
	// byHand is how browsers of the family remove an extension. The first row that fits counts.
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

// Of returns the row of a provider; that of one without a row is in general words and has no name.
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

// Page fills in a page for the organization of a source.
func (v *Vendor) Page(page string, organization inventory.Source) inventory.Untrusted {
	site, name := v.siteOf(organization)
	return inventory.Untrusted(strings.NewReplacer("{site}", site, "{organization}", name).Replace(page))
}

// ObscureLinksOf is the page of what an account keeps where anybody who has its address can read
// it; "" where there is none.
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

// ShortScopes is a text without what permissions begin with and that says nothing.
func ShortScopes(text string) string {
	for _, row := range vendors {
		if row.scopePrefix != "" {
			text = strings.ReplaceAll(text, row.scopePrefix, "")
		}
	}
	return text
}

// CutScopePrefix is a permission without what it begins with and that says nothing, and whether it
// did.
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

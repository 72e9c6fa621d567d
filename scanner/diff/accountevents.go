package diff

import (
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// accountEvent is one way in which accounts differ from the baseline. The accounts of one
// organization with the same event are one finding.
type accountEvent struct {
	name     string // in the finding's identity
	rule     Rule
	severity inventory.Level
	// one and many are the sentence for one account and for several; %s is the organization's name,
	// and text in braces is replaced by the platform's word.
	one, many string
	review    bool // someone should check who it is
}

var (
	newMember = &accountEvent{"new", New, inventory.Info, "1 account is new in %s", "%d accounts are new in %s", false}
	newGuest  = &accountEvent{"new guest", New, inventory.Medium,
		"1 account from outside was given access to %s ({guest})",
		"%d accounts from outside were given access to %s ({guest})", true}
	newAdmin = &accountEvent{"new admin", New, inventory.High,
		"1 new account of %s has the rights of an {admin}", "%d new accounts of %s have the rights of an {admin}", true}
	becameAdmin = &accountEvent{"became admin", Changed, inventory.High,
		"1 account of %s became an {admin}", "%d accounts of %s became {admin}s", true}
	lostAdmin = &accountEvent{"lost admin", Changed, inventory.Info,
		"1 account of %s is no longer an {admin}", "%d accounts of %s are no longer {admin}s", false}
	becameGuest = &accountEvent{"became guest", Changed, inventory.Low,
		"1 member of %s is now a guest ({guest})", "%d members of %s are now guests ({guest})", true}
	becameMember = &accountEvent{"became member", Changed, inventory.Medium,
		"1 guest of %s became a member", "%d guests of %s became members", true}
	suspended = &accountEvent{"suspended", Changed, inventory.Info,
		"1 account of %s was suspended or archived", "%d accounts of %s were suspended or archived", false}
	reactivated = &accountEvent{"active again", Changed, inventory.Low,
		"1 account of %s that was suspended is active again", "%d accounts of %s that were suspended are active again", true}
	renamed = &accountEvent{"renamed", Changed, inventory.Info,
		"1 account of %s has a new {name}", "%d accounts of %s have a new {name}", false}
	leftScan = &accountEvent{"left the scan", Changed, inventory.Info,
		"1 account of %s left what is scanned; what it holds was not checked",
		"%d accounts of %s left what is scanned; what they hold was not checked", false}
	enteredScan = &accountEvent{"entered the scan", Changed, inventory.Info,
		"1 account of %s came into what is scanned; what it holds was not checked before",
		"%d accounts of %s came into what is scanned; what they hold was not checked before", false}
	// Changes of a second factor are only in the list of changes: one that is off has a finding of
	// its own.
	factorOff = &accountEvent{"second factor off", Changed, inventory.Medium,
		"1 account of %s had a second factor and has none now", "%d accounts of %s had a second factor and have none now",
		true}
	factorOn = &accountEvent{"second factor on", Changed, inventory.Info,
		"1 account of %s has a second factor now", "%d accounts of %s have a second factor now", false}
	departed = &accountEvent{"departed", Removed, inventory.Info,
		"1 account of %s {departed}, and what it held is gone",
		"%d accounts of %s {departed}, and what they held is gone", false}
)

// subject names the accounts of one organization with this event, in an identity.
func (e *accountEvent) subject(organization inventory.Source) string {
	if e == factorOff || e == factorOn { // which the finding about those that have it off is about as well
		return organization.Key()
	}
	return organization.Key() + "\x00" + e.name
}

// change is the kind of change that the event is.
func (e *accountEvent) change() ChangeKind {
	switch {
	case e.rule == New:
		return ChangeAdded
	case e.rule == Removed:
		return ChangeRemoved
	case e == becameAdmin || e == becameMember:
		return ChangeGained
	case e == lostAdmin || e == becameGuest:
		return ChangeLost
	}
	return ChangeOther
}

func (e *accountEvent) sentence(organization inventory.Source, count int) inventory.Untrusted {
	words := vendor.Of(organization.Provider).Accounts
	text, departed := e.one, words.Departed[0]
	if count != 1 {
		text, departed = e.many, words.Departed[1]
	}
	text = strings.NewReplacer("{admin}", words.Admin, "{guest}", words.Guest, "{name}", words.Name, "{departed}",
		departed).Replace(text)
	if count != 1 {
		return inventory.Textf(text, count, organization.Name)
	}
	return inventory.Textf(text, organization.Name)
}

func (e *accountEvent) remedy(organization inventory.Source) inventory.Untrusted {
	if !e.review {
		return ""
	}
	v := vendor.Of(organization.Provider)
	page := v.Accounts.Page
	if e == newGuest || e == becameGuest {
		page = v.Accounts.GuestPage
	}
	return orPage("ask who decided that; if no one did, undo it", v.Page(page, organization))
}

package diff

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// What accounts say about themselves: their second factor, and what they keep where others can find
// it.

// judgeTwoFactor reports accounts that are known to have no second factor, or one that the platform
// calls insecure. Unknown is neither. An allowlist that says require_two_factor = false accepts it,
// except for the person who runs the scan. before is the account in the baseline, or nil.
func (j *judge) judgeTwoFactor(account, before *inventory.Account) {
	own := account.Facts[inventory.FactOwn] != ""
	required := j.Allowlist != nil && j.Allowlist.Policy.RequireTwoFactor
	if !own && !required && j.Allowlist != nil && j.Allowlist.Policy.TwoFactorOptional {
		return
	}
	off, weak := account.TwoFactor == inventory.No, account.TwoFactorWeak == inventory.Yes
	if !off && !weak {
		return
	}
	g := j.group(identity{rule: TwoFactorOff, provider: account.Source.Provider,
		subject: organizationOf(account.Source).Key()})
	g.factor(account, own, required)
	level := inventory.Low
	for _, raises := range []bool{own || required, account.Admin == inventory.Yes, off} {
		if raises {
			level = level.Shift(1)
		}
	}
	g.finding.Severity = inventory.MaxLevel(g.finding.Severity, TwoFactorOff.clamp(level))
	affected := Affected{
		Source: account.Source, Detail: factorDetail(account),
		Holder: holderOf(account),
	}
	if before != nil && before.TwoFactor == inventory.Yes && before.TwoFactorWeak != inventory.Yes {
		affected.Change, g.finding.Change = Changed, Changed
		affected.Detail += ", and was on in the last scan"
	}
	g.affected(affected)
}

// organizationOf is the organization's source, which contains its list of accounts.
func organizationOf(accounts inventory.Source) inventory.Source {
	if parent, ok := accounts.Parent(); ok {
		return parent
	}
	return accounts
}

// isOwn reports whether an item is a key or token of the person who runs the scan. These need no
// approval, but are worth a look.
func (j *judge) isOwn(item *inventory.Item) bool {
	return isCredential(item.Kind) && j.mine[organizationOf(item.Source)]
}

// ownWords say what to consider when reviewing one's own keys and tokens.
var ownWords = map[inventory.Kind]inventory.Untrusted{
	inventory.KindAccessToken: "anyone who holds it can do everything it can",
	inventory.KindSSHKey:      "anyone who has the private half of one can act as you",
	inventory.KindGPGKey:      "anyone who has the private half of one can sign as you",
}

func (j *judge) ownCredential(item *inventory.Item, change change, assessment risk.Assessment) {
	g := j.add(OwnCredential, item, inventory.Info, assessment)
	g.tell(ownWords[item.Kind])
	g.note(change)
	g.close = func(f *Finding) { // the oldest first
		slices.SortStableFunc(f.Holders, func(a, b Affected) int { return a.Added.Compare(b.Added) })
		f.Remedy = "delete what you do not recognize or no longer use"
		if page := g.pages.common; page != "" {
			f.Remedy = "open " + page + " and " + f.Remedy
		}
	}
}

// factorDetail describes the second factor of one account.
func factorDetail(account *inventory.Account) inventory.Untrusted {
	var parts []string
	if account.Guest == inventory.Yes {
		parts = append(parts, "guest")
	}
	switch {
	case account.TwoFactor != inventory.No:
		parts = append(parts, "by an insecure method")
	case account.TwoFactorEnforced == inventory.Yes:
		parts = append(parts, "off, though it is enforced")
	default:
		parts = append(parts, "off")
	}
	if account.Facts["last_login"] == "never" {
		parts = append(parts, "never signed in")
	}
	return inventory.Untrusted(strings.Join(parts, ", "))
}

// factors counts the accounts of one finding.
type factors struct {
	provider              inventory.Provider
	organization          inventory.Source
	own, required         bool
	off, weak, unenforced int
}

func (g *group) factor(account *inventory.Account, own, required bool) {
	if g.factors == nil {
		g.factors = &factors{provider: account.Source.Provider, organization: organizationOf(account.Source), own: own,
			required: required}
		g.close = g.factors.close
	}
	if account.TwoFactor == inventory.No {
		g.factors.off++
	} else {
		g.factors.weak++
	}
	if account.TwoFactorEnforced == inventory.No {
		g.factors.unenforced++
	}
}

func (n *factors) close(f *Finding) {
	words := vendor.Of(n.provider).SecondFactor
	name := words.Name
	const insecure = "by a method that the platform calls insecure, such as text messages"
	if n.own {
		f.Why = inventory.Untrusted(name + " of your account is off")
		if n.off == 0 {
			f.Why = inventory.Untrusted(name + " of your account is on " + insecure)
		}
		f.Remedy = vendor.Of(n.provider).Page(words.TurnOn, n.organization)
		return
	}
	var parts []string
	if n.off > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s %s off", people(n.off), n.organization.Name, haveIt(n.off, name)))
	}
	if n.weak > 0 {
		whose := people(n.weak)
		if n.off == 0 {
			whose += fmt.Sprintf(" of %s", n.organization.Name)
		}
		parts = append(parts, fmt.Sprintf("%s %s on %s", whose, haveIt(n.weak, name), insecure))
	}
	switch {
	case n.required && n.unenforced > 0:
		parts = append(parts, "policy.require_two_factor is set, and the platform does not enforce it")
	case n.required:
		parts = append(parts, "policy.require_two_factor is set")
	case n.unenforced > 0:
		parts = append(parts, "the platform does not enforce it")
	}
	f.Why = inventory.Untrusted(strings.Join(parts, "; "))
	f.Remedy = orPage("ask them to turn it on, then enforce it for everyone",
		vendor.Of(n.provider).Page(words.Enforce, n.organization))
}

func haveIt(count int, name string) string {
	if count == 1 {
		return "has " + name
	}
	return "have " + name
}

func people(count int) string {
	if count == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", count)
}

// judgeSecretGists reports secret gists, since only their address keeps them secret.
func (j *judge) judgeSecretGists(account *inventory.Account) {
	count := account.Facts[inventory.FactSecretGists]
	if count == "" || count == "0" {
		return
	}
	g := j.group(identity{rule: ObscureLink, provider: account.Source.Provider, subject: top(account.Source).Key()})
	g.finding.Severity = ObscureLink.clamp(inventory.Low)
	g.tell("secret gists can be read by anyone who has their address")
	page := vendor.Of(account.Source.Provider).ObscureLinksOf(organizationOf(account.Source))
	g.finding.Remedy = orPage("review them", page) + " and delete what must not be seen"
	gists := inventory.Untrusted(" secret gists")
	if count == "1" {
		gists = " secret gist"
	}
	g.affected(Affected{Source: account.Source, Detail: count + gists, Holder: holderOf(account)})
}

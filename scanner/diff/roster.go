package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// Accounts against the baseline: who joined, who left, who gained rights. An account is identified
// by the platform's ID, so that a new address is only a note, and a member who becomes a guest is
// not a new account.

// roster follows accounts from the baseline to now. It remembers those that were added, left or
// changed in a way that matters.
type roster struct {
	arrived, gone map[personKey]*inventory.Account
	settled       bool
	away          map[inventory.Place]*awayPerson // by their former name: what they held cannot be seen now
	fresh         map[inventory.Place]bool        // what these hold was not checked before
	formerly      map[inventory.Place]inventory.Untrusted
	outside       map[inventory.Provider]bool // some accounts are outside what is scanned
}

type personKey struct {
	provider     inventory.Provider
	organization inventory.Untrusted
	id           inventory.Untrusted
}

// awayPerson is an account that was deleted, or that is no longer in what is scanned.
type awayPerson struct {
	deleted bool
	held    map[inventory.Kind]int
}

func newRoster() roster {
	return roster{
		arrived: make(map[personKey]*inventory.Account), gone: make(map[personKey]*inventory.Account),
		away: make(map[inventory.Place]*awayPerson), fresh: make(map[inventory.Place]bool),
		formerly: make(map[inventory.Place]inventory.Untrusted), outside: make(map[inventory.Provider]bool),
	}
}

func keyOf(account *inventory.Account) personKey {
	place := account.Place()
	return personKey{place.Provider, place.Organization, account.ID}
}

// placeOf is the place of the account that holds an item.
func placeOf(item *inventory.Item) inventory.Place {
	return inventory.NewPlace(item.Source.Provider, organization(item), item.Holder.Account)
}

func isOutside(account *inventory.Account) bool {
	return account.Facts[inventory.FactOutsideUnits] != ""
}

// seeAccount compares one account to the baseline; before or now may be nil.
func (j *judge) seeAccount(before, now *inventory.Account) {
	if now != nil && isOutside(now) {
		j.roster.outside[now.Source.Provider] = true
	}
	switch {
	case !j.Baseline:
	case before == nil:
		arrived := *now
		j.roster.arrived[keyOf(now)] = &arrived
	case now == nil:
		gone := *before
		j.roster.gone[keyOf(before)] = &gone
	default:
		j.tellAccountChanges(before, now)
	}
}

// settleAccounts is called when all accounts were seen, before the first item is judged. An account
// that is gone from one list of an organization and new in another has only changed.
func (j *judge) settleAccounts() {
	if j.roster.settled {
		return
	}
	j.roster.settled = true
	for _, key := range sortedKeys(j.roster.arrived) {
		now := j.roster.arrived[key]
		if before := j.roster.gone[key]; before != nil {
			delete(j.roster.gone, key)
			j.tellAccountChanges(before, now)
		} else {
			j.tellArrival(now)
		}
	}
	for _, key := range sortedKeys(j.roster.gone) {
		j.tellDeparture(j.roster.gone[key])
	}
	j.roster.arrived, j.roster.gone = nil, nil
}

func sortedKeys(of map[personKey]*inventory.Account) []personKey {
	return slices.SortedFunc(maps.Keys(of), func(a, b personKey) int {
		return cmp.Or(cmp.Compare(a.provider, b.provider), cmp.Compare(a.organization, b.organization),
			cmp.Compare(a.id, b.id))
	})
}

func (j *judge) tellArrival(now *inventory.Account) {
	switch {
	case isOutside(now) || !j.coverage.couldSeeBefore(now.Source, j.SameScope):
	case asleep(now) == inventory.Yes:
		j.tellAccount(newMember, now, "")
	case now.Admin == inventory.Yes:
		j.tellAccount(newAdmin, now, "")
	case now.Guest == inventory.Yes:
		j.tellAccount(newGuest, now, "")
	default:
		j.tellAccount(newMember, now, "")
	}
}

func (j *judge) tellDeparture(before *inventory.Account) {
	j.miss(before.Source)
	if isOutside(before) || !j.coverage.couldSeeNow(before.Source) ||
		!j.coverage.couldSeeBefore(before.Source, j.SameScope) {
		return
	}
	j.roster.away[before.Place()] = &awayPerson{deleted: true, held: make(map[inventory.Kind]int)}
	j.tellAccount(departed, before, "")
}

// tellAccountChanges compares what is known both times: what was unknown is not a change.
func (j *judge) tellAccountChanges(before, now *inventory.Account) {
	switch wasOutside, isOutside := isOutside(before), isOutside(now); {
	case wasOutside && isOutside:
		return
	case isOutside:
		j.roster.away[now.Place()] = &awayPerson{}
		j.roster.away[before.Place()] = j.roster.away[now.Place()]
		j.tellAccount(leftScan, now, in("now in ", now.Unit))
		return
	case wasOutside:
		j.roster.fresh[now.Place()] = true
		j.tellAccount(enteredScan, now, in("was in ", before.Unit))
	}
	if before.Login != now.Login && before.Login != "" && now.Login != "" {
		j.roster.formerly[now.Place()] = before.Login
		j.tellAccount(renamed, now, "was "+before.Login)
	}
	switch affected := (Affected{Source: now.Source, Holder: holderOf(now)}); {
	case before.TwoFactor == inventory.Yes && now.TwoFactor == inventory.No:
		j.difference.account(factorOff, now, affected)
	case before.TwoFactor == inventory.No && now.TwoFactor == inventory.Yes:
		j.difference.account(factorOn, now, affected)
	}
	for _, each := range []struct {
		before, now inventory.Answer
		yes, no     *accountEvent
	}{
		{before.Admin, now.Admin, becameAdmin, lostAdmin},
		{before.Guest, now.Guest, becameGuest, becameMember},
		{asleep(before), asleep(now), suspended, reactivated},
	} {
		switch {
		case each.before == inventory.Unknown || each.now == inventory.Unknown:
		case each.before != inventory.Yes && each.now == inventory.Yes:
			j.tellAccount(each.yes, now, "")
		case each.before == inventory.Yes && each.now != inventory.Yes:
			j.tellAccount(each.no, now, "")
		}
	}
}

func in(words, unit inventory.Untrusted) inventory.Untrusted {
	if unit == "" {
		return ""
	}
	return words + unit
}

// asleep says whether signing in to an account is impossible.
func asleep(account *inventory.Account) inventory.Answer {
	switch {
	case account.Suspended == inventory.Yes || account.Archived == inventory.Yes:
		return inventory.Yes
	case account.Suspended == inventory.Unknown || account.Archived == inventory.Unknown:
		return inventory.Unknown
	}
	return inventory.No
}

func holderOf(account *inventory.Account) inventory.Holder {
	return inventory.Holder{Account: account.Login, AccountID: account.ID, Unit: account.Unit, Admin: account.Admin}
}

func (j *judge) tellAccount(event *accountEvent, account *inventory.Account, detail inventory.Untrusted) {
	organization := organizationOf(account.Source)
	provider := account.Source.Provider
	g := j.group(identity{rule: event.rule, provider: provider, subject: event.subject(organization)})
	g.finding.Severity, g.finding.Change = event.rule.clamp(event.severity), event.rule
	g.finding.Remedy, g.finding.short = event.remedy(organization), inventory.Untrusted(event.name)
	affected := Affected{Source: account.Source, Holder: holderOf(account), Detail: detail}
	g.affected(affected)
	j.difference.account(event, account, affected)
	g.close = func(f *Finding) {
		f.Why = event.sentence(organization, f.HolderCount)
		if event == departed {
			j.tellHeld(f, organization.Name)
		}
	}
}

// tellHeld says what each account that is gone held.
func (j *judge) tellHeld(f *Finding, organization inventory.Untrusted) {
	for n := range f.Holders {
		holder := &f.Holders[n]
		who := j.roster.away[inventory.NewPlace(f.Provider, organization, holder.Holder.Account)]
		if who == nil {
			continue
		}
		var parts []string
		for _, kind := range inventory.Kinds() {
			if count := who.held[kind]; count > 0 {
				parts = append(parts, counted(count, strings.TrimPrefix(nouns[kind], "the ")))
			}
		}
		if len(parts) > 0 {
			holder.Detail = inventory.Untrusted("held " + strings.Join(parts, ", "))
		}
	}
}

func counted(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}

// goneWith reports whether an item is gone because its account is: that is reported once, for the
// account.
func (j *judge) goneWith(before *inventory.Item) bool {
	who := j.roster.away[placeOf(before)]
	if who == nil {
		return false
	}
	if who.deleted {
		j.judgement.Counts.Removed++
		who.held[before.Kind]++
	} else {
		j.unseen(before)
	}
	return true
}

// unseen remembers an item of the baseline that could not be looked for: entries that name it may
// be in use.
func (j *judge) unseen(before *inventory.Item) {
	j.miss(before.Source)
	if j.Allowlist != nil && !j.ChangesOnly {
		j.match(j.Allowlist.Decide(before, j.Now))
	}
}

// before returns a source under the name it had in the baseline.
func (r *roster) before(source inventory.Source) inventory.Source {
	if len(r.formerly) > 0 {
		source, _ = source.Rename(func(place inventory.Place) (inventory.Untrusted, bool) {
			name, found := r.formerly[place]
			return name, found
		})
	}
	return source
}

// pairAccount judges one account.
func (j *judge) pairAccount(pair snapshot.Pair) error {
	if j.ChangesOnly && pair.Same() {
		j.judgement.Counts.Accounts++
		return nil
	}
	now, err := pair.NewAccount()
	if err != nil {
		return err
	}
	before, err := pair.OldAccount()
	if err != nil {
		return err
	}
	j.seeAccount(before, now)
	if now == nil || isOutside(now) {
		return nil
	}
	j.judgement.Counts.Accounts++
	if now.Facts[inventory.FactOwn] != "" {
		j.mine[organizationOf(now.Source)] = true
	}
	if j.ChangesOnly || asleep(now) == inventory.Yes {
		return nil // no one can sign in to it
	}
	j.judgeTwoFactor(now, before)
	j.judgeSecretGists(now)
	return nil
}

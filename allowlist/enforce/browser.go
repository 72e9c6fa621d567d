package enforce

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/allowlist/appid"
	"guestlist/allowlist/version"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

type pinnedHost = access.Pattern

// planBrowser decides about every app that an entry names and that the browser can have.
func planBrowser(p *planner) {
	named := map[inventory.Untrusted][]*allowlist.Entry{}
	for _, e := range p.list.Entries() {
		for _, id := range p.idsOf(e) {
			named[id] = append(named[id], e)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		app := &app{planner: p, id: id, named: named[id]}
		if rule, found := app.rule(); found {
			p.policy.Rules[id] = rule
		}
	}
	p.noteFamily()
	p.noteFeeds()
}

// idsOf returns the IDs of an entry that the target's browser can have, as they are compared.
func (p *planner) idsOf(e *allowlist.Entry) []inventory.Untrusted {
	f := p.target.family
	if e.Kind != "" && !slices.Contains(f.kinds, e.Kind) {
		return nil
	}
	if e.Project != "" && e.Kind != "" {
		p.note(e, "a policy goes by ID, and this entry names a project")
	}
	var ids []inventory.Untrusted
	for _, id := range e.IDs {
		if id = appid.Canonical(id); f.isID(string(id)) {
			ids = append(ids, id)
		}
	}
	return ids
}

// noteFamily says what the browsers' policies lack, where an approval asks for it.
func (p *planner) noteFamily() {
	f := p.target.family
	var limitsPermissions, limitsHosts, foreign, fromEdge bool
	for _, rule := range p.policy.Rules {
		limitsPermissions = limitsPermissions || len(rule.BlockedPermissions) > 0
		limitsHosts = limitsHosts || len(rule.BlockedHosts) > 0
		fromEdge = fromEdge || rule.Mode.Installs() && rule.InstallURL == edgeStore
		foreign = foreign || rule.Mode.Installs() && rule.InstallURL != chromeStore && rule.InstallURL != edgeStore
	}
	for _, each := range []struct {
		counts bool
		notes  []string
	}{
		{limitsPermissions, f.permissionNotes}, {limitsHosts, f.hostNotes},
		{fromEdge, []string{
			"what is required is installed from Edge's own store: give what only Chrome's has an install_url, " + chromeStore,
		}},
		{foreign && f == &chromium && p.options.Form != FormJSON, []string{
			"Windows and macOS install by force from outside the stores only where the machine is managed " +
				"(joined to a domain, or enrolled)",
		}},
	} {
		if each.counts {
			for _, note := range each.notes {
				p.note(nil, "%s", inventory.Untrusted(note))
			}
		}
	}
}

func (p *planner) noteFeeds() {
	for _, feed := range p.list.Feeds() {
		p.note(nil, "the IDs of the feed %s (%d) are not listed: what the policy does not name is blocked anyway", feed.Title(),
			feed.Accepted)
	}
}

// app is an app that entries name.
type app struct {
	*planner
	id    inventory.Untrusted
	named []*allowlist.Entry
}

// rule decides about the app. Not found: nothing allows or denies it, so that the default counts.
func (a *app) rule() (found Rule, ok bool) {
	for _, kind := range a.kinds() {
		rule, decided := a.ruleAs(kind)
		if decided && (!ok || rule.Mode.Permits() && !found.Mode.Permits()) {
			found, ok = rule, true
		}
	}
	a.noteLeftOut()
	return found, ok
}

// kinds are what the app can be, by its entries: it is one of them, and a policy cannot say which.
func (a *app) kinds() []inventory.Kind {
	var kinds []inventory.Kind
	for _, e := range a.named {
		kind := cmp.Or(e.Kind, inventory.KindExtension)
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// item is the app as the allowlist would be asked about it.
func (p *planner) item(kind inventory.Kind, id inventory.Untrusted) inventory.Item {
	return inventory.Item{
		Kind: kind, App: inventory.App{ID: id}, Holder: inventory.Holder{Account: p.options.For},
		Access: inventory.Access{Basis: inventory.BasisManifest},
	}
}

func (a *app) ruleAs(kind inventory.Kind) (rule Rule, ok bool) {
	item := a.item(kind, a.id)
	approvals, requirements := a.list.InForce(&item, a.options.At)
	if len(approvals) == 0 && len(requirements) > 0 {
		approvals = a.expired(&item)
	}
	least, denied, ok := a.versions(&item, approvals, requirements)
	switch {
	case !ok && denied != nil:
		return Rule{Mode: Removed, Message: message(denied.Why, a.list)}, true
	case !ok:
		return Rule{}, false
	}
	rule = Rule{Mode: Allowed, MinimumVersion: least}
	if len(requirements) > 0 {
		a.require(&rule, requirements[0], approvals)
	}
	a.pin(&rule, approvals)
	return rule, true
}

// expired returns the approvals of a required app that have expired: what they pin still limits it.
func (a *app) expired(item *inventory.Item) []*allowlist.Entry {
	var expired []*allowlist.Entry
	for _, e := range a.named {
		if e.Part == allowlist.PartAllow && e.Matches(item) && len(e.Pending()) == 0 &&
			a.list.Decide(item, a.options.At).Entry == e {
			expired = append(expired, e)
		}
	}
	return expired
}

// require has the browser install the app. Of several IDs in one requirement, those of the same app
// in several stores, the browser's store has one, and nothing says which: each is to be installed.
func (a *app) require(rule *Rule, e *allowlist.Entry, approvals []*allowlist.Entry) {
	rule.Mode, rule.InstallURL = a.options.Require, a.target.store(a.id)
	for _, each := range append([]*allowlist.Entry{e}, approvals...) {
		if each.InstallURL != "" {
			rule.InstallURL = each.InstallURL
			break
		}
	}
	rule.alternatives = slices.DeleteFunc(a.idsOf(e), func(id inventory.Untrusted) bool { return id == a.id })
	if len(rule.alternatives) > 0 {
		a.note(e, "it names %d IDs that this browser could install: the policy names each, and the store has the right one", len(rule.alternatives)+1)
	}
}

// pin limits the app to what its approvals pin, together.
func (a *app) pin(rule *Rule, approvals []*allowlist.Entry) {
	if len(approvals) == 0 {
		return
	}
	permissions, pinsPermissions := union(approvals, func(e *allowlist.Entry) []inventory.Untrusted { return e.Permissions })
	hosts, pinsHosts := union(approvals, func(e *allowlist.Entry) []inventory.Untrusted { return e.Hosts })
	if pinsPermissions {
		rule.BlockedPermissions = a.target.family.unpinned(permissions)
	}
	if pinsHosts {
		a.pinHosts(rule, approvals[0], hosts)
	}
	if len(approvals) > 1 {
		a.note(approvals[1], "%v approves it as well: the policy allows what either allows", approvals[0].Position)
	}
	for _, e := range approvals {
		a.noteUnlimited(e, rule)
	}
}

// union joins a pin of several approvals; not pinned if one of them does not pin it.
func union(approvals []*allowlist.Entry, pin func(*allowlist.Entry) []inventory.Untrusted) (all []inventory.Untrusted, pinned bool) {
	for _, e := range approvals {
		pins := pin(e)
		if pins == nil {
			return nil, false
		}
		all = append(all, pins...)
	}
	return all, true
}

func (a *app) pinHosts(rule *Rule, e *allowlist.Entry, hosts []inventory.Untrusted) {
	f := a.target.family
	if access.NewSet(hosts).Covers("*://*/*") {
		return
	}
	blocked := inventory.Untrusted(access.AllURLs)
	allowed := []inventory.Untrusted{}
	for _, host := range hosts {
		pattern, _ := access.Parse(host)
		site, widened, ok := f.site(pattern)
		switch {
		case ok && widened:
			a.note(e, "a policy names whole sites: %s becomes %s", host, site)
		case strings.HasPrefix(string(host), "file:"):
			blocked = "*://*"
			a.note(e, "a policy cannot name files: %s is not limited", host)
		case !ok && !strings.HasPrefix(string(host), "="):
			a.note(e, "a policy cannot name %s", host)
		}
		if ok {
			allowed = append(allowed, site)
		}
	}
	slices.Sort(allowed)
	allowed = slices.Compact(allowed)
	if f.maxHosts > 0 && len(allowed) > f.maxHosts {
		a.note(e, "it pins %d sites, and the browser reads %d: its hosts are not limited", len(allowed), f.maxHosts)
		return
	}
	rule.BlockedHosts, rule.AllowedHosts = []inventory.Untrusted{blocked}, allowed
}

// noteUnlimited says which pins of an approval the policy does not keep.
func (a *app) noteUnlimited(e *allowlist.Entry, rule *Rule) {
	if e.Publishers != nil {
		a.note(e, "the publisher is not checked: a policy goes by ID")
	}
	if e.Origins != nil {
		a.note(e, "where it comes from is not checked: a policy goes by ID")
	}
	if len(rule.BlockedHosts) > 0 && !slices.Contains(rule.BlockedPermissions, "debugger") && slices.Contains(e.Permissions, "debugger") &&
		a.target.family == &chromium {
		a.note(e, "from version 155, the browser refuses its permission debugger because the policy limits its hosts")
	}
}

// noteLeftOut says which entries of the app do not count.
func (a *app) noteLeftOut() {
	for _, e := range a.named {
		if e.Part == allowlist.PartDeny {
			continue
		}
		item := a.item(cmp.Or(e.Kind, inventory.KindExtension), a.id)
		why := a.list.WhyNotInForce(e, a.options.At)
		switch {
		case why != "" && a.policy.Rules[a.id].Mode.Installs():
			a.note(e, "%s", why)
		case why != "":
			a.note(e, "left out: %s", why)
		case !e.Matches(&item) && a.options.For == "":
			a.note(e, "left out: it is approved for %s only, and this policy is for everyone; use --for", joined(e.For))
		case !e.Matches(&item):
			a.note(e, "left out: it is approved for %s, not for %s", joined(e.For), a.options.For)
		}
	}
}

func joined(texts []inventory.Untrusted) string {
	words := make([]string, len(texts))
	for n, text := range texts {
		words[n] = text.String()
	}
	return inventory.Enumerate(words, "and")
}

// versions returns the lowest version that the approvals allow and no refusal denies; empty if that
// is any. Not ok: none is. What lies above it and is not allowed either becomes a note.
func (a *app) versions(item *inventory.Item, approvals, requirements []*allowlist.Entry) (
	least inventory.Untrusted, denied *allowlist.Verdict, ok bool) {
	all := a.samples()
	permitted := make([]bool, len(all))
	for n, sample := range all {
		item.Version = sample
		verdict := a.list.Decide(item, a.options.At)
		if verdict.Decision == allowlist.Denied {
			denied = &verdict
			continue
		}
		permitted[n] = len(approvals) == 0 && len(requirements) > 0 ||
			slices.ContainsFunc(approvals, func(e *allowlist.Entry) bool { return e.Versions.Contains(sample) })
	}
	item.Version = ""
	first := slices.Index(permitted, true)
	if first < 0 {
		return "", denied, false
	}
	a.noteVersions(permitted[first:], all[first])
	if first == 0 || !a.target.family.minimumVersion || !isPlain(all[first]) {
		return "", denied, true
	}
	return all[first], denied, true
}

// samples returns versions between which nothing changes for the app, sorted: the lowest one, every
// bound of its entries, and one just above each.
func (a *app) samples() []inventory.Untrusted {
	all := []inventory.Untrusted{"0"}
	for _, e := range a.named {
		for _, bound := range e.Versions.Bounds() {
			all = append(all, inventory.Untrusted(bound), above(bound))
		}
	}
	slices.SortFunc(all, func(a, b inventory.Untrusted) int { return version.Compare(string(a), string(b)) })
	return slices.CompactFunc(all, func(a, b inventory.Untrusted) bool { return version.Compare(string(a), string(b)) == 0 })
}

// above returns the version that comes after a bound in an order of four numbers.
func above(bound string) inventory.Untrusted {
	const parts = 4
	missing := parts - 1 - strings.Count(bound, ".")
	if missing <= 0 {
		return inventory.Untrusted(version.Next(bound))
	}
	return inventory.Untrusted(version.Next(bound + strings.Repeat(".0", missing)))
}

// isPlain reports whether a version is made of numbers, as a policy requires.
func isPlain(text inventory.Untrusted) bool {
	return appid.IsAll(string(text), func(c byte) bool { return appid.IsDigit(c) || c == '.' })
}

func (a *app) noteVersions(permitted []bool, least inventory.Untrusted) {
	isOpen := !slices.Contains(permitted, false)
	hasLeast := least != "0"
	kept := a.target.family.minimumVersion && isPlain(least)
	for _, e := range a.named {
		switch {
		case e.Versions.IsZero():
		case isOpen && (kept || !hasLeast):
		case kept && hasLeast:
			a.note(e, "of the versions %v only the lowest, %s, is required: the browser has no highest one", e.Versions, least)
		default:
			a.note(e, "the versions %v are not checked: the browser cannot", e.Versions)
		}
	}
}

// message is what people read who are refused.
func message(why inventory.Untrusted, list *allowlist.List) inventory.Untrusted {
	var sentences []string
	if why != "" {
		text := why.String()
		sentences = append(sentences, strings.ToUpper(text[:1])+strings.TrimSuffix(text[1:], ".")+".")
	}
	if list.Policy.HasContact() {
		sentences = append(sentences, "To have it approved, ask "+list.Policy.Contact.String()+".")
	}
	return inventory.Untrusted(strings.Join(sentences, " "))
}

package risk

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// MaxReasons bounds the reasons of one assessment. Only input that no browser or platform writes
// has more; the most serious are kept.
const MaxReasons = 100

// Assessment is how much an item may do. Level is that of the first reason, or info if there is
// none.
type Assessment struct {
	Level   inventory.Level `json:"level"`
	Reasons []Reason        `json:"reasons"`
}

// Reason is one part of the access and its tier. Why is a short phrase of ours that continues "it
// can".
type Reason struct {
	Level inventory.Level `json:"level"`
	// Subject is the access as the platform spells it; host patterns of the same reach share one
	// reason.
	Subject inventory.Untrusted `json:"subject"`
	Why     inventory.Untrusted `json:"why"`
	// Own says that the organization's own class decided the level, where and why; empty if the
	// tables did.
	Own inventory.Untrusted `json:"own,omitzero"`
	// Class is the platform's own word for a scope ("restricted", "sensitive", "non-sensitive",
	// "sign-in"), or ours for scopes that act on the organization ("admin"); empty for everything
	// else.
	Class inventory.Untrusted `json:"class,omitzero"`
}

// Assess returns the highest tier of the item's access by the tables, and the reasons that are low
// or above, the most serious first.
func Assess(item *inventory.Item) Assessment { return (*Own)(nil).Assess(item) }

// Assess is the function [Assess] with an organization's own classes.
func (o *Own) Assess(item *inventory.Item) Assessment {
	switch item.Kind {
	case inventory.KindTheme, inventory.KindDictionary, inventory.KindLanguagePack:
		return Assessment{Level: inventory.Info}
	}
	a := assessor{item: item, table: tableFor(item), own: o}
	a.reasons = make([]Reason, 0, len(item.Access.Permissions)+len(item.Access.Surfaces)+len(item.Access.Optional)+4)
	a.held()
	a.notYetHeld()
	a.unread()
	a.sort()
	a.modify()
	a.sort()
	return a.finish()
}

func tableFor(item *inventory.Item) *table {
	if found := tables[item.Source.Provider]; found != nil {
		return found
	}
	return &noTable
}

// assessor gathers the reasons of one item.
type assessor struct {
	item     *inventory.Item
	table    *table
	own      *Own
	hasHosts bool // pages it may reach now
	reasons  []Reason
}

func (a *assessor) add(level inventory.Level, subject, why inventory.Untrusted) {
	if level != inventory.Info {
		a.reasons = append(a.reasons, Reason{Level: level, Subject: subject, Why: why})
	}
}

// held assesses what the item may do now.
func (a *assessor) held() {
	access := &a.item.Access
	manner := now
	if access.HostsWithheld == inventory.Yes {
		manner = onClick
	}
	a.hasHosts = a.hosts(access.Hosts, manner)
	for _, permission := range access.Permissions {
		r, held := a.permission(permission), now
		if r.WithHosts != "" && a.hasHosts {
			held = manner // what acts on pages needs the click too
		}
		a.row(r, permission, a.hasHosts, held)
	}
	for _, surface := range access.Surfaces {
		r, _ := a.table.surface(surface)
		_, value, _ := strings.Cut(string(surface), " ")
		a.row(r, surface, isHost(inventory.Untrusted(value)) && a.reachesAll(inventory.Untrusted(value)), now)
	}
	a.data()
	if r := a.table.kinds.find(a.kind()); r != nil {
		a.add(r.Level, inventory.Untrusted(a.item.Kind), r.Why)
	}
}

// notYetHeld assesses what may be asked for at run time, and what waits for consent.
func (a *assessor) notYetHeld() {
	access := &a.item.Access
	for _, part := range []struct {
		list   []inventory.Untrusted
		manner manner
	}{{access.OptionalHosts, later}, {access.Optional, later}, {access.Requested, requested}} {
		var patterns []inventory.Untrusted
		hasHosts := a.hasHosts || len(access.OptionalHosts) > 0
		for _, text := range part.list {
			if a.table.browser && isHost(text) {
				patterns = append(patterns, text)
				continue
			}
			a.row(a.permission(text), text, hasHosts, part.manner)
		}
		a.hosts(patterns, part.manner)
	}
}

// unread assesses an access of which nothing could be read: it is not harmless.
func (a *assessor) unread() {
	if !a.item.Access.IsUnknown() || a.table.kinds.find(a.kind()) != nil || a.item.Kind == inventory.KindDeployKey {
		return
	}
	a.add(a.table.missing.Level, "access", a.table.missing.Why)
}

// permission returns the row of a permission, or of an event for a webhook.
func (a *assessor) permission(name inventory.Untrusted) *row {
	if a.item.Kind == inventory.KindWebhook {
		if found := a.table.events.find(string(name)); found != nil {
			return found
		}
		if kind := a.table.kinds.find(string(inventory.KindWebhook)); kind != nil {
			return kind
		}
	}
	r, _ := a.table.permission(name)
	return r
}

// kind names the row of the item's kind. Several kinds of keys mean the same.
func (a *assessor) kind() string {
	switch {
	case a.item.Kind == inventory.KindCredential && strings.EqualFold(string(a.item.Facts["credential_type"]), "ssh key"):
		return string(inventory.KindSSHKey)
	case a.item.Kind == inventory.KindSSHKey && a.item.Facts["usage"] == "signing":
		return string(inventory.KindGPGKey)
	}
	return string(a.item.Kind)
}

func (a *assessor) row(r *row, subject inventory.Untrusted, hasHosts bool, m manner) {
	level, why := r.Level, r.Why
	if hasHosts && r.WithHosts != "" {
		level, why = r.WithHosts, r.WhyWithHosts
	}
	level, own := a.own.Permission(subject).apply(level)
	if level = m.level(level); subject != "" && level != inventory.Info {
		a.reasons = append(a.reasons, Reason{Level: level, Subject: subject, Why: m.words(why), Class: r.Class, Own: own})
	}
}

// data assesses what an add-on says it sends away.
func (a *assessor) data() {
	if len(a.table.data) == 0 {
		return
	}
	for name := range strings.SplitSeq(string(a.item.Facts["data_collection"]), ", ") {
		name, _, _ = strings.Cut(name, " ") // "x and 3 more"
		if r := a.table.data.find(name); r != nil {
			a.add(r.Level, inventory.Untrusted(name), r.Why)
		}
	}
}

// hosts assesses match patterns, with one reason for each reach, and reports whether any of them
// reaches pages.
func (a *assessor) hosts(patterns []inventory.Untrusted, m manner) bool {
	if len(patterns) == 0 {
		return false
	}
	t := &hostTable
	var found [reaches]struct {
		row   *row
		texts []inventory.Untrusted
	}
	pages := false
	for _, text := range patterns {
		if text == "" {
			continue
		}
		reach, r := t.reachOf(text)
		if r == nil {
			r = &t.rows[reach]
		}
		if a.ownHost(text, r, m) {
			pages = pages || reach != reachOwn
			continue
		}
		if found[reach].row == nil || r.Level.Compare(found[reach].row.Level) > 0 {
			found[reach].row = r
		}
		found[reach].texts = append(found[reach].texts, text)
	}
	if found[reachFile].row != nil && a.item.Facts["file_access"] == inventory.Untrusted(inventory.No) {
		found[reachFile].row = &t.fileOff
	}
	for reach, each := range slices.Backward(found[:]) {
		if each.row == nil {
			continue
		}
		pages = pages || reach != int(reachOwn)
		a.add(m.level(each.row.Level), some(each.texts), m.words(each.row.Why))
	}
	return pages
}

// ownHost assesses a match pattern by the organization's own classes, and reports whether they
// decide about all of it. One that reaches further than a host of theirs is only raised by it.
func (a *assessor) ownHost(pattern inventory.Untrusted, r *row, m manner) bool {
	within, touched := a.own.Host(pattern)
	if touched != nil && touched.Level.Compare(r.Level) > 0 {
		a.ownReason(touched, pattern, inventory.Textf("read and change pages of %s", touched.Host), m)
	}
	level, own := within.apply(r.Level)
	if own == "" {
		return false
	}
	if level = m.level(level); level != inventory.Info {
		a.reasons = append(a.reasons, Reason{Level: level, Subject: pattern, Why: m.words(r.Why), Own: own})
	}
	return true
}

func (a *assessor) ownReason(c *Class, pattern, why inventory.Untrusted, m manner) {
	if level := m.level(c.Level); level != inventory.Info {
		a.reasons = append(a.reasons, Reason{Level: level, Subject: pattern, Why: m.words(why), Own: c.words()})
	}
}

func (a *assessor) reachesAll(pattern inventory.Untrusted) bool {
	reach, _ := hostTable.reachOf(pattern)
	return reach == reachAll
}

// modify raises or lowers everything from medium up by one step, for what is known about the item
// beyond its access.
func (a *assessor) modify() {
	raised, lowered := false, false
	var raisers []Reason
	for n := range a.table.modifiers {
		m := &a.table.modifiers[n]
		if !a.applies(m) {
			continue
		}
		raised, lowered = raised || !m.lowers, lowered || m.lowers
		if !m.lowers {
			raisers = append(raisers, Reason{Subject: inventory.Untrusted(m.key + m.value), Why: m.why})
		}
	}
	if raised == lowered { // neither, or one against the other
		return
	}
	step, highest := 1, inventory.Info
	if lowered {
		step = -1
	}
	for n := range a.reasons {
		if r := &a.reasons[n]; r.Level.AtLeast(inventory.Medium) {
			r.Level = r.Level.Shift(step)
			highest = inventory.MaxLevel(highest, r.Level)
		}
	}
	if highest == inventory.Info {
		return // it can do little, wherever it came from
	}
	for _, reason := range raisers {
		reason.Level = highest
		a.reasons = append(a.reasons, reason)
	}
}

func (a *assessor) applies(m *modifier) bool {
	switch m.aspect {
	case "origin":
		return string(a.item.Origin) == m.value
	case "mark":
		return a.item.HasMark(inventory.MarkName(m.value))
	case "fact":
		return string(a.item.Facts[m.key]) == m.value
	case "repositories":
		return string(a.item.Access.Repositories) == m.value &&
			len(a.item.Access.Permissions)+len(a.item.Access.Requested) > 0
	}
	return false
}

// sort puts the most serious first; the order of equals is kept.
func (a *assessor) sort() {
	slices.SortStableFunc(a.reasons, func(x, y Reason) int { return y.Level.Compare(x.Level) })
}

func (a *assessor) finish() Assessment {
	if cut := len(a.reasons) - MaxReasons; cut > 0 {
		rest := a.reasons[MaxReasons-1]
		rest.Subject, rest.Why = inventory.Textf("%d more", cut+1), "do more than is listed here"
		a.reasons = append(a.reasons[:MaxReasons-1], rest)
	}
	level := inventory.Info
	if len(a.reasons) > 0 {
		level = a.reasons[0].Level
	}
	return Assessment{Level: level, Reasons: a.reasons}
}

// manner is how an access is held.
type manner int

const (
	now       manner = iota
	onClick          // on a click on each site
	later            // may be asked for at run time
	requested        // waits for consent
)

// level lowers by one step what is not held outright.
func (m manner) level(level inventory.Level) inventory.Level {
	if m == now {
		return level
	}
	return level.Shift(-1)
}

func (m manner) words(why inventory.Untrusted) inventory.Untrusted {
	switch m {
	case onClick:
		return why + ", after a click on each"
	case later:
		return "later ask to " + why
	case requested:
		return why + ", once that is approved"
	}
	return why
}

// some lists the first few texts.
func some(texts []inventory.Untrusted) inventory.Untrusted {
	const most = 3
	joined := texts[0]
	for _, text := range texts[1:min(len(texts), most)] {
		joined += ", " + text
	}
	if len(texts) > most {
		joined += inventory.Textf(" and %d more", len(texts)-most)
	}
	return joined
}

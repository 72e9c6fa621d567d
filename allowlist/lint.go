package allowlist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist/appid"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Warning is something that is legal but worth a second look.
type Warning struct {
	Problem
	Rule LintRule
	// Entry is what it is about; nil for something that is about the file or a feed.
	Entry *Entry
}

// Lint returns what is legal but worth a second look, in the order of the file: approvals that
// expired or are about to, or that pin little or nothing, or that another one makes void; IDs that
// cannot exist; names shared by several apps; contradictions; feeds and copies of lists that are out
// of date; classes of access that lower what is critical. What presets and lists from an address say
// is left to those who keep them.
func (l *List) Lint(at time.Time) []Warning {
	lint := &linter{list: l, at: at}
	lint.contact()
	lint.copies()
	lint.classes()
	names := map[inventory.Untrusted]*Entry{}
	for _, e := range l.entries {
		if lint.entry = e; !l.isOurs(e) {
			continue
		}
		lint.identity(e)
		switch e.Part {
		case PartAllow:
			lint.expiry(e)
			lint.pins(e)
			lint.contradiction(e)
			lint.shadows(e)
		case PartRequire:
			lint.requirement(e)
			lint.contradiction(e)
		case PartDefer:
			lint.deferral(e)
		}
		if e.Part == PartAllow && e.Name != "" {
			if other := names[e.Name]; other != nil && !sameApp(e, other) {
				lint.warn(RuleSharedName, e.Line("name"), "names never match, so make sure that both are the app they seem to be",
					"another app at %s is called %q too", lint.lineOf(other), e.Name)
			} else {
				names[e.Name] = e
			}
		}
	}
	lint.entry = nil
	for _, feed := range l.feeds {
		lint.feed(feed)
	}
	return SortWarnings(lint.warnings)
}

// SortWarnings brings warnings into the order of their files and lines.
func SortWarnings(warnings []Warning) []Warning {
	slices.SortStableFunc(warnings, func(a, b Warning) int { return a.Position.Compare(b.Position) })
	return warnings
}

// isOurs reports whether an entry stands in a file that the person who runs lint can edit.
func (l *List) isOurs(e *Entry) bool {
	return !slices.ContainsFunc(l.sources, func(s Source) bool {
		return s.Name == e.Position.File && (s.Preset != "" || s.IsRemote())
	})
}

// sameApp reports whether two entries are about one app, as for different holders.
func sameApp(a, b *Entry) bool {
	if a.Project != "" || b.Project != "" {
		return a.Project == b.Project
	}
	return slices.ContainsFunc(a.IDs, func(id inventory.Untrusted) bool {
		return slices.ContainsFunc(b.IDs, func(other inventory.Untrusted) bool { return appid.CanonicalClient(id) == appid.CanonicalClient(other) })
	})
}

// lintRejects is how many of a feed's rejects are shown; the rest are only counted.
const lintRejects = 3

// linter has a function for each kind of contradiction and omission that [List.Lint] looks for.
type linter struct {
	list     *List
	at       time.Time
	entry    *Entry // that is looked at
	warnings []Warning
}

func (l *linter) warn(rule LintRule, at Position, hint, format string, args ...any) {
	l.warnings = append(l.warnings, Warning{
		Problem: Problem{Position: at, Message: fmt.Sprintf(format, args...), Hint: hint}, Rule: rule, Entry: l.entry,
	})
}

// lineOf names another entry's line: by number alone where it is in the same file.
func (l *linter) lineOf(other *Entry) string {
	if l.entry != nil && l.entry.Position.File == other.Position.File {
		return fmt.Sprintf("line %d", other.Position.Line)
	}
	return other.Position.String()
}

// contact warns of a contact that is a placeholder. A list may do without one: its entries have
// owners.
func (l *linter) contact() {
	policy := &l.list.Policy
	if policy.Contact != "" && !policy.HasContact() {
		l.warn(RuleContact, l.list.contactAt, "say where people ask for approval, such as \"it@acme.example\"", "contact is not filled in")
	}
}

func (l *linter) identity(e *Entry) {
	if e.Kind == "" {
		l.warn(RuleNoKind, e.Position, `such as kind = "extension"`, "%q has no kind, so it is meant for anything with this ID",
			e.Title())
	}
	for _, id := range e.IDs {
		l.checkID(e, id)
	}
	if (e.Part == PartDeny || e.Part == PartDefer) && e.Reason != "" && isPlaceholder(e.Reason) {
		l.warn(RuleNotFilledIn, e.Line("reason"), fillIn["reason"], "reason is not filled in")
	}
	for _, key := range e.pending {
		l.warn(RuleNotFilledIn, e.Line(key), fillIn[key], "%q is not approved yet: %s is not filled in", e.Title(), key)
	}
	for _, account := range e.For {
		if account == "*" {
			l.warn(RuleForEveryone, e.Line("for"), "remove it to mean everyone", `for contains "*", which leaves out unknown accounts`)
		}
	}
}

// fillIn says what to write for each key of an approval.
var fillIn = map[string]string{
	"owner": "name who answers for it", "reason": "say why, for the next reviewer",
	"approved": "say on which day, such as approved = 2026-11-23",
}

// checkID warns of an ID that no vendor gives to anything of the kind.
func (l *linter) checkID(e *Entry, id inventory.Untrusted) {
	at := e.idLine(id)
	if strings.ContainsAny(string(id), " \t") {
		l.warn(RuleID, at, "names never match; give the ID", "%q looks like a name", id)
		return
	}
	forms := vendor.FormsOf(e.Kind)
	if e.Kind == "" {
		if isAnyID(id) {
			return
		}
		forms = vendor.FormsOf(inventory.KindExtension)
	}
	if len(forms) == 0 || slices.ContainsFunc(forms, func(f vendor.Form) bool { return f.Is(string(id)) }) {
		return
	}
	for _, form := range forms {
		if form.Flaw == nil {
			continue
		}
		if flaw := form.Flaw(string(id)); flaw != "" {
			l.warn(RuleID, at, "correct it: as it is, it matches nothing", "%q cannot exist: %s", id, flaw)
			return
		}
	}
	if e.Kind == "" {
		l.warn(RuleID, at, "", "%q cannot be an ID of a known kind", id)
		return
	}
	words := make([]string, len(forms))
	for n, form := range forms {
		words[n] = form.Words
	}
	l.warn(RuleID, at, "such an ID is "+strings.Join(words, ", or "), "%q cannot be an ID of kind %s", id, e.Kind)
}

// isAnyID reports whether an ID may be one of some kind. Several vendors share kinds in which an ID
// may be any word.
func isAnyID(id inventory.Untrusted) bool {
	return appid.IsAddon(string(id)) || appid.IsAll(string(id), func(c byte) bool {
		return appid.IsAlphanumeric(c) || strings.IndexByte("-_./:+=", c) >= 0
	}) && appid.IsAlphanumeric(id[0])
}

func (l *linter) expiry(e *Entry) {
	line := e.Line("approved")
	if !e.Expires.IsZero() {
		line = e.Line("expires")
	}
	if e.Approved.Compare(DateOf(l.at)) > 0 {
		l.warn(RuleFuture, e.Line("approved"), "", "%q has an approval date in the future, %v", e.Title(), e.Approved)
	}
	switch expiry, last := l.list.expiry(e, l.at); expiry {
	case NoExpiry:
		if e.Approved.IsZero() {
			return // not approved yet
		}
		l.warn(RuleNeverExpires, e.Position, `add expires, or review_within under [policy]`, "the approval of %q never expires", e.Title())
	case Expired:
		l.warn(RuleExpired, line, "review it and update approved and expires", "the approval of %q expired on %v", e.Title(), last)
	case Expiring:
		l.warn(RuleExpiring, line, "review it and update approved and expires", "the approval of %q expires on %v", e.Title(), last)
	}
}

// deferral warns about a deferred decision that is due, or that has been made.
func (l *linter) deferral(e *Entry) {
	if e.isDue(l.at) {
		l.warn(RuleDeferred, e.Line("until"), "approve it, deny it, or set a later day",
			"the decision about %q was deferred until %v, and is due", e.Title(), e.Until)
	}
	for _, id := range e.IDs {
		for _, made := range slices.Concat(l.list.allow.Get(e.Kind, id), l.list.deny.Get(e.Kind, id)) {
			decides := made.Part == PartDeny || !made.waits(l.at)
			if decides && len(made.For) == 0 && (made.Kind == "" || e.Kind == "" || made.Kind == e.Kind) {
				l.warn(RuleDeferred, e.Line("id"), "remove the [[defer]] entry", "the decision about %q has been made at %v", id, made.Position)
			}
		}
	}
}

// permissionKinds are the kinds, beside extensions, whose permissions are worth pinning.
var permissionKinds = []inventory.Kind{inventory.KindOAuthGrant, inventory.KindInstallation}

func (l *linter) pins(e *Entry) {
	extension := appid.IsExtensionKind(e.Kind)
	switch {
	case e.Permissions == nil && e.Project != "":
		l.warn(RuleUnpinned, e.Position, "name the permissions", "every app of project %q is approved with any permission", e.Project)
	case e.Permissions == nil && (extension || e.Kind == "" || slices.Contains(permissionKinds, e.Kind)):
		l.warn(RuleUnpinned, e.Position, "name the permissions", "%q pins no permissions, so whatever it gains later is approved too",
			e.Title())
	}
	if e.Hosts == nil && e.Kind == inventory.KindExtension {
		l.warn(RuleUnpinned, e.Position, "name the hosts, or write hosts = []",
			"%q pins no hosts, so whatever page it reaches later is approved too", e.Title())
	}
	if e.Hosts != nil && e.Kind != "" && !extension && e.Kind != inventory.KindSitePermission {
		l.warn(RuleMisplaced, e.Line("hosts"), "remove it", "hosts mean nothing for kind %q", string(e.Kind))
	}
	for _, permission := range e.Permissions {
		if _, err := access.Parse(permission); err == nil && (extension || permission == access.AllURLs) {
			l.warn(RuleMisplaced, e.Line("permissions"), "move it to hosts", "%q is a host pattern, not a permission", permission)
		}
	}
	minimal := access.MinimalHosts(e.Hosts)
	for _, host := range e.Hosts {
		if !slices.Contains(minimal, host) {
			l.warn(RuleCoveredHost, e.Line("hosts"), "remove it", "%q is covered by another host of this entry", host)
		}
	}
	if slices.Contains(e.Origins, inventory.OriginUnpacked) {
		l.warn(RuleUnpacked, e.Line("origin"), "", "%q may be loaded from any directory: anyone can give such an extension this ID",
			e.Title())
	}
}

// contradiction warns about an app that one entry approves and another denies.
func (l *linter) contradiction(e *Entry) {
	for _, id := range e.IDs {
		item := &inventory.Item{Kind: e.Kind, App: inventory.App{ID: id}}
		for _, deny := range l.list.deny.Get(e.Kind, id) {
			if deny.Kind == "" || e.Kind == "" || deny.Kind == e.Kind {
				l.warn(RuleDenied, e.idLine(id), "a deny entry wins over an approval", "%q is denied by %v", id, deny.Position)
			}
		}
		for _, feed := range l.list.feeds {
			if r, found := feed.Find(item); found {
				l.warn(RuleDenied, e.idLine(id), "a deny entry wins over an approval", "%q is denied by %v", id,
					Position{File: feed.Path, Line: r.Line})
			}
		}
	}
}

func (l *linter) feed(f *Feed) {
	if f.IsStale(l.at) {
		age := "has no date"
		if !f.Date.IsZero() {
			age = fmt.Sprintf("is dated %v", DateOf(f.Date))
		}
		l.warn(RuleFeedStale, f.Position, fmt.Sprintf("fetch it again, or raise max_age above %v", f.MaxAge), "the feed %q %s",
			f.Title(), age)
	}
	shown := f.Rejects[:min(lintRejects, len(f.Rejects))]
	for _, reject := range shown {
		l.warn(RuleFeedRejects, f.Position, "", "the feed %q: %v: %q %s", f.Title(), reject.Position, reject.Text, reject.Reason)
	}
	if more := f.Rejected - len(shown); more > 0 {
		l.warn(RuleFeedRejects, f.Position, "", "the feed %q: %d more rows contain no ID", f.Title(), more)
	}
}

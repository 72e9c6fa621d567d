package allowlist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/strict"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Lint returns what is legal but worth a second look, in the order of the file: approvals that
// expired or are about to, or that pin little or nothing; IDs of no known form; names shared by
// several apps; contradictions; feeds that are out of date.
func (l *List) Lint(at time.Time) []Problem {
	lint := &linter{list: l, at: at}
	lint.contact()
	names := map[inventory.Untrusted]*Entry{}
	for _, e := range l.entries {
		if e.Preset != "" {
			continue
		}
		lint.identity(e)
		switch e.Part {
		case PartAllow:
			lint.expiry(e)
			lint.pins(e)
			lint.contradiction(e)
		case PartRequire:
			lint.contradiction(e)
		case PartDefer:
			lint.deferral(e)
		}
		if e.Part == PartAllow && e.Name != "" {
			if other := names[e.Name]; other != nil && !sameApp(e, other) {
				lint.warn(e.Line("name"), "names never match, so make sure that both are the app they seem to be",
					"another app at line %d is called %q too", other.Position.Line, e.Name)
			} else {
				names[e.Name] = e
			}
		}
	}
	for _, feed := range l.feeds {
		lint.feed(feed)
	}
	strict.Sort(lint.warnings)
	return lint.warnings
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
	warnings []Problem
}

func (l *linter) warn(at Position, hint, format string, args ...any) {
	l.warnings = append(l.warnings, Problem{Position: at, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// contact warns of a contact that is a placeholder. A list may do without one: its entries have
// owners.
func (l *linter) contact() {
	policy := &l.list.Policy
	if policy.Contact != "" && !policy.HasContact() {
		l.warn(l.list.contactAt, "say where people ask for approval, such as \"it@acme.example\"", "contact is not filled in")
	}
}

func (l *linter) identity(e *Entry) {
	if e.Kind == "" {
		l.warn(e.Position, `such as kind = "extension"`, "%q has no kind, so it is meant for anything with this ID",
			e.Title())
	}
	for _, id := range e.IDs {
		switch {
		case strings.ContainsAny(string(id), " \t"):
			l.warn(e.Line("id"), "names never match; give the ID", "%q looks like a name", id)
		case !fitsKind(e.Kind, id):
			l.warn(e.Line("id"), formsOf(e.Kind), "%q does not look like an ID of a known kind", id)
		}
	}
	if (e.Part == PartDeny || e.Part == PartDefer) && e.Reason != "" && isPlaceholder(e.Reason) {
		l.warn(e.Line("reason"), fillIn["reason"], "reason is not filled in")
	}
	for _, key := range e.pending {
		l.warn(e.Line(key), fillIn[key], "%q is not approved yet: %s is not filled in", e.Title(), key)
	}
	for _, account := range e.For {
		if account == "*" {
			l.warn(e.Line("for"), "remove it to mean everyone", `for contains "*", which leaves out unknown accounts`)
		}
	}
}

// fillIn says what to write for each key of an approval.
var fillIn = map[string]string{
	"owner": "name who answers for it", "reason": "say why, for the next reviewer",
	"approved": "say on which day, such as approved = 2026-11-23",
}

// fitsKind reports whether an ID has a form that apps of a kind have. Where several vendors share a
// kind, an ID may be any word.
func fitsKind(kind inventory.Kind, id inventory.Untrusted) bool {
	extension := vendor.IsChromeID(strings.ToLower(string(id))) || appid.IsAddon(string(id))
	switch {
	case appid.IsExtensionKind(kind):
		return extension
	case kind == inventory.KindOAuthGrant:
		return appid.IsClient(appid.CanonicalClient(id))
	case kind == "":
		return extension || appid.IsClient(appid.CanonicalClient(id)) || appid.IsAll(string(id), func(c byte) bool {
			return appid.IsAlphanumeric(c) || strings.IndexByte("-_./:+=", c) >= 0
		}) && appid.IsAlphanumeric(id[0])
	}
	return true
}

func formsOf(kind inventory.Kind) string {
	switch {
	case appid.IsExtensionKind(kind):
		return "an extension's ID is 32 letters from a to p, {a UUID}, or name@domain"
	case kind == inventory.KindOAuthGrant:
		return "a client ID is a number, a dash and letters and digits, with or without " + appid.GoogleSuffix
	}
	return ""
}

func (l *linter) expiry(e *Entry) {
	line := e.Line("approved")
	if !e.Expires.IsZero() {
		line = e.Line("expires")
	}
	if e.Approved.Compare(DateOf(l.at)) > 0 {
		l.warn(e.Line("approved"), "", "%q has an approval date in the future, %v", e.Title(), e.Approved)
	}
	switch expiry, last := l.list.expiry(e, l.at); expiry {
	case NoExpiry:
		if e.Approved.IsZero() {
			return // not approved yet
		}
		l.warn(e.Position, `add expires, or review_within under [policy]`, "the approval of %q never expires", e.Title())
	case Expired:
		l.warn(line, "review it and update approved and expires", "the approval of %q expired on %v", e.Title(), last)
	case Expiring:
		l.warn(line, "review it and update approved and expires", "the approval of %q expires on %v", e.Title(), last)
	}
}

// deferral warns about a deferred decision that is due, or that has been made.
func (l *linter) deferral(e *Entry) {
	if e.isDue(l.at) {
		l.warn(e.Line("until"), "approve it, deny it, or set a later day",
			"the decision about %q was deferred until %v, and is due", e.Title(), e.Until)
	}
	for _, id := range e.IDs {
		for _, made := range slices.Concat(l.list.allow.Get(e.Kind, id), l.list.deny.Get(e.Kind, id)) {
			decides := made.Part == PartDeny || !made.waits(l.at)
			if decides && len(made.For) == 0 && (made.Kind == "" || e.Kind == "" || made.Kind == e.Kind) {
				l.warn(e.Line("id"), "remove the [[defer]] entry", "the decision about %q has been made at %v", id, made.Position)
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
		l.warn(e.Position, "name the permissions", "every app of project %q is approved with any permission", e.Project)
	case e.Permissions == nil && (extension || e.Kind == "" || slices.Contains(permissionKinds, e.Kind)):
		l.warn(e.Position, "name the permissions", "%q pins no permissions, so whatever it gains later is approved too",
			e.Title())
	}
	if e.Hosts == nil && e.Kind == inventory.KindExtension {
		l.warn(e.Position, "name the hosts, or write hosts = []",
			"%q pins no hosts, so whatever page it reaches later is approved too", e.Title())
	}
	if e.Hosts != nil && e.Kind != "" && !extension && e.Kind != inventory.KindSitePermission {
		l.warn(e.Line("hosts"), "remove it", "hosts mean nothing for kind %q", string(e.Kind))
	}
	for _, permission := range e.Permissions {
		if _, err := access.Parse(permission); err == nil && (extension || permission == access.AllURLs) {
			l.warn(e.Line("permissions"), "move it to hosts", "%q is a host pattern, not a permission", permission)
		}
	}
	minimal := access.MinimalHosts(e.Hosts)
	for _, host := range e.Hosts {
		if !slices.Contains(minimal, host) {
			l.warn(e.Line("hosts"), "remove it", "%q is covered by another host of this entry", host)
		}
	}
	if slices.Contains(e.Origins, inventory.OriginUnpacked) {
		l.warn(e.Line("origin"), "", "%q may be loaded from any directory: anyone can give such an extension this ID",
			e.Title())
	}
}

// contradiction warns about an app that one entry approves and another denies.
func (l *linter) contradiction(e *Entry) {
	for _, id := range e.IDs {
		item := &inventory.Item{Kind: e.Kind, App: inventory.App{ID: id}}
		for _, deny := range l.list.deny.Get(e.Kind, id) {
			if deny.Kind == "" || e.Kind == "" || deny.Kind == e.Kind {
				l.warn(e.Line("id"), "a deny entry wins over an approval", "%q is denied by %v", id, deny.Position)
			}
		}
		for _, feed := range l.list.feeds {
			if r, found := feed.Find(item); found {
				l.warn(e.Line("id"), "a deny entry wins over an approval", "%q is denied by %v", id,
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
		l.warn(f.Position, fmt.Sprintf("fetch it again, or raise max_age above %v", f.MaxAge), "the feed %q %s",
			f.Title(), age)
	}
	shown := f.Rejects[:min(lintRejects, len(f.Rejects))]
	for _, reject := range shown {
		l.warn(f.Position, "", "the feed %q: %v: %q %s", f.Title(), reject.Position, reject.Text, reject.Reason)
	}
	if more := f.Rejected - len(shown); more > 0 {
		l.warn(f.Position, "", "the feed %q: %d more rows contain no ID", f.Title(), more)
	}
}

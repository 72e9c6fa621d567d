package allowlist

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/version"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/lookalike"
	"guestlist/scanner/risk"
)

// List is a loaded allowlist. It is read-only and safe for concurrent use.
type List struct {
	// Name is the file as it was given, and Digest the SHA-256 of its content, in hexadecimal.
	Name   inventory.Untrusted
	Digest string
	Policy Policy

	contactAt Position // of Policy.Contact

	entries []*Entry
	feeds   []*Feed
	sources []Source // itself, and then what it includes
	classes []ownClass
	own     *risk.Own

	allow, deny, require, deferred appid.Map[*Entry]
	projects                       map[inventory.Untrusted][]*Entry // entries that name a project
	hooks                          []*Entry                         // one for each policy.hook_hosts
}

// Policy is the [policy] table.
type Policy struct {
	// Contact is where to ask for an approval: an e-mail address, a channel, a page. Empty: the
	// file does not say.
	Contact inventory.Untrusted
	// ReviewWithin is how long an approval without an expiry of its own lasts; 0 means forever.
	ReviewWithin Days
	// Notice is how long before its expiry an approval counts as expiring; 14 days by default.
	Notice           Days
	RequireTwoFactor bool
	// TwoFactorOptional: the file says require_two_factor = false, rather than nothing.
	TwoFactorOptional bool
	// UnusedAfter is how long a token may go unused; 0 means any length of time.
	UnusedAfter Days
	// HookHosts are the hosts that webhooks may go to; "*." in front includes the subdomains. Nil:
	// the file names none.
	HookHosts []inventory.Untrusted
	// CrownJewels are hosts whose pages are as serious as those of the tables' own such hosts; "*."
	// in front includes the subdomains.
	CrownJewels []inventory.Untrusted
}

// HasContact reports whether the policy says where to ask, and not with a placeholder.
func (p *Policy) HasContact() bool { return p.Contact != "" && !isPlaceholder(p.Contact) }

// Part is the part of the file that an entry belongs to.
type Part string

const (
	PartAllow   Part = "allow"
	PartDeny    Part = "deny"
	PartRequire Part = "require"
	PartDefer   Part = "defer"
	PartPolicy  Part = "policy" // policy.hook_hosts, which approves webhooks
)

// Entry is one [[allow]], [[deny]], [[require]] or [[defer]].
type Entry struct {
	Index    int // its place in [List.Entries]
	Position Position
	Part     Part
	Preset   string // the preset it comes from; empty for the file's own

	Name    inventory.Untrusted // for people, never matched
	Kind    inventory.Kind      // empty: any kind
	IDs     []inventory.Untrusted
	Project inventory.Untrusted // instead of IDs: everything of one project or owner, as the vendor has it

	Owner, Reason, Ticket, URL inventory.Untrusted
	Source                     inventory.Untrusted // where the reason for a refusal is published
	// InstallURL is where a policy has browsers install the app from, if not from their store: the
	// update manifest of a Chromium extension, the package of a Firefox add-on.
	InstallURL        inventory.Untrusted
	Approved, Expires Date
	Until             Date                  // the day on which a deferred decision is due
	For               []inventory.Untrusted // accounts, organizations, repositories; nil: everyone

	// The pins of an approval. Nil pins nothing; an empty list approves none.
	Permissions  []inventory.Untrusted
	Hosts        []inventory.Untrusted
	Origins      []inventory.Origin
	Publishers   []inventory.Untrusted
	Versions     version.Range
	Repositories inventory.Untrusted // "all", "selected", "none"; empty pins nothing

	permissions *access.Permissions
	hosts       *access.Set
	accounts    []string
	hookHosts   []inventory.Untrusted // of a part of the policy
	path        string                // in the line index
	lines       map[string]int
	idLines     []int // of IDs in a list
	why         reasons
	pending     []string
}

// Pending returns the keys that an approval needs and that are missing or hold a placeholder:
// owner, reason, approved. An entry with one of them is waiting for a decision.
func (e *Entry) Pending() []string { return e.pending }

func (e *Entry) isPending() bool { return len(e.pending) > 0 }

// earliestClock is how far the earliest time zone is ahead of UTC: once a day has begun there,
// something can have been approved on it.
const earliestClock = 14 * time.Hour

// isAhead reports whether the approval's date has not begun anywhere in the world yet. It is a
// typing error: nothing can have been approved on it.
func (e *Entry) isAhead(at time.Time) bool {
	return !e.Approved.IsZero() && e.Approved.Compare(DateOf(at.Add(earliestClock))) > 0
}

// waits reports whether the entry approves nothing yet.
func (e *Entry) waits(at time.Time) bool { return e.isPending() || e.isAhead(at) }

// whyWaits says why the entry approves nothing yet.
func (e *Entry) whyWaits(at time.Time) inventory.Untrusted {
	if e.Part == PartDefer {
		return e.why.due
	}
	if e.isPending() || !e.isAhead(at) {
		return e.why.pending
	}
	return inventory.Textf("nobody has approved it yet: its approval is dated %v, which is still to come", e.Approved)
}

// isDue reports whether the day has come until which a decision was deferred.
func (e *Entry) isDue(at time.Time) bool { return e.Until.Compare(DateOf(at)) <= 0 }

// IsDeferred reports whether the entry says that the decision waits, and its day has not come yet.
func (e *Entry) IsDeferred(at time.Time) bool { return e.Part == PartDefer && !e.isDue(at) }

// Entries returns every entry in the order of the file, those of included lists after the file's
// own. The caller must not change them.
func (l *List) Entries() []*Entry { return l.entries }

// Required returns the [[require]] entries, in the order of the file.
func (l *List) Required() []*Entry {
	var required []*Entry
	for _, entry := range l.entries {
		if entry.Part == PartRequire {
			required = append(required, entry)
		}
	}
	return required
}

// Feeds returns the feeds that were read. The caller must not change them.
func (l *List) Feeds() []*Feed { return l.feeds }

// ExpiresOn is the last day of an approval: its own, or approval date plus the policy's
// ReviewWithin. No date: it does not expire.
func (l *List) ExpiresOn(e *Entry) Date {
	switch {
	case e.Part != PartAllow || e.Preset != "":
		return Date{}
	case !e.Expires.IsZero():
		return e.Expires
	case l.Policy.ReviewWithin > 0 && !e.Approved.IsZero():
		return e.Approved.Add(l.Policy.ReviewWithin)
	}
	return Date{}
}

// Sources returns the files that the list was read from: itself, and then what it includes, in the
// order in which their entries count. The caller must not change them.
func (l *List) Sources() []Source { return l.sources }

// Risk returns the organization's own classes of access, for package risk; nil if there are none, as
// there are none without a list.
func (l *List) Risk() *risk.Own {
	if l == nil {
		return nil
	}
	return l.own
}

// HookHostAllowed reports whether the policy allows a webhook's host, or the host of its URL.
func (p *Policy) HookHostAllowed(hook inventory.Untrusted) bool { return allowsHook(p.HookHosts, hook) }

func allowsHook(hosts []inventory.Untrusted, hook inventory.Untrusted) bool {
	if !strings.Contains(string(hook), "://") {
		hook = "https://" + hook
	}
	parsed, err := url.Parse(string(hook))
	if err != nil || parsed.Hostname() == "" || parsed.User != nil || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return false
	}
	inner := inventory.Untrusted(parsed.Scheme + "://" + parsed.Host + "/*")
	return slices.ContainsFunc(hosts, func(host inventory.Untrusted) bool { return access.Covers("*://"+host+"/*", inner) })
}

// Matches reports whether the entry applies to the item: by ID or project, by kind, and by holder.
func (e *Entry) Matches(item *inventory.Item) bool {
	return e.names(item) && e.applies(item) == applies
}

// Title names the entry for people: its name, or its first ID.
func (e *Entry) Title() inventory.Untrusted {
	switch {
	case e.Name != "":
		return e.Name
	case len(e.IDs) > 0:
		return e.IDs[0]
	case e.Project != "":
		return "project " + e.Project
	}
	return inventory.Untrusted(e.Part)
}

// Line returns the line of one of the entry's keys, or the entry's own line if it has no such key.
func (e *Entry) Line(key string) Position {
	if line, found := e.lines[key]; found {
		return Position{File: e.Position.File, Line: line}
	}
	return e.Position
}

// idLine is the line of one of its IDs.
func (e *Entry) idLine(id inventory.Untrusted) Position {
	if n := slices.Index(e.IDs, id); n >= 0 && n < len(e.idLines) {
		return Position{File: e.Position.File, Line: e.idLines[n]}
	}
	return e.Line("id")
}

func (e *Entry) names(item *inventory.Item) bool {
	if e.Project != "" {
		return e.Project == projectOf(item)
	}
	for _, id := range e.IDs {
		if item.Kind == inventory.KindOAuthGrant {
			if appid.CanonicalClient(id) == appid.CanonicalClient(item.App.ID) {
				return true
			}
		} else if appid.Canonical(id) == appid.Canonical(item.App.ID) {
			return true
		}
	}
	return false
}

// projectOf is what `project` is compared with. A Google client ID contains its project's number,
// so a number claimed beside the ID does not count.
func projectOf(item *inventory.Item) inventory.Untrusted {
	if item.Kind == inventory.KindOAuthGrant {
		return appid.ClientProject(item.App.ID)
	}
	return inventory.Untrusted(strings.ToLower(string(item.App.Project)))
}

// applicability is whether an entry that names an app is meant for one item of it.
type applicability int

const (
	applies applicability = iota
	otherKind
	otherHolder
	unknownHolder
)

func (e *Entry) applies(item *inventory.Item) applicability {
	if e.Kind != "" && e.Kind != item.Kind {
		return otherKind
	}
	if len(e.accounts) == 0 {
		return applies
	}
	known := false
	for _, holder := range e.holders(item) {
		if holder == "" {
			continue
		}
		known = true
		for _, pattern := range e.accounts {
			if access.CoversText(pattern, holder) {
				return applies
			}
		}
	}
	if !known {
		return unknownHolder
	}
	return otherHolder
}

// holders returns the names that `for` is compared with, in lower case because mail addresses and
// logins ignore case.
func (e *Entry) holders(item *inventory.Item) [4]string {
	h := &item.Holder
	names := [4]string{
		strings.ToLower(string(h.Account)), strings.ToLower(string(h.Organization)), strings.ToLower(string(h.Repository)),
	}
	if names[1] != "" && names[2] != "" && !strings.Contains(names[2], "/") {
		names[3] = names[1] + "/" + names[2]
	}
	return names
}

// compile prepares an entry for [List.Decide].
func (e *Entry) compile() {
	if e.Permissions != nil {
		e.permissions = access.NewPermissions(e.Permissions)
	}
	if e.Hosts != nil {
		patterns := make([]inventory.Untrusted, len(e.Hosts))
		for n, host := range e.Hosts {
			patterns[n] = inventory.Untrusted(strings.TrimPrefix(string(host), literalMark))
		}
		e.hosts = access.NewSet(patterns)
	}
	for _, pattern := range e.For {
		e.accounts = append(e.accounts, strings.ToLower(string(pattern)))
	}
	e.pending = e.notFilledIn()
	e.why = e.reasons()
}

// notFilledIn lists what an approval lacks. A requirement needs none of it: the file's history says
// who added it, and when.
func (e *Entry) notFilledIn() []string {
	if e.Part == PartDeny || e.Part == PartDefer || e.Part == PartPolicy || e.Preset != "" {
		return nil
	}
	var keys []string
	for _, each := range []struct {
		key             string
		missing, wanted bool
	}{
		{"owner", isPlaceholder(e.Owner), e.Part == PartAllow}, {"reason", isPlaceholder(e.Reason), true},
		{"approved", e.Approved.IsZero(), e.Part == PartAllow},
	} {
		if each.missing && each.wanted {
			keys = append(keys, each.key)
		}
	}
	return keys
}

// Words for what is still to be written: a placeholder begins such a text, a blank is all of it.
// "To-do lists" is a reason.
var (
	placeholders = []string{placeholder, "TBD", "TBA", "TBC", "FIXME", "XXX"}
	blanks       = []string{"to do", "to be decided", "to be defined", "to be determined", "to be done", "to be announced",
		"none", "unknown", "undefined", "null", "pending", "placeholder", "change me", "fill in", "fill me in"}
)

// isPlaceholder reports whether a text says nothing: it has no visible letter or digit, is blank or
// a form's <field>, or begins with a placeholder, including one in look-alike letters.
func isPlaceholder(text inventory.Untrusted) bool {
	words := strings.FieldsFunc(string(text), func(r rune) bool { return !isLetterOrDigit(r) })
	if len(words) == 0 {
		return true
	}
	upper := strings.ToUpper(strings.Join(words, " "))
	if whole := strings.TrimSpace(string(text)); whole[0] == '<' && strings.HasSuffix(whole, ">") &&
		!strings.Contains(whole, "@") {
		return true // <your reason>, which is no <address@host>
	}
	return upper == "NA" || upper == "N A" || strings.HasPrefix(upper, "N A ") ||
		looksLikeOne(words[0], placeholders) || looksLikeOne(upper, placeholders) || looksLikeOne(upper, blanks)
}

// looksLikeOne reports whether a text looks like one of the words, ignoring spaces and case.
func looksLikeOne(text string, words []string) bool {
	looks := lookalike.Skeletons(text)
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(lookalike.Skeletons(word), func(look string) bool { return slices.Contains(looks, look) })
	})
}

func isLetterOrDigit(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// literalMark begins a pinned host that is compared as text: one that is in a profile although no
// browser accepts it as a match pattern.
const literalMark = "="

// reasons are the sentences of verdicts, built once.
type reasons struct{ allowed, expired, pending, denied, required, deferred, due inventory.Untrusted }

func (e *Entry) reasons() reasons {
	because := fmt.Sprintf(": %s", e.Reason)
	by := fmt.Sprintf("approved by %s", e.Owner)
	switch {
	case e.Part == PartPolicy:
		return reasons{allowed: "its host is one of the policy's hook_hosts"}
	case e.Preset != "":
		by = fmt.Sprintf("named by the preset %s", e.Preset)
	}
	return reasons{
		allowed:  inventory.Untrusted(by + because),
		expired:  inventory.Untrusted(by + ", and the approval has expired" + because),
		pending:  inventory.Untrusted(e.whyPending()),
		denied:   inventory.Untrusted("denied" + because),
		required: inventory.Untrusted("required" + because),
		deferred: inventory.Textf("the decision is deferred until %v%s", e.Until, because),
		due:      inventory.Textf("the decision was deferred until %v, and is due%s", e.Until, because),
	}
}

// whyPending says what still has to be filled in.
func (e *Entry) whyPending() string {
	verb := "are"
	if len(e.pending) == 1 {
		verb = "is"
	}
	return fmt.Sprintf("it is not approved yet: %s %s not filled in", inventory.Enumerate(e.pending, "and"), verb)
}

// NamesApp reports whether the entry names an app by its ID, whoever it is meant for. An empty kind
// is any.
func (e *Entry) NamesApp(kind inventory.Kind, id inventory.Untrusted) bool {
	if e.Project != "" || e.Kind != "" && kind != "" && e.Kind != kind {
		return false
	}
	return e.names(&inventory.Item{Kind: kind, App: inventory.App{ID: id}}) ||
		kind == "" && e.names(&inventory.Item{Kind: inventory.KindOAuthGrant, App: inventory.App{ID: id}})
}

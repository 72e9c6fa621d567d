package diff

import (
	"cmp"
	"strings"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// judgeItem makes every check of one item.
func (j *judge) judgeItem(item *inventory.Item, change change) {
	assessment := j.own.Assess(item)
	j.sighting = sighting{groups: j.sighting.groups[:0]}
	told, pinned := j.judgeVerdict(item, change, assessment)
	change.approved = pinned
	told = j.judgeMarks(item, change, assessment) || told
	told = j.judgeCredential(item, change, assessment) || told
	if !told {
		j.tellChange(item, change, assessment)
	}
	j.differ(item, change, assessment, told)
	j.see(item, assessment)
	j.seeRequired(item)
}

// judgeVerdict asks the allowlist, and reports whether that made a finding, and whether an approval
// pins what the item holds.
func (j *judge) judgeVerdict(item *inventory.Item, change change, assessment risk.Assessment) (told, pinned bool) {
	if j.Allowlist == nil {
		return j.unlisted(item, change, assessment, allowlist.Verdict{}), false
	}
	verdict := j.Allowlist.Decide(item, j.Now)
	j.match(verdict)
	j.sighting.verdict = &verdict
	switch verdict.Decision {
	case allowlist.Denied:
		g := j.add(Denied, item, deniedSeverity(verdict, assessment), assessment)
		g.tell(verdict.Why)
		g.decide(verdict.Position)
		g.note(change)
		return true, false
	case allowlist.Unlisted:
		return j.unlisted(item, change, assessment, verdict), false
	case allowlist.Pending:
		return j.pending(item, change, assessment, verdict), false
	case allowlist.Deferred:
		return j.deferred(item, change, assessment, verdict), false
	}
	told = j.judgeDrift(item, verdict, change, assessment)
	j.seePreset(item, verdict.Entry)
	if item.State != inventory.StateLeftover {
		j.judgeExpiry(item, verdict)
	}
	if !told {
		j.judgement.Counts.Approved++
	}
	return told, !told && verdict.Entry != nil && verdict.Entry.Permissions != nil && verdict.Entry.Hosts != nil
}

// deniedSeverity: at least high, unless a feed says how bad the app is.
func deniedSeverity(verdict allowlist.Verdict, assessment risk.Assessment) inventory.Level {
	return inventory.MaxLevel(cmp.Or(verdict.Severity, inventory.High), assessment.Level)
}

// match remembers which entries applied to something, so that the others can be reported as unused.
func (j *judge) match(verdict allowlist.Verdict) {
	for _, entry := range append(verdict.Also[:len(verdict.Also):len(verdict.Also)], verdict.Entry) {
		if entry != nil {
			j.matched[entry.Index] = true
		}
	}
}

func (j *judge) unlisted(item *inventory.Item, change change, assessment risk.Assessment,
	verdict allowlist.Verdict) bool {
	if isUndecidable(item) {
		return false
	}
	if item.Kind == inventory.KindWebhook && j.Allowlist != nil && len(j.Allowlist.Policy.HookHosts) > 0 {
		return false // the policy about hosts applies to every hook
	}
	if item.Kind == inventory.KindAppPassword {
		g := j.add(AppPassword, item, appPasswordSeverity(item), assessment)
		g.tell("app passwords open an account without its second factor: anyone who knows one can read its mail, calendars and contacts")
		g.note(change)
		return true
	}
	if j.isOwn(item) {
		j.ownCredential(item, change, assessment)
		return true
	}
	g := j.add(Unapproved, item, unapprovedSeverity(item, assessment), assessment)
	switch {
	case j.Allowlist == nil:
		g.close = undecided
	case g.gathers && g.finding.ItemCount > 1:
		g.finding.Why = "not in the allowlist"
	}
	g.tell(verdict.Why)
	g.decide(verdict.Position)
	g.note(change)
	if change.rule == Changed {
		g.gain(change.gained, change.silent)
	}
	return true
}

// undecided gives what an app can do as the reason for a decision. That there is no allowlist is
// true of everything, and said once.
func undecided(f *Finding) {
	who := inventory.Untrusted("it")
	if f.App == (inventory.App{}) && f.ItemCount > 1 {
		who = "they"
	}
	f.Why = "nothing of note is known of what " + who + " can do"
	if len(f.Reasons) > 0 {
		f.Why = who + " can " + f.Reasons[0].Why
	}
}

// pending reports an item whose entry is not filled in yet. Until then it is as unapproved as
// without the entry.
func (j *judge) pending(item *inventory.Item, change change, assessment risk.Assessment,
	verdict allowlist.Verdict) bool {
	if isUndecidable(item) {
		return false
	}
	severity := unapprovedSeverity(item, assessment)
	if item.Kind == inventory.KindAppPassword {
		severity = appPasswordSeverity(item)
	}
	g := j.add(ApprovalPending, item, severity, assessment)
	if g.gathers && g.finding.ItemCount > 1 {
		g.finding.Why = "they are not approved yet: their entries are not filled in"
	}
	g.tell(verdict.Why)
	g.decide(verdict.Position)
	g.answers(verdict.Entry)
	g.fillIn(verdict.Entry)
	g.note(change)
	if change.rule == Changed {
		g.gain(change.gained, change.silent)
	}
	return true
}

// deferred reports an item of which a person said that the decision waits. It is no more urgent for
// what it can do: that was known when the decision was deferred, and what it gains is a change.
func (j *judge) deferred(item *inventory.Item, change change, assessment risk.Assessment,
	verdict allowlist.Verdict) bool {
	if isUndecidable(item) {
		return false
	}
	g := j.add(ApprovalDeferred, item, inventory.Info, assessment)
	g.tell(verdict.Why)
	g.decide(verdict.Position)
	g.answers(verdict.Entry)
	g.note(change)
	if change.rule == Changed {
		g.gain(change.gained, change.silent)
	}
	return true
}

// isUndecidable reports whether an item needs no approval: files that nothing runs, a browser's own
// component, a token that was not granted.
func isUndecidable(item *inventory.Item) bool {
	return item.State == inventory.StateLeftover || item.Origin == inventory.OriginBuiltin ||
		item.Kind == inventory.KindTokenRequest
}

// appPasswordSeverity: one that is turned off weighs one step less.
func appPasswordSeverity(item *inventory.Item) inventory.Level {
	if item.State == inventory.StateDisabled {
		return inventory.Medium
	}
	return inventory.High
}

// unapprovedSeverity is the risk tier; code is at least low, and what is turned off weighs one step
// less.
func unapprovedSeverity(item *inventory.Item, assessment risk.Assessment) inventory.Level {
	level := assessment.Level
	if item.State == inventory.StateDisabled {
		level = level.Shift(-1)
	}
	switch item.Kind {
	case inventory.KindTheme, inventory.KindDictionary, inventory.KindLanguagePack:
		return level
	}
	return inventory.MaxLevel(inventory.Low, level)
}

func (j *judge) judgeExpiry(item *inventory.Item, verdict allowlist.Verdict) {
	var g *group
	switch verdict.Expiry {
	case allowlist.Expired:
		g = j.add(ApprovalExpired, item, inventory.Medium, risk.Assessment{})
		g.tell(inventory.Textf("the approval expired on %s", verdict.ExpiresOn))
	case allowlist.Expiring:
		g = j.add(ApprovalExpiring, item, inventory.Info, risk.Assessment{})
		g.tell(inventory.Textf("the approval expires on %s", verdict.ExpiresOn))
	default:
		return
	}
	g.decide(verdict.Position)
	g.answers(verdict.Entry)
}

// judgeMarks reports what the platform or a cross-check says about the item, whatever the allowlist
// says.
func (j *judge) judgeMarks(item *inventory.Item, change change, assessment risk.Assessment) bool {
	if item.State == inventory.StateLeftover {
		return false
	}
	told := false
	for _, mark := range item.Marks {
		rule, severity := markRule(mark, assessment)
		if rule == "" {
			continue
		}
		g := j.add(rule, item, severity, assessment)
		if g.gathers {
			g.tell(rule.Info().many)
			g.detail(mark.Detail)
		}
		g.tell(markSentence(mark))
		g.note(change)
		told = true
	}
	return told
}

func markRule(mark inventory.Mark, assessment risk.Assessment) (Rule, inventory.Level) {
	switch mark.Class {
	case inventory.MarkVendor:
		return VendorBlocked, vendorSeverity(mark.Name)
	case inventory.MarkIdentity:
		return IdentityMismatch, inventory.MaxLevel(inventory.High, assessment.Level)
	}
	if mark.Name == inventory.MarkOwnerLeft {
		return OwnerLeft, inventory.MaxLevel(inventory.Medium, assessment.Level)
	}
	return "", inventory.Info
}

func vendorSeverity(name inventory.MarkName) inventory.Level {
	switch name {
	case inventory.MarkMalware:
		return inventory.Critical
	case inventory.MarkPolicyViolation, inventory.MarkVulnerable, inventory.MarkUnwanted, inventory.MarkBlocklisted, inventory.MarkBrokenSignature:
		return inventory.High
	case inventory.MarkNoPrivacyDetails:
		return inventory.Low
	}
	return inventory.Medium
}

func markSentence(mark inventory.Mark) inventory.Untrusted {
	words := markWords[mark.Name]
	if words == "" {
		words = inventory.Textf("marked %q", inventory.Untrusted(mark.Name))
	}
	switch {
	case mark.Detail == "":
		return words
	case mark.Name == inventory.MarkAccessMismatch || mark.Name == inventory.MarkDelisted: // the detail says all of it
		return mark.Detail
	}
	return words + ": " + mark.Detail
}

// judgeCredential checks what keys and tokens have in common: they should expire, and be in use.
func (j *judge) judgeCredential(item *inventory.Item, change change, assessment risk.Assessment) bool {
	switch item.Kind {
	case inventory.KindAccessToken, inventory.KindCredential, inventory.KindSSHKey, inventory.KindDeployKey:
	case inventory.KindInstallation, inventory.KindTokenRequest:
		return j.judgeRequested(item, change, assessment)
	case inventory.KindWebhook:
		return j.judgeHook(item, change, assessment)
	default:
		return false
	}
	told := false
	if item.HasMark(inventory.MarkNoExpiry) {
		g := j.add(TokenNoExpiry, item, assessment.Level, assessment)
		g.tell(TokenNoExpiry.Info().many)
		g.note(change)
		told = true
	}
	if unused := j.unusedFor(item); unused != "" {
		g := j.add(TokenUnused, item, assessment.Level.Shift(-1), assessment)
		g.tell(TokenUnused.Info().many)
		g.detail(unused)
		g.note(change)
		told = true
	}
	return told
}

// defaultUnusedAfter is how long a credential may go unused if the allowlist's policy does not say.
const defaultUnusedAfter = 90 * 24 * time.Hour

// factNeverUsed is "true" if the platform says so; an unknown last use does not count.
const factNeverUsed = "never_used"

// unusedFor says since when a credential has not been used, or returns "".
func (j *judge) unusedFor(item *inventory.Item) inventory.Untrusted {
	limit := defaultUnusedAfter
	if j.Allowlist != nil && j.Allowlist.Policy.UnusedAfter > 0 {
		limit = time.Duration(j.Allowlist.Policy.UnusedAfter) * 24 * time.Hour
	}
	if item.LastUsed.IsZero() && item.Facts[factNeverUsed] == "true" && !item.Added.IsZero() &&
		j.Now.Sub(item.Added) >= limit {
		return inventory.Textf("never used since %s", item.Added.Format(time.DateOnly))
	}
	if item.LastUsed.IsZero() || j.Now.Sub(item.LastUsed) < limit {
		return "" // unknown is not unused
	}
	return inventory.Textf("last used on %s", item.LastUsed.Format(time.DateOnly))
}

// judgeRequested reports an app that asks for more than it was granted, or a token that waits for
// an owner's approval.
func (j *judge) judgeRequested(item *inventory.Item, change change, assessment risk.Assessment) bool {
	requested := item.Access.Requested
	waits := item.Kind == inventory.KindTokenRequest
	if len(requested) == 0 && !waits {
		return false
	}
	wanted := inventory.Item{Source: item.Source, Kind: item.Kind, Access: inventory.Access{
		Permissions: requested, Repositories: item.Access.Repositories,
	}}
	g := j.add(PermissionRequest, item, j.own.Assess(&wanted).Level.Shift(-1), assessment)
	g.ask(item, waits)
	if !waits {
		g.finding.Remedy = orPage(string(g.naming("ask an organization owner"+vendor.Contact+" to accept or ignore the request")), item.App.URL)
	}
	g.note(change)
	g.finding.Gained = union(g.finding.Gained, requested)
	return true
}

// asking is what the items of one finding ask for together. An app may ask each holder for
// something different.
type asking struct {
	waits                 bool // a token, of which nothing is granted yet
	held, wanted, besides []inventory.Untrusted
}

func (g *group) ask(item *inventory.Item, waits bool) {
	if g.asks == nil {
		g.asks = &asking{waits: waits}
		g.close = g.asks.close
	}
	a := g.asks
	a.held, a.wanted = union(a.held, item.Access.Permissions), union(a.wanted, item.Access.Requested)
	a.besides = union(a.besides, besideHeld(item.Access.Requested, item.Access.Permissions))
}

func (a *asking) close(f *Finding) {
	f.Before, f.After = inventory.Untrusted(list(a.held)), inventory.Untrusted(list(a.wanted))
	f.Why = inventory.Untrusted("it asks for more than it was granted: " + list(a.besides))
	if a.waits {
		f.Why = inventory.Untrusted("a token waits for an owner's approval, and asks for " + orNothing(a.wanted))
	}
}

// besideHeld adds to each wanted permission the level of it that is held: "contents:write (has
// read)".
func besideHeld(wanted, held []inventory.Untrusted) []inventory.Untrusted {
	levels := make(map[string]string, len(held))
	for _, permission := range held {
		name, level, _ := strings.Cut(string(permission), ":")
		levels[name] = level
	}
	said := make([]inventory.Untrusted, len(wanted))
	for n, permission := range wanted {
		name, _, _ := strings.Cut(string(permission), ":")
		has := "none"
		if level := levels[name]; level != "" {
			has = level
		}
		said[n] = permission + inventory.Untrusted(" (has "+has+")")
	}
	return said
}

func (j *judge) judgeHook(item *inventory.Item, change change, assessment risk.Assessment) bool {
	host := item.Facts["host"]
	if j.Allowlist == nil || host == "" || len(j.Allowlist.Policy.HookHosts) == 0 ||
		j.Allowlist.Policy.HookHostAllowed(host) {
		return false
	}
	g := j.add(HookHost, item, inventory.MaxLevel(inventory.Medium, assessment.Level), assessment)
	g.tell(inventory.Textf("it sends to %s, which policy.hook_hosts does not name", host))
	g.note(change)
	return true
}

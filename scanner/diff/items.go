package diff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
)

// judgeItem asks everything there is to ask of one item.
func (j *judge) judgeItem(item *inventory.Item, change change) {
	assessment := risk.Assess(item)
	told, pinned := j.judgeVerdict(item, change, assessment)
	change.approved = pinned
	told = j.judgeMarks(item, change, assessment) || told
	told = j.judgeCredential(item, change, assessment) || told
	if !told {
		j.tellChange(item, change, assessment)
	}
	j.seeRequired(item)
}

// judgeVerdict asks the allowlist, and reports whether a finding came of it, and whether an approval pins what the item holds.
func (j *judge) judgeVerdict(item *inventory.Item, change change, assessment risk.Assessment) (told, pinned bool) {
	if j.Allowlist == nil {
		return j.unlisted(item, change, assessment, allowlist.Verdict{Why: "there is no allowlist yet"}), false
	}
	verdict := j.Allowlist.Decide(item, j.Now)
	j.match(verdict)
	switch verdict.Decision {
	case allowlist.Denied:
		g := j.add(Denied, item, inventory.MaxLevel(inventory.High, assessment.Level, verdict.Severity), assessment)
		g.tell(verdict.Why)
		g.decide(verdict.Position)
		g.note(change)
		return true, false
	case allowlist.Unlisted:
		return j.unlisted(item, change, assessment, verdict), false
	}
	told = j.judgeDrift(item, verdict, change, assessment)
	if item.State != inventory.StateLeftover {
		j.judgeExpiry(item, verdict)
	}
	if !told {
		j.judgement.Counts.Approved++
	}
	return told, !told && verdict.Entry != nil && verdict.Entry.Permissions != nil && verdict.Entry.Hosts != nil
}

// match remembers which entries spoke of something, so that the others can be called unused.
func (j *judge) match(verdict allowlist.Verdict) {
	for _, entry := range append(verdict.Also[:len(verdict.Also):len(verdict.Also)], verdict.Entry) {
		if entry != nil {
			j.matched[entry.Index] = true
		}
	}
}

func (j *judge) unlisted(item *inventory.Item, change change, assessment risk.Assessment, verdict allowlist.Verdict) bool {
	if item.State == inventory.StateLeftover || item.Origin == inventory.OriginBuiltin || item.Kind == inventory.KindTokenRequest {
		return false
	}
	if item.Kind == inventory.KindWebhook && j.Allowlist != nil && len(j.Allowlist.Policy.HookHosts) > 0 {
		return false // the policy about hosts speaks for every hook
	}
	if item.Kind == inventory.KindAppPassword {
		g := j.add(AppPassword, item, inventory.High, assessment)
		g.tell("app passwords open the account without two-factor authentication")
		g.note(change)
		return true
	}
	g := j.add(Unapproved, item, unapprovedSeverity(item, assessment), assessment)
	if g.gathers && j.Allowlist != nil {
		g.tell("no entry of the allowlist names them")
	}
	g.tell(verdict.Why)
	g.decide(verdict.Position)
	g.note(change)
	if change.rule == Changed {
		g.gain(change.gained, change.silent)
	}
	g.propose = true
	return true
}

// unapprovedSeverity is the risk tier; code is at least low, and what is switched off weighs one step less.
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

func (j *judge) judgeDrift(item *inventory.Item, verdict allowlist.Verdict, change change, assessment risk.Assessment) bool {
	if item.State == inventory.StateLeftover {
		return false
	}
	var wider []string // sentences: permissions and repositories are one finding
	for _, drift := range verdict.Drifts {
		rule, severity := driftRule(item, drift)
		g := j.add(rule, item, severity, assessment)
		g.decide(verdict.Position)
		g.note(change)
		g.finding.Before, g.finding.After = drift.Before, drift.After
		g.propose = true
		if rule == DriftPermissions {
			gained := slices.Concat(drift.Permissions, drift.Hosts)
			g.gain(gained, silentOf(item, gained))
			wider = append(wider, string(driftSentence(drift, g.finding.Silent)))
			continue
		}
		g.tell(inventory.Untrusted(fmt.Sprintf("approved for %s %s; found %s", drift.Aspect, orUnknown(drift.Before), orUnknown(drift.After))))
	}
	if len(wider) > 0 {
		j.add(DriftPermissions, item, inventory.Info, risk.Assessment{}).tell(inventory.Untrusted(strings.Join(wider, "; ")))
	}
	return len(verdict.Drifts) > 0
}

func driftRule(item *inventory.Item, drift allowlist.Drift) (Rule, inventory.Level) {
	switch drift.Aspect {
	case allowlist.AspectPublisher:
		return DriftPublisher, inventory.High
	case allowlist.AspectVersion:
		return DriftVersion, inventory.Medium
	case allowlist.AspectOrigin:
		return DriftOrigin, inventory.High
	}
	return DriftPermissions, gainLevel(item, access.Change{GainedPermissions: drift.Permissions, GainedHosts: drift.Hosts})
}

func driftSentence(drift allowlist.Drift, silent []inventory.Untrusted) inventory.Untrusted {
	if drift.Aspect == allowlist.AspectRepositories {
		return inventory.Untrusted(fmt.Sprintf("approved for %s repositories; it reaches %s", drift.Before, drift.After))
	}
	why := fmt.Sprintf("approved, but it also holds %s", list(slices.Concat(drift.Permissions, drift.Hosts)))
	if len(silent) > 0 {
		why += fmt.Sprintf(" (no prompt was shown for %s)", list(silent))
	}
	return inventory.Untrusted(why)
}

func silentOf(item *inventory.Item, gained []inventory.Untrusted) []inventory.Untrusted {
	var silent []inventory.Untrusted
	for _, permission := range gained {
		if risk.Silent(item, permission) {
			silent = append(silent, permission)
		}
	}
	return silent
}

func (j *judge) judgeExpiry(item *inventory.Item, verdict allowlist.Verdict) {
	var g *group
	switch verdict.Expiry {
	case allowlist.Expired:
		g = j.add(ApprovalExpired, item, inventory.Medium, risk.Assessment{})
		g.tell(inventory.Untrusted(fmt.Sprintf("the approval ended on %s", verdict.ExpiresOn)))
	case allowlist.Expiring:
		g = j.add(ApprovalExpiring, item, inventory.Info, risk.Assessment{})
		g.tell(inventory.Untrusted(fmt.Sprintf("the approval ends on %s", verdict.ExpiresOn)))
	default:
		return
	}
	g.decide(verdict.Position)
	g.finding.Remedy = "review it, then set a new `approved` or `expires` date in the allowlist"
	if verdict.Entry != nil {
		g.finding.Remedy += inventory.Untrusted(fmt.Sprintf(" (owner %s)", verdict.Entry.Owner))
	}
}

// judgeMarks tells what the platform or a cross-check says of the item, whatever the allowlist says.
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
			g.tell(gatheredWords[rule])
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
		words = inventory.Untrusted(fmt.Sprintf("marked %q", inventory.Untrusted(mark.Name)))
	}
	switch {
	case mark.Detail == "":
		return words
	case mark.Name == inventory.MarkAccessMismatch || mark.Name == inventory.MarkDelisted: // the detail says all of it
		return mark.Detail
	}
	return words + ": " + mark.Detail
}

// judgeCredential looks at what keys and tokens have in common: they should end, and be used.
func (j *judge) judgeCredential(item *inventory.Item, change change, assessment risk.Assessment) bool {
	switch item.Kind {
	case inventory.KindAccessToken, inventory.KindCredential, inventory.KindSSHKey, inventory.KindDeployKey:
	case inventory.KindInstallation:
		return j.judgeRequested(item, change, assessment)
	case inventory.KindWebhook:
		return j.judgeHook(item, change, assessment)
	default:
		return false
	}
	told := false
	if item.HasMark(inventory.MarkNoExpiry) {
		g := j.add(TokenNoExpiry, item, assessment.Level, assessment)
		g.tell(gatheredWords[TokenNoExpiry])
		g.note(change)
		told = true
	}
	if unused := j.unusedFor(item); unused != "" {
		g := j.add(TokenUnused, item, assessment.Level.Shift(-1), assessment)
		g.tell(gatheredWords[TokenUnused])
		g.detail(unused)
		g.note(change)
		told = true
	}
	return told
}

// gatheredWords are the sentences of findings that gather many credentials.
var gatheredWords = map[Rule]inventory.Untrusted{
	TokenNoExpiry: "credentials that never expire",
	TokenUnused:   "credentials that nobody has used for long",
	OwnerLeft:     "credentials whose owners are no longer here",
}

// DefaultUnusedAfter is how long a credential may lie unused when the allowlist's policy does not say.
const DefaultUnusedAfter = 90 * 24 * time.Hour

func (j *judge) unusedFor(item *inventory.Item) inventory.Untrusted {
	limit := DefaultUnusedAfter
	if j.Allowlist != nil && j.Allowlist.Policy.UnusedAfter > 0 {
		limit = time.Duration(j.Allowlist.Policy.UnusedAfter) * 24 * time.Hour
	}
	if item.LastUsed.IsZero() || j.Now.Sub(item.LastUsed) < limit {
		return ""
	}
	return inventory.Untrusted(fmt.Sprintf("last used on %s", item.LastUsed.Format(time.DateOnly)))
}

func (j *judge) judgeRequested(item *inventory.Item, change change, assessment risk.Assessment) bool {
	if len(item.Access.Requested) == 0 {
		return false
	}
	wanted := inventory.Item{Source: item.Source, Kind: item.Kind, Access: inventory.Access{Permissions: item.Access.Requested}}
	g := j.add(PermissionRequest, item, risk.Assess(&wanted).Level.Shift(-1), assessment)
	g.tell(inventory.Untrusted("it asks for more than it was granted: " + list(item.Access.Requested)))
	g.note(change)
	g.finding.Gained = union(g.finding.Gained, item.Access.Requested)
	return true
}

func (j *judge) judgeHook(item *inventory.Item, change change, assessment risk.Assessment) bool {
	host := item.Facts["host"]
	if j.Allowlist == nil || host == "" || len(j.Allowlist.Policy.HookHosts) == 0 || j.Allowlist.Policy.HookHostAllowed(host) {
		return false
	}
	g := j.add(HookHost, item, inventory.MaxLevel(inventory.Medium, assessment.Level), assessment)
	g.tell(inventory.Untrusted(fmt.Sprintf("it sends to %s, which policy.hook_hosts does not name", host)))
	g.note(change)
	return true
}

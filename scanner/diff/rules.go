package diff

import (
	"slices"

	"guestlist/scanner/inventory"
)

// Rule names a kind of finding. The names are stable: people filter and count by them.
type Rule string

const (
	Unapproved        Rule = "unapproved"
	Denied            Rule = "denied"
	VendorBlocked     Rule = "vendor-blocked"
	DriftPermissions  Rule = "drift-permissions"
	DriftPublisher    Rule = "drift-publisher"
	DriftVersion      Rule = "drift-version"
	DriftOrigin       Rule = "drift-origin"
	IdentityMismatch  Rule = "identity-mismatch"
	ApprovalPending   Rule = "approval-pending"
	ApprovalDeferred  Rule = "approval-deferred"
	ApprovalExpired   Rule = "approval-expired"
	ApprovalExpiring  Rule = "approval-expiring"
	ApprovalUnused    Rule = "approval-unused"
	FeedOutOfDate     Rule = "feed-out-of-date"
	HeldEarlier       Rule = "held-earlier"
	RequiredMissing   Rule = "required-missing"
	TwoFactorOff      Rule = "two-factor-off"
	AppPassword       Rule = "app-password"
	TokenNoExpiry     Rule = "token-no-expiry"
	TokenUnused       Rule = "token-unused"
	OwnerLeft         Rule = "owner-left"
	HookHost          Rule = "hook-host"
	PermissionRequest Rule = "permission-request"
	ObscureLink       Rule = "obscure-link"
	OwnCredential     Rule = "own-credential"
	NotObserved       Rule = "not-observed"
	New               Rule = "new"
	Removed           Rule = "removed"
	Changed           Rule = "changed"
)

// String is the rule's name, harmless even when a file brought it.
func (r Rule) String() string { return inventory.Untrusted(r).String() }

// RuleInfo is everything about a rule: what reports and help say about it, and where. A test fails
// for a rule without a summary, help, phrase or section, and for a Rule without a row.
type RuleInfo struct {
	Rule    Rule
	Summary string              // one line: when it applies
	Help    string              // what to do about it, for anyone who finds the rule outside a report
	Short   inventory.Untrusted // the same of one app, in at most MaxShortWords words
	// Least and Most bound the severity of its findings; the item's risk tier decides between them.
	Least, Most inventory.Level
	// KnownBad: something is known to be bad, and not just unreviewed. It comes first among
	// findings of one severity.
	KnownBad bool
	Phrase   Phrase
	Section  Section
	// gathers says which credentials are one finding. many is the sentence of such a finding and
	// one the same for a single credential; if they are empty, the sentence depends on what was
	// found.
	gathers   gathering
	many, one inventory.Untrusted
	// approval is what the allowlist can do instead of revoking what was found. proposes: guestlist
	// writes the entry for it.
	approval approval
	proposes bool
	// Command is what guestlist allow does to approve it: a subcommand and its flags, for the IDs
	// that follow. Empty: no command does.
	Command string
	// Absent: it is about something missing, which has no holder and can do nothing.
	Absent bool
	// ToldElsewhere: another finding says what the item can do.
	ToldElsewhere bool
}

// MaxShortWords bounds what a line of a table says.
const MaxShortWords = 6

// Rules is the table of all rules, in the order of the documentation.
var Rules = []RuleInfo{
	{
		Rule: Unapproved, Least: inventory.Info, Most: inventory.Critical,
		Phrase: PhraseUnlisted, Section: SectionApprove,
		Short:   "not approved",
		Summary: "no allowlist entry covers the item",
		Help:    "Find out who needs it. Approve it in the allowlist with a reason and an owner, or remove it.",
		gathers: gatherAccount, proposes: true,
		approval: approval{do: "have " + it + " approved", ask: "approve " + it},
		Command:  "add",
	},
	{
		Rule: Denied, Least: inventory.Medium, Most: inventory.Critical,
		Phrase: PhraseDenied, Section: SectionRemove,
		Short:    "denied by the allowlist",
		Summary:  "a deny entry or a feed names the app",
		Help:     "Remove it from everyone who holds it.",
		KnownBad: true,
	},
	{
		Rule: VendorBlocked, Least: inventory.Low, Most: inventory.Critical,
		Phrase: PhraseBlocked, Section: SectionRemove,
		Short:    "blocked by its vendor",
		Summary:  "the browser or platform itself marks the item: malware, policy violation, delisted, unsigned",
		Help:     "Remove it, or find out from its publisher why it was marked.",
		KnownBad: true,
	},
	{
		Rule: DriftPermissions, Least: inventory.Medium, Most: inventory.Critical,
		Phrase: PhraseWider, Section: SectionReapprove,
		Short:    "more access than approved",
		Summary:  "approved, but holds access that the approval does not pin",
		Help:     "Review the access it gained. Extend the approval to it, or remove the app.",
		proposes: true,
		approval: approval{do: "have its access approved", ask: "approve its access"},
		Command:  "renew --pin observed",
	},
	{
		Rule: DriftPublisher, Least: inventory.High, Most: inventory.Critical,
		Phrase: PhraseOther, Section: SectionReapprove,
		Short:    "another publisher than approved",
		Summary:  "approved, but from another publisher",
		Help:     "Find out whether the app was sold or copied before approving the new publisher.",
		proposes: true,
		approval: approval{do: "have its publisher approved", ask: "approve its publisher"},
		Command:  "renew --pin observed",
	},
	{
		Rule: DriftVersion, Least: inventory.Low, Most: inventory.High,
		Phrase: PhraseOther, Section: SectionReapprove,
		Short:    "another version than approved",
		Summary:  "approved, but in a version outside the approved range",
		Help:     "Update the app, or extend the approved range.",
		proposes: true,
		approval: approval{do: "have its version approved", ask: "approve its version"},
		Command:  "renew --pin observed",
	},
	{
		Rule: DriftOrigin, Least: inventory.Medium, Most: inventory.High,
		Phrase: PhraseOther, Section: SectionReapprove,
		Short:    "installed from elsewhere than approved",
		Summary:  "approved, but installed from elsewhere",
		Help:     "Install it again from an approved origin, or approve the new one.",
		proposes: true,
		approval: approval{do: "have its origin approved", ask: "approve its origin"},
		Command:  "renew --pin observed",
	},
	{
		Rule: IdentityMismatch, Least: inventory.High, Most: inventory.Critical,
		Phrase: PhraseIdentity, Section: SectionRemove,
		Short:    "not what it claims to be",
		Summary:  "what the profile claims and what is on disk disagree",
		Help:     "Treat it as tampered with until you know what changed its files.",
		KnownBad: true,
	},
	{
		Rule: ApprovalPending, Least: inventory.Info, Most: inventory.Critical,
		Phrase: PhrasePending, Section: SectionApprove,
		Short:    "approval is not filled in",
		Summary:  "an allowlist entry names the item, but is not filled in, approved on a day to come, or deferred until a day that has come: it approves nothing",
		Help:     "Fill in the entry, or delete it and remove the app. Decide what was deferred: approve it, deny it, or set a later day.",
		approval: approval{do: "have " + it + " approved or denied, for the decision is due", ask: "approve " + it, first: true},
		Command:  "add",
	},
	{
		Rule: ApprovalDeferred, Least: inventory.Info, Most: inventory.Info,
		Phrase: PhraseNone, Section: SectionAllowlist,
		Short:    "decision is deferred",
		Summary:  "a defer entry says that the decision waits until a day that is still to come",
		Help:     "Nothing until that day. From then on it is approval-pending.",
		approval: approval{do: "have " + it + " approved or denied by that day", ask: "approve " + it},
		Command:  "add",
	},
	{
		Rule: ApprovalExpired, Least: inventory.Low, Most: inventory.High,
		Phrase: PhraseExpired, Section: SectionReapprove,
		Short:   "approval has expired",
		Summary: "the approval's date has passed",
		Help:    "Review the app and date the approval again, or remove both.",
		approval: approval{do: "review " + it + " and set a new `approved` or `expires` date in the allowlist",
			ask: "renew its approval", first: true},
		Command: "renew",
	},
	{
		Rule: ApprovalExpiring, Least: inventory.Info, Most: inventory.Info,
		Phrase: PhraseNone, Section: SectionAllowlist,
		Short:   "approval expires soon",
		Summary: "the approval expires within the notice period",
		Help:    "Review the app before the day, and date the approval again.",
		approval: approval{do: "review " + it + " and set a new `approved` or `expires` date in the allowlist",
			ask: "renew its approval", first: true},
		Command: "renew",
	},
	{
		Rule: ApprovalUnused, Least: inventory.Info, Most: inventory.Info,
		Phrase: PhraseNone, Section: SectionAllowlist,
		Short:   "nothing matches this entry",
		Summary: "an allowlist entry matched nothing in a complete scan",
		Help:    "Remove the entry if the app is no longer used.",
	},
	{
		Rule: FeedOutOfDate, Least: inventory.Info, Most: inventory.Info,
		Phrase: PhraseNone, Section: SectionAllowlist,
		Short:   "feed is out of date",
		Summary: "a feed of bad apps is older than its max_age, or has no date",
		Help:    "Fetch it again, or raise max_age: what became known since then is not in it.",
	},
	{
		Rule: HeldEarlier, Least: inventory.Info, Most: inventory.Info,
		Phrase: PhraseEarlier, Section: SectionAccounts,
		Short:   "held earlier, now known as bad",
		Summary: "a feed names an app that is no longer here, and that an earlier scan or a log saw",
		Help:    "Find out what it reached while it was there: change passwords, sign out sessions, replace tokens.",
		Absent:  true, ToldElsewhere: true,
	},
	{
		Rule: RequiredMissing, Least: inventory.Medium, Most: inventory.Medium,
		Phrase: PhraseMissing, Section: SectionInstall,
		Short:   "required, but not enabled",
		Summary: "a required app is absent where it should be",
		Help:    "Install it, or turn it on.",
		Absent:  true,
	},
	{
		Rule: TwoFactorOff, Least: inventory.Low, Most: inventory.Critical,
		Phrase: PhrasePosture, Section: SectionAccounts,
		Short:   "without a strong second factor",
		Summary: "an account has two-factor authentication off, or by a weak method",
		Help:    "Ask the account holder to turn it on, then enforce it for everyone.",
	},
	{
		Rule: AppPassword, Least: inventory.Medium, Most: inventory.High,
		Phrase: PhraseUnlisted, Section: SectionAccounts,
		Short:    "bypasses the second factor",
		Summary:  "an app password goes around two-factor authentication",
		Help:     "Remove it, and let the app sign in with OAuth instead.",
		approval: approval{do: "have " + it + " approved", ask: "approve " + it},
	},
	{
		Rule: TokenNoExpiry, Least: inventory.Low, Most: inventory.High,
		Phrase: PhrasePosture, Section: SectionAccounts,
		Short:   "never expires",
		Summary: "a credential never expires",
		Help:    "Replace it with one that expires.",
		gathers: gatherOrganization,
		many:    "credentials that never expire", one: "it never expires", ToldElsewhere: true,
	},
	{
		Rule: TokenUnused, Least: inventory.Low, Most: inventory.Medium,
		Phrase: PhrasePosture, Section: SectionAccounts,
		Short:   "unused for a long time",
		Summary: "a credential has not been used for a long time",
		Help:    "Revoke it.",
		gathers: gatherOrganization,
		many:    "credentials unused for a long time", one: "unused for a long time", ToldElsewhere: true,
	},
	{
		Rule: OwnerLeft, Least: inventory.Medium, Most: inventory.Critical,
		Phrase: PhrasePosture, Section: SectionAccounts,
		Short:   "its owner has left",
		Summary: "a credential or key belongs to an account that is gone",
		Help:    "Revoke it, or give it a new owner.",
		gathers: gatherOrganization,
		many:    "credentials whose owners are no longer here", one: "its owner is no longer here",
	},
	{
		Rule: HookHost, Least: inventory.Medium, Most: inventory.High,
		Phrase: PhrasePosture, Section: SectionAccounts,
		Short:    "sends to an unlisted host",
		Summary:  "a webhook sends to a host that the policy does not name",
		Help:     "Delete it, point it elsewhere, or add the host to policy.hook_hosts.",
		approval: approval{do: "add its host to policy.hook_hosts", ask: "allow its host"},
	},
	{
		Rule: PermissionRequest, Least: inventory.Info, Most: inventory.High,
		Phrase: PhrasePosture, Section: SectionAccounts,
		Short:   "asks for more access",
		Summary: "an app asks for more than it was granted and waits for consent",
		Help:    "Accept or reject the request.",
	},
	{
		Rule: ObscureLink, Least: inventory.Low, Most: inventory.Low,
		Phrase: PhrasePosture, Section: SectionAccounts,
		Short:   "readable by anyone with the link",
		Summary: "an account keeps things that anyone with their address can read",
		Help:    "Review them and delete what must not be seen.",
	},
	{
		Rule: OwnCredential, Least: inventory.Info, Most: inventory.Info,
		Phrase: PhraseNone, Section: SectionAccounts,
		Short:   "yours: keep or delete it",
		Summary: "a key or token of one's own account, to be kept or deleted",
		Help:    "Delete what you do not recognize or no longer use.",
		gathers: gatherAccount,
	},
	{
		Rule: NotObserved, Least: inventory.Medium, Most: inventory.Medium,
		Phrase: PhraseNone, Section: SectionCoverage,
		Short:   "could not be read",
		Summary: "a source that should have been read was not",
		Help:    "Do what the report says beside the source, then scan again: until then nothing is known of it.",
	},
	{
		Rule: New, Least: inventory.Info, Most: inventory.High,
		Phrase: PhrasePosture, Section: SectionChanges,
		Short:   "new since the last scan",
		Summary: "not there in the baseline",
		Help:    "Check that someone meant to add it.",
		gathers: gatherAccount,
	},
	{
		Rule: Removed, Least: inventory.Info, Most: inventory.Info,
		Phrase: PhraseNone, Section: SectionChanges,
		Short:   "gone since the last scan",
		Summary: "there in the baseline, gone now; its source was fully read both times",
		Help:    "Nothing, if someone meant to remove it.",
		gathers: gatherAccount,
	},
	{
		Rule: Changed, Least: inventory.Info, Most: inventory.Critical,
		Phrase: PhraseChanged, Section: SectionChanges,
		Short:   "changed since the last scan",
		Summary: "differs from the baseline",
		Help:    "Check that someone meant to change it.",
		gathers: gatherAccount,
	},
}

// Info returns the table's row of a rule.
func (r Rule) Info() RuleInfo {
	if n := r.index(); n >= 0 {
		return Rules[n]
	}
	return RuleInfo{Rule: r, Least: inventory.Info, Most: inventory.Critical}
}

func (r Rule) index() int {
	return slices.IndexFunc(Rules, func(info RuleInfo) bool { return info.Rule == r })
}

// rank orders rules of one severity: first what is known to be bad, then as in the table.
func (r Rule) rank() int {
	n := r.index()
	if n >= 0 && Rules[n].KnownBad {
		return n - len(Rules)
	}
	return n
}

// clamp limits a severity to what the rule allows.
func (r Rule) clamp(level inventory.Level) inventory.Level {
	info := r.Info()
	if level.Compare(info.Least) < 0 {
		return info.Least
	}
	if level.Compare(info.Most) > 0 {
		return info.Most
	}
	return level
}

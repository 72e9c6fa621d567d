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
	ApprovalExpired   Rule = "approval-expired"
	ApprovalExpiring  Rule = "approval-expiring"
	ApprovalUnused    Rule = "approval-unused"
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

// RuleInfo is all of a rule: what reports and help say of it, and where. A rule without a summary, help, phrase or section is refused by a
// test, as is a Rule without a row.
type RuleInfo struct {
	Rule    Rule
	Summary string // one line: when it applies
	Help    string // what to do about it, for anyone who meets the rule outside a report
	// Least and Most bound the severity of its findings; between them the item's risk tier decides.
	Least, Most inventory.Level
	// knownBad: something is bad, rather than that nobody has looked at it. Comes first among findings of one severity.
	knownBad bool
	Phrase   Phrase
	Section  Section
	// gathers says which credentials are one finding. many is the sentence of such a finding and one the same for a single credential;
	// where they are empty, the sentence follows from what was found.
	gathers   gathering
	many, one inventory.Untrusted
	// approvable: what was found goes, or somebody approves it as it is. proposes: guestlist writes the entry that would do that.
	approvable, proposes bool
	// Absent: it is about something that is not there, so that nobody holds it and it can do nothing.
	Absent bool
	// ToldElsewhere: another finding says what the item can do.
	ToldElsewhere bool
}

// Rules is the table of all rules, in the order of the documentation.
var Rules = []RuleInfo{
	{
		Rule: Unapproved, Least: inventory.Info, Most: inventory.Critical, Phrase: PhraseUnlisted, Section: SectionApprove,
		Summary: "no allowlist entry covers the item",
		Help:    "Find out who needs it. Approve it in the allowlist with a reason and an owner, or remove it.",
		gathers: gatherAccount, approvable: true, proposes: true,
	},
	{
		Rule: Denied, Least: inventory.High, Most: inventory.Critical, Phrase: PhraseDenied, Section: SectionRemove,
		Summary:  "a deny entry or a feed names the app",
		Help:     "Remove it from everyone who holds it.",
		knownBad: true,
	},
	{
		Rule: VendorBlocked, Least: inventory.Low, Most: inventory.Critical, Phrase: PhraseBlocked, Section: SectionRemove,
		Summary:  "the browser or platform itself marks the item: malware, policy violation, delisted, unsigned",
		Help:     "Remove it, or find out from its publisher why it was marked.",
		knownBad: true,
	},
	{
		Rule: DriftPermissions, Least: inventory.Medium, Most: inventory.Critical, Phrase: PhraseWider, Section: SectionReapprove,
		Summary:    "approved, but holds access that the approval does not pin",
		Help:       "Review the access it gained. Extend the approval to it, or remove the app.",
		approvable: true, proposes: true,
	},
	{
		Rule: DriftPublisher, Least: inventory.High, Most: inventory.Critical, Phrase: PhraseOther, Section: SectionReapprove,
		Summary:    "approved, but from another publisher",
		Help:       "Find out whether the app was sold or copied before approving the new publisher.",
		approvable: true, proposes: true,
	},
	{
		Rule: DriftVersion, Least: inventory.Low, Most: inventory.High, Phrase: PhraseOther, Section: SectionReapprove,
		Summary:    "approved, but in a version outside the approved range",
		Help:       "Update the app, or extend the approved range.",
		approvable: true, proposes: true,
	},
	{
		Rule: DriftOrigin, Least: inventory.Medium, Most: inventory.High, Phrase: PhraseOther, Section: SectionReapprove,
		Summary:    "approved, but installed from elsewhere",
		Help:       "Install it again from an approved origin, or approve the new one.",
		approvable: true, proposes: true,
	},
	{
		Rule: IdentityMismatch, Least: inventory.High, Most: inventory.Critical, Phrase: PhraseIdentity, Section: SectionRemove,
		Summary:  "what the profile claims and what is on disk disagree",
		Help:     "Treat it as tampered with until you know what changed its files.",
		knownBad: true,
	},
	{
		Rule: ApprovalPending, Least: inventory.Info, Most: inventory.Critical, Phrase: PhrasePending, Section: SectionApprove,
		Summary:    "an allowlist entry names the item, but is not filled in: it approves nothing",
		Help:       "Fill in the entry, or delete it and remove the app.",
		approvable: true,
	},
	{
		Rule: ApprovalExpired, Least: inventory.Low, Most: inventory.High, Phrase: PhraseExpired, Section: SectionReapprove,
		Summary: "the approval's date has passed",
		Help:    "Review the app and date the approval again, or remove both.",
	},
	{
		Rule: ApprovalExpiring, Least: inventory.Info, Most: inventory.Info, Phrase: PhraseNone, Section: SectionAllowlist,
		Summary: "the approval expires within the notice period",
		Help:    "Review the app before the day, and date the approval again.",
	},
	{
		Rule: ApprovalUnused, Least: inventory.Info, Most: inventory.Info, Phrase: PhraseNone, Section: SectionAllowlist,
		Summary: "an allowlist entry matched nothing in a complete scan",
		Help:    "Remove the entry if the app is no longer used.",
	},
	{
		Rule: RequiredMissing, Least: inventory.Medium, Most: inventory.Medium, Phrase: PhraseMissing, Section: SectionInstall,
		Summary: "a required app is absent where it should be",
		Help:    "Install it, or turn it on.",
		Absent:  true,
	},
	{
		Rule: TwoFactorOff, Least: inventory.Low, Most: inventory.Critical, Phrase: PhrasePosture, Section: SectionAccounts,
		Summary: "an account has two-factor authentication off, or by a weak method",
		Help:    "Ask the account holder to turn it on, then enforce it for everyone.",
	},
	{
		Rule: AppPassword, Least: inventory.Medium, Most: inventory.High, Phrase: PhraseUnlisted, Section: SectionAccounts,
		Summary: "an app password goes around two-factor authentication",
		Help:    "Remove it, and let the app sign in with OAuth instead.",
	},
	{
		Rule: TokenNoExpiry, Least: inventory.Low, Most: inventory.High, Phrase: PhrasePosture, Section: SectionAccounts,
		Summary: "a credential never expires",
		Help:    "Replace it with one that expires.",
		gathers: gatherOrganization, many: "credentials that never expire", one: "it never expires", ToldElsewhere: true,
	},
	{
		Rule: TokenUnused, Least: inventory.Low, Most: inventory.Medium, Phrase: PhrasePosture, Section: SectionAccounts,
		Summary: "a credential has not been used for a long time",
		Help:    "Revoke it.",
		gathers: gatherOrganization, many: "credentials unused for a long time", one: "unused for a long time", ToldElsewhere: true,
	},
	{
		Rule: OwnerLeft, Least: inventory.Medium, Most: inventory.Critical, Phrase: PhrasePosture, Section: SectionAccounts,
		Summary: "a credential or key belongs to an account that is gone",
		Help:    "Revoke it, or give it a new owner.",
		gathers: gatherOrganization, many: "credentials whose owners are no longer here", one: "its owner is no longer here",
	},
	{
		Rule: HookHost, Least: inventory.Medium, Most: inventory.High, Phrase: PhrasePosture, Section: SectionAccounts,
		Summary: "a webhook sends to a host that the policy does not name",
		Help:    "Delete it, point it elsewhere, or add the host to policy.hook_hosts.",
	},
	{
		Rule: PermissionRequest, Least: inventory.Info, Most: inventory.High, Phrase: PhrasePosture, Section: SectionAccounts,
		Summary: "an app asks for more than it was granted and waits for consent",
		Help:    "Accept or reject the request.",
	},
	{
		Rule: ObscureLink, Least: inventory.Low, Most: inventory.Low, Phrase: PhrasePosture, Section: SectionAccounts,
		Summary: "an account keeps things that anyone with their address can read",
		Help:    "Review them and delete what must not be seen.",
	},
	{
		Rule: OwnCredential, Least: inventory.Info, Most: inventory.Info, Phrase: PhraseNone, Section: SectionAccounts,
		Summary: "a key or token of one's own account, to be kept or deleted",
		Help:    "Delete what you do not know or no longer use.",
		gathers: gatherAccount,
	},
	{
		Rule: NotObserved, Least: inventory.Medium, Most: inventory.Medium, Phrase: PhraseNone, Section: SectionCoverage,
		Summary: "a source that should have been read was not",
		Help:    "Do what the report says beside the source, then scan again: until then nothing is known of it.",
	},
	{
		Rule: New, Least: inventory.Info, Most: inventory.High, Phrase: PhrasePosture, Section: SectionChanges,
		Summary: "not there in the baseline",
		Help:    "Check that somebody meant it to come.",
		gathers: gatherAccount,
	},
	{
		Rule: Removed, Least: inventory.Info, Most: inventory.Info, Phrase: PhraseNone, Section: SectionChanges,
		Summary: "there in the baseline, gone now; its source was fully read both times",
		Help:    "Nothing, if somebody meant it to go.",
		gathers: gatherAccount,
	},
	{
		Rule: Changed, Least: inventory.Info, Most: inventory.Critical, Phrase: PhraseChanged, Section: SectionChanges,
		Summary: "differs from the baseline",
		Help:    "Check that somebody meant it to change.",
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

// rank orders rules of one severity: what is known to be bad, then as in the table.
func (r Rule) rank() int {
	n := r.index()
	if n >= 0 && Rules[n].knownBad {
		return n - len(Rules)
	}
	return n
}

// clamp keeps a severity within what the rule allows.
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

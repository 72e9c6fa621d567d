package diff

import "guestlist/scanner/inventory"

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

// RuleInfo is what is fixed about a rule.
type RuleInfo struct {
	Rule    Rule
	Summary string // one line: when it applies
	// Least and Most bound the severity of its findings; between them the item's risk tier decides.
	Least, Most inventory.Level
}

// Rules is the table of all rules, in the order of the documentation.
var Rules = []RuleInfo{
	{Unapproved, "no allowlist entry covers the item", inventory.Info, inventory.Critical},
	{Denied, "a deny entry or a feed names the app", inventory.High, inventory.Critical},
	{VendorBlocked, "the browser or platform itself marks the item: malware, policy violation, delisted, unsigned", inventory.Low, inventory.Critical},
	{DriftPermissions, "approved, but holds access that the approval does not pin", inventory.Medium, inventory.Critical},
	{DriftPublisher, "approved, but from another publisher", inventory.High, inventory.Critical},
	{DriftVersion, "approved, but in a version outside the approved range", inventory.Low, inventory.High},
	{DriftOrigin, "approved, but installed from elsewhere", inventory.Medium, inventory.High},
	{IdentityMismatch, "what the profile claims and what is on disk disagree", inventory.High, inventory.Critical},
	{ApprovalPending, "an allowlist entry names the item, but is not filled in: it approves nothing", inventory.Info, inventory.Critical},
	{ApprovalExpired, "the approval's date has passed", inventory.Low, inventory.High},
	{ApprovalExpiring, "the approval ends within the notice period", inventory.Info, inventory.Info},
	{ApprovalUnused, "an allowlist entry matched nothing in a complete scan", inventory.Info, inventory.Info},
	{RequiredMissing, "a required app is absent where it should be", inventory.Medium, inventory.Medium},
	{TwoFactorOff, "an account has two-factor authentication off, or by a weak method", inventory.Low, inventory.Critical},
	{AppPassword, "an app password goes around two-factor authentication", inventory.Medium, inventory.High},
	{TokenNoExpiry, "a credential never expires", inventory.Low, inventory.High},
	{TokenUnused, "a credential has not been used for long", inventory.Low, inventory.Medium},
	{OwnerLeft, "a credential or key belongs to an account that is gone", inventory.Medium, inventory.Critical},
	{HookHost, "a webhook sends to a host that the policy does not name", inventory.Medium, inventory.High},
	{PermissionRequest, "an app asks for more than it was granted and waits for consent", inventory.Info, inventory.High},
	{ObscureLink, "an account keeps things that whoever has their address can read", inventory.Low, inventory.Low},
	{OwnCredential, "a key or token of one's own account, to be kept or deleted", inventory.Info, inventory.Info},
	{NotObserved, "a source that should have been read was not", inventory.Medium, inventory.Medium},
	{New, "not there in the baseline", inventory.Info, inventory.High},
	{Removed, "there in the baseline, gone now; its source was fully read both times", inventory.Info, inventory.Info},
	{Changed, "differs from the baseline", inventory.Info, inventory.Critical},
}

// Info returns the table's row of a rule.
func (r Rule) Info() RuleInfo {
	for _, info := range Rules {
		if info.Rule == r {
			return info
		}
	}
	return RuleInfo{Rule: r, Least: inventory.Info, Most: inventory.Critical}
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

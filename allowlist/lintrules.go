package allowlist

// LintRule names a kind of [Warning]. The names are stable: people filter by them.
type LintRule string

const (
	RuleContact      LintRule = "contact-blank"
	RuleOldCopy      LintRule = "old-copy"
	RuleRiskUnknown  LintRule = "risk-unknown"
	RuleRiskLowered  LintRule = "risk-lowered"
	RuleNoKind       LintRule = "no-kind"
	RuleID           LintRule = "impossible-id"
	RuleNotFilledIn  LintRule = "not-filled-in"
	RuleForEveryone  LintRule = "for-everyone"
	RuleFuture       LintRule = "future-date"
	RuleNeverExpires LintRule = "never-expires"
	RuleExpired      LintRule = "expired"
	RuleExpiring     LintRule = "expiring"
	RuleDeferred     LintRule = "deferred-due"
	RuleUnpinned     LintRule = "unpinned"
	RuleMisplaced    LintRule = "misplaced-pin"
	RuleCoveredHost  LintRule = "covered-host"
	RuleUnpacked     LintRule = "unpacked"
	RuleDenied       LintRule = "also-denied"
	RuleShadowed     LintRule = "shadowed"
	RuleOverlap      LintRule = "overlap"
	RuleSharedName   LintRule = "shared-name"
	RuleNoName       LintRule = "no-name"
	RuleFeedStale    LintRule = "feed-stale"
	RuleFeedRejects  LintRule = "feed-rejects"
	RuleWidePins     LintRule = "wide-pins"
	RuleUnused       LintRule = "entry-unused"
)

// LintInfo is everything about a kind of warning.
type LintInfo struct {
	Rule    LintRule
	Summary string // one line: when it applies
	Help    string // what to do about it
	// Serious: what the file says is not what happens, or nothing vouches for it any more.
	Serious bool
}

// LintRules is the table of all kinds of warnings, in the order of the documentation. A test fails
// for a rule without a row.
var LintRules = []LintInfo{
	{RuleContact, "the policy's contact is a placeholder", "Say where people ask for approval.", false},
	{RuleOldCopy, "a list could not be fetched, and an earlier copy of it is used",
		"Make the address available, or correct the pin.", true},
	{RuleRiskUnknown, "a class of access names what no table has", "Correct the name.", true},
	{RuleRiskLowered, "a class of access lowers what is critical in the tables",
		"Make sure that this is meant for every app that holds it.", true},
	{RuleNoKind, "an entry has no kind, so it is meant for anything with its ID", "Name the kind.", false},
	{RuleID, "an ID has a form that no vendor gives to things of its kind, so it matches nothing",
		"Give the ID as the vendor spells it.", true},
	{RuleNotFilledIn, "an entry is not filled in, and approves nothing", "Fill it in, or remove it.", false},
	{RuleForEveryone, "an entry for \"*\" leaves out accounts that are not known", "Remove for to mean everyone.", false},
	{RuleFuture, "an approval is dated on a day that is still to come", "Correct the date.", false},
	{RuleNeverExpires, "an approval never expires", "Add expires, or review_within under [policy].", false},
	{RuleExpired, "an approval has expired", "Review it, and update approved and expires.", true},
	{RuleExpiring, "an approval expires soon", "Review it, and update approved and expires.", false},
	{RuleDeferred, "a deferred decision is due, or has been made", "Decide, or remove the entry.", false},
	{RuleUnpinned, "an approval pins no permissions or hosts", "Pin what it may do.", false},
	{RuleMisplaced, "a pin means nothing where it stands", "Move it, or remove it.", true},
	{RuleCoveredHost, "a pinned host is covered by another one", "Remove it.", false},
	{RuleUnpacked, "an approval includes copies that anyone can make", "Leave unpacked out of origin.", false},
	{RuleDenied, "an app is approved or required, and denied as well", "Remove one of the two: the denial wins.", true},
	{RuleShadowed, "an approval has no effect: another one approves the same and more",
		"Remove one of the two, or give each its own for.", true},
	{RuleOverlap, "two approvals are meant for the same app and some of the same holders",
		"Give each its own for, or merge them: which of them decides depends on what the app holds.", false},
	{RuleSharedName, "two apps are called the same", "Make sure that both are the app they seem to be.", false},
	{RuleNoName, "a requirement has no name, so a report shows an ID", "Name it for people.", false},
	{RuleFeedStale, "a feed is out of date", "Fetch it again, or raise max_age.", true},
	{RuleFeedRejects, "a feed has rows without an ID", "Look at them: what they name is not denied.", false},
	{RuleWidePins, "an approval pins more than the app holds anywhere", "Remove the pins that nothing uses.", false},
	{RuleUnused, "an approval matches nothing that a complete scan saw", "Remove it if the app is no longer used.", false},
}

// Info returns the table's row of a rule.
func (r LintRule) Info() LintInfo {
	for _, info := range LintRules {
		if info.Rule == r {
			return info
		}
	}
	return LintInfo{Rule: r}
}

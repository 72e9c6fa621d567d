package diff

// Phrase is a part of the verdict sentence, the line that says what needs attention. It follows a
// count: "2 denied".
type Phrase string

const (
	PhraseDenied   Phrase = "denied"
	PhraseBlocked  Phrase = "blocked by their vendor"
	PhraseIdentity Phrase = "not what they claim to be"
	PhraseUnlisted Phrase = "not approved"
	PhrasePending  Phrase = "waiting for approval"
	PhraseWider    Phrase = "with more access than approved"
	PhraseOther    Phrase = "not as approved"
	PhraseExpired  Phrase = "with an expired approval"
	PhraseMissing  Phrase = "required but missing"
	PhraseEarlier  Phrase = "held earlier, and known as bad by now"
	PhraseChanged  Phrase = "changed"
	PhrasePosture  Phrase = "about accounts, keys and hooks"
	// PhraseNone is for rules that ask for nothing, or that the sentence counts elsewhere: gaps,
	// what is gone.
	PhraseNone Phrase = "-"
)

// Phrases lists every Phrase, in the order of the sentence. An app with several findings is counted
// in the first of theirs.
func Phrases() []Phrase {
	return []Phrase{
		PhraseDenied, PhraseBlocked, PhraseIdentity, PhraseUnlisted, PhrasePending, PhraseWider, PhraseOther,
		PhraseExpired, PhraseMissing, PhraseEarlier, PhraseChanged, PhrasePosture,
	}
}

// Section is the part of a report that a rule's findings belong in.
type Section string

const (
	SectionRemove    Section = "remove"    // known to be bad
	SectionReapprove Section = "reapprove" // approved, but not as it is now
	SectionApprove   Section = "approve"   // not approved
	SectionInstall   Section = "install"   // missing
	SectionAccounts  Section = "accounts"  // accounts, and what opens them
	SectionChanges   Section = "changes"   // only differs from the baseline
	SectionAllowlist Section = "allowlist" // about the allowlist itself
	SectionCoverage  Section = "not read"  // reported with the sources, by every format in its own way
)

// Sections lists every Section, the most urgent first.
func Sections() []Section {
	return []Section{
		SectionRemove, SectionReapprove, SectionApprove, SectionInstall, SectionAccounts, SectionChanges,
		SectionAllowlist, SectionCoverage,
	}
}

// gathering says which items of a rule form one finding. Usually those of one app do; but each
// credential is an app of its own, and a large organization has thousands.
type gathering string

const (
	gatherApp          gathering = ""
	gatherAccount      gathering = "account"      // all of one account, which a person deals with together
	gatherOrganization gathering = "organization" // all of one organization with the same problem
)

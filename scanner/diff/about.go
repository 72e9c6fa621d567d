package diff

import (
	"cmp"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// What a finding or a change is about, so that reports can say everything about it in one place.

// About is the kind of thing that a finding or a change is about.
type About string

const (
	AboutApp         About = "app"
	AboutCredentials About = "credentials" // keys and tokens of one account, or of one organization
	AboutAccount     About = "account"     // accounts of one organization
	AboutSource      About = "source"      // one that should have been read
	AboutAllowlist   About = "allowlist-entry"
)

// SubjectKey names what a finding, a change or an entry is about. It is for comparing, not for
// people.
type SubjectKey string

// About says what the finding is about.
func (f *Finding) About() About {
	switch {
	case f.Rule == NotObserved:
		return AboutSource
	case f.Rule.Info().Section == SectionAllowlist && f.Provider == "":
		return AboutAllowlist
	case f.Kind == "":
		return AboutAccount
	case f.App.ID == "" && f.App.Name == "":
		return AboutCredentials
	}
	return AboutApp
}

// Subject names what the finding is about, the same for all findings about it.
func (f *Finding) Subject() SubjectKey {
	if f.subject != "" {
		return f.subject
	}
	return subjectOfApp(f.Provider, f.Kind, &f.App, f.ID)
}

// subjectOfApp names an app; what has no app is named by the ID of what is said about it.
func subjectOfApp(provider inventory.Provider, kind inventory.Kind, app *inventory.App, otherwise string) SubjectKey {
	if app.ID == "" || kind == "" {
		return SubjectKey(otherwise)
	}
	id := identity{provider: provider, kind: kind, subject: string(app.ID)}
	if vendor.Of(provider).MakerByProject && kind == inventory.KindOAuthGrant && app.Project != "" {
		id.subject = projectSubject(app.Project)
	}
	return id.key()
}

// Short gives the reason for the finding in at most [MaxShortWords] words.
func (f *Finding) Short() inventory.Untrusted { return cmp.Or(f.short, f.Rule.Info().Short) }

// OfOrganization reports whether the rule's findings about credentials are each about an
// organization, and not about an account.
func (r Rule) OfOrganization() bool { return r.Info().gathers == gatherOrganization }

// key returns the identity without the rule.
func (i identity) key() SubjectKey {
	return SubjectKey(strings.Join([]string{string(i.provider), string(i.kind), i.subject}, "\x00"))
}

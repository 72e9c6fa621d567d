package inventory

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Item is one thing that was let in.
type Item struct {
	Source Source `json:"source"`
	Kind   Kind   `json:"kind"`
	App    App    `json:"app"`
	// Instance distinguishes items of one app in one source, such as two leftover versions. Usually
	// empty.
	Instance Untrusted `json:"instance,omitzero"`
	Holder   Holder    `json:"holder"`
	Access   Access    `json:"access"`

	Version Untrusted `json:"version,omitzero"`
	State   State     `json:"state"`
	// StateReasons say why an item is not enabled, in the platform's words ("user action", "blocked
	// by policy", "reason 4096").
	StateReasons []Untrusted `json:"state_reasons,omitempty"`
	Origin       Origin      `json:"origin,omitzero"`
	// Marks are what the platform, or a cross-check of ours, says about this item beyond its
	// access.
	Marks []Mark `json:"marks,omitempty"`

	// Times are UTC; zero is unknown.
	Added    time.Time `json:"added,omitzero"`   // installed, granted or created
	Updated  time.Time `json:"updated,omitzero"` // last changed by its publisher or holder
	LastUsed time.Time `json:"last_used,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`

	// Path is where a local item is on disk, as the profile names it.
	Path Untrusted `json:"path,omitzero"`
	// Facts are other properties that only some providers know, under snake_case names.
	Facts map[string]Untrusted `json:"facts,omitempty"`
}

// App is what was let in. It is identified by its ID within a Kind; names are for people and never
// match anything.
type App struct {
	ID        Untrusted `json:"id"`
	Name      Untrusted `json:"name,omitzero"`
	Publisher Untrusted `json:"publisher,omitzero"` // as the platform or the manifest claims it
	// Project groups the apps of one maker where the platform does: a project's number, an app's
	// owner.
	Project Untrusted `json:"project,omitzero"`
	URL     Untrusted `json:"url,omitzero"`
}

// Holder is who let an item in and where it acts. Fields that do not apply, or are not known, are
// empty.
type Holder struct {
	Account Untrusted `json:"account,omitzero"` // e-mail address or login
	// AccountID is the platform's ID of the account, the same as Account.ID: it stays when the
	// address changes.
	AccountID    Untrusted `json:"account_id,omitzero"`
	Organization Untrusted `json:"organization,omitzero"`
	Unit         Untrusted `json:"unit,omitzero"`
	Repository   Untrusted `json:"repository,omitzero"`
	Host         Untrusted `json:"host,omitzero"`
	User         Untrusted `json:"user,omitzero"` // the operating system's user, or the directory that takes its place
	Browser      Untrusted `json:"browser,omitzero"`
	Profile      Untrusted `json:"profile,omitzero"` // the profile's directory
	ProfileName  Untrusted `json:"profile_name,omitzero"`
	Admin        Answer    `json:"admin,omitzero"`
}

// Access is what an item may do, spelled as its platform spells it. All lists are sorted and free
// of duplicates after [Item.Normalize].
type Access struct {
	// Permissions are what it may do now: API permissions, OAuth scopes, "name:level".
	Permissions []Untrusted `json:"permissions"`
	// Hosts are the match patterns of the pages it may read or change now, content scripts
	// included.
	Hosts []Untrusted `json:"hosts"`
	// Surfaces are manifest features that give access without being a permission, by manifest key:
	// "devtools_page", "chrome_url_overrides.newtab", "externally_connectable
	// https://app.example/*".
	Surfaces []Untrusted `json:"surfaces,omitempty"`
	// Optional and OptionalHosts may be asked for at run time and are not granted now.
	Optional      []Untrusted `json:"optional,omitempty"`
	OptionalHosts []Untrusted `json:"optional_hosts,omitempty"`
	// Requested is asked for by a newer version or request and waits for consent.
	Requested []Untrusted `json:"requested,omitempty"`
	// Repositories says which ones an app or key reaches: "all", "selected", "none" or a name;
	// "unknown" if that is not visible, empty if it does not apply.
	Repositories Untrusted `json:"repositories,omitzero"`
	// HostsWithheld: host access waits for a click on each site.
	HostsWithheld Answer `json:"hosts_withheld,omitzero"`
	Basis         Basis  `json:"basis,omitzero"`
}

// IsUnknown reports whether no part of an access could be read, as opposed to an access that is
// known to be none. It means nothing for kinds without an access of their own (an app password, a
// key).
func (a *Access) IsUnknown() bool {
	return a.Basis == "" && len(a.Permissions)+len(a.Hosts)+len(a.Surfaces)+len(a.Requested)+len(a.Optional)+len(a.OptionalHosts) == 0
}

// Basis says where an Access was read.
type Basis string

const (
	BasisActive   Basis = "active"   // what runs now, as the platform states it
	BasisGranted  Basis = "granted"  // what user or policy accepted
	BasisManifest Basis = "manifest" // only what the manifest asks for could be read
)

// Kind is the kind of an item.
type Kind string

const (
	KindExtension      Kind = "extension"
	KindTheme          Kind = "theme"
	KindBrowserApp     Kind = "browser-app"   // Chrome's hosted and packaged apps
	KindSharedModule   Kind = "shared-module" // code that other extensions import
	KindLanguagePack   Kind = "language-pack"
	KindDictionary     Kind = "dictionary"
	KindSitePermission Kind = "site-permission"
	KindOAuthGrant     Kind = "oauth-grant"
	KindAppPassword    Kind = "app-password"
	KindInstallation   Kind = "app-installation"
	KindCredential     Kind = "credential-authorization"
	KindAccessToken    Kind = "access-token"
	KindTokenRequest   Kind = "token-request"
	KindSSHKey         Kind = "ssh-key"
	KindGPGKey         Kind = "gpg-key"
	KindDeployKey      Kind = "deploy-key"
	KindWebhook        Kind = "webhook"
	// KindAction is an action or reusable workflow that repositories may run. No scan finds any: the
	// allowlist names them, for a policy.
	KindAction Kind = "action"
)

// Kinds lists every Kind, in the order of the documentation.
func Kinds() []Kind {
	return []Kind{
		KindExtension, KindTheme, KindBrowserApp, KindSharedModule, KindLanguagePack, KindDictionary, KindSitePermission,
		KindOAuthGrant, KindAppPassword, KindInstallation, KindCredential, KindAccessToken, KindTokenRequest,
		KindSSHKey, KindGPGKey, KindDeployKey, KindWebhook, KindAction,
	}
}

// State is whether an item acts now.
type State string

const (
	StateEnabled  State = "enabled"
	StateDisabled State = "disabled" // turned off, blocked or suspended: StateReasons says by whom
	StateLeftover State = "leftover" // files on disk that the platform does not count as installed
	StateUnknown  State = "unknown"
)

// Origin is how an extension came in.
type Origin string

const (
	OriginStore    Origin = "store"
	OriginPolicy   Origin = "policy"
	OriginSideload Origin = "sideload" // installed by a program, or from outside the store
	OriginUnpacked Origin = "unpacked" // loaded from a developer's directory, or for one session
	OriginBuiltin  Origin = "builtin"  // part of the browser
	OriginUnknown  Origin = "unknown"
)

// Mark is one statement about an item beyond its access.
type Mark struct {
	Class  MarkClass `json:"class"`
	Name   MarkName  `json:"name"`
	Detail Untrusted `json:"detail,omitzero"`
}

// MarkClass says who makes the statement.
type MarkClass string

const (
	MarkVendor   MarkClass = "vendor"   // the browser or platform: malware, delisted, unsigned
	MarkIdentity MarkClass = "identity" // a cross-check of ours found claim and disk disagreeing
	MarkNote     MarkClass = "note"     // worth knowing, not a judgement
)

// MarkName names the statement. Readers accept names they do not know.
type MarkName string

const (
	MarkMalware          MarkName = "malware"
	MarkPolicyViolation  MarkName = "policy-violation"
	MarkMinorViolation   MarkName = "minor-policy-violation"
	MarkVulnerable       MarkName = "vulnerable"
	MarkUnwanted         MarkName = "potentially-unwanted"
	MarkBlocklisted      MarkName = "blocklisted" // on the platform's list, for a reason it does not name
	MarkSoftBlocked      MarkName = "soft-blocked"
	MarkDelisted         MarkName = "delisted" // no longer in the store
	MarkUnpublished      MarkName = "unpublished-long-ago"
	MarkUnsigned         MarkName = "unsigned"
	MarkBrokenSignature  MarkName = "broken-signature"
	MarkIDMismatch       MarkName = "id-mismatch"         // ID does not follow from the key or path
	MarkVersionMismatch  MarkName = "version-mismatch"    // profile and manifest name different versions
	MarkAccessMismatch   MarkName = "permission-mismatch" // runs with more than the manifest on disk asks for
	MarkPathMismatch     MarkName = "path-mismatch"       // is elsewhere than its ID and origin say
	MarkManifestMissing  MarkName = "manifest-missing"    // claimed installed, nothing on disk
	MarkStateMismatch    MarkName = "state-mismatch"      // the browser starts what the list says is off, or the reverse
	MarkUncheckedOnDisk  MarkName = "unchecked-on-disk"   // files could not be compared to the claim
	MarkNoPrivacyDetails MarkName = "no-privacy-practice"
	MarkNoExpiry         MarkName = "no-expiry"
	MarkPrivileged       MarkName = "privileged"
	MarkAnonymous        MarkName = "anonymous" // an app that is not registered with the platform
	MarkFirstParty       MarkName = "first-party"
	MarkNative           MarkName = "native"
	MarkOwnerLeft        MarkName = "owner-left"
	MarkNativeHost       MarkName = "native-host"    // may talk to a program outside the browser
	MarkDeveloperMode    MarkName = "developer-mode" // on in the profile, and forbidden by policy
	MarkOwnProject       MarkName = "own-project"    // belongs to a project of the organization itself, and is trusted for that
	MarkByAgent          MarkName = "by-agent"       // let in by an AI agent, for its holder
	// MarkHoldersUnread: the item represents holders who could not be read this time, so that its
	// appearing or disappearing means nothing.
	MarkHoldersUnread MarkName = "holders-unread"
)

// Answer is yes, no or unknown. The zero value means that the question does not apply, and is
// omitted from files.
type Answer string

const (
	Yes     Answer = "yes"
	No      Answer = "no"
	Unknown Answer = "unknown"
)

// AnswerOf turns an observed boolean into an Answer; nil is Unknown.
func AnswerOf(observed *bool) Answer {
	switch {
	case observed == nil:
		return Unknown
	case *observed:
		return Yes
	default:
		return No
	}
}

// HasMark reports whether the item carries the named mark.
func (i *Item) HasMark(name MarkName) bool {
	return slices.ContainsFunc(i.Marks, func(m Mark) bool { return m.Name == name })
}

// Mark adds a mark once.
func (i *Item) Mark(class MarkClass, name MarkName, detail Untrusted) {
	mark := Mark{Class: class, Name: name, Detail: detail}
	if !slices.Contains(i.Marks, mark) {
		i.Marks = append(i.Marks, mark)
	}
}

// Normalize brings an item into the one form used in snapshots: lists sorted without duplicates and
// never nil where the format wants an array, text within its limits and valid, times in UTC at
// millisecond precision, an unset state unknown. Lists and maps that the item shares with others
// are not changed: one already in that form stays shared, and otherwise the item gets its own copy.
func (i *Item) Normalize() {
	i.Source.normalize()
	i.App.ID = cleanID(i.App.ID)
	i.App.Name = cleanName(i.App.Name)
	i.App.Publisher = cleanName(i.App.Publisher)
	i.App.Project = cleanID(i.App.Project)
	i.App.URL = cleanID(i.App.URL)
	i.Instance = cleanID(i.Instance)
	i.Version = cleanName(i.Version)
	i.Path = cleanID(i.Path)
	i.Holder.normalize()
	i.Access.normalize()
	if i.State == "" {
		i.State = StateUnknown
	}
	i.StateReasons = normalizeList(i.StateReasons)
	i.Marks = normalizeMarks(i.Marks)
	for _, t := range []*time.Time{&i.Added, &i.Updated, &i.LastUsed, &i.Expires} {
		*t = normalizeTime(*t)
	}
	i.Facts = normalizeFacts(i.Facts)
}

func normalizeMarks(marks []Mark) []Mark {
	if len(marks) == 0 {
		return nil
	}
	if isNormal(marks, compareMarks, func(m Mark) bool { return m.Detail == cleanName(m.Detail) }) {
		return slices.Clip(marks)
	}
	marks = slices.Clone(marks)
	for n := range marks {
		marks[n].Detail = cleanName(marks[n].Detail)
	}
	slices.SortFunc(marks, compareMarks)
	return slices.Compact(marks)
}

func compareMarks(a, b Mark) int {
	return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Detail, b.Detail))
}

// isNormal reports whether a list is sorted without duplicates, and each of its entries clean.
func isNormal[T any](list []T, compare func(a, b T) int, isClean func(T) bool) bool {
	for n := range list {
		if n > 0 && compare(list[n-1], list[n]) >= 0 || !isClean(list[n]) {
			return false
		}
	}
	return true
}

func normalizeFacts(facts map[string]Untrusted) map[string]Untrusted {
	if len(facts) == 0 {
		return nil
	}
	own := false
	for name, value := range facts {
		clean := cleanID(value)
		if clean == value {
			continue
		}
		if !own {
			facts, own = maps.Clone(facts), true
		}
		facts[name] = clean
	}
	return facts
}

func (h *Holder) normalize() {
	for _, text := range []*Untrusted{
		&h.Account, &h.AccountID, &h.Organization, &h.Unit, &h.Repository, &h.Host, &h.User, &h.Browser, &h.Profile,
		&h.ProfileName,
	} {
		*text = cleanName(*text)
	}
}

func (a *Access) normalize() {
	a.Permissions = nonNil(normalizeList(a.Permissions))
	a.Hosts = nonNil(normalizeList(a.Hosts))
	a.Surfaces = normalizeList(a.Surfaces)
	a.Optional = normalizeList(a.Optional)
	a.OptionalHosts = normalizeList(a.OptionalHosts)
	a.Requested = normalizeList(a.Requested)
	a.Repositories = cleanID(a.Repositories)
}

func normalizeList(list []Untrusted) []Untrusted {
	if len(list) == 0 {
		return nil
	}
	if isNormal(list, cmp.Compare[Untrusted], func(text Untrusted) bool { return text == cleanID(text) }) {
		return slices.Clip(list)
	}
	list = slices.Clone(list)
	for n, text := range list {
		list[n] = cleanID(text)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func nonNil(list []Untrusted) []Untrusted {
	if list == nil {
		return []Untrusted{}
	}
	return list
}

func normalizeTime(t time.Time) time.Time {
	if t.IsZero() || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

func cleanName(text Untrusted) Untrusted { return Clean(string(text), MaxNameBytes) }
func cleanID(text Untrusted) Untrusted   { return Clean(string(text), MaxIDBytes) }

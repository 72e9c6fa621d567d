package googleworkspace

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"guestlist/scanner/inventory"
	"guestlist/scanner/lookalike"
)

const (
	tokenFields    = "kind,items(clientId,displayText,anonymous,nativeApp,scopes,userKey)"
	passwordFields = "kind,items(codeId,name,creationTime,lastTimeUsed,userKey)"
)

// tokenAnswer is an answer of tokens.list, which has no pages.
type tokenAnswer struct {
	envelope
	Items list[tokenEntry] `json:"items"`
}

func (*tokenAnswer) promised() string { return kindTokenList }
func (t *tokenAnswer) flaw() string   { return t.Items.flaw(&t.envelope, kindTokenList, "grants") }

type tokenEntry struct {
	Client    string   `json:"clientId"`
	Name      string   `json:"displayText"`
	Anonymous bool     `json:"anonymous"`
	Native    bool     `json:"nativeApp"`
	Scopes    []string `json:"scopes"` // nil: absent or null
	UserKey   string   `json:"userKey"`
}

// aspAnswer is an answer of asps.list, which has no pages.
type aspAnswer struct {
	envelope
	Items list[aspEntry] `json:"items"`
}

func (*aspAnswer) promised() string { return kindAspList }
func (a *aspAnswer) flaw() string   { return a.Items.flaw(&a.envelope, kindAspList, "app passwords") }

type aspEntry struct {
	ID      number `json:"codeId"`
	Name    string `json:"name"`
	Created number `json:"creationTime"`
	Used    number `json:"lastTimeUsed"`
	UserKey string `json:"userKey"`
}

// addressTrust is how long after the listing an address surely is still that user's. Later the user's ID is asked for, which never
// changes hands; the answer's entries name it either way.
const addressTrust = 2 * time.Minute

// userKey is what the API is asked about a user by.
func (s *scan) userKey(user *userRecord) string {
	if s.listing.at.IsZero() || s.env.Now().Sub(s.listing.at) > addressTrust {
		return user.ID
	}
	return user.Email
}

// pathOf is where a user's grants ("tokens") and app passwords ("asps") are.
func pathOf(userKey, what string) string {
	return pathUsers + "/" + url.PathEscape(userKey) + "/" + what
}

// foreign counts the entries that name another user than was asked about, or nothing that identifies them.
type foreign struct{ others, nameless int }

func (f *foreign) has(userKey string, user *userRecord, named bool) bool {
	switch {
	case userKey != "" && userKey != user.ID && !strings.EqualFold(userKey, user.Email):
		f.others++
	case !named:
		f.nameless++
	default:
		return false
	}
	return true
}

// fault says what was wrong with entries of an answer that is fine otherwise; nil for nothing.
func (f *foreign) fault(s *scan, feature Feature, nulls int) *Fault {
	said := ""
	switch {
	case f.others > 0:
		said = fmt.Sprintf("%d entries are another user's", f.others)
	case f.nameless+nulls > 0:
		said = fmt.Sprintf("%d entries are empty or have no ID", f.nameless+nulls)
	default:
		return nil
	}
	return s.api.explain(&Fault{Feature: feature, Cause: CauseEntries, message: inventory.Untrusted(said)})
}

// readGrants asks for a user's grants and lets the log speak about them. With [CauseEntries] the grants are some of them.
func (s *scan) readGrants(ctx context.Context, j *job) ([]grant, *Fault) {
	answer, fault := ask[tokenAnswer](ctx, s.api, call{
		feature: Grants, path: pathOf(s.userKey(&j.user), "tokens"), query: query("fields", tokenFields), suspended: j.user.isSuspended(),
	})
	if fault != nil {
		return nil, fault
	}
	var odd foreign
	grants := make([]grant, 0, len(answer.Items.entries))
	places := make(map[string]int, len(answer.Items.entries)) // by normalized client ID
	for n := range answer.Items.entries {
		token := &answer.Items.entries[n]
		if odd.has(token.UserKey, &j.user, token.Client != "") {
			continue
		}
		g := grant{Client: token.Client, Name: token.Name, Scopes: token.Scopes, Anonymous: token.Anonymous, Native: token.Native}
		id := NormalizeClientID(g.Client)
		if same, seen := places[id]; seen {
			grants[same].join(&g)
			continue
		}
		places[id] = len(grants)
		if j.previous != nil {
			g.inherit(j.previous.Grants)
		}
		g.apply(j.events)
		grants = append(grants, g)
	}
	return grants, odd.fault(s, Grants, answer.Items.nulls)
}

// join adds what another entry of the same app may do.
func (g *grant) join(other *grant) {
	if g.Scopes == nil || other.Scopes == nil {
		g.Scopes = nil // unknown
		return
	}
	g.Scopes = append(g.Scopes, other.Scopes...)
}

// inherit takes over what earlier scans knew of the same grant's times.
func (g *grant) inherit(earlier []grant) {
	for n := range earlier {
		if earlier[n].Client == g.Client {
			g.First, g.Last, g.Used = earlier[n].First, earlier[n].Last, earlier[n].Used
			g.ClientType, g.Agent = earlier[n].ClientType, earlier[n].Agent
		}
	}
}

// readPasswords asks for a user's app passwords. With [CauseEntries] they are some of them.
func (s *scan) readPasswords(ctx context.Context, j *job) ([]password, *Fault) {
	answer, fault := ask[aspAnswer](ctx, s.api, call{
		feature: AppPasswords, path: pathOf(s.userKey(&j.user), "asps"), query: query("fields", passwordFields), suspended: j.user.isSuspended(),
	})
	if fault != nil {
		return nil, fault
	}
	var odd foreign
	passwords := make([]password, 0, len(answer.Items.entries))
	for _, asp := range answer.Items.entries {
		p := password{ID: int64(asp.ID), Name: asp.Name, Created: unixTime(int64(asp.Created)), Used: unixTime(int64(asp.Used))}
		repeated := slices.ContainsFunc(passwords, func(other password) bool { return other.ID == p.ID })
		if !odd.has(asp.UserKey, &j.user, asp.ID != 0) && !repeated {
			passwords = append(passwords, p)
		}
	}
	return passwords, odd.fault(s, AppPasswords, answer.Items.nulls)
}

// maxApps bounds how many different apps are compared by name; beyond it, collisions among the rest go unsaid.
const maxApps = 50_000

// appIndex remembers the apps of a scan, to find names that several makers use.
type appIndex struct {
	mu   sync.Mutex
	apps map[string]*appUse // by normalized client ID
	full bool
}

type appUse struct {
	name  string
	users int
}

func (a *appIndex) add(g *grant) {
	id := NormalizeClientID(g.Client)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.apps == nil {
		a.apps = map[string]*appUse{}
	}
	use := a.apps[id]
	if use == nil {
		if len(a.apps) >= maxApps {
			a.full = true
			return
		}
		use = &appUse{name: g.Name}
		a.apps[id] = use
	}
	// The name that sorts first, so that the order of reading does not show.
	if g.Name < use.name {
		use.name = g.Name
	}
	use.users++
}

func (a *appIndex) snapshot() (apps map[string]int, full bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	apps = make(map[string]int, len(a.apps))
	for id, use := range a.apps {
		apps[id] = use.users
	}
	return apps, a.full
}

// collisions names apps of different projects whose names look the same. It never says that they are the same.
func (a *appIndex) collisions() []inventory.Untrusted {
	a.mu.Lock()
	defer a.mu.Unlock()
	byLook := map[string][]string{}
	for id, use := range a.apps {
		for _, look := range lookalike.Skeletons(use.name) {
			byLook[look] = append(byLook[look], id)
		}
	}
	var found []inventory.Untrusted
	for _, ids := range byLook {
		slices.Sort(ids)
		makers := map[string]bool{}
		for _, id := range ids {
			makers[cmp.Or(projectOf(id), id)] = true
		}
		if len(makers) < 2 {
			continue
		}
		found = append(found, inventory.Textf("%d apps of different makers look like %q: %s",
			len(ids), inventory.Clean(a.apps[ids[0]].name, inventory.MaxNameBytes), strings.Join(ids[:min(len(ids), 5)], ", ")))
	}
	slices.Sort(found)
	return slices.Compact(found) // names that look alike in capitals and in small letters are told once
}

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

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
	"guestlist/scanner/lookalike"
)

const (
	tokenFields    = "kind,items(clientId,displayText,anonymous,nativeApp,scopes,userKey)"
	passwordFields = "kind,items(codeId,name,creationTime,lastTimeUsed,userKey)"
)

// tokenAnswer is an answer of tokens.list, which has no pages.
type tokenAnswer struct {
	api.Envelope
	Items api.List[tokenEntry] `json:"items"`
}

func (*tokenAnswer) Promised() string { return api.KindTokenList }
func (t *tokenAnswer) Flaw() string   { return t.Items.Flaw(&t.Envelope, api.KindTokenList, "grants") }

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
	api.Envelope
	Items api.List[aspEntry] `json:"items"`
}

func (*aspAnswer) Promised() string { return api.KindAspList }
func (a *aspAnswer) Flaw() string   { return a.Items.Flaw(&a.Envelope, api.KindAspList, "app passwords") }

type aspEntry struct {
	ID      api.Number `json:"codeId"`
	Name    string     `json:"name"`
	Created api.Number `json:"creationTime"`
	Used    api.Number `json:"lastTimeUsed"`
	UserKey string     `json:"userKey"`
}

// addressTrust is how long after the listing an address certainly still belongs to its user. Later
// the user's ID is used, which never changes hands; the answer's entries contain the ID either way.
const addressTrust = 2 * time.Minute

// userKey identifies a user in a call.
func (s *scan) userKey(user *userRecord) string {
	if s.listing.at.IsZero() || s.env.Now().Sub(s.listing.at) > addressTrust {
		return user.ID
	}
	return user.Email
}

// pathOf is the path of a user's grants ("tokens") or app passwords ("asps").
func pathOf(userKey, what string) string {
	return pathUsers + "/" + url.PathEscape(userKey) + "/" + what
}

// foreign counts entries that name another user than was asked about (others) or have no identifier
// (nameless).
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

// fault says what was wrong with entries of an otherwise valid answer; nil if nothing was.
func (f *foreign) fault(s *scan, feature api.Feature, nulls int) *api.Fault {
	said := ""
	switch {
	case f.others > 0:
		said = fmt.Sprintf("%d entries are another user's", f.others)
	case f.nameless+nulls > 0:
		said = fmt.Sprintf("%d entries are empty or have no ID", f.nameless+nulls)
	default:
		return nil
	}
	return s.api.Explain(&api.Fault{Feature: feature, Cause: api.CauseEntries, Message: inventory.Untrusted(said)})
}

// readGrants asks for a user's grants and adds what the log says about them. With
// [api.CauseEntries] it returns only some of them.
func (s *scan) readGrants(ctx context.Context, j *job) ([]grant, *api.Fault) {
	answer, fault := api.Ask[tokenAnswer](ctx, s.api, api.Call{
		Feature: api.Grants, Path: pathOf(s.userKey(&j.user), "tokens"), Query: api.Query("fields", tokenFields),
		Suspended: j.user.isSuspended(),
	})
	if fault != nil {
		return nil, fault
	}
	var odd foreign
	grants := make([]grant, 0, len(answer.Items.Entries))
	places := make(map[string]int, len(answer.Items.Entries)) // by normalized client ID
	for n := range answer.Items.Entries {
		token := &answer.Items.Entries[n]
		if odd.has(token.UserKey, &j.user, !api.IsBlank(token.Client)) {
			continue
		}
		g := grant{Client: token.Client, Name: token.Name, Scopes: token.Scopes, Anonymous: token.Anonymous,
			Native: token.Native}
		if slices.ContainsFunc(g.Scopes, api.IsBlank) {
			g.Scopes = nil // a list that contains a null is not whole
		}
		id := normalizeClientID(g.Client)
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
	return grants, odd.fault(s, api.Grants, answer.Items.Nulls)
}

// join adds the access of another entry of the same app.
func (g *grant) join(other *grant) {
	if g.Scopes == nil || other.Scopes == nil {
		g.Scopes = nil // unknown
		return
	}
	g.Scopes = append(g.Scopes, other.Scopes...)
}

// inherit carries over the times that earlier scans knew of the same grant.
func (g *grant) inherit(earlier []grant) {
	for n := range earlier {
		if earlier[n].Client == g.Client {
			g.First, g.Last, g.Used = earlier[n].First, earlier[n].Last, earlier[n].Used
			g.ClientType, g.Agent = earlier[n].ClientType, earlier[n].Agent
		}
	}
}

// readPasswords asks for a user's app passwords. With [api.CauseEntries] it returns only some of
// them.
func (s *scan) readPasswords(ctx context.Context, j *job) ([]password, *api.Fault) {
	answer, fault := api.Ask[aspAnswer](ctx, s.api, api.Call{
		Feature: api.AppPasswords, Path: pathOf(s.userKey(&j.user), "asps"), Query: api.Query("fields", passwordFields),
		Suspended: j.user.isSuspended(),
	})
	if fault != nil {
		return nil, fault
	}
	var odd foreign
	passwords := make([]password, 0, len(answer.Items.Entries))
	for _, asp := range answer.Items.Entries {
		p := password{ID: int64(asp.ID), Name: asp.Name, Created: unixTime(int64(asp.Created)),
			Used: unixTime(int64(asp.Used))}
		repeated := slices.ContainsFunc(passwords, func(other password) bool { return other.ID == p.ID })
		if !odd.has(asp.UserKey, &j.user, asp.ID != 0) && !repeated {
			passwords = append(passwords, p)
		}
	}
	return passwords, odd.fault(s, api.AppPasswords, answer.Items.Nulls)
}

// maxApps bounds how many different apps are compared by name; collisions among any others are not
// reported.
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
	id := normalizeClientID(g.Client)
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
	// The name that sorts first, so that the order of reading makes no difference.
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

// collisions names apps of different projects whose names look the same. It never says that they
// are the same.
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
	return slices.Compact(found) // names that look alike in upper and in lower case are reported once
}

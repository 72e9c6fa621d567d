package googleworkspace

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	admin "google.golang.org/api/admin/directory/v1"

	"guestlist/scanner/inventory"
	"guestlist/scanner/lookalike"
)

const (
	tokenFields    = "items(clientId,displayText,anonymous,nativeApp,scopes)"
	passwordFields = "items(codeId,name,creationTime,lastTimeUsed)"
)

// readGrants asks for a user's grants and lets the log speak about them.
func (s *scan) readGrants(ctx context.Context, j *job) ([]grant, *Fault) {
	answer, fault := call(ctx, s.api, Grants, j.user.isSuspended(), func(ctx context.Context) (*admin.Tokens, error) {
		return s.api.directory.Tokens.List(j.user.Email).Fields(fields(tokenFields)).Context(ctx).Do()
	})
	if fault != nil {
		return nil, fault
	}
	grants := make([]grant, 0, len(answer.Items))
	for _, token := range answer.Items {
		if token == nil {
			continue
		}
		g := grant{Client: token.ClientId, Name: token.DisplayText, Scopes: token.Scopes, Anonymous: token.Anonymous, Native: token.NativeApp}
		if j.previous != nil {
			g.inherit(j.previous.Grants)
		}
		g.apply(j.events)
		grants = append(grants, g)
	}
	return grants, nil
}

// inherit takes over what earlier scans knew of the same grant's times.
func (g *grant) inherit(earlier []grant) {
	for n := range earlier {
		if earlier[n].Client == g.Client {
			g.First, g.Last, g.Used, g.ClientType = earlier[n].First, earlier[n].Last, earlier[n].Used, earlier[n].ClientType
		}
	}
}

func (s *scan) readPasswords(ctx context.Context, j *job) ([]password, *Fault) {
	answer, fault := call(ctx, s.api, AppPasswords, j.user.isSuspended(), func(ctx context.Context) (*admin.Asps, error) {
		return s.api.directory.Asps.List(j.user.Email).Fields(fields(passwordFields)).Context(ctx).Do()
	})
	if fault != nil {
		return nil, fault
	}
	passwords := make([]password, 0, len(answer.Items))
	for _, asp := range answer.Items {
		if asp == nil {
			continue
		}
		passwords = append(passwords, password{
			ID: asp.CodeId, Name: asp.Name, Created: unixTime(asp.CreationTime), Used: unixTime(asp.LastTimeUsed),
		})
	}
	return passwords, nil
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
		found = append(found, untrusted("%d apps of different makers look like %q: %s",
			len(ids), inventory.Clean(a.apps[ids[0]].name, inventory.MaxNameBytes), strings.Join(ids[:min(len(ids), 5)], ", ")))
	}
	slices.Sort(found)
	return slices.Compact(found) // names that look alike in capitals and in small letters are told once
}

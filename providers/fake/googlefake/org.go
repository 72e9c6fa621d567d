package googlefake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Org is a small organization that can be changed while it is served. Changes write the log entries
// that Google would write.
type Org struct {
	mu         sync.RWMutex
	customer   string
	domain     string
	users      []*member // sorted by ID
	byKey      map[string]*member
	events     []Event
	extensions []Extension
	policies   []Policy
	nextID     int
	qualifier  int64
}

type member struct {
	user      User
	grants    []Grant
	passwords []AppPassword
	counts    []count // how the number of grants changed
}

type count struct {
	at time.Time
	n  int
}

// NewOrg returns an organization without users.
func NewOrg(customer, domain string) *Org {
	return &Org{customer: customer, domain: domain, byKey: map[string]*member{}}
}

// Customer implements [Organization].
func (o *Org) Customer() (id, domain string) { return o.customer, o.domain }

// AddUser adds a user and returns its ID. An empty ID, unit or creation time is filled in.
func (o *Org) AddUser(user User) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.nextID++
	if user.ID == "" {
		user.ID = fmt.Sprintf("1%020d", o.nextID)
	}
	user.Unit = cmp.Or(user.Unit, "/")
	if user.Created.IsZero() {
		user.Created = time.Date(2024, 1, 15, 9, 0, 0, 0, time.UTC)
	}
	m := &member{user: user}
	at, _ := slices.BinarySearchFunc(o.users, user.ID,
		func(m *member, id string) int { return cmp.Compare(m.user.ID, id) })
	o.users = slices.Insert(o.users, at, m)
	o.byKey[user.ID] = m
	o.byKey[strings.ToLower(user.Email)] = m
	return user.ID
}

// Change edits a user in place, as an administrator would.
func (o *Org) Change(key string, edit func(*User)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m := o.byKey[strings.ToLower(key)]; m != nil {
		delete(o.byKey, strings.ToLower(m.user.Email))
		edit(&m.user)
		o.byKey[strings.ToLower(m.user.Email)] = m
	}
}

// Delete removes a user. The token log does not record it.
func (o *Org) Delete(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.byKey[strings.ToLower(key)]
	if m == nil {
		return
	}
	delete(o.byKey, m.user.ID)
	delete(o.byKey, strings.ToLower(m.user.Email))
	o.users = slices.DeleteFunc(o.users, func(other *member) bool { return other == m })
}

// Grant gives an app access, replacing the user's earlier grant to it. The log shows it lag later.
func (o *Org) Grant(key string, grant Grant, at time.Time, lag time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.byKey[strings.ToLower(key)]
	if m == nil {
		return
	}
	grant.Type = cmp.Or(grant.Type, "WEB")
	m.grants = slices.DeleteFunc(m.grants, func(g Grant) bool { return g.ClientID == grant.ClientID })
	m.grants = append(m.grants, grant)
	m.counts = append(m.counts, count{at, len(m.grants)})
	o.log("authorize", m.user, grant, at, lag)
}

// Revoke revokes a grant. Silent revocations never reach the log, as Google says may happen.
func (o *Org) Revoke(key, clientID string, at time.Time, lag time.Duration, silent bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	m := o.byKey[strings.ToLower(key)]
	if m == nil {
		return
	}
	n := slices.IndexFunc(m.grants, func(g Grant) bool { return g.ClientID == clientID })
	if n < 0 {
		return
	}
	grant := m.grants[n]
	m.grants = slices.Delete(slices.Clone(m.grants), n, n+1)
	m.counts = append(m.counts, count{at, len(m.grants)})
	if !silent {
		o.log("revoke", m.user, grant, at, lag)
	}
}

// AddAppPassword adds an app password to a user.
func (o *Org) AddAppPassword(key string, password AppPassword) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if m := o.byKey[strings.ToLower(key)]; m != nil {
		m.passwords = append(slices.Clone(m.passwords), password)
	}
}

// AddEvent adds a log entry as it is.
func (o *Org) AddEvent(event Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.qualifier--
	event.Qualifier = o.qualifier
	o.events = append(o.events, event)
}

// AddExtension adds software that managed browsers report.
func (o *Org) AddExtension(extension Extension) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.extensions = append(o.extensions, extension)
}

// AddPolicy adds a setting.
func (o *Org) AddPolicy(policy Policy) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.policies = append(o.policies, policy)
}

// Keys returns the e-mail addresses of all users, in the order of their IDs.
func (o *Org) Keys() []string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	keys := make([]string, len(o.users))
	for n, m := range o.users {
		keys[n] = m.user.Email
	}
	return keys
}

// Users implements [Organization].
func (o *Org) Users(position string, limit int) (users []User, next string) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	at, found := slices.BinarySearchFunc(o.users, position,
		func(m *member, id string) int { return cmp.Compare(m.user.ID, id) })
	if found {
		at++
	}
	for ; at < len(o.users) && len(users) < limit; at++ {
		users = append(users, o.users[at].user)
	}
	if at < len(o.users) {
		next = users[len(users)-1].ID
	}
	return users, next
}

// User implements [Organization].
func (o *Org) User(key string) (User, bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	m := o.byKey[strings.ToLower(key)]
	if m == nil {
		return User{}, false
	}
	return m.user, true
}

// Grants implements [Organization].
func (o *Org) Grants(id string) []Grant {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if m := o.byKey[id]; m != nil {
		return slices.Clone(m.grants)
	}
	return nil
}

// AppPasswords implements [Organization].
func (o *Org) AppPasswords(id string) []AppPassword {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if m := o.byKey[id]; m != nil {
		return m.passwords
	}
	return nil
}

// Events implements [Organization].
func (o *Org) Events(application, name string, from, to, now time.Time) []Event {
	o.mu.RLock()
	defer o.mu.RUnlock()
	var events []Event
	for _, event := range o.events {
		if event.Application == application && (name == "" || event.Name == name) &&
			!event.Time.Before(from) && event.Time.Before(to) && !event.Visible.After(now) {
			events = append(events, event)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Qualifier, b.Qualifier))
	})
	return events
}

// GrantCount implements [Organization].
func (o *Org) GrantCount(id string, day time.Time) int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	m, n := o.byKey[id], 0
	if m == nil {
		return 0
	}
	end := day.AddDate(0, 0, 1)
	for _, c := range m.counts {
		if c.at.Before(end) {
			n = c.n
		}
	}
	return n
}

// Extensions implements [Organization].
func (o *Org) Extensions() []Extension {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return slices.Clone(o.extensions)
}

// Policies implements [Organization].
func (o *Org) Policies() []Policy {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return slices.Clone(o.policies)
}

func (o *Org) log(name string, user User, grant Grant, at time.Time, lag time.Duration) {
	o.qualifier--
	o.events = append(o.events, Event{
		Application: "token", Name: name, Time: at, Visible: at.Add(lag), Qualifier: o.qualifier,
		UserID: user.ID, Email: user.Email, ClientID: grant.ClientID, AppName: grant.Name, Type: grant.Type,
		Scopes: grant.Scopes,
	})
}

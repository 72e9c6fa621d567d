package history

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Topic is the kind of thing that a word may mean.
type Topic string

const (
	TopicApp        Topic = "app"
	TopicProject    Topic = "project" // all apps of a maker's project, or of an owner
	TopicPerson     Topic = "person"  // all accounts and machine users with one login
	TopicAccount    Topic = "account"
	TopicProfile    Topic = "profile" // of a browser
	TopicRepository Topic = "repository"
	TopicEntry      Topic = "entry" // of the allowlist
)

// Topics lists every Topic, in the order of the documentation.
func Topics() []Topic {
	return []Topic{TopicApp, TopicProject, TopicPerson, TopicAccount, TopicProfile, TopicRepository, TopicEntry}
}

// Query is what a person typed: a word, optionally preceded by the kind of thing it means.
type Query struct {
	Text  inventory.Untrusted
	Topic Topic          // "" is any
	Kind  inventory.Kind // of an app; "" is any
}

// ParseQuery reads "WORD", "TOPIC:WORD" and, for apps, "KIND:WORD". Anything else with a colon is a
// word.
func ParseQuery(text string) Query {
	front, rest, found := strings.Cut(text, ":")
	switch {
	case !found || strings.TrimSpace(rest) == "":
	case slices.Contains(Topics(), Topic(front)):
		return Query{Text: clean(rest), Topic: Topic(front)}
	case slices.Contains(inventory.Kinds(), inventory.Kind(front)):
		return Query{Text: clean(rest), Topic: TopicApp, Kind: inventory.Kind(front)}
	}
	return Query{Text: clean(text)}
}

// clean returns a word in the form used in snapshots.
func clean(text string) inventory.Untrusted { return inventory.Clean(text, inventory.MaxIDBytes) }

func (q *Query) asks(topic Topic) bool { return q.Topic == "" || q.Topic == topic }

// Subject is one thing that a query may mean.
type Subject struct {
	Topic Topic
	Kind  inventory.Kind // of apps
	// ID identifies it within its topic: an app's or project's ID, a login, an account's ID, the
	// name of a source, a repository.
	ID inventory.Untrusted
	// Within is where an account, a profile or a repository is: an organization, a machine.
	Within inventory.Untrusted
	Name   inventory.Untrusted // for people
	Items  int                 // that belong to it, in what was read for it

	exact  bool                  // the query is an ID of it
	spells []inventory.Untrusted // how records spell it
}

// Query is what a person types to get exactly this subject.
func (s *Subject) Query() inventory.Untrusted {
	if s.Topic == TopicApp && s.Kind != "" {
		return inventory.Untrusted(s.Kind) + ":" + s.ID
	}
	return inventory.Untrusted(s.Topic) + ":" + s.ID
}

// subjectKey identifies a subject.
type subjectKey struct {
	topic      Topic
	kind       inventory.Kind
	id, within inventory.Untrusted
}

func (s *Subject) key() subjectKey {
	return subjectKey{s.Topic, s.Kind, inventory.Untrusted(strings.ToLower(string(s.ID))), s.Within}
}

func isSame(a, b inventory.Untrusted) bool { return a != "" && strings.EqualFold(string(a), string(b)) }

// idFacts are the facts that hold other IDs of an app.
var idFacts = []string{"client_id", "app_slug", "installation_id"}

// googleSuffix is the end of a client ID, which people leave out.
const googleSuffix = ".apps.googleusercontent.com"

// isAppID reports whether a word is an ID of the item's app.
func isAppID(item *inventory.Item, text inventory.Untrusted) bool {
	if isSame(item.App.ID, text) || isSame(item.App.ID, text+googleSuffix) {
		return true
	}
	return slices.ContainsFunc(idFacts, func(fact string) bool { return isSame(item.Facts[fact], text) })
}

// subjectsOf returns what the query may mean in an item.
func (q *Query) subjectsOf(item *inventory.Item) []Subject {
	var found []Subject
	text := q.Text
	if q.asks(TopicApp) && item.App.ID != "" && (q.Kind == "" || q.Kind == item.Kind) {
		if exact := isAppID(item, text); exact || isSame(item.App.Name, text) {
			found = append(found, Subject{Topic: TopicApp, Kind: item.Kind, ID: item.App.ID, Name: item.App.Name, exact: exact,
				spells: []inventory.Untrusted{item.App.ID}})
		}
	}
	if q.asks(TopicProject) && isSame(item.App.Project, text) {
		found = append(found, Subject{Topic: TopicProject, Kind: item.Kind, ID: item.App.Project, Name: item.App.Name,
			exact:  true,
			spells: []inventory.Untrusted{item.App.Project}})
	}
	h := &item.Holder
	local := vendor.Of(item.Source.Provider).Local
	if q.asks(TopicProfile) && local && (isSame(item.Source.Name, text) || isSame(h.ProfileName, text)) {
		found = append(found, profileSubject(item.Source, h.ProfileName, isSame(item.Source.Name, text)))
	}
	if whole := repositoryOf(item); q.asks(TopicRepository) && whole != "" &&
		(isSame(whole, text) || isSame(h.Repository, text)) {
		found = append(found, Subject{Topic: TopicRepository, ID: whole, Name: whole, exact: isSame(whole, text),
			Within: top(item.Source).Name,
			spells: []inventory.Untrusted{h.Repository}})
	}
	if q.asks(TopicPerson) {
		for _, login := range []inventory.Untrusted{h.Account, h.User} {
			if isSame(login, text) {
				found = append(found, Subject{Topic: TopicPerson, ID: login, Name: login, spells: []inventory.Untrusted{login}})
				break
			}
		}
	}
	if isID := isSame(h.AccountID, text); q.asks(TopicAccount) && !local &&
		(isID || q.Topic == TopicAccount && isSame(h.Account, text)) {
		found = append(found, accountSubject(item.Source, cmp.Or(h.AccountID, h.Account), h.Account, isID))
	}
	return found
}

// subjectsOfAccount returns what the query may mean in an account's record.
func (q *Query) subjectsOfAccount(account *inventory.Account) []Subject {
	var found []Subject
	isNamed := isSame(account.Login, q.Text) || isSame(account.Name, q.Text)
	if q.asks(TopicPerson) && isNamed {
		login := cmp.Or(account.Login, account.ID)
		found = append(found, Subject{Topic: TopicPerson, ID: login, Name: cmp.Or(account.Name, login),
			spells: []inventory.Untrusted{login}})
	}
	if isID := isSame(account.ID, q.Text); q.asks(TopicAccount) && (isID || q.Topic == TopicAccount && isNamed) {
		found = append(found, accountSubject(account.Source, cmp.Or(account.ID, account.Login), account.Login, isID))
	}
	return found
}

// subjectsOfSource returns what the query may mean in a source, even one that holds nothing.
func (q *Query) subjectsOfSource(source inventory.Source) []Subject {
	if !q.asks(TopicProfile) || !vendor.Of(source.Provider).Local || !isSame(source.Name, q.Text) {
		return nil
	}
	return []Subject{profileSubject(source, "", true)}
}

func profileSubject(source inventory.Source, name inventory.Untrusted, exact bool) Subject {
	return Subject{Topic: TopicProfile, ID: source.Name, Within: source.Host, Name: cmp.Or(name, source.Name),
		exact:  exact,
		spells: []inventory.Untrusted{source.Name}}
}

func accountSubject(source inventory.Source, id, login inventory.Untrusted, exact bool) Subject {
	within := inventory.Untrusted(vendor.Of(source.Provider).Name)
	return Subject{Topic: TopicAccount, ID: id, Within: within, Name: cmp.Or(login, id), exact: exact,
		spells: []inventory.Untrusted{id, login}}
}

// repositoryOf is the full name of the repository an item is in; "" if it is in none.
func repositoryOf(item *inventory.Item) inventory.Untrusted {
	h := &item.Holder
	if h.Repository == "" || h.Organization == "" || strings.Contains(string(h.Repository), "/") {
		return h.Repository
	}
	return h.Organization + "/" + h.Repository
}

// has reports whether an item is the subject or belongs to it.
func (s *Subject) has(item *inventory.Item) bool {
	switch s.Topic {
	case TopicApp:
		return item.Kind == s.Kind && isSame(item.App.ID, s.ID)
	case TopicProject:
		return item.Kind == s.Kind && isSame(item.App.Project, s.ID)
	case TopicPerson:
		return isSame(item.Holder.Account, s.ID) || isSame(item.Holder.User, s.ID)
	case TopicAccount:
		return inventory.Untrusted(vendor.Of(item.Source.Provider).Name) == s.Within &&
			(isSame(item.Holder.AccountID, s.ID) || isSame(item.Holder.Account, s.Name))
	case TopicProfile:
		return isSame(item.Source.Name, s.ID) && item.Source.Host == s.Within
	case TopicRepository:
		return isSame(repositoryOf(item), s.ID) && top(item.Source).Name == s.Within
	}
	return false
}

// hasAccount reports whether an account belongs to the subject.
func (s *Subject) hasAccount(account *inventory.Account) bool {
	switch s.Topic {
	case TopicPerson:
		return isSame(account.Login, s.ID) || account.Login == "" && isSame(account.ID, s.ID)
	case TopicAccount:
		return inventory.Untrusted(vendor.Of(account.Source.Provider).Name) == s.Within &&
			(isSame(account.ID, s.ID) || account.ID == "" && isSame(account.Login, s.Name))
	}
	return false
}

// IsOfApps reports whether the subject's items are apps, whose versions and access differ, rather
// than what someone or something holds.
func (s *Subject) IsOfApps() bool { return s.Topic == TopicApp || s.Topic == TopicProject }

// top is the topmost source above a source: an organization, a person's home.
func top(source inventory.Source) inventory.Source {
	for {
		parent, ok := source.Parent()
		if !ok {
			return source
		}
		source = parent
	}
}

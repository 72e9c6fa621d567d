package github_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/scanner/inventory"
)

// shape is what an answer is.
type shape int

const (
	single    shape = iota // one object
	plainList              // a list
	enveloped              // a list in an object that declares how many entries there are
)

// question is one thing that the provider asks for.
type question struct {
	name        string
	path, query string // the path's end, and what the query holds
	shape       shape
	source      string // whose coverage tells
	nonEmpty    bool   // it is known to hold something
	byCursor    bool   // without page numbers
	optional    bool   // what cannot be read is no gap, but never counts as read
	self        bool   // of the self-check
	owner       bool   // asked with a person's token
	enterprise  bool
	mayBeAbsent bool // 404 and 403 say that there is nothing to read
}

// questions are all that the provider asks.
var questions = []question{
	{name: "app", path: "/app", source: "acme/organization"},
	{name: "installation", path: "/orgs/acme/installation", source: "acme/organization"},
	{name: "token", path: "/access_tokens", source: "acme/organization"},
	{name: "organization", path: "/orgs/acme", source: "acme/organization"},
	{name: "members", path: "/orgs/acme/members", shape: plainList, source: "acme/members", nonEmpty: true},
	{name: "owners", path: "/orgs/acme/members", query: "role=admin", shape: plainList, source: "acme/members",
		nonEmpty: true},
	{name: "members without", path: "/orgs/acme/members", query: "filter=2fa_disabled", shape: plainList,
		source: "acme/members"},
	{name: "members weak", path: "/orgs/acme/members", query: "filter=2fa_insecure", shape: plainList,
		source: "acme/members"},
	{name: "outside", path: "/orgs/acme/outside_collaborators", shape: plainList, source: "acme/outside-collaborators"},
	{name: "outside without", path: "/outside_collaborators", query: "filter=2fa_disabled", shape: plainList,
		source: "acme/outside-collaborators"},
	{name: "installations", path: "/orgs/acme/installations", shape: enveloped, source: "acme/installations"},
	{name: "app page", path: "/apps/app-0000", source: "acme/installations", mayBeAbsent: true},
	{name: "credentials", path: "/credential-authorizations", shape: plainList, source: "acme/credentials"},
	{name: "tokens", path: "/personal-access-tokens", shape: plainList, source: "acme/tokens"},
	{name: "requests", path: "/personal-access-token-requests", shape: plainList, source: "acme/token-requests"},
	{name: "hooks", path: "/orgs/acme/hooks", shape: plainList, source: "acme/hooks"},
	{name: "repositories", path: "/orgs/acme/repos", shape: plainList, source: "acme/repositories", nonEmpty: true},
	{name: "keys", path: "/repos/acme/repository-0000/keys", shape: plainList, source: "acme/repositories"},
	{name: "repository hooks", path: "/repos/acme/repository-0000/hooks", shape: plainList, source: "acme/repositories"},
	{name: "audit log", path: "/audit-log", query: "oauth_app_access_approved", shape: plainList, source: "acme/audit-log",
		byCursor: true},
	{name: "coding agent", path: "/coding-agent/permissions", source: "acme/coding-agent", mayBeAbsent: true},
	{name: "its repositories", path: "/coding-agent/permissions/repositories", shape: enveloped,
		source:      "acme/coding-agent",
		mayBeAbsent: true},
	{name: "enterprise", path: "/installable_organizations", shape: plainList, source: "enterprises/acme-inc",
		enterprise: true},
	{name: "its installations", path: "/organizations/acme/installations", shape: plainList, source: "acme/installations",
		enterprise: true},
	{name: "selected repositories", path: "/installations/500001/repositories", shape: plainList,
		source: "acme/installation-repositories", enterprise: true, optional: true},
	{name: "selected for a person", path: "/user/installations/500001/repositories", shape: enveloped,
		source: "acme/installation-repositories", owner: true, optional: true},
	{name: "own account", path: "/user", source: "self", self: true},
	{name: "own keys", path: "/user/keys", shape: plainList, source: "member-00000/ssh-keys", self: true},
	{name: "own signing keys", path: "/user/ssh_signing_keys", shape: plainList, source: "member-00000/signing-keys",
		self: true},
	{name: "own GPG keys", path: "/user/gpg_keys", shape: plainList, source: "member-00000/gpg-keys", self: true},
}

// reply is an answer on its way to the provider.
type reply struct {
	status int
	header http.Header
	body   []byte
	page   int  // the number asked for
	counts bool // the question asks for one entry, to count
}

// spoilt is one way for an answer to be wrong.
type spoilt struct {
	name  string
	spoil func(*reply)
	ask   func(url.Values) // changes the question on its way
	for_  []shape
	// whole reports whether the source may count as read; nil is never.
	whole func(question) bool
}

var spoilts = []spoilt{
	{name: "null", spoil: body(`null`)},
	{name: "an empty object", spoil: body(`{}`)},
	{name: "an error object", spoil: body(`{"message":"Not Found","documentation_url":"https://docs.github.com/rest"}`)},
	{name: "a number", spoil: body(`7`)},
	{name: "a text", spoil: body(`"acme"`)},
	{name: "a list of lists", spoil: body(`[[]]`)},
	{name: "nothing", spoil: func(r *reply) { r.status, r.body = http.StatusNoContent, nil }},
	{name: "nothing with 200", spoil: func(r *reply) { r.body = nil; r.header.Set("Content-Type", "text/plain") }},
	{name: "206", spoil: status(http.StatusPartialContent)},
	{name: "202", spoil: status(http.StatusAccepted)},
	{name: "203", spoil: status(http.StatusNonAuthoritativeInfo)},
	{name: "a page in HTML", spoil: func(r *reply) { r.body = []byte("<html>sign in</html>"); r.header.Set("Content-Type", "text/html") }},
	{name: "a body cut off", spoil: func(r *reply) { r.body = r.body[:len(r.body)/2] }},
	{name: "a body cut off without a type", spoil: func(r *reply) { r.body = r.body[:len(r.body)/2]; r.header.Del("Content-Type") }},
	{name: "401", spoil: status(http.StatusUnauthorized)},
	{name: "403", spoil: status(http.StatusForbidden), whole: func(q question) bool { return q.mayBeAbsent }},
	{name: "404", spoil: status(http.StatusNotFound), whole: func(q question) bool { return q.mayBeAbsent }},
	{name: "500", spoil: status(http.StatusInternalServerError)},
	{name: "503 for a minute", spoil: func(r *reply) { r.status = 503; r.header.Set("Retry-After", "60") }},
	{name: "left out by single sign-on", spoil: func(r *reply) {
		r.header.Set("X-GitHub-SSO", "partial-results; organizations=21955855,20582480")
	}},
	{name: "an empty list", spoil: func(r *reply) { r.body = []byte("[]"); r.header.Del("Link") },
		whole: func(q question) bool { return q.shape == plainList && !q.nonEmpty && q.name != "outside" }},
	{name: "entries that are numbers", for_: lists, spoil: entries(func(list []jsontext.Value) []jsontext.Value {
		return each(list, `12`)
	})},
	{name: "entries that are null", for_: lists,
		spoil: entries(func(list []jsontext.Value) []jsontext.Value { return each(list, `null`) })},
	{name: "entries that are empty", for_: lists,
		spoil: entries(func(list []jsontext.Value) []jsontext.Value { return each(list, `{}`) })},
	{name: "one null among the entries", for_: lists, spoil: entries(func(list []jsontext.Value) []jsontext.Value {
		return slices.Insert(list, min(1, len(list)), jsontext.Value("null"))
	})},
	{name: "members of the wrong type", for_: lists, spoil: entries(func(list []jsontext.Value) []jsontext.Value {
		return each(list, `{"id":{},"login":[],"credential_id":{},"action":7,"app_id":[],"name":{},"token_id":{},"key_id":[],"key":{}}`)
	})},
	{name: "a null list", for_: []shape{enveloped}, spoil: listField(`null`)},
	{name: "no list", for_: []shape{enveloped}, spoil: listField(``)},
	{name: "a total that is too high", for_: []shape{enveloped}, spoil: field("total_count", `900`)},
	{name: "a total that is too low", for_: []shape{enveloped}, spoil: field("total_count", `3`)},
	{name: "a total of zero", for_: []shape{enveloped}, spoil: field("total_count", `0`)},
	{name: "a total below zero", for_: []shape{enveloped}, spoil: field("total_count", `-1`)},
	{name: "no total", for_: []shape{enveloped}, spoil: field("total_count", ``)},
	{name: "a total that is a text", for_: []shape{enveloped}, spoil: field("total_count", `"many"`)},
	{name: "the first page again and again", for_: lists, spoil: nextIsHere(1)},
	{name: "a next page without end, the same", for_: lists, ask: func(q url.Values) { q.Del("page") },
		spoil: nextIsHere(0)},
	{name: "empty pages without end", for_: lists, spoil: func(r *reply) {
		if r.page > 1 {
			entries(func([]jsontext.Value) []jsontext.Value { return nil })(r)
		}
		nextIsHere(0)(r)
	}},
	{name: "a next page on another host", for_: lists, spoil: func(r *reply) {
		r.header.Set("Link", `<https://evil.example/x?page=1>; rel="next"`)
	}},
	{name: "a next page without a place", for_: lists, spoil: func(r *reply) {
		r.header.Set("Link", `<https://api.github.com/x>; rel="next"`)
	}},
	{name: "no links", for_: lists, spoil: func(r *reply) { r.header.Del("Link") },
		whole: func(q question) bool { return !q.byCursor }},
	{name: "pages of 30 with links", for_: lists, ask: func(q url.Values) { q.Set("per_page", "30") },
		spoil: func(*reply) {},
		whole: func(question) bool { return true }},
	{name: "pages of 30 without links", for_: lists, ask: func(q url.Values) { q.Set("per_page", "30") },
		spoil: func(r *reply) { r.header.Del("Link") }, whole: func(q question) bool { return !q.byCursor }},
	{name: "an entry lost between pages", for_: lists, spoil: func(r *reply) {
		if r.page > 1 && !r.counts {
			entries(func(list []jsontext.Value) []jsontext.Value { return list[min(1, len(list)):] })(r)
		}
	}, whole: uncounted},
}

// uncounted: where a list declares no total, cannot be counted and is no part of another one, a
// lost entry leaves no sign.
func uncounted(q question) bool {
	return q.byCursor || q.enterprise && q.name != "enterprise" || q.name == "credentials"
}

var lists = []shape{plainList, enveloped}

func body(text string) func(*reply) {
	return func(r *reply) { r.body = []byte(text); r.header.Del("Link") }
}

func status(code int) func(*reply) {
	return func(r *reply) {
		if r.status = code; code >= 400 {
			r.body = fmt.Appendf(nil, `{"message":"%s"}`, http.StatusText(code))
		}
	}
}

func each(list []jsontext.Value, text string) []jsontext.Value {
	for n := range list {
		list[n] = jsontext.Value(text)
	}
	return list
}

// entries changes the entries of a list, in an envelope or without.
func entries(change func([]jsontext.Value) []jsontext.Value) func(*reply) {
	return func(r *reply) {
		var list []jsontext.Value
		if json.Unmarshal(r.body, &list) == nil {
			r.body = encoded(append([]jsontext.Value{}, change(list)...))
			return
		}
		var object map[string]jsontext.Value
		if json.Unmarshal(r.body, &object) != nil {
			return
		}
		for name, value := range object {
			if value.Kind() == '[' && json.Unmarshal(value, &list) == nil {
				object[name] = encoded(append([]jsontext.Value{}, change(list)...))
			}
		}
		r.body = encoded(object)
	}
}

// listField sets the field that holds an envelope's entries, or removes it.
func listField(value string) func(*reply) {
	return func(r *reply) {
		for _, name := range []string{"installations", "repositories"} {
			if bytes.Contains(r.body, fmt.Appendf(nil, "%q:[", name)) {
				field(name, value)(r)
			}
		}
	}
}

// field sets a field of an object, or removes it.
func field(name, value string) func(*reply) {
	return func(r *reply) {
		var object map[string]jsontext.Value
		if json.Unmarshal(r.body, &object) != nil {
			return
		}
		delete(object, name)
		if value != "" {
			object[name] = jsontext.Value(value)
		}
		r.body = encoded(object)
	}
}

func encoded(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return text
}

// nextIsHere names a next page: a number, or for 0 the one after this.
func nextIsHere(number int) func(*reply) {
	return func(r *reply) {
		next := number
		if next == 0 {
			next = max(r.page, 1) + 1
		}
		r.header.Set("Link", fmt.Sprintf(`<https://api.github.com/x?page=%d&after=cursor-%d>; rel="next"`, next, next*100))
	}
}

// spoiler is a wire on which the answers to one question are spoilt.
type spoiler struct {
	question question
	spoilt   spoilt
	hits     int
}

func (s *spoiler) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	isAsked := strings.HasSuffix(request.URL.Path, s.question.path) &&
		strings.Contains(request.URL.RawQuery, s.question.query) &&
		(s.question.query != "" || !strings.Contains(request.URL.RawQuery, "filter=") &&
			!strings.Contains(request.URL.RawQuery, "role="))
	reply := &reply{page: atoi(query.Get("page")), counts: query.Get("per_page") == "1"}
	if isAsked && s.spoilt.ask != nil {
		s.spoilt.ask(query)
		request.URL.RawQuery = query.Encode()
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil || !isAsked {
		return response, err
	}
	defer response.Body.Close()
	s.hits++
	if reply.body, err = io.ReadAll(response.Body); err != nil {
		return nil, err
	}
	reply.status, reply.header = response.StatusCode, maps.Clone(response.Header)
	s.spoilt.spoil(reply)
	reply.header.Del("Content-Length")
	reply.header.Del("ETag")
	return &http.Response{StatusCode: reply.status, Status: strconv.Itoa(reply.status) + " ", Proto: "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1, Header: reply.header, Body: io.NopCloser(bytes.NewReader(reply.body)),
		ContentLength: int64(len(reply.body)),
		Request:       request}, nil
}

func atoi(text string) int {
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return number
}

// many is how many entries a list has that is asked about: more than a page.
const many = 120

// organizationOf is an organization with more than a page of what a question is about, and little
// else.
func organizationOf(q question) *githubfake.Organization {
	sizes := githubfake.Sizes{Members: 2, Outside: 1, Credentials: 1, Tokens: 1, Requests: 1, Hooks: 1,
		Installations: 2, Repositories: 2}
	size := map[string]*int{"acme/members": &sizes.Members, "acme/outside-collaborators": &sizes.Outside,
		"acme/credentials": &sizes.Credentials, "acme/tokens": &sizes.Tokens, "acme/token-requests": &sizes.Requests,
		"acme/hooks": &sizes.Hooks}[q.source]
	if size != nil {
		*size = many
	}
	if q.name == "repositories" || q.optional || q.source == "acme/coding-agent" {
		sizes.Repositories = many
	}
	org := githubfake.Generate("acme", sizes)
	me := org.Members[0].User
	if q.source == "acme/coding-agent" {
		org.Agent = &githubfake.CodingAgent{Enabled: "selected"}
		for _, repository := range org.Repositories {
			org.Agent.Repositories = append(org.Agent.Repositories, repository.Name)
		}
	}
	for _, member := range org.Members[1:] {
		member.TwoFactor, member.Admin = githubfake.TwoFactorOff, true
	}
	for _, user := range org.Outside {
		user.ID += 50_000
		user.TwoFactor = githubfake.TwoFactorOff
	}
	for n := range many {
		key := &githubfake.Key{ID: int64(60_000 + n), Title: "deploy", Key: fmt.Sprint("not a key ", n),
			AddedBy: me.Login, Created: now}
		switch q.source {
		case "acme/members":
			org.Members = append(org.Members, &githubfake.Member{User: &githubfake.User{Login: fmt.Sprintf("weak-%d", n),
				ID: int64(90_000 + n), TwoFactor: githubfake.TwoFactorInsecure}})
		case "acme/installations":
			// Many installations of the same app need its page once.
			org.Installations = append(org.Installations, &githubfake.AppInstallation{ID: int64(510_000 + n), Selection: "all",
				App: org.Installations[0].App, Permissions: map[string]string{"metadata": "read"}, Created: now, Updated: now})
		case "acme/audit-log":
			org.Audit = append(org.Audit, map[string]any{"@timestamp": now.UnixMilli(), "created_at": now.UnixMilli(),
				"actor": me.Login,
				"org":   "acme", "action": "org.oauth_app_access_approved", "_document_id": fmt.Sprint("document-", n),
				"oauth_application_id": 9000 + n, "oauth_application_name": fmt.Sprintf("App %d", n)})
		case "acme/repositories":
			org.Repositories[0].Keys = append(org.Repositories[0].Keys, key)
			org.Repositories[0].Hooks = append(org.Repositories[0].Hooks, &githubfake.Hook{ID: int64(70_000 + n),
				URL: "https://hook.acme.example", Events: []string{"push"}, Created: now, Updated: now})
		}
		if q.self {
			me.Keys, me.SigningKeys = append(me.Keys, key), append(me.SigningKeys, key)
			me.GPGKeys = append(me.GPGKeys, &githubfake.GPGKey{ID: int64(80_000 + n), KeyID: fmt.Sprintf("%016X", n),
				Created: now})
		}
	}
	for _, repository := range org.Repositories {
		org.Installations[1].Repositories = append(org.Installations[1].Repositories, repository.Name)
	}
	return org
}

// worldOf is a world in which a question is asked.
func worldOf(t *testing.T, q question) (*world, github.Config) {
	t.Helper()
	org := organizationOf(q)
	switch {
	case q.self:
		config := github.Config{Self: true, Credential: tokenOf(ownerToken)}
		return newWorld(t, ownerOptions(org, "admin:public_key", "admin:gpg_key", "admin:ssh_signing_key", "user"),
			config), config
	case q.owner:
		return newWorld(t, ownerOptions(org, ownerScopes...), ownerConfig()), ownerConfig()
	case q.enterprise:
		names := []string{"acme"}
		for n := 1; q.name == "enterprise" && n < many; n++ {
			names = append(names, fmt.Sprintf("empty-%d", n))
		}
		w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org},
			Enterprise: &githubfake.Enterprise{Slug: "acme-inc", Organizations: names}}, github.Config{Enterprise: "acme-inc"})
		return w, withApp(w, github.Config{Enterprise: "acme-inc"})
	}
	config := github.Config{Organizations: []string{"acme"}, DeepRepositories: q.source == "acme/repositories",
		AuditLog: true}
	permissions := allPermissions()
	permissions["organization_copilot_agent_settings"] = "read"
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org}, SignIn: &githubfake.SignIn{ID: 77,
		ClientID: "Iv23liScanner0000001", Slug: "guest-list", Permissions: permissions}}, config)
	return w, withApp(w, config)
}

func TestEverySourceSurvivesEveryFault(t *testing.T) {
	t.Parallel()
	for _, q := range questions {
		t.Run(strings.ReplaceAll(q.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			w, config := worldOf(t, q)
			for _, s := range spoilts {
				if s.for_ != nil && !slices.Contains(s.for_, q.shape) || s.name == "an empty list" && q.shape == single {
					continue
				}
				wire := &spoiler{question: q, spoilt: s}
				w.wire = wire
				w.use(config, nil)
				slept := w.clock.Slept()
				_, before := w.fake.Requests()
				w.collect()
				if wire.hits == 0 {
					t.Fatalf("%s: the question was not asked", s.name)
				}
				if wait := w.clock.Slept() - slept; wait > 5*time.Minute {
					t.Errorf("%s: waited %v", s.name, wait)
				}
				if _, after := w.fake.Requests(); after-before > 700 {
					t.Errorf("%s: %d requests", s.name, after-before)
				}
				mayBeWhole := s.whole != nil && s.whole(q)
				w.wantSpoilt(q, s.name, mayBeWhole)
			}
		})
	}
}

// wantSpoilt checks that a source whose answers were spoilt does not count as read, unless it may.
func (w *world) wantSpoilt(q question, name string, mayBeWhole bool) {
	w.t.Helper()
	coverage, ok := w.coverage[q.source]
	switch {
	case !ok && !q.self:
		// Below a source that could not be read nothing has a coverage of its own.
		if _, enterprise := w.coverage["enterprises/acme-inc"]; !enterprise {
			w.t.Errorf("%s: %s has no coverage", name, q.source)
		}
	case mayBeWhole && coverage.IsGap():
		w.t.Errorf("%s: %s is %s: %s %v", name, q.source, coverage.Status, coverage.Reason, coverage.Details)
	case !mayBeWhole && ok && coverage.Status == inventory.StatusComplete:
		w.t.Errorf("%s: %s counts as read", name, q.source)
	case !mayBeWhole && !q.optional && ok && !coverage.IsGap() && !(q.name == "credentials" && name == "404"):
		w.t.Errorf("%s: %s is no gap: %s", name, q.source, coverage.Reason)
	case !mayBeWhole && coverage.Reason == "" && ok:
		w.t.Errorf("%s: %s is not read, without a word", name, q.source)
	}
}

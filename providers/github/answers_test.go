package github_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// scripted is a wire on which some paths have answers of their own: by path, or by path and query.
type scripted map[string]string

func (s scripted) RoundTrip(request *http.Request) (*http.Response, error) {
	text, found := s[request.URL.Path+"?"+request.URL.RawQuery]
	if !found {
		text, found = s[request.URL.Path]
	}
	if !found {
		return http.DefaultTransport.RoundTrip(request)
	}
	code := http.StatusOK
	if text == "" {
		code, text = http.StatusNotFound, `{"message":"Not Found"}`
	}
	made := answer(code, text)
	made.Header = http.Header{"Content-Type": {"application/json"}}
	made.Request = request
	return made, nil
}

// withAnswers collects from an App's world in which some answers are written down.
func withAnswers(t *testing.T, config github.Config, answers scripted) *world {
	t.Helper()
	org := small()
	org.Repositories = []*githubfake.Repository{{ID: 1, Name: "site"}}
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org}}, config)
	w.wire = answers
	w.use(withApp(w, config), nil)
	w.collect()
	return w
}

func TestOnlyThisOrganizationsApprovalsAreGrants(t *testing.T) {
	t.Parallel()
	approval := func(action, org, id string) string {
		return `{"action":"` + action + `",` + org + `"_document_id":"` + id + `","oauth_application_id":` + id +
			`,"oauth_application_name":"App","created_at":1795435200000,"actor":"acme-it"}`
	}
	const approved = "org.oauth_app_access_approved"
	for _, test := range []struct {
		name, event string
		items       int
		words       string
	}{
		{"of this one", approval(approved, `"org":"acme",`, "1"), 1, "180 days"},
		{"of this one in capitals", approval(approved, `"org":["ACME"],`, "1"), 1, "180 days"},
		{"of this one by its number", approval(approved, `"org":"old-name","org_id":1000,`, "1"), 1, "180 days"},
		{"of another one", approval(approved, `"org":"other","org_id":7,`, "1"), 0, "not from this organization"},
		{"of no one", approval(approved, ``, "1"), 0, "not from this organization"},
		{"of another action", approval("repo.destroy", `"org":"acme",`, "1"), 0, "not of the kind asked for"},
		{"of an action that begins alike", approval(approved+"_later", `"org":"acme",`, "1"), 0, "not of the kind"},
		{"of no action", approval("", `"org":"acme",`, "1"), 0, "does not say what it is"},
		{"of no app", `{"action":"` + approved + `","org":"acme","_document_id":"1"}`, 0, "does not name its OAuth app"},
		{"null", `null`, 0, "not have the form"},
	} {
		answers := scripted{"/orgs/acme/audit-log": "[]"}
		query := "include=web&per_page=100&phrase=action%3A" + approved + "+created%3A%3E%3D2026-05-27"
		answers["/orgs/acme/audit-log?"+query] = "[" + test.event + "]"
		w := withAnswers(t, github.Config{Organizations: []string{"acme"}, AuditLog: true}, answers)
		if got := len(w.of("acme/audit-log")); got != test.items {
			t.Errorf("%s: %d approvals, want %d", test.name, got, test.items)
		}
		status := inventory.StatusPartial
		if test.items > 0 {
			status = inventory.StatusComplete
		}
		w.wantCoverage("acme/audit-log", status, test.words)
	}
}

func TestScopesThatAreNotThereAreUnknown(t *testing.T) {
	t.Parallel()
	for scopes, want := range map[string]inventory.Basis{
		``: "", `"scopes":null,`: "", `"scopes":{},`: "", `"scopes":[null],`: "", `"scopes":true,`: "",
		`"scopes":[],`: inventory.BasisGranted, `"scopes":["repo"],`: inventory.BasisGranted,
		`"scopes":"repo, gist",`: inventory.BasisGranted,
	} {
		w := withAnswers(t, acme(), scripted{"/orgs/acme/credential-authorizations": `[{"login":"acme-it","credential_id":2,` + scopes +
			`"credential_type":"OAuth app token","authorized_credential_id":5002}]`})
		if got := w.item("acme/credentials", "oauth-app-token/5002").Access.Basis; got != want {
			t.Errorf("%s: the access's basis is %q, want %q", scopes, got, want)
		}
		w.wantCoverage("acme/credentials", inventory.StatusComplete)
	}
}

func TestAnInstallationWithoutSomeOfItsIDsIsAnItem(t *testing.T) {
	t.Parallel()
	const page = `{"id":1001,"slug":"deploybot","client_id":"Iv23li1","name":"Deploybot","owner":{"login":"vendor"},"permissions":{}}`
	for _, test := range []struct{ name, fields, page, id string }{
		{"without a client ID", `"id":1,"app_id":1001,"app_slug":"deploybot"`, page, "1001"},
		{"with nothing but its app's name", `"id":1,"app_id":null,"client_id":null,"app_slug":"deploybot"`, page, "1001"},
		{"with a name whose page is private", `"id":1,"app_slug":"deploybot"`, "", "app/deploybot"},
		{"with nothing but its number", `"id":1`, "", "installation-1"},
	} {
		w := withAnswers(t, acme(), scripted{"/apps/deploybot": test.page,
			"/orgs/acme/installations": `{"total_count":1,"installations":[{` +
				test.fields + `,"repository_selection":"all","permissions":{"contents":"write"}}]}`})
		w.item("acme/installations", test.id)
		w.wantCoverage("acme/installations", inventory.StatusComplete)
	}
	w := withAnswers(t, acme(), scripted{"/apps/deploybot": strings.Replace(page, "1001", "7", 1),
		"/orgs/acme/installations": `{"total_count":2,"installations":[{"id":1,"app_id":1001,"app_slug":"deploybot","permissions":{}},
			{"id":2,"app_id":5,"app_slug":"x","permissions":{},"account":{"login":"other","id":9}}]}`})
	if item := w.item("acme/installations", "1001"); item.App.Publisher != "" || len(w.of("acme/installations")) != 1 {
		t.Errorf("what belongs to another app or organization was taken: %+v", w.of("acme/installations"))
	}
	w.wantCoverage("acme/installations", inventory.StatusPartial, "belongs to another app", "is not on this organization")
}

func TestAHookIsAnItemWhereverItSends(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, config, id, host string }{
		{"email", `{"address":"list@outside.example","secret":"********"}`, "outside.example", "outside.example"},
		{"email", `{"address":"a@OUTSIDE.example, <b@outside.example>"}`, "outside.example", "outside.example"},
		{"email", `{"address":"a@acme.example b@outside.example"}`, "acme.example, outside.example",
			"acme.example, outside.example"},
		{"email", `{"address":"nobody"}`, "hook-7", "(unknown)"},
		{"email", `{}`, "hook-7", "(unknown)"},
		{"email", `null`, "hook-7", "(unknown)"},
		{"web", `{"url":"https://ci.example/x"}`, "ci.example", "ci.example"},
		{"web", `{"url":"/x"}`, "hook-7", "(unknown)"},
		{"web", `{"url":null}`, "hook-7", "(unknown)"},
		{"web", `{"url":"https://[::1"}`, "hook-7", "(unknown)"},
		{"irc", `{"server":"irc.example"}`, "hook-7", "(unknown)"},
	} {
		hook := `[{"id":7,"name":"` + test.name + `","active":true,"events":["push"],"config":` + test.config + `}]`
		w := withAnswers(t, github.Config{Organizations: []string{"acme"}, DeepRepositories: true},
			scripted{"/orgs/acme/hooks": hook, "/repos/acme/site/hooks": hook})
		for _, source := range []string{"acme/hooks", "acme/repositories"} {
			if item := w.item(source, test.id); string(item.Facts["host"]) != test.host || item.Kind != inventory.KindWebhook {
				t.Errorf("%s %s: %+v", test.name, test.config, item)
			}
			w.wantCoverage(source, inventory.StatusComplete)
		}
	}
}

func TestRepositoriesThatAreCountedAndNotListedAreAGap(t *testing.T) {
	t.Parallel()
	for counts, want := range map[string]inventory.Status{
		``:                           inventory.StatusComplete,
		`,"public_repos":0`:          inventory.StatusComplete,
		`,"public_repos":2`:          inventory.StatusNotObservable,
		`,"total_private_repos":"2"`: inventory.StatusNotObservable,
	} {
		w := withAnswers(t, github.Config{Organizations: []string{"acme"}, DeepRepositories: true}, scripted{
			"/orgs/acme":       `{"login":"acme","id":1000,"two_factor_requirement_enabled":true` + counts + `}`,
			"/orgs/acme/repos": `[]`,
		})
		w.wantCoverage("acme/repositories", want)
	}
}

func TestAnAnswerOfNullIsNotThatOnlyOwnersSeeIt(t *testing.T) {
	t.Parallel()
	w := withAnswers(t, acme(), scripted{
		"/orgs/acme":                           `{"login":"acme","id":1000,"two_factor_requirement_enabled":null,"plan":{"name":"enterprise"}}`,
		"/orgs/acme/credential-authorizations": "",
	})
	w.wantCoverage("acme/organization", inventory.StatusComplete, "identity provider decides")
	if coverage := w.wantCoverage("acme/credentials", inventory.StatusNotObservable, "is not set up"); coverage.IsGap() {
		t.Errorf("what is not set up is a gap: %s", coverage.Reason)
	}
	w = withAnswers(t, acme(), scripted{"/orgs/acme": `{"login":"acme","id":1000,"two_factor_requirement_enabled":null}`})
	w.wantCoverage("acme/organization", inventory.StatusPartial, "to its owners only")
}

func TestWhatAnAppAsksOfPeopleIsNoRequestToTheOrganization(t *testing.T) {
	t.Parallel()
	w := withAnswers(t, acme(), scripted{
		"/orgs/acme/installations": `{"total_count":1,"installations":[{"id":1,"app_id":1001,"app_slug":"deploybot",` +
			`"repository_selection":"all","permissions":{"contents":"read"}}]}`,
		"/apps/deploybot": `{"id":1001,"permissions":{"contents":"write","emails":"read","keys":"write","profile":"write","plan":"read",` +
			`"interaction_limits":"write","git_signing_ssh_public_keys":"write","gists":"write","user_events":"read"}}`,
	})
	item := w.item("acme/installations", "1001")
	if got := plain(item.Access.Requested); !slices.Equal(got, []string{"contents:write"}) {
		t.Errorf("asks for %v", got)
	}
}

func TestARefusalIsAboutWhatWasAsked(t *testing.T) {
	t.Parallel()
	org := githubfake.Generate("acme", githubfake.Sizes{Members: 1, Repositories: 30})
	config := github.Config{Organizations: []string{"acme"}, DeepRepositories: true,
		Connection: api.Connection{Concurrency: 1}}
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org}}, config)
	refused := scripted{}
	for _, repository := range org.Repositories[:25] {
		refused["/repos/acme/"+repository.Name+"/keys"], refused["/repos/acme/"+repository.Name+"/hooks"] = "", ""
	}
	w.wire = refused
	w.use(withApp(w, config), nil)
	w.collect()
	coverage := w.wantCoverage("acme/repositories", inventory.StatusPartial,
		"25 of 30 repositories could not be read in full")
	if coverage.Read != 5 || len(w.of("acme/repositories")) == 0 {
		t.Errorf("read %d repositories with %d items", coverage.Read, len(w.of("acme/repositories")))
	}
	own := 0
	for name := range w.coverage {
		if strings.HasPrefix(name, "acme/repositories/") {
			own++
		}
	}
	if own != 20 {
		t.Errorf("%d repositories have a coverage of their own, want the first 20", own)
	}
	// What is refused first costs itself alone.
	w = withAnswers(t, acme(), scripted{"/orgs/acme": ""})
	w.wantCoverage("acme/organization", inventory.StatusNotObservable, "404")
	w.wantAllComplete("acme/organization")
}

// revoking refuses the first token that it sees on a path, from then on.
type revoking struct{ path, refused string }

func (r *revoking) RoundTrip(request *http.Request) (*http.Response, error) {
	token := request.Header.Get("Authorization")
	if r.refused == "" && strings.HasSuffix(request.URL.Path, r.path) {
		r.refused = token
	}
	if token == r.refused && r.refused != "" {
		return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Request: request,
			Body: io.NopCloser(strings.NewReader(`{"message":"Bad credentials"}`))}, nil
	}
	return http.DefaultTransport.RoundTrip(request)
}

func TestAnAppsTokenThatIsRefusedInTheMiddleIsRenewed(t *testing.T) {
	t.Parallel()
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{rich()}}, acme())
	w.wire = &revoking{path: "/orgs/acme/outside_collaborators"}
	w.use(withApp(w, acme()), nil)
	w.collect()
	w.wantAllComplete()
	if byOperation, _ := w.fake.Requests(); byOperation["POST /app/installations/{installation_id}/access_tokens"] != 2 {
		t.Errorf("%d tokens were issued, want 2", byOperation["POST /app/installations/{installation_id}/access_tokens"])
	}
}

func TestDoctorTakesNoAnswerForAnotherOne(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"null", "{}", `{"message":"Not Found"}`, "7", `"x"`, "<html>"} {
		answers := scripted{}
		for _, path := range []string{"members", "hooks", "installations", "credential-authorizations"} {
			answers["/orgs/acme/"+path] = text
		}
		w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{small()}}, acme())
		w.wire = answers
		w.use(withApp(w, acme()), nil)
		for _, check := range w.probe().Checks {
			_, isSpoilt := answers["/orgs/"+string(check.Name)]
			if isSpoilt || check.Name == "acme/credentials" {
				if check.State == scanner.CheckReadable {
					t.Errorf("%s: %s counts as readable", text, check.Name)
				}
			}
		}
	}
}

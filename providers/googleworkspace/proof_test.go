package googleworkspace

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
)

func TestScopesThatGoogleDoesNotTellAreUnknownAndAnEmptyListIsNone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		edit  func(entry map[string]any)
		basis inventory.Basis
		held  int
	}{
		{"null", func(entry map[string]any) { entry["scopes"] = nil }, "", 0},
		{"absent", func(entry map[string]any) { delete(entry, "scopes") }, "", 0},
		{"with-a-null", func(entry map[string]any) { entry["scopes"] = []any{"openid", nil} }, "", 0},
		{"empty", func(entry map[string]any) { entry["scopes"] = []any{} }, inventory.BasisActive, 0},
		{"one", func(entry map[string]any) { entry["scopes"] = []any{"openid"} }, inventory.BasisActive, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			r.Server.Break(googlefake.Changed(func(answer map[string]any) {
				items, _ := answer["items"].([]any)
				for _, entry := range items {
					test.edit(entry.(map[string]any))
				}
			}).On("tokens.list"))
			config := r.config()
			config.StateDir, config.Incremental = t.TempDir(), true
			for _, scan := range []string{"read", "carried over"} {
				sink, _ := r.collect(r.provider(config))
				for _, item := range sink.Of(googletest.Victim, inventory.KindOAuthGrant) {
					if item.Access.Basis != test.basis || len(item.Access.Permissions) != test.held {
						t.Errorf("%s: %+v", scan, item.Access)
					}
				}
			}
		})
	}
}

func TestTwoEntriesOfOneAppAreOneGrant(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.Changed(func(answer map[string]any) {
		one := map[string]any{"clientId": "400000000001", "scopes": []any{"openid"}}
		two := map[string]any{"clientId": "400000000001" + clientSuffix, "scopes": []any{"email"}}
		answer["items"] = []any{one, two}
	}).On("tokens.list").For(googletest.Victim))
	sink, _ := r.collect(r.provider(r.config()))
	if got := sink.Of(googletest.Victim, inventory.KindOAuthGrant); len(got) != 1 || len(got[0].Access.Permissions) != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestOfAFlawedListWhatCanBeReadIsReadAndTheRestIsSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.Changed(func(answer map[string]any) {
		items, _ := answer["items"].([]any)
		answer["items"] = append(slices.Clone(items), nil, map[string]any{"clientId": "1", "userKey": "someone-else"})
	}).On("tokens.list").For(googletest.Victim))
	sink, coverage := r.collect(r.provider(r.config()))
	got := coverage["acme.example/grants/"+googletest.Victim]
	if n := len(sink.Of(googletest.Victim, inventory.KindOAuthGrant)); n != 4 || got.Status != inventory.StatusPartial ||
		!strings.Contains(string(got.Reason), "1 entries are another user's") {
		t.Errorf("%d grants, %+v", n, got)
	}
}

func TestAnIDThatCannotBeSeenIsNone(t *testing.T) {
	t.Parallel()
	for _, id := range []string{" ", "\t", "\u200b", "\u00a0"} {
		r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
		r.Server.Break(googlefake.Changed(func(answer map[string]any) {
			for _, entry := range answer["items"].([]any) {
				entry.(map[string]any)["clientId"] = id
			}
		}).On("tokens.list").For(googletest.Victim))
		sink, coverage := r.collect(r.provider(r.config()))
		got := coverage["acme.example/grants/"+googletest.Victim]
		if n := len(sink.Of(googletest.Victim, inventory.KindOAuthGrant)); n != 0 || got.Status != inventory.StatusPartial {
			t.Errorf("%q: %d grants, %+v", id, n, got)
		}
	}
}

func TestAUserWhoseAddressMayHaveChangedHandsIsAskedForByID(t *testing.T) {
	t.Parallel()
	byID, byAddress := 0, 0
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{Observe: func(e googlefake.Exchange) {
		if key, found := strings.CutSuffix(e.Path, "/tokens"); found {
			if strings.Contains(key, "@") || strings.Contains(key, "%40") {
				byAddress++
			} else {
				byID++
			}
		}
	}})
	config := r.config()
	config.Workers = 1
	r.collect(r.provider(config))
	if byAddress == 0 || byID > 0 {
		t.Errorf("%d by address and %d by ID right after the list was read", byAddress, byID)
	}
	byAddress = 0
	// The wait comes between the list and the first user.
	r.Server.Break(googlefake.RateLimited(addressTrust + time.Second).On("activities.list").Times(1))
	_, coverage := r.collect(r.provider(config))
	if byID == 0 || byAddress > 0 || isGap(coverage, "acme.example/grants") {
		t.Errorf("%d by address and %d by ID long after the list was read", byAddress, byID)
	}
}

func TestAnIncrementalScanReadsUsersWhomTheLogNamesByAddressAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		edit func(event *googlefake.Event)
		full string
	}{
		{"an-address-and-no-ID", func(e *googlefake.Event) { e.UserID = "" }, ""},
		{"an-address-in-capitals", func(e *googlefake.Event) { e.UserID, e.Email = "", strings.ToUpper(e.Email) }, ""},
		{"a-placeholder-for-the-ID", func(e *googlefake.Event) { e.UserID = nobodysProfile }, ""},
		{"nobody-at-all", func(e *googlefake.Event) { e.UserID, e.Email = "", "" }, "entries of the token log name no user"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			org := googlefake.Acme(googletest.Noon)
			r := newRig(t, org, googlefake.Options{})
			config := r.config()
			config.StateDir, config.Incremental = t.TempDir(), true
			r.collect(r.provider(config))
			r.Clock.Move(time.Hour)
			at := r.Clock.Now()
			org.Grant(googletest.Victim, googlefake.Grant{ClientID: "7000000", Name: "New App", Scopes: []string{"openid"}},
				at, 1000*time.Hour)
			event := googlefake.Event{Application: "token", Name: "authorize", Time: at, Visible: at,
				Email: googletest.Victim, ClientID: "7000000", UserID: "1"}
			test.edit(&event)
			org.AddEvent(event)
			r.Clock.Move(time.Hour)
			sink, coverage := r.collect(r.provider(config))
			found := slices.ContainsFunc(sink.Of(googletest.Victim, inventory.KindOAuthGrant),
				func(item inventory.Item) bool { return item.App.Name == "New App" })
			if details := fmt.Sprint(coverage["acme.example/grants"].Details); !found || !strings.Contains(details, test.full) ||
				strings.Contains(details, "full scan") != (test.full != "") {
				t.Errorf("the new grant was seen: %t; %s", found, details)
			}
		})
	}
}

func TestALogThatDoesNotSayThatItIsOneIsNoBaseForAnIncrementalScan(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.StateDir, config.Incremental = t.TempDir(), true
	r.collect(r.provider(config))
	r.Server.Break(googlefake.Instead(200, googletest.JSONType, "{}").On("activities.list"))
	_, coverage := r.collect(r.provider(config))
	got := coverage["acme.example/grants"]
	if details := fmt.Sprint(got.Details); got.IsGap() ||
		!strings.Contains(details, "the token log's answer does not say what it is") {
		t.Errorf("got %+v", got)
	}
}

func TestAUserWithALastingFaultDelaysNobody(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*googlefake.Fault{
		"503": googlefake.BackendError(), "500": googlefake.ServerError(),
		"503-with-Retry-After": googlefake.BackendError().RetryAfter("3"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Generated{Size: 300, GrantsEach: 1}, googlefake.Options{})
			stuck := "user0000000@generated.example"
			r.Server.Break(fault.On("tokens.list").For(stuck))
			config := r.config()
			config.Subject, config.Features = googletest.GeneratedAdmin, []api.Feature{api.Grants}
			_, coverage := r.collect(r.provider(config))
			if got := coverage["generated.example/grants"]; got.Read != 299 || got.IsGap() ||
				!isGap(coverage, "generated.example/grants/"+stuck) {
				t.Errorf("got %+v", got)
			}
			if r.Clock.Slept() > time.Minute {
				t.Errorf("the scan waited %v", r.Clock.Slept())
			}
		})
	}
}

func isGap(coverage map[string]inventory.Coverage, name string) bool {
	c, found := coverage[name]
	return found && c.IsGap()
}

func TestAFaultOfTheMomentIsTriedAgainWhenEverybodyElseWasRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Generated{Size: 50, GrantsEach: 1}, googlefake.Options{})
	r.Server.Break(googlefake.ServerError().On("tokens.list").For("user0000003@generated.example").Times(attempts))
	config := r.config()
	config.Subject, config.Features, config.Workers = googletest.GeneratedAdmin, []api.Feature{api.Grants}, 1
	_, coverage := r.collect(r.provider(config))
	if got := coverage["generated.example/grants"]; got.Read != 50 ||
		isGap(coverage, "generated.example/grants/user0000003@generated.example") {
		t.Errorf("got %+v", got)
	}
}

// mixed is an organization in which every third user is suspended, and answers 401.
func mixed(size int, edit func(n int, user *googlefake.User)) *googlefake.Org {
	org := googlefake.NewOrg("C0mixed01", "mixed.example")
	for n := range size {
		user := googlefake.User{Email: fmt.Sprintf("user%04d@mixed.example", n), Admin: n == 0, Unit: "/Sales"}
		edit(n, &user)
		org.AddUser(user)
	}
	return org
}

func TestSuspendedUsersDoNotHideThatNobodyElseCanBeRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, mixed(1200, func(n int, user *googlefake.User) {
		user.Suspended, user.AnswersUnauthorized = n%3 == 1, n%3 == 1
	}), googlefake.Options{})
	for n := range 1200 {
		if n%3 != 1 {
			r.Server.Break(googlefake.ServerError().On("tokens.list").For(fmt.Sprintf("user%04d@mixed.example", n)))
		}
	}
	config := r.config()
	config.Subject, config.Features = "user0000@mixed.example", []api.Feature{api.Grants}
	_, coverage := r.collect(r.provider(config))
	if got := coverage["mixed.example/grants"]; !got.IsGap() ||
		!strings.Contains(string(got.Reason), "in a row could not be read") {
		t.Errorf("got %+v", got)
	}
	// The clock of the tests adds up what the workers wait for at the same time.
	if calls, waited := r.Server.Calls()["tokens.list"], r.Clock.Slept()/time.Duration(config.Workers); calls > 400 ||
		waited > 2*time.Minute {
		t.Errorf("%d calls and %v of waiting", calls, waited)
	}
}

func TestARefusalIsAboutWhomItWasAsked(t *testing.T) {
	t.Parallel()
	const size = 3000
	refuse := func(r *rig, refused func(n int) bool) {
		for n := range size {
			if refused(n) {
				r.Server.Break(googlefake.Forbidden().On("tokens.list").For(fmt.Sprintf("user%04d@mixed.example", n)))
			}
		}
	}
	units := func(n int, user *googlefake.User) {
		user.Admin, user.Unit = n < 40, []string{"/Sales", "/IT", "/Support"}[n%3]
	}
	for _, test := range []struct {
		name        string
		refused     func(n int) bool
		read, calls int
		says        string
		exceptions  int
	}{
		{"administrators-alone", func(n int) bool { return n < 40 }, size - 40, size, "", 40},
		{"all-but-one-unit", func(n int) bool { return n%3 != 0 || n < 40 }, 1000 - 14, 1000 + 2*(maxRefusals+4) + 40,
			"users were not asked about, since Google refused the first 25 of their unit", -1},
		{"everybody", func(int) bool { return true }, 0, 3*(maxRefusals+4) + 40, "Google refused all", -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, mixed(size, units), googlefake.Options{})
			refuse(r, test.refused)
			config := r.config()
			config.Subject, config.Features = "user0000@mixed.example", []api.Feature{api.Grants}
			_, coverage := r.collect(r.provider(config))
			got := coverage["mixed.example/grants"]
			if got.Read != test.read || got.IsGap() != (test.says != "") || !strings.Contains(string(got.Reason), test.says) {
				t.Errorf("got %+v", got)
			}
			if calls := r.Server.Calls()["tokens.list"]; calls > test.calls {
				t.Errorf("%d calls, want at most %d", calls, test.calls)
			}
			if gaps := googletest.GapsOf(coverage, "mixed.example/grants"); test.exceptions >= 0 &&
				len(gaps) != test.exceptions {
				t.Errorf("%d gaps, want %d", len(gaps), test.exceptions)
			}
			admin := coverage["mixed.example/grants/user0001@mixed.example"]
			if test.read > 0 && !strings.Contains(string(admin.Reason), "which is an administrator's") {
				t.Errorf("a refused administrator: %+v", admin)
			}
		})
	}
}

func TestUsersDeletedDuringAScanAreOneNoteAndNoGap(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.NotFound().For(googletest.Victim),
		googlefake.Instead(http.StatusPreconditionFailed, googletest.JSONType,
			`{"error":{"code":412,"message":"User is deleted.","errors":[{"reason":"conditionNotMet","message":"User is deleted."}]}}`).
			For("sales@acme.example"))
	_, coverage := r.collect(r.provider(r.config()))
	for name, c := range coverage {
		if c.IsGap() {
			t.Errorf("%s is a gap: %s", name, c.Reason)
		}
	}
	details := fmt.Sprint(coverage["acme.example/users"].Details)
	if !strings.Contains(details, "2 users were deleted after the list was read: finance@acme.example, sales@acme.example") {
		t.Errorf("got %s", details)
	}
}

func TestThatMostUsersWereDeletedIsNotBelieved(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.NotFound().On("tokens.list"), googlefake.NotFound().On("asps.list"))
	_, coverage := r.collect(r.provider(r.config()))
	for _, name := range []string{"acme.example/grants", "acme.example/app-passwords"} {
		if got := coverage[name]; !got.IsGap() || !strings.Contains(string(got.Reason), "which cannot be") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAUnitThatHoldsNobodyIsSaidWithTheUnitsThereAre(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		units, excluded []string
		gap             bool
		says            string
	}{
		{name: "capitals-do-not-matter", units: []string{"/SALES", "/it"}},
		{name: "one-wrong-letter", units: []string{"/Slaes"}, gap: true,
			says: `no user is in the unit "/Slaes"; the units with users are "/Sales"`},
		{name: "one-of-two", units: []string{"/Sales", "/Financ"}, gap: true,
			says: `no user is in the unit "/Financ"; the units with users are "/Finance"`},
		{name: "a-unit-below-one", units: []string{"/Sales/Inside"}, gap: true,
			says: `no user is in the unit "/Sales/Inside"`},
		{name: "everybody-is-left-out", excluded: []string{"/"}, gap: true,
			says: "leave no one to scan: all 11 users are outside"},
		{name: "an-excluded-unit-that-holds-nobody", excluded: []string{"/Interns"},
			says: `exclude_units names "/Interns", which has no users`},
		{name: "an-excluded-unit-in-capitals", excluded: []string{"/SUPPORT"},
			says: "2 users are in units that the configuration leaves out"},
		{name: "the-top", units: []string{"/"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			config := r.config()
			config.Units, config.ExcludeUnits = test.units, test.excluded
			config.StateDir = t.TempDir()
			sink, coverage := r.collect(r.provider(config))
			for _, name := range []string{"acme.example/users", "acme.example/grants", "acme.example/app-passwords"} {
				if got := coverage[name]; got.IsGap() != test.gap {
					t.Errorf("%s: %+v", name, got)
				}
			}
			got := coverage["acme.example/users"]
			if !strings.Contains(string(got.Reason)+fmt.Sprint(got.Details), test.says) {
				t.Errorf("got %+v", got)
			}
			if len(sink.Accounts) != 11 {
				t.Errorf("%d accounts: those outside are there as well", len(sink.Accounts))
			}
		})
	}
}

func TestAnAccountOutsideTheUnitsHasNoPosture(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.Units = []string{"/Sales"}
	sink, _ := r.collect(r.provider(config))
	for _, account := range sink.Accounts {
		outside := account.Facts[inventory.FactOutsideUnits] == "yes"
		if inUnit := account.Unit == "/Sales"; outside == inUnit || outside && account.TwoFactor != "" || account.ID == "" {
			t.Errorf("got %+v", account)
		}
	}
}

func TestAListOfUsersThatIsNotThereIsAboutCustomerAndSubject(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.Instead(404, googletest.JSONType,
		`{"error":{"code":404,"message":"Domain not found.","errors":[{"reason":"notFound"}]}}`).On("users.list"))
	_, coverage := r.collect(r.provider(r.config()))
	got := coverage["acme.example/users"]
	if got.Status != inventory.StatusNotObservable ||
		!strings.Contains(string(got.Reason), "does not know the customer, or the subject it@acme.example") {
		t.Errorf("got %+v", got)
	}
}

func TestWhatAnAgentGrantedIsMarked(t *testing.T) {
	t.Parallel()
	org := googlefake.Acme(googletest.Noon)
	at := googletest.Noon.Add(-time.Hour)
	org.Grant(googletest.Victim, googlefake.Grant{ClientID: "7000000", Name: "Planner", Scopes: []string{"openid"}},
		at.Add(-time.Hour), 1000*time.Hour)
	user, _ := org.User(googletest.Victim)
	org.AddEvent(googlefake.Event{
		Application: "token", Name: "authorize", Time: at, Visible: at, Email: googletest.Victim, UserID: user.ID,
		ClientID: "7000000",
		Agent: googlefake.Agent{ID: "agents/9", Name: "Travel Desk", Owner: "sales@acme.example",
			Type: "GEMINI_ENTERPRISE"},
	})
	r := newRig(t, org, googlefake.Options{})
	sink, coverage := r.collect(r.provider(r.config()))
	const want = "Travel Desk (GEMINI_ENTERPRISE), owner sales@acme.example"
	marked := 0
	for _, item := range sink.Items {
		for _, mark := range item.Marks {
			if mark.Name == inventory.MarkByAgent {
				marked++
				if mark.Detail != want || item.App.Name != "Planner" {
					t.Errorf("got %+v", item)
				}
			}
		}
	}
	if details := fmt.Sprint(coverage["acme.example/token-log"].Details); marked != 1 ||
		!strings.Contains(details, "the AI agent "+want+" made 1 entries") {
		t.Errorf("%d marks; %s", marked, details)
	}
}

func TestGrantsOfTheOrganizationsOwnProjectsAreMarkedAndTheTrapIsSaid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		projects []string
		says     string
		marked   int
	}{
		{"named", []string{"410000000001"}, "4 grants are of such apps", 4},
		{"not-named", nil, "name the numbers of these projects", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			config := r.config()
			config.Projects = test.projects
			sink, coverage := r.collect(r.provider(config))
			marked := 0
			for _, item := range sink.Items {
				if item.HasMark(inventory.MarkOwnProject) {
					marked++
				}
			}
			details := fmt.Sprint(coverage["acme.example/settings"].Details)
			if marked != test.marked || !strings.Contains(details, "internal_apps trusts every app") ||
				!strings.Contains(details, test.says) {
				t.Errorf("%d marked; %s", marked, details)
			}
		})
	}
}

func FuzzAnswer(f *testing.F) {
	for _, body := range []string{
		`{"kind":"admin#directory#tokenList","items":[{"clientId":"1","scopes":null},null]}`, `{}`, `null`, `[]`,
		`{"error":{"code":500}}`,
		`{"installedApps":[{"appId":"a","profileCount":"9"}],"totalSize":1e9}`, `{"items":{"items":[]}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, into := range []api.Answer{
			&userPage{}, &tokenAnswer{}, &aspAnswer{}, &activityPage{}, &usagePage{}, &policyPage{},
		} {
			err := api.Decode(http.StatusOK, body, into)
			if promised := into.Promised(); err == nil && promised != "" && promised != api.KindActivities &&
				!bytes.Contains(body, []byte(`"`)) {
				t.Errorf("%q is taken for %s", body, promised)
			}
		}
	})
}

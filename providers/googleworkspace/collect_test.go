package googleworkspace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/discovery"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

func everything() []api.Feature { return api.FeaturesOf(inventory.GoogleWorkspace) }

func TestAScanOfTheExampleOrganizationSeesEverything(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.Features = everything()
	p := r.provider(config)
	sink, coverage := r.collect(p)
	settings := fmt.Sprint(coverage["acme.example/settings"].Details)

	if len(sink.Accounts) != 11 {
		t.Errorf("%d accounts, want 11", len(sink.Accounts))
	}
	grants, passwords := 0, 0
	for _, item := range sink.Items {
		switch item.Kind {
		case inventory.KindOAuthGrant:
			grants++
		case inventory.KindAppPassword:
			passwords++
		}
	}
	if grants != 22 || passwords != 4 {
		t.Errorf("%d grants and %d app passwords, want 22 (23 less the suspended user's) and 4", grants, passwords)
	}
	for name, want := range map[string]struct {
		status         inventory.Status
		unobservable   bool
		read, expected int
	}{
		"acme.example/users":                             {status: inventory.StatusComplete, read: 11, expected: 11},
		"acme.example/grants":                            {status: inventory.StatusComplete, read: 10, expected: 11},
		"acme.example/grants/former@acme.example":        {status: inventory.StatusNotObservable, unobservable: true},
		"acme.example/app-passwords":                     {status: inventory.StatusComplete, read: 10, expected: 11},
		"acme.example/app-passwords/former@acme.example": {status: inventory.StatusNotObservable, unobservable: true},
		"acme.example/token-log":                         {status: inventory.StatusComplete},
		"acme.example/admin-log":                         {status: inventory.StatusComplete},
		"acme.example/usage":                             {status: inventory.StatusComplete},
		"acme.example/settings":                          {status: inventory.StatusComplete},
		"acme.example/domain-wide-delegation":            {status: inventory.StatusNotObservable, unobservable: true},
		"acme.example/trusted-apps":                      {status: inventory.StatusNotObservable, unobservable: true},
		"acme.example/agents":                            {status: inventory.StatusNotObservable, unobservable: true},
	} {
		got, ok := coverage[name]
		if !ok || got.Status != want.status || got.Unobservable != want.unobservable || got.Read != want.read ||
			got.Expected != want.expected {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		if got.Status != inventory.StatusComplete && (got.Reason == "" || got.Remedy == "") {
			t.Errorf("%s has no reason or no remedy: %+v", name, got)
		}
		delete(coverage, name)
	}
	if len(coverage) > 0 {
		t.Errorf("unexpected coverage: %v", coverage)
	}
	for _, name := range []string{"unconfigured_third_party_apps for ", "internal_apps for "} {
		if !strings.Contains(settings, name) || strings.Contains(settings, "password") {
			t.Errorf("settings: %s", settings)
		}
	}
}

func TestAGrantCarriesIdentityScopesTimesAndMarks(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	sink, coverage := r.collect(r.provider(r.config()))

	finance := sink.Of("finance@acme.example", inventory.KindOAuthGrant)
	if len(finance) != 4 {
		t.Fatalf("finance holds %d grants, want 4", len(finance))
	}
	ledger := finance[slices.IndexFunc(finance, func(i inventory.Item) bool { return i.App.ID == googlefake.AppLedgerIOS })]
	if ledger.App.Project != "430000000003" || ledger.Holder.Unit != "/Finance" || ledger.Holder.Admin != inventory.No ||
		ledger.Facts["client_type"] != "NATIVE_IOS" || ledger.Facts["native_app"] != "true" ||
		!ledger.HasMark(inventory.MarkNative) ||
		!ledger.Added.Equal(googletest.Noon.AddDate(0, 0, -30)) || ledger.State != inventory.StateEnabled ||
		!slices.Contains(ledger.Access.Permissions, inventory.Untrusted(scopePrefix+"drive.file")) {
		t.Errorf("the grant lost something: %+v", ledger)
	}
	if chrome := sink.Of(googletest.Admins, inventory.KindOAuthGrant)[3]; chrome.App.ID != googlefake.AppChrome ||
		!chrome.HasMark(inventory.MarkFirstParty) || chrome.Holder.Admin != inventory.Yes {
		t.Errorf("Google's own client is not marked, or its holder is no administrator: %+v", chrome)
	}
	archived := sink.Of("archive@acme.example", inventory.KindOAuthGrant)
	if len(archived) != 1 || archived[0].State != inventory.StateDisabled ||
		archived[0].App.ID != googlefake.AppAnonymous ||
		!archived[0].HasMark(inventory.MarkAnonymous) || archived[0].App.Project != "" {
		t.Errorf("an archived user's anonymous grant: %+v", archived)
	}
	details := fmt.Sprint(coverage["acme.example/grants"].Details)
	if !strings.Contains(details, googlefake.AppCalendar) || !strings.Contains(details, googlefake.AppLookalike) ||
		strings.Contains(details, "Ledger") {
		t.Errorf("names that look alike are not told, or one maker's two clients are: %s", details)
	}
	delegation := fmt.Sprint(coverage["acme.example/domain-wide-delegation"].Details)
	if !strings.Contains(delegation, `given to client "112233445566778899001"`) {
		t.Errorf("the delegation that the admin log tells of is missing: %s", delegation)
	}
}

func TestAppPasswordTimesAreReadInEveryUnit(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	sink, _ := r.collect(r.provider(r.config()))
	for _, test := range []struct {
		name, user    string
		n             int
		created, used time.Time
	}{
		{"milliseconds", "finance@acme.example", 0, googletest.Noon.AddDate(0, 0, -300), googletest.Noon.AddDate(0, 0, -2)},
		{"zero is unknown", "finance@acme.example", 1, googletest.Noon.AddDate(0, 0, -4), time.Time{}},
		{"seconds", "support@acme.example", 0, googletest.Noon.AddDate(0, 0, -700), googletest.Noon.AddDate(0, 0, -200)},
		{"nothing is known", "archive@acme.example", 0, time.Time{}, time.Time{}},
	} {
		items := sink.Of(test.user, inventory.KindAppPassword)
		if len(items) <= test.n || !items[test.n].Added.Equal(test.created) || !items[test.n].LastUsed.Equal(test.used) {
			t.Errorf("%s: got %+v", test.name, items)
		}
	}
}

func TestAccountsCarryTheirPosture(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	sink, _ := r.collect(r.provider(r.config()))
	byLogin := map[inventory.Untrusted]inventory.Account{}
	for _, account := range sink.Accounts {
		byLogin[account.Login] = account
	}
	const yes, no = inventory.Yes, inventory.No
	for _, test := range []struct {
		login                                            inventory.Untrusted
		admin, suspended, archived, guest, two, enforced inventory.Answer
		lastLoginKnown                                   bool
		fact                                             string
	}{
		{googletest.Admins, yes, no, no, no, yes, yes, true, "super administrator"},
		{"security@acme.example", yes, no, no, no, yes, yes, true, "delegated administrator"},
		{"sales@acme.example", no, no, no, no, no, no, true, ""},
		{"printer@acme.example", no, no, no, no, no, no, false, ""},
		{"former@acme.example", no, yes, no, no, no, no, true, ""},
		{"archive@acme.example", no, no, yes, no, yes, no, true, ""},
		{"auditor@acme.example", no, no, no, yes, yes, no, true, ""},
	} {
		a := byLogin[test.login]
		if a.Admin != test.admin || a.Suspended != test.suspended || a.Archived != test.archived || a.Guest != test.guest ||
			a.TwoFactor != test.two || a.TwoFactorEnforced != test.enforced || a.LastLogin.IsZero() == test.lastLoginKnown ||
			string(a.Facts["role"]) != test.fact {
			t.Errorf("%s: %+v", test.login, a)
		}
	}
	if never := byLogin["printer@acme.example"].Facts["last_login"]; never != "never" {
		t.Errorf("somebody who never signed in: %q", never)
	}
}

func TestAnAnswerThatIsMissingIsUnknownAndNotNo(t *testing.T) {
	t.Parallel()
	var page userPage
	body := `{"kind":"admin#directory#users","users":[{"id":"1","primaryEmail":"a@acme.example","isEnrolledIn2Sv":false,"suspended":null}]}`
	if err := api.Decode(200, []byte(body), &page); err != nil {
		t.Fatal(err)
	}
	user := newUser(&page.Users.Entries[0])
	account := user.account(inventory.Source{})
	if account.TwoFactor != inventory.No || account.Suspended != inventory.Unknown || account.Admin != inventory.Unknown {
		t.Errorf("got %+v", account)
	}
}

func TestOnlyUsersOfTheConfiguredUnitsAreRead(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.Units, config.ExcludeUnits = []string{"/Finance", "/Support"}, []string{"/Support/Nobody", "/Fin"}
	sink, coverage := r.collect(r.provider(config))
	outside := 0
	for _, account := range sink.Accounts {
		if account.Facts[inventory.FactOutsideUnits] == "yes" {
			outside++
		}
	}
	if len(sink.Accounts) != 11 || outside != 7 || r.Server.Calls()["tokens.list"] != 4 {
		t.Errorf("%d accounts, %d of them outside, %d token calls, want 11, 7 and 4", len(sink.Accounts), outside,
			r.Server.Calls()["tokens.list"])
	}
	if details := fmt.Sprint(coverage["acme.example/users"].Details); !strings.Contains(details, "7 users are in units") {
		t.Errorf("the users left out are not told: %s", details)
	}
}

func TestUsersAreDrainedBeforeTheFirstGrantIsRead(t *testing.T) {
	t.Parallel()
	var order []string
	r := newRig(t, googlefake.Generated{Size: 1100, GrantsEach: 1},
		googlefake.Options{Observe: func(e googlefake.Exchange) {
			if strings.HasSuffix(e.Path, "/users") || strings.HasSuffix(e.Path, "/tokens") {
				order = append(order, e.Path[strings.LastIndexByte(e.Path, '/'):])
			}
		}})
	config := r.config()
	config.Subject, config.Workers = "user0000000@generated.example", 1
	config.Features = []api.Feature{api.Grants}
	r.collect(r.provider(config))
	if pages := slices.Index(order, "/tokens"); pages != 3 || slices.Contains(order[pages:], "/users") {
		t.Errorf("the first grant was read after %d of 3 pages of users", pages)
	}
}

func TestWhatIsSentIsWhatTheDiscoveryDocumentsKnowAndOnlyReads(t *testing.T) {
	t.Parallel()
	checker := discovery.Open(t)
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{Observe: func(e googlefake.Exchange) {
		if err := checker.Check(discovery.Exchange(e)); err != nil {
			t.Error(err)
		}
	}})
	config := r.config()
	config.Features = slices.Concat(everything(), api.FeaturesOf(inventory.ChromeManagement))
	config.ActivityDays = 3
	p := r.provider(config)
	r.collect(p)
	chrome := r.chrome(config)
	r.collect(chrome)
	for _, prober := range []scanner.Prober{p, chrome} {
		diagnosis, err := prober.Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.Keep(diagnosis)
	}
	if methods := r.Server.Methods(); len(methods) != 1 || methods["GET"] == 0 {
		t.Errorf("methods used: %v, want GET only", methods)
	}
	calls := r.Server.Calls()
	for _, name := range []string{
		"users.list", "tokens.list", "asps.list", "activities.list", "customerUsageReports.get", "userUsageReport.get",
		"policies.list",
		"countInstalledApps", "findInstalledAppProfiles", "findInstalledAppDevices", "apps.chrome.get",
	} {
		if calls[name] == 0 {
			t.Errorf("%s was never called", name)
		}
	}
}

func TestASinkThatFailsEndsTheScanWithItsError(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	full := errors.New("disk full")
	if _, err := r.provider(r.config()).Collect(t.Context(), &testkit.Sink{Err: full}); !errors.Is(err, full) {
		t.Errorf("got %v, want the sink's error", err)
	}
}

func TestLastUseComesFromTheActivityLog(t *testing.T) {
	t.Parallel()
	org := googlefake.Acme(googletest.Noon)
	id, _ := org.User("support@acme.example")
	used := googletest.Noon.Add(-20 * time.Hour)
	for n := range 3 {
		at := used.Add(-time.Duration(n) * time.Hour)
		org.AddEvent(googlefake.Event{Application: "token", Name: "activity", Time: at, Visible: at, UserID: id.ID,
			Email:    id.Email,
			ClientID: googlefake.AppHelpdesk, Type: "WEB"})
	}
	r := newRig(t, org, googlefake.Options{})
	config := r.config()
	config.ActivityDays = 2
	sink, _ := r.collect(r.provider(config))
	for _, item := range sink.Of("support@acme.example", inventory.KindOAuthGrant) {
		want := time.Time{}
		if item.App.ID == googlefake.AppHelpdesk {
			want = used
		}
		if !item.LastUsed.Equal(want) {
			t.Errorf("%s was last used %v, want %v", item.App.Name, item.LastUsed, want)
		}
	}
}

func TestClientIDsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, id, want, project string }{
		{"as Google writes it", "123456789012-abc1234.apps.googleusercontent.com",
			"123456789012-abc1234.apps.googleusercontent.com", "123456789012"},
		{"without the suffix", "123456789012-abc1234", "123456789012-abc1234.apps.googleusercontent.com", "123456789012"},
		{"only a project number", "77185425430", "77185425430.apps.googleusercontent.com", "77185425430"},
		{"with space and capitals", " 123456789012-ABC1234.Apps.GoogleUserContent.com\n",
			"123456789012-abc1234.apps.googleusercontent.com", "123456789012"},
		{"an anonymous client's domain", "legacy.example", "legacy.example", ""},
		{"a service account's number", "112233445566778899001", "112233445566778899001", ""},
		{"a name that only ends so", "evil.apps.googleusercontent.com", "evil.apps.googleusercontent.com", ""},
		{"nothing", "", "", ""},
	} {
		got := normalizeClientID(test.id)
		if got != test.want || projectOf(got) != test.project {
			t.Errorf("%s: got %q of %q, want %q of %q", test.name, got, projectOf(got), test.want, test.project)
		}
		if again := normalizeClientID(got); again != got {
			t.Errorf("%s: normalizing twice gives %q", test.name, again)
		}
	}
}

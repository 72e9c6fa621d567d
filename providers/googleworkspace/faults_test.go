package googleworkspace

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

func TestAFaultOfOneUserIsThatUsersCoverageAndNobodyElses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault *googlefake.Fault
		says  string
		fix   string
		calls int // of tokens.list for 11 users at most; the suspended one and the victim included
	}{
		{"401", googlefake.Unauthorized(), "401 for this user, as it does for a suspended or deleted account",
			api.PageUsers, 12},
		{"the-address-of-a-group", googlefake.GroupKey(), "belongs to a group", "nothing to do", 11},
		{"a-500-that-stays", googlefake.ServerError(), "service failed on every attempt (HTTP 500)", "scan again later", 22},
		{"an-HTML-page-that-stays", googlefake.BadGateway(), "service failed on every attempt (HTTP 502)",
			"scan again later", 22},
		{"a-503-that-stays", googlefake.BackendError(), "service failed on every attempt (HTTP 503)", "scan again later", 22},
		{"a-truncated-answer-that-stays", googlefake.Truncated(), "service failed on every attempt", "scan again later", 22},
		{"a-connection-that-is-always-reset", googlefake.Reset(), "no answer from Google", "check the network connection",
			22},
		{"a-limit-that-stays", googlefake.RateLimited(0), "limit was still exceeded", "quotas?project=fake-project", 34},
		{"a-quota-that-stays", googlefake.UserRateLimited(), "limit was still exceeded", "lower rate_per_minute", 34},
		{"an-operation's-quota-that-stays", googlefake.QuotaExceeded(), "limit was still exceeded",
			"lower rate_per_minute", 34},
		{"a-role-that-may-not-see-this-user", googlefake.Forbidden(), "is missing the privilege", pageRoles, 11},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			r.Server.Break(test.fault.On("tokens.list").For(googletest.Victim))
			config := r.config()
			config.Workers = 1
			sink, coverage := r.collect(r.provider(config))
			name := "acme.example/grants/" + googletest.Victim
			got := coverage[name]
			if got.Status != inventory.StatusNotObservable || !strings.Contains(string(got.Reason), test.says) ||
				!strings.Contains(string(got.Remedy), test.fix) {
				t.Errorf("the user's coverage: %+v", got)
			}
			if whole := coverage["acme.example/grants"]; whole.Status != inventory.StatusComplete || whole.Read != 9 ||
				whole.Items != 18 {
				t.Errorf("the others' coverage: %+v", whole)
			}
			if n := len(sink.Of(googletest.Victim, inventory.KindOAuthGrant)); n != 0 {
				t.Errorf("%d grants of a user who could not be read", n)
			}
			if n := len(sink.Of(googletest.Victim, inventory.KindAppPassword)); n != 2 {
				t.Errorf("%d app passwords of the user, want 2: that source was fine", n)
			}
			// The suspended user answers 401 as well: with one call where the token has worked already, with
			// two where not.
			if calls := r.Server.Calls()["tokens.list"]; calls < 11 || calls > test.calls+2 {
				t.Errorf("%d calls, want at most two more than %d", calls, test.calls)
			}
		})
	}
}

func TestACustomerThatGoogleDoesNotKnowIsTold(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.Customer = "C0elsewhere"
	_, coverage := r.collect(r.provider(config))
	got := coverage["acme.example/users"]
	if got.Status != inventory.StatusNotObservable ||
		!strings.Contains(string(got.Reason), "does not know the customer") ||
		!strings.Contains(string(got.Remedy), "https://admin.google.com/ac/accountsettings/profile") {
		t.Errorf("got %+v", got)
	}
}

func TestA503OfReportsIsItsLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.BackendError().On("activities.list"))
	_, coverage := r.collect(r.provider(r.config()))
	if got := coverage["acme.example/token-log"]; !strings.Contains(string(got.Reason), "limit was still exceeded") ||
		got.Remedy == "" {
		t.Errorf("got %+v", got)
	}
}

func TestAFaultThatPassesCostsNothing(t *testing.T) {
	t.Parallel()
	clean := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	sink, _ := clean.collect(clean.provider(clean.config()))
	want := sink.Text(t)
	for _, test := range []struct {
		name  string
		fault *googlefake.Fault
		waits time.Duration
	}{
		{"429-with-Retry-After", googlefake.RateLimited(7 * time.Second), 7 * time.Second},
		{"429", googlefake.RateLimited(0), 0},
		{"403-userRateLimitExceeded", googlefake.UserRateLimited(), 0},
		{"403-quotaExceeded", googlefake.QuotaExceeded(), 0},
		{"500", googlefake.ServerError(), 0},
		{"502-with-an-HTML-page", googlefake.BadGateway(), 0},
		{"503", googlefake.BackendError(), 0},
		{"truncated-JSON", googlefake.Truncated(), 0},
		{"connection-reset", googlefake.Reset(), 0},
		{"one-401", googlefake.Unauthorized(), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, call := range []string{"users.list", "tokens.list", "asps.list", "activities.list", "policies.list"} {
				times := 2
				if test.name == "one-401" {
					times = 1
				}
				r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
				fault := *test.fault
				r.Server.Break(fault.On(call).Times(times))
				p := r.provider(r.config())
				p.env.Now = func() time.Time { return googletest.Noon }
				sink, coverage := r.collect(p)
				if got := sink.Text(t); got != want {
					t.Errorf("%s: the result differs:\n%s", call, got)
				}
				for name, c := range coverage {
					if c.IsGap() && !strings.HasSuffix(name, "/former@acme.example") {
						t.Errorf("%s: %s is a gap: %s", call, name, c.Reason)
					}
				}
				if r.Clock.Slept() < test.waits {
					t.Errorf("%s: waited %v, Retry-After says %v", call, r.Clock.Slept(), test.waits)
				}
			}
		})
	}
}

func TestAFaultOfEverybodyEndsItsFeatureAndNoOther(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		fault        *googlefake.Fault
		says, remedy string
		most         int // tokens.list calls at one worker
	}{
		{"the-API-is-off", googlefake.APIOff("admin.googleapis.com", "424242"), "Admin SDK API is not enabled",
			"https://console.developers.google.com/apis/api/admin.googleapis.com/overview?project=424242", 1},
		{"the-token-lacks-the-scope", googlefake.InsufficientScope(), "does not give the service account",
			scopePrefix + "admin.directory.user.security", 1},
		{"the-role-lacks-the-privilege", googlefake.Forbidden(), "is missing the privilege", pageRoles, 11},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			r.Server.Break(test.fault.On("tokens.list"))
			config := r.config()
			config.Workers = 1
			sink, coverage := r.collect(r.provider(config))
			got := coverage["acme.example/grants"]
			if got.Status != inventory.StatusNotObservable || !strings.Contains(string(got.Reason), test.says) ||
				!strings.Contains(string(got.Remedy), test.remedy) {
				t.Errorf("got %+v", got)
			}
			if calls := r.Server.Calls()["tokens.list"]; calls > test.most {
				t.Errorf("%d calls after it was clear that none can succeed, want %d", calls, test.most)
			}
			if whole := coverage["acme.example/app-passwords"]; whole.Status != inventory.StatusComplete ||
				len(sink.Of(googletest.Victim, inventory.KindAppPassword)) != 2 {
				t.Errorf("app passwords: %+v", whole)
			}
			for name := range coverage {
				if strings.HasPrefix(name, "acme.example/grants/") {
					t.Errorf("a user is blamed for a fault of everybody: %s", name)
				}
			}
		})
	}
}

func TestAScopeThatIsNotDelegatedTakesOnlyItsFeatureDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon),
		googlefake.Options{Delegated: api.Scopes(api.Accounts, api.Grants, api.AppPasswords, api.Events)})
	config := r.config()
	config.Features = everything()
	_, coverage := r.collect(r.provider(config))
	for _, name := range []string{"acme.example/settings", "acme.example/usage"} {
		got := coverage[name]
		if got.Status != inventory.StatusNotObservable || !strings.Contains(string(got.Remedy), api.PageDelegation) ||
			!strings.Contains(string(got.Remedy), googlefake.ServiceAccountID) ||
			!strings.Contains(string(got.Remedy), strings.Join(api.Scopes(everything()...), ",")) {
			t.Errorf("%s: the remedy must name page, client ID and the whole scope line: %+v", name, got)
		}
	}
	if got := coverage["acme.example/grants"]; got.Status != inventory.StatusComplete {
		t.Errorf("grants: %+v", got)
	}
}

func TestTheLineToPasteServesBothProviders(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{Delegated: []string{scopePrefix + "none"}})
	config := r.config()
	config.Features = []api.Feature{api.Grants, api.Chrome}
	for _, p := range []scanner.Prober{r.provider(config), r.chrome(config)} {
		diagnosis, err := p.Probe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		r.Keep(diagnosis)
		want := strings.Join(api.Scopes(api.Accounts, api.Grants, api.Chrome), ",")
		if got := diagnosis.Checks[0]; got.Paste != want || got.Page != api.PageDelegation {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

func TestAListOfUsersThatBreaksOffLeavesEverythingPartial(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Generated{Size: 1200, GrantsEach: 1}, googlefake.Options{})
	r.Server.Break(googlefake.ServerError().On("users.list").After(1))
	config := r.config()
	config.Subject = "user0000000@generated.example"
	config.Features = []api.Feature{api.Grants}
	sink, coverage := r.collect(r.provider(config))
	if len(sink.Accounts) != 500 {
		t.Errorf("%d accounts, want the 500 that were listed", len(sink.Accounts))
	}
	for _, name := range []string{"generated.example/users", "generated.example/grants"} {
		if got := coverage[name]; got.Status != inventory.StatusPartial || !strings.Contains(string(got.Reason), "HTTP 500") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestNoListOfUsersIsNeverNoUsers(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.Forbidden().On("users.list"))
	_, coverage := r.collect(r.provider(r.config()))
	for _, name := range []string{"acme.example/users", "acme.example/grants", "acme.example/app-passwords"} {
		if got := coverage[name]; got.Status != inventory.StatusNotObservable || got.Reason == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTokensRevokedInTheMiddleAreRenewed(t *testing.T) {
	t.Parallel()
	clean := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	want, _ := clean.collect(clean.provider(clean.config()))
	for _, after := range []int{1, 5, 9, 14, 20} {
		var r *rig
		calls := 0
		r = newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{Observe: func(googlefake.Exchange) {
			if calls++; calls == after {
				r.Server.RevokeTokens()
			}
		}})
		config := r.config()
		config.Workers = 1
		got, coverage := r.collect(r.provider(config))
		if got.Text(t) != want.Text(t) {
			t.Errorf("revoked after %d calls: the result differs", after)
		}
		if c := coverage["acme.example/grants"]; c.Read != 10 {
			t.Errorf("revoked after %d calls: %+v", after, c)
		}
	}
}

func TestAccessTokensThatRunOutAreRenewed(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{TokenLifetime: time.Second})
	_, coverage := r.collect(r.provider(r.config()))
	if c := coverage["acme.example/grants"]; c.Read != 10 {
		t.Errorf("got %+v", c)
	}
}

func TestASignInTakenAwayInTheMiddleStopsAskingAndKeepsTheCheckpoint(t *testing.T) {
	t.Parallel()
	org := googlefake.Generated{Size: 2000, GrantsEach: 1}
	r := newRig(t, org, googlefake.Options{})
	r.Server.Break(googlefake.Unauthorized().On("tokens.list").After(100))
	config := r.config()
	config.Subject, config.Features, config.StateDir = "user0000000@generated.example", []api.Feature{api.Grants}, t.TempDir()
	_, coverage := r.collect(r.provider(config))
	got := coverage["generated.example/grants"]
	if got.Status != inventory.StatusPartial || got.Read != 100 ||
		!strings.Contains(string(got.Reason), "users in a row could not be read") {
		t.Errorf("got %+v", got)
	}
	if calls := r.Server.Calls()["tokens.list"]; calls > 700 {
		t.Errorf("%d calls although every one is refused", calls)
	}
	r.Server.Repair()
	r.ResetCounts()
	_, coverage = r.collect(r.provider(config))
	if got := coverage["generated.example/grants"]; got.Status != inventory.StatusComplete || got.Read != 2000 {
		t.Errorf("after the repair: %+v", got)
	}
	if calls := r.Server.Calls()["tokens.list"]; calls != 1900 {
		t.Errorf("after the repair: %d calls, want 1900", calls)
	}
}

func TestA401AboutNobodyInParticularIsTheCredentials(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.Server.Break(googlefake.Unauthorized().On("users.list"))
	_, coverage := r.collect(r.provider(r.config()))
	if got := coverage["acme.example/users"]; got.Status != inventory.StatusNotObservable ||
		!strings.Contains(string(got.Reason), "refuses the service account key") {
		t.Errorf("got %+v", got)
	}
}

func TestAUsageReportThatIsLateIsTakenFromAnEarlierDay(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{UsageLag: 5})
	config := r.config()
	config.Features = everything()
	_, coverage := r.collect(r.provider(config))
	got := coverage["acme.example/usage"]
	if got.Status != inventory.StatusComplete || !strings.Contains(fmt.Sprint(got.Details), "2026-11-18") {
		t.Errorf("got %+v", got)
	}
}

func TestDoctorNamesWhatIsMissingAndTheExactFix(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options googlefake.Options
		subject string
		fault   *googlefake.Fault
		feature api.Feature
		lacks   string
		page    string
		line    bool
	}{
		{name: "a-scope-that-is-not-delegated", options: googlefake.Options{Delegated: api.Scopes(api.Accounts)},
			feature: api.Grants, lacks: api.Grants.Info().Scope, page: api.PageDelegation, line: true},
		{name: "an-API-that-is-off", fault: googlefake.APIOff("cloudidentity.googleapis.com", "7").On("policies.list"),
			feature: api.Settings, lacks: "cloudidentity.googleapis.com",
			page: "https://console.developers.google.com/apis/api/cloudidentity.googleapis.com/overview?project=7"},
		{name: "a-subject-without-the-role", subject: "finance@acme.example", feature: api.Accounts,
			lacks: api.Accounts.Info().Privilege, page: pageRoles},
		{name: "a-delegated-administrator-at-the-policies", subject: "security@acme.example", feature: api.Settings,
			lacks: api.Settings.Info().Privilege, page: pageRoles},
		{name: "a-subject-that-does-not-exist", subject: "nobody@acme.example", feature: api.Accounts},
		{name: "all-well", feature: api.Usage},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), test.options)
			if test.fault != nil {
				r.Server.Break(test.fault)
			}
			config := r.config()
			config.Features = everything()
			if test.subject != "" {
				config.Subject = test.subject
			}
			diagnosis, err := r.provider(config).Probe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(diagnosis.Checks) != len(everything())+3 || string(diagnosis.Who) != config.Subject ||
				diagnosis.SignIn == "" {
				t.Fatalf("got %+v", diagnosis)
			}
			got := diagnosis.Checks[slices.IndexFunc(diagnosis.Checks,
				func(c scanner.Check) bool { return string(c.Name) == string(test.feature) })]
			if got.Lacks != test.lacks || (got.State == scanner.CheckReadable) != (test.name == "all-well") ||
				got.Page != test.page ||
				(got.Paste != "") != test.line || (got.State == scanner.CheckReadable) != (got.Reason == "") {
				t.Errorf("got %+v", got)
			}
			r.Keep(diagnosis)
		})
	}
}

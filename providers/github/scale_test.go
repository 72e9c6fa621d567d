package github_test

import (
	"sync"
	"testing"

	"guestlist/providers/fake/githubfake"
	"guestlist/providers/github"
	"guestlist/providers/github/api"
	"guestlist/providers/github/signin"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// The organization of the issue: 300 installed apps, 5,000 members, 20,000 credential
// authorizations.
var large = githubfake.Sizes{Members: 5000, Outside: 40, Installations: 300, Credentials: 20_000, Tokens: 250,
	Requests: 3,
	Hooks:    12}

// leastRequests are what paging with 100 entries allows for large, and what each is for.
var leastRequests = []struct {
	operation string
	count     int
}{
	{"GET /app", 1},
	{"GET /orgs/{org}/installation", 1},
	{"POST /app/installations/{installation_id}/access_tokens", 1},
	{"GET /orgs/{org}", 1},
	{"GET /orgs/{org}/installations", 3},
	{"GET /apps/{app_slug}", 300}, // what each app asks for now, and its owner: GitHub has no list of these
	// All; 50 owners; 250 without, 50 with a weak second factor. A list of several pages that
	// declares no total is counted at its beginning and its end, and 50 entries may be a page that
	// was cut off.
	{"GET /orgs/{org}/members", (50 + 2) + (1 + 1) + (3 + 2) + (1 + 1)},
	{"GET /orgs/{org}/outside_collaborators", 3}, // all; without; weak
	{"GET /orgs/{org}/credential-authorizations", 200},
	{"GET /orgs/{org}/personal-access-tokens", 3 + 2},
	{"GET /orgs/{org}/personal-access-token-requests", 1},
	{"GET /orgs/{org}/hooks", 1},
}

// largeFake starts the large organization and returns the way to sign in to it.
func largeFake(tb testing.TB, sizes githubfake.Sizes, clock *testkit.Clock) (*githubfake.Fake, github.Config) {
	tb.Helper()
	key, public := keyPEM(tb, false)
	fake, err := githubfake.Start(githubfake.Options{
		Organizations: []*githubfake.Organization{githubfake.Generate("acme", sizes)}, Core: 15_000, Now: clock.Now,
		SignIn: &githubfake.SignIn{ID: 77, ClientID: "Iv1.scanner", Slug: "guest-list", Key: public,
			Permissions: allPermissions(),
			Installed:   map[string]int64{"acme": 900}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { fake.Close() })
	return fake, github.Config{Organizations: []string{"acme"},
		Connection: api.Connection{BaseURL: fake.URL(), Sleep: clock.Sleep},
		Credential: signin.App{ClientID: "Iv1.scanner", Key: key}}
}

func scanOnce(tb testing.TB, clock *testkit.Clock, config github.Config) *testkit.Counter {
	tb.Helper()
	made, err := github.New(scanner.Env{Now: clock.Now}, config)
	if err != nil {
		tb.Fatal(err)
	}
	sink := &testkit.Counter{}
	coverages, err := made.Collect(tb.Context(), sink)
	if err != nil {
		tb.Fatal(err)
	}
	for _, coverage := range coverages {
		if coverage.IsGap() {
			tb.Fatalf("%v is %s: %s", coverage.Source, coverage.Status, coverage.Reason)
		}
	}
	return sink
}

func TestALargeOrganizationTakesTheLeastRequests(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(now)
	fake, config := largeFake(t, large, clock)
	start := clock.Now()
	sink := scanOnce(t, clock, config)
	if items, accounts := sink.Items.Load(), sink.Accounts.Load(); items != 20_565 || accounts != 5040 {
		t.Errorf("%d items and %d accounts, want 20,565 and 5,040", items, accounts)
	}
	byOperation, sum := fake.Requests()
	least := 0
	for _, want := range leastRequests {
		least += want.count
		if got := byOperation[want.operation]; got != want.count {
			t.Errorf("%s: %d requests, the least is %d", want.operation, got, want.count)
		}
	}
	if sum != least {
		t.Errorf("%d requests, the least is %d", sum, least)
	}
	// GitHub's published secondary limits: 100 requests at a time, 900 points a minute, a GET being
	// one. We promise 4 at a time.
	if most := fake.MostInFlight(); most > 4 {
		t.Errorf("%d requests at a time", most)
	}
	if minutes := clock.Now().Sub(start).Minutes(); float64(sum) > 900*minutes+100 {
		t.Errorf("%d requests in %.2f minutes", sum, minutes)
	}
}

func TestConcurrencyIsBoundedWhateverIsConfigured(t *testing.T) {
	t.Parallel()
	for configured, most := range map[int]int{1: 1, 2: 2, 1000: 16} {
		clock := testkit.NewClock(now)
		fake, config := largeFake(t, githubfake.Sizes{Members: 5, Installations: 250, Repositories: 120, Hooks: 3}, clock)
		config.Concurrency, config.DeepRepositories = configured, true
		scanOnce(t, clock, config)
		if got := fake.MostInFlight(); got > most {
			t.Errorf("concurrency %d: %d requests at a time, want at most %d", configured, got, most)
		}
	}
}

func TestMemoryDoesNotGrowWithTheNumberOfCredentials(t *testing.T) {
	if testing.Short() {
		t.Skip("reads two large organizations")
	}
	peak := func(credentials int) uint64 {
		clock := testkit.NewClock(now)
		_, config := largeFake(t, githubfake.Sizes{Members: 50, Credentials: credentials}, clock)
		made, err := github.New(scanner.Env{Now: clock.Now}, config)
		if err != nil {
			t.Fatal(err)
		}
		before := testkit.LiveHeap()
		sink := &sampler{every: int64(credentials / 4), most: before}
		if _, err := made.Collect(t.Context(), sink); err != nil {
			t.Fatal(err)
		}
		return sink.most - before
	}
	small, big := peak(2000), peak(20_000)
	t.Logf("live heap above the start: %d KiB at 2,000 credentials, %d KiB at 20,000", small>>10, big>>10)
	// What is kept of an entry is the hash that tells a repeated page: some tens of bytes.
	if grown := int64(big) - int64(small); grown > 3<<20 {
		t.Errorf("18,000 more credentials keep %d KiB more", grown>>10)
	}
}

// sampler is a sink that looks at the live heap after every nth item.
type sampler struct {
	testkit.Counter
	every int64
	mu    sync.Mutex
	most  uint64
}

func (s *sampler) AddItem(item *inventory.Item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.Counter.AddItem(item)
	if s.Items.Load()%s.every == 0 {
		s.most = max(s.most, testkit.LiveHeap())
	}
	return err
}

func BenchmarkLargeOrganization(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		clock := testkit.NewClock(now)
		fake, config := largeFake(b, large, clock)
		b.StartTimer()
		scanOnce(b, clock, config)
		b.StopTimer()
		_, sum := fake.Requests()
		least := 0
		for _, want := range leastRequests {
			least += want.count
		}
		b.ReportMetric(float64(sum), "requests/op")
		b.ReportMetric(float64(least), "least-requests/op")
		b.ReportMetric(float64(fake.MostInFlight()), "at-a-time")
		b.ReportMetric(clock.Slept().Minutes(), "paced-minutes/op")
		fake.Close()
		b.StartTimer()
	}
}

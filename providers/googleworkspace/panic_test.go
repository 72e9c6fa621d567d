package googleworkspace

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// panicking stands in the place of a bug that one user's data brings out, where answers are read
// and where they are passed on.
type panicking struct {
	scanner.Sink
	isPath    func(path string) bool
	isItem    func(*inventory.Item) bool
	isAccount func(*inventory.Account) bool
}

func (p *panicking) RoundTrip(request *http.Request) (*http.Response, error) {
	if path, _ := url.PathUnescape(request.URL.Path); p.isPath != nil && p.isPath(path) {
		panic("a fault while an answer is read")
	}
	return http.DefaultTransport.RoundTrip(request)
}

func (p *panicking) AddItem(item *inventory.Item) error {
	if p.isItem != nil && p.isItem(item) {
		panic("a fault while an item is passed on")
	}
	return p.Sink.AddItem(item)
}

func (p *panicking) AddAccount(account *inventory.Account) error {
	if p.isAccount != nil && p.isAccount(account) {
		panic("a fault while an account is passed on")
	}
	return p.Sink.AddAccount(account)
}

func TestAPanicOverOneUserCostsThatUsersSourceAlone(t *testing.T) {
	t.Parallel()
	isVictims := func(kind inventory.Kind) func(*inventory.Item) bool {
		return func(item *inventory.Item) bool {
			return item.Kind == kind && item.Holder.Account == googletest.Victim
		}
	}
	for name, test := range map[string]struct {
		panicking panicking
		gap       string
	}{
		"reading-grants": {panicking{isPath: func(path string) bool {
			return strings.HasSuffix(path,
				googletest.Victim+"/tokens")
		}},
			"acme.example/grants/" + googletest.Victim},
		"reading-app-passwords": {panicking{isPath: func(path string) bool {
			return strings.HasSuffix(path,
				googletest.Victim+"/asps")
		}},
			"acme.example/app-passwords/" + googletest.Victim},
		"a-grant": {panicking{isItem: isVictims(inventory.KindOAuthGrant)},
			"acme.example/grants/" + googletest.Victim},
		"an-app-password": {panicking{isItem: isVictims(inventory.KindAppPassword)},
			"acme.example/app-passwords/" + googletest.Victim},
		"an-account": {panicking{isAccount: func(account *inventory.Account) bool { return account.Login == googletest.Victim }},
			"acme.example/users"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			env, sink := r.Env(), &testkit.Sink{}
			test.panicking.Sink, env.Transport = sink, &test.panicking
			p, err := New(env, r.config())
			if err != nil {
				t.Fatal(err)
			}
			list, err := p.Collect(t.Context(), &test.panicking)
			if err != nil {
				t.Fatal(err)
			}
			coverage := r.ByName(list)
			if got := coverage[test.gap]; got.Status != inventory.StatusPartial ||
				!strings.Contains(string(got.Reason), "this is a bug in guestlist") {
				t.Errorf("%s: %+v", test.gap, got)
			}
			for n := range list {
				if list[n].IsGap() && !strings.HasSuffix(string(list[n].Source.Name), googletest.Victim) && name != "an-account" {
					t.Errorf("a gap: %+v", list[n])
				}
			}
			if others := holders(sink.Items); len(others) < 8 {
				t.Errorf("items of %d accounts only", len(others))
			}
		})
	}
}

func holders(items []inventory.Item) map[inventory.Untrusted]bool {
	found := map[inventory.Untrusted]bool{}
	for n := range items {
		found[items[n].Holder.Account] = true
	}
	return found
}

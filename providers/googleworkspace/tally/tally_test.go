package tally

import (
	"fmt"
	"strings"
	"testing"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
)

var source = inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/grants"}

func newTally() *Tally { return &Tally{Feature: api.Grants, Source: source} }

func fault(cause api.Cause) *api.Fault {
	return &api.Fault{Cause: cause, Text: inventory.Textf("it is %s", cause)}
}

func TestWhoFailsIsNamedAndTheOthersAreRead(t *testing.T) {
	t.Parallel()
	tally := newTally()
	tally.Found(Asked{Name: "a@acme.example"}, 3, true)
	tally.Fail(Asked{Name: "b@acme.example"}, fault(api.CauseAnswer))
	tally.Fail(Asked{Name: "c@acme.example"}, fault(api.CauseGone))
	tally.Fail(Asked{Name: "d@acme.example", Suspended: true}, fault(api.CauseUnauthorized))
	coverage := tally.Coverage(4, nil)
	if len(coverage) != 3 || coverage[0].Status != inventory.StatusComplete || coverage[0].Read != 1 ||
		coverage[0].Items != 3 {
		t.Fatalf("got %+v", coverage)
	}
	if got := coverage[1]; got.Source.Name != "acme.example/grants/b@acme.example" || !got.IsGap() ||
		got.Reason != "it is answer" {
		t.Errorf("who failed: %+v", got)
	}
	if got := coverage[2]; got.IsGap() || !got.Unobservable {
		t.Errorf("a suspended user, of whom nobody is told: %+v", got)
	}
	if gone := tally.Deleted(); len(gone) != 1 || gone[0] != "c@acme.example" {
		t.Errorf("deleted: %q", gone)
	}
}

func TestAFeatureEndsWhereNobodyElseWouldFareBetter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		cause api.Cause
		user  Asked
		after int // failures; 0 is never
	}{
		{"a-fault-of-everybody", api.CauseScope, Asked{}, 1},
		{"the-service-fails-everybody", api.CauseService, Asked{}, longestStreak[api.CauseService]},
		{"no-network", api.CauseNetwork, Asked{}, longestStreak[api.CauseNetwork]},
		{"a-refusal-is-about-one", api.CausePrivilege, Asked{}, 0},
		{"so-is-a-deletion", api.CauseGone, Asked{}, 0},
		{"suspended-users-say-nothing", api.CauseUnauthorized, Asked{Suspended: true}, 0},
		{"others-do", api.CauseUnauthorized, Asked{}, longestStreak[api.CauseUnauthorized]},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tally, ended := newTally(), 0
			for n := range 500 {
				test.user.Name = fmt.Sprintf("user%d@acme.example", n)
				tally.Fail(test.user, fault(test.cause))
				if ended == 0 && !tally.Active() {
					ended = n + 1
				}
			}
			if ended != test.after {
				t.Errorf("ended after %d, want %d", ended, test.after)
			}
			if exceptions, _ := tally.Singles(); ended > 0 && exceptions != nil {
				t.Errorf("%d users are named for what hits everybody", len(exceptions))
			}
		})
	}
}

func TestASuccessBetweenFailuresIsNoOutage(t *testing.T) {
	t.Parallel()
	tally := newTally()
	for range 10 * longestStreak[api.CauseService] {
		tally.Trouble(Asked{}, fault(api.CauseService))
		tally.Found(Asked{}, 0, true)
	}
	if !tally.Active() {
		t.Errorf("ended: %v", tally.Ended())
	}
}

func TestAUnitOfWhichEverybodyIsRefusedIsLeft(t *testing.T) {
	t.Parallel()
	tally := newTally()
	for n := range maxRefusals {
		if tally.PassesOver(Asked{Unit: "/Sales"}) {
			t.Fatalf("left after %d refusals", n)
		}
		tally.Fail(Asked{Name: fmt.Sprint(n), Unit: "/Sales"}, fault(api.CausePrivilege))
		tally.Found(Asked{Unit: "/Support"}, 1, true)
	}
	for user, want := range map[Asked]bool{
		{Unit: "/Sales"}: true, {Unit: "/Sales", Admin: true}: false, {Unit: "/Support"}: false, {Unit: "/"}: false,
	} {
		if got := tally.PassesOver(user); got != want {
			t.Errorf("%+v is passed over: %t", user, got)
		}
	}
	whole := tally.Coverage(100, nil)[0]
	if whole.Status != inventory.StatusPartial || !strings.Contains(string(whole.Reason), "1 users were not asked about") {
		t.Errorf("got %+v", whole)
	}
}

func TestThatEverybodyIsRefusedIsOneThingToSay(t *testing.T) {
	t.Parallel()
	tally := newTally()
	for n := range 7 {
		tally.Fail(Asked{Name: fmt.Sprint(n)}, fault(api.CausePrivilege))
	}
	coverage := tally.Coverage(7, nil)
	if len(coverage) != 1 || coverage[0].Status != inventory.StatusNotObservable ||
		!strings.Contains(string(coverage[0].Reason), "refused all 7 users") {
		t.Errorf("got %+v", coverage)
	}
}

func TestDetailsStayWithinTheirLimitAndCountTheRest(t *testing.T) {
	t.Parallel()
	var details []inventory.Untrusted
	rest := 0
	for n := range inventory.MaxCoverageDetails + 4 {
		details = AddDetail(details, &rest, inventory.Textf("%d", n))
	}
	details = CloseDetails(details, rest)
	if last := details[len(details)-1]; len(details) != inventory.MaxCoverageDetails || last != "and 5 more" {
		t.Errorf("%d details, the last one %q", len(details), last)
	}
	if got := SomeOf(strings.Split(strings.Repeat("a ", 22), " ")[:22]); !strings.HasSuffix(got, "and 2 more") {
		t.Errorf("got %q", got)
	}
}

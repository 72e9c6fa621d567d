package googleworkspace

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/scanner/inventory"
)

func TestAnAdminLogThatCouldNotBeReadIsAGapOfItsOwn(t *testing.T) {
	t.Parallel()
	const perScan = 3 // calls of the token log before those of the admin log: authorize, revoke, activity
	for _, test := range []struct {
		name   string
		fault  *googlefake.Fault
		status inventory.Status
		says   string
	}{
		{"refused", googlefake.Forbidden().After(perScan), inventory.StatusNotObservable, "missing the privilege"},
		{"a-500-that-stays", googlefake.ServerError().After(perScan), inventory.StatusNotObservable, "service failed"},
		{"what-was-taken-away-is-not-known", googlefake.ServerError().After(perScan + 1), inventory.StatusPartial,
			"service failed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			r.Server.Break(test.fault.On("activities.list"))
			config := r.config()
			config.ActivityDays = 30
			_, coverage := r.collect(r.provider(config))
			if tokens := coverage["acme.example/token-log"]; tokens.IsGap() {
				t.Fatalf("the token log, which was fine: %+v", tokens)
			}
			got := coverage["acme.example/admin-log"]
			if got.Status != test.status || !got.IsGap() || !strings.Contains(fmt.Sprint(got.Reason), test.says) ||
				got.Remedy == "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestALogThatDoesNotSayThatItIsOneIsAGapOnlyWhereItsSilenceDecides(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name         string
		activityDays int
		tokens       inventory.Status
	}{
		{"dates-alone", 0, inventory.StatusComplete},
		{"last-use", 30, inventory.StatusPartial},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			r.Server.Break(googlefake.Instead(200, googletest.JSONType, "{}").On("activities.list"))
			config := r.config()
			config.ActivityDays = test.activityDays
			_, coverage := r.collect(r.provider(config))
			got := map[string]inventory.Status{}
			for _, log := range []string{"token-log", "admin-log"} {
				source := coverage["acme.example/"+log]
				got[log] = source.Status
				if !strings.Contains(fmt.Sprint(source.Reason, source.Details), unprovenLog) {
					t.Errorf("%s does not say it: %+v", log, source)
				}
			}
			want := map[string]inventory.Status{"token-log": test.tokens, "admin-log": inventory.StatusComplete}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

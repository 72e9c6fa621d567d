package chromium

import (
	"context"
	"errors"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

var _ scanner.Provider = (*Provider)(nil)

func collect(t testing.TB, env scanner.Env) ([]inventory.Item, []inventory.Coverage) {
	t.Helper()
	sink := &testkit.Sink{}
	coverage, err := New(env).Collect(context.Background(), sink)
	if err != nil {
		t.Fatalf("collecting: %v", err)
	}
	return sink.Items, coverage
}

func TestASinkThatFailsEndsTheScan(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	for _, folder := range []string{"Default", "Profile 1", "Profile 2"} {
		h.write(".config/google-chrome/"+folder+"/Preferences", one)
	}
	full := errors.New("the disk is full")
	coverage, err := New(h.env()).Collect(context.Background(), &testkit.Sink{Err: full})
	if !errors.Is(err, full) || coverage != nil {
		t.Errorf("coverage %q, error %v; want the sink's error alone", statuses(coverage), err)
	}
}

func TestACancelledScanEnds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(profileDir+"Preferences", one)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(h.env()).Collect(ctx, &testkit.Sink{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

func TestLinksBelowAProfile(t *testing.T) {
	t.Parallel()
	settings := `{"extensions":{"settings":{"` + someID + `":{"location":1,"path":"` + someID + `/1.0_0","manifest":{"name":"x","version":"1.0"}}}}}`
	tests := []struct {
		name   string
		setup  func(h *home)
		detail string
	}{
		{
			"Extensions-leads-out-of-the-profile", func(h *home) {
				h.write("elsewhere/x", "")
				h.link("../../../elsewhere", profileDir+"Extensions")
			}, "the directory Extensions cannot be opened: a link that leads out of the profile",
		},
		{
			"a-manifest-leads-out-of-the-profile", func(h *home) {
				h.write("secret", `{"name":"secret"}`)
				h.write(profileDir+"Extensions/"+someID+"/1.0_0/x", "")
				h.link("../../../../../../secret", profileDir+"Extensions/"+someID+"/1.0_0/manifest.json")
			}, someID + ": manifest.json: a link that leads out of the profile",
		},
		{
			"a-manifest-leads-to-itself", func(h *home) {
				h.write(profileDir+"Extensions/"+someID+"/1.0_0/x", "")
				h.link("manifest.json", profileDir+"Extensions/"+someID+"/1.0_0/manifest.json")
			}, someID + ": manifest.json: a link that leads back to itself",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write(profileDir+"Preferences", settings)
			test.setup(h)
			items, coverage := collect(t, h.env())
			if len(items) != 1 || items[0].App.Name != "x" {
				t.Errorf("items %+v, want the one of the settings", items)
			}
			if c := coverage[0]; c.Status != inventory.StatusPartial || len(c.Details) != 1 ||
				string(c.Details[0]) != test.detail {
				t.Errorf("coverage %+v, want the detail %q", c, test.detail)
			}
		})
	}
}

package fake

import (
	"testing"
	"time"
)

// The services of the demo have no limit, so waiting for a vendor's pace would only make its reader
// wait.
func TestTheDemoAsksItsServicesWithoutAPace(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	demo, err := Start(now, now, false)
	if err != nil {
		t.Fatal(err)
	}
	defer demo.Close()
	for vendor, perMinute := range map[string]int{
		"Google Workspace": demo.googleWorkspace().RatePerMinute, "GitHub": demo.gitHub().RatePerMinute,
	} {
		if perMinute >= 0 {
			t.Errorf("%s is asked with a pace of %d a minute (0 is the provider's default)", vendor, perMinute)
		}
	}
}

package googleworkspace

import (
	"strings"
	"testing"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
)

func TestAConfigurationThatCannotBeMeantIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	for _, test := range []struct {
		name   string
		change func(*Config)
		says   string
	}{
		{"a-unit-that-is-no-path", func(c *Config) { c.Units = []string{"Sales"} }, "starts with /"},
		{"incremental-without-a-directory", func(c *Config) { c.Incremental = true }, "needs a state directory"},
		{"too-many-days-of-activity", func(c *Config) { c.ActivityDays = 31 }, "between 0 and 30"},
		{"a-project-without-a-number", func(c *Config) { c.Projects = []string{"my-project"} },
			"not the number of a Cloud project"},
		{"what-the-connection-refuses", func(c *Config) { c.Workers = 1000 }, "between 1 and 64"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			config := r.config()
			test.change(&config)
			if _, err := New(r.Env(), config); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}

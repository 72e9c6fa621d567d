package chromium

import (
	"errors"
	"testing"

	"guestlist/providers/internal/winregistry"
	"guestlist/providers/internal/winregistry/winregistrytest"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// closed is a registry that nobody may read.
type closed struct{ winregistrytest.Keys }

func (closed) Subkeys(winregistry.Hive, string, int) ([]string, error) {
	return nil, errors.New("access is denied")
}

func TestProgramsThatTheRegistryNamesAreFacts(t *testing.T) {
	t.Parallel()
	const user, machine = `HKEY_CURRENT_USER\Software\`, `HKEY_LOCAL_MACHINE\Software\`
	registry := winregistrytest.Keys{
		machine + `Google\Chrome\NativeMessagingHosts\example.one`:   "/hosts/one.json",
		user + `Google\Chrome\NativeMessagingHosts\example.two`:      "/hosts/two.json",
		machine + `Microsoft\Edge\NativeMessagingHosts\example.edge`: "/hosts/edge.json",
		machine + `Google\Chrome\NativeMessagingHosts\example.gone`:  "/hosts/gone.json",
		machine + `Google\Chrome\NativeMessagingHosts\example.empty`: "",
		machine + `Google\Chrome\NativeMessagingHosts\example.bad`:   "/hosts/bad.json",
	}
	for name, test := range map[string]struct {
		userData string
		home     scanner.Home
		registry winregistry.Registry
		want     inventory.Untrusted
		status   inventory.Status
	}{
		"one's-own-and-the-machine's": {"Google/Chrome", scanner.Home{Own: true}, registry,
			"example.one (one.exe), example.two (two.exe)", inventory.StatusComplete},
		"the-machine's": {"Google/Chrome", scanner.Home{}, registry, "example.one (one.exe)",
			inventory.StatusComplete},
		"of-a-relative": {"Microsoft/Edge", scanner.Home{}, registry,
			"example.edge (edge.exe), example.one (one.exe)", inventory.StatusComplete},
		"a-home-from-elsewhere":   {"Google/Chrome", scanner.Home{AnyOS: true}, registry, "", inventory.StatusComplete},
		"one-that-cannot-be-read": {"Google/Chrome", scanner.Home{}, closed{}, "", inventory.StatusPartial},
		"no-registry":             {"Google/Chrome", scanner.Home{}, nil, "", inventory.StatusComplete},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.write("AppData/Local/"+test.userData+"/User Data/Default/Preferences",
				`{"extensions":{"settings":{"`+someID+`":{"location":4,"path":"/x","active_permissions":{"api":["nativeMessaging"]}}}}}`)
			for _, name := range []string{"one", "two", "edge"} {
				h.write("hosts/"+name+".json", `{"name":"example.`+name+`","path":"`+name+`.exe","allowed_origins":["chrome-extension://`+someID+`/"]}`)
			}
			h.write("hosts/bad.json", `{"name":`)
			env := h.env()
			env.OS = windows
			test.home.Dir, test.home.User = h.dir, "ada"
			env.Homes = []scanner.Home{test.home}
			p := New(env)
			p.registry = test.registry
			var sink testkit.Sink
			coverage, err := p.Collect(t.Context(), &sink)
			if err != nil || len(sink.Items) != 1 || len(coverage) != 1 || coverage[0].Status != test.status {
				t.Fatalf("items %+v, coverage %+v, %v", sink.Items, coverage, err)
			}
			if got := sink.Items[0].Facts["native_hosts"]; got != test.want {
				t.Errorf("native hosts %q, want %q", got, test.want)
			}
		})
	}
}

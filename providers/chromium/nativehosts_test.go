package chromium

import (
	"slices"
	"strings"
	"testing"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

func TestTheProgramsThatAnExtensionMayTalkToAreFacts(t *testing.T) {
	t.Parallel()
	host := func(name, program string, ids ...string) string {
		for n, id := range ids {
			ids[n] = `"chrome-extension://` + id + `/"`
		}
		return `{"name":"` + name + `","type":"stdio","path":"` + program + `","allowed_origins":[` +
			strings.Join(ids, ",") + `]}`
	}
	other := strings.Repeat("p", 32)
	h := newHome(t)
	h.write(profileDir+"Preferences", `{"extensions":{"ui":{"developer_mode":true},"settings":{
		"`+someID+`":{"location":4,"path":"/x","active_permissions":{"api":["nativeMessaging"]}},
		"`+other+`":{"location":4,"path":"/y","active_permissions":{"api":["tabs"]}}}}}`)
	below := ".config/google-chrome/NativeMessagingHosts/"
	h.write(below+"example.one.json", host("example.one", "/opt/one", someID, other))
	h.write(below+"example.two.json", host("example.two", "/opt/two", other))
	h.write(below+"broken.json", `{"name":`)
	h.write(below+"note.txt", host("example.three", "/opt/three", someID))
	h.write("etc/opt/chrome/native-messaging-hosts/example.four.json", host("example.four", "/opt/four", someID))
	for _, test := range []struct {
		copied bool
		want   inventory.Untrusted
	}{{false, "example.four (/opt/four), example.one (/opt/one)"}, {true, "example.one (/opt/one)"}} {
		env := h.env()
		env.Homes[0] = scanner.Home{Dir: h.dir, User: "ada", AnyOS: test.copied}
		items, coverage := collect(t, env)
		if len(items) != 2 || coverage[0].Status != inventory.StatusComplete {
			t.Fatalf("items %+v, coverage %+v", items, coverage)
		}
		if got := items[0].Facts["native_hosts"]; got != test.want || items[0].Facts["developer_mode"] != "yes" {
			t.Errorf("facts %q, want the programs %q", items[0].Facts, test.want)
		}
		if !slices.Contains(items[0].Marks, inventory.Mark{Class: inventory.MarkNote, Name: inventory.MarkNativeHost,
			Detail: test.want}) {
			t.Errorf("marks %+v", items[0].Marks)
		}
		if _, has := items[1].Facts["native_hosts"]; has {
			t.Error("one without the permission has programs")
		}
	}
}

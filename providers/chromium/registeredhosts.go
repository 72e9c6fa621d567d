package chromium

import (
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/nativehosts"
	"guestlist/providers/internal/winregistry"
)

// hostKeys are the keys of the Windows registry below which native messaging hosts are registered,
// by the beginning of the browser's key; the first matching row counts. Edge also reads those of
// its relatives, and browsers without a key of their own read Chrome's.
var hostKeys = []struct {
	keyPrefix string
	keys      []string
}{
	{"edge", []string{`Software\Microsoft\Edge\NativeMessagingHosts`, `Software\Chromium\NativeMessagingHosts`,
		`Software\Google\Chrome\NativeMessagingHosts`}},
	{"chrome", []string{`Software\Google\Chrome\NativeMessagingHosts`}},
	{"", []string{`Software\Chromium\NativeMessagingHosts`, `Software\Google\Chrome\NativeMessagingHosts`}},
}

// registeredHosts reads the descriptions that the registry names for a profile's browser: the
// machine's, and the user's for profiles in the user's own home.
func (w *worker) registeredHosts(of profile, details *localprofile.Details) []nativehosts.Host {
	if w.provider.env.OS != windows || of.copied {
		return nil
	}
	hives := []winregistry.Hive{winregistry.Machine}
	if of.own {
		hives = append(hives, winregistry.User)
	}
	var hosts []nativehosts.Host
	for _, row := range hostKeys {
		if !strings.HasPrefix(of.key, row.keyPrefix) {
			continue
		}
		for _, key := range row.keys {
			for _, hive := range hives {
				hosts = append(hosts, w.hosts.Registered(details, hive, key)...)
			}
		}
		break
	}
	return hosts
}

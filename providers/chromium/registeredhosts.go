package chromium

import (
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/nativehosts"
	"guestlist/providers/internal/winregistry"
)

// hostKeys are the keys of the Windows registry below which native messaging hosts are registered,
// by the beginning of the browser's key; the first row counts. Edge looks into those of its
// relatives too, and browsers without a key of their own into Chrome's.
var hostKeys = []struct {
	keyPrefix string
	keys      []string
}{
	{"edge", []string{`Software\Microsoft\Edge\NativeMessagingHosts`, `Software\Chromium\NativeMessagingHosts`,
		`Software\Google\Chrome\NativeMessagingHosts`}},
	{"chrome", []string{`Software\Google\Chrome\NativeMessagingHosts`}},
	{"", []string{`Software\Chromium\NativeMessagingHosts`, `Software\Google\Chrome\NativeMessagingHosts`}},
}

// registeredHosts reads the descriptions that the registry names for a profile's browser: those of
// the machine, and in one's own home one's own.
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

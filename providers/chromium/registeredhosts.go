package chromium

import (
	"path"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/winregistry"
	"guestlist/scanner/inventory"
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
func (w *worker) registeredHosts(of profile, details *localprofile.Details) []nativeHost {
	if w.provider.registry == nil || w.provider.env.OS != windows || of.copied {
		return nil
	}
	hives := []winregistry.Hive{winregistry.Machine}
	if of.own {
		hives = append(hives, winregistry.User)
	}
	var hosts []nativeHost
	for _, row := range hostKeys {
		if !strings.HasPrefix(of.key, row.keyPrefix) {
			continue
		}
		for _, key := range row.keys {
			for _, hive := range hives {
				hosts = append(hosts, w.hostsBelow(hive, key, details)...)
			}
		}
		break
	}
	return hosts
}

// hostsBelow reads the descriptions that one key names, once for all profiles that this worker
// reads.
func (w *worker) hostsBelow(hive winregistry.Hive, key string, details *localprofile.Details) []nativeHost {
	at := string(hive) + `\` + key
	if hosts, ok := w.hosts[at]; ok {
		return hosts
	}
	names, err := w.provider.registry.Subkeys(hive, key, maxNativeHosts+1)
	if err != nil && !isMissing(err) {
		details.Add("%s: %s", inventory.Untrusted(at), localprofile.Words(err))
		return nil
	}
	if len(names) > maxNativeHosts {
		details.Add("%s: more than %d native messaging hosts", inventory.Untrusted(at), maxNativeHosts)
		names = names[:maxNativeHosts]
	}
	var hosts []nativeHost
	for _, name := range names {
		described, err := w.provider.registry.Default(hive, key+`\`+name)
		if err != nil || described == "" {
			continue // one without a description cannot be called
		}
		host, err := w.hostAt(described)
		switch {
		case err == nil:
			hosts = append(hosts, host)
		case !isMissing(err):
			details.Add("%s: %s", inventory.Untrusted(described), localprofile.Words(err))
		}
	}
	w.hosts[at] = hosts
	return hosts
}

// hostAt reads the description at an absolute path.
func (w *worker) hostAt(at string) (nativeHost, error) {
	at = localprofile.Slashes(at)
	dir, err := w.provider.system.Open(path.Dir(at))
	if err != nil {
		return nativeHost{}, err
	}
	defer dir.Close()
	data, err := dir.Read(path.Base(at), maxNativeManifest, w.data)
	if err != nil {
		return nativeHost{}, err
	}
	w.data = data
	host, err := readNativeHost(w.reader, data)
	if err != nil {
		return nativeHost{}, nil // one that cannot be parsed cannot be called either
	}
	return host, nil
}

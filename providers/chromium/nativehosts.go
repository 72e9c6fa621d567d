package chromium

import (
	"bytes"
	"path"
	"path/filepath"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// An extension with the permission nativeMessaging talks to programs that are not in the browser
// and have all rights of the user. Which ones stands in a file for each program, beside the user's
// data and in a folder of the system; it names the extensions that may. On Windows the registry
// says where (registeredhosts.go).

// Limits on the descriptions of native messaging hosts.
const (
	maxNativeHosts    = 500      // in one folder
	maxNativeManifest = 64 << 10 // bytes
)

const (
	nativeMessaging  = "nativeMessaging"
	nativeHostFolder = "NativeMessagingHosts"
)

// nativeHost is one program that some extensions may talk to.
type nativeHost struct {
	name, program string
	allowed       []string // "chrome-extension://<id>/"
}

// systemHosts are the folders of the whole machine, by operating system and the beginning of the
// browser's key; the first row counts.
var systemHosts = []systemFolder{
	{linux, "chromium", "/etc/chromium/native-messaging-hosts"},
	{linux, "chrome", "/etc/opt/chrome/native-messaging-hosts"},
	{linux, "brave", "/etc/opt/chrome/native-messaging-hosts"},
	{linux, "edge", "/etc/opt/edge/native-messaging-hosts"},
	{linux, "", "/etc/chromium/native-messaging-hosts"},
	{macOS, "chromium", "/Library/Application Support/Chromium/NativeMessagingHosts"},
	{macOS, "edge", "/Library/Microsoft/Edge/NativeMessagingHosts"},
	{macOS, "", "/Library/Google/Chrome/NativeMessagingHosts"},
}

// addNativeHosts says which programs an item with that permission may talk to.
func (w *worker) addNativeHosts(item *inventory.Item, of profile, details *localprofile.Details) {
	if !slices.Contains(item.Access.Permissions, nativeMessaging) {
		return
	}
	var programs []inventory.Untrusted
	for _, host := range w.nativeHosts(of, details) {
		if slices.Contains(host.allowed, "chrome-extension://"+string(item.App.ID)+"/") {
			programs = append(programs, inventory.Untrusted(host.name+" ("+host.program+")"))
		}
	}
	if len(programs) == 0 {
		return
	}
	slices.Sort(programs)
	shown := localprofile.JoinSome(slices.Compact(programs))
	item.Facts["native_hosts"] = shown
	item.Mark(inventory.MarkNote, inventory.MarkNativeHost, shown)
}

// nativeHosts returns the programs that a profile's browser knows.
func (w *worker) nativeHosts(of profile, details *localprofile.Details) []nativeHost {
	hosts := w.hostsIn(details, filepath.Join(of.userData, nativeHostFolder), func() (*localprofile.Dir, error) {
		data, err := localprofile.Open(of.userData, w.provider.env.Observe)
		if err != nil {
			return nil, err
		}
		defer data.Close()
		return data.Sub(nativeHostFolder)
	})
	hosts = append(slices.Clip(hosts), w.registeredHosts(of, details)...)
	dir, ok := folderFor(systemHosts, w.provider.env.OS, of.key)
	if !ok || of.copied {
		return hosts
	}
	return append(slices.Clip(hosts), w.hostsIn(details, dir,
		func() (*localprofile.Dir, error) { return w.provider.system.Open(dir) })...)
}

// hostsIn reads the descriptions in a folder, once for all profiles that this worker reads.
func (w *worker) hostsIn(
	details *localprofile.Details, folder string, open func() (*localprofile.Dir, error),
) []nativeHost {
	if hosts, ok := w.hosts[folder]; ok {
		return hosts
	}
	hosts, err := w.readHosts(details, open)
	if err != nil && !isMissing(err) {
		details.Add("%s: %s", inventory.Untrusted(folder), localprofile.Words(err))
		return nil
	}
	w.hosts[folder] = hosts
	return hosts
}

func (w *worker) readHosts(details *localprofile.Details, open func() (*localprofile.Dir, error)) ([]nativeHost,
	error) {
	dir, err := open()
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Entries(".")
	if err != nil {
		return nil, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return path.Ext(name) != ".json" })
	if len(names) > maxNativeHosts {
		details.Add("%d native messaging hosts, limit %d", len(names), maxNativeHosts)
		names = names[:maxNativeHosts]
	}
	var hosts []nativeHost
	for _, name := range names {
		data, err := dir.Read(name, maxNativeManifest, w.data)
		if err != nil {
			details.Add("%s: %s", inventory.Untrusted(filepath.Join(dir.Path(), name)), localprofile.Words(err))
			continue
		}
		w.data = data
		if host, err := readNativeHost(w.reader, data); err == nil { // one that cannot be parsed cannot be called either
			hosts = append(hosts, host)
		}
	}
	return hosts, nil
}

func readNativeHost(r *reader, data []byte) (nativeHost, error) {
	var host nativeHost
	r.reset(bytes.NewReader(withoutMark(data)))
	err := r.document(func(name string) error {
		switch name {
		case "name":
			return r.text(&host.name)
		case "path":
			return r.text(&host.program)
		case "allowed_origins":
			return r.texts(&host.allowed)
		}
		return r.skip()
	})
	return host, err
}

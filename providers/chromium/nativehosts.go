package chromium

import (
	"path/filepath"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/nativehosts"
	"guestlist/scanner/inventory"
)

// An extension with the permission nativeMessaging talks to programs outside the browser that have
// all of the user's rights. A file for each program, beside the user's data or in a system
// directory, names the extensions that may talk to it. On Windows the registry says where these
// files are (registeredhosts.go).

const nativeHostFolder = "NativeMessagingHosts"

// systemHosts are the machine-wide directories, by operating system and the beginning of the
// browser's key; the first matching row counts.
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
	if !slices.Contains(item.Access.Permissions, nativehosts.Permission) {
		return
	}
	origin := "chrome-extension://" + string(item.App.ID) + "/"
	nativehosts.Tell(item, slices.DeleteFunc(w.nativeHosts(of, details), func(host nativehosts.Host) bool {
		return !slices.Contains(host.Origins, origin)
	}))
}

// nativeHosts returns the programs that a profile's browser knows.
func (w *worker) nativeHosts(of profile, details *localprofile.Details) []nativehosts.Host {
	user := w.hosts.In(details, filepath.Join(of.userData, nativeHostFolder), func() (*localprofile.Dir, error) {
		data, err := localprofile.Open(of.userData, w.provider.env.Observe)
		if err != nil {
			return nil, err
		}
		defer data.Close()
		return data.Sub(nativeHostFolder)
	})
	hosts := slices.Concat(user, w.registeredHosts(of, details))
	dir, ok := folderFor(systemHosts, w.provider.env.OS, of.key)
	if !ok || of.copied {
		return hosts
	}
	return append(hosts, w.hosts.InSystem(details, dir)...)
}

package firefox

import (
	"path/filepath"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/nativehosts"
	"guestlist/providers/internal/winregistry"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Where the browser looks for descriptions of native messaging hosts (NativeManifests.sys.mjs): the
// user's come first. All programs of the family look where Firefox does, some also in a place of
// their own; snap and flatpak packages see their own home.

// userHosts are the places of one user, below the home.
var userHosts = []localprofile.Where{
	{OS: linux, Base: inHome, Path: ".mozilla/native-messaging-hosts"},
	{OS: linux, Base: inHome, Path: ".librewolf/native-messaging-hosts"},
	{OS: linux, Base: inHome, Path: ".waterfox/native-messaging-hosts"},
	{OS: linux, Base: inHome, Path: ".thunderbird/native-messaging-hosts"},
	{OS: linux, Base: inHome, Path: "snap/*/common/.mozilla/native-messaging-hosts"},
	{OS: linux, Base: inHome, Path: ".var/app/*/.mozilla/native-messaging-hosts"},
	{OS: macOS, Base: inSupport, Path: "Mozilla/NativeMessagingHosts"},
	{OS: macOS, Base: inSupport, Path: "librewolf/NativeMessagingHosts"},
}

// systemHosts are the machine's, by operating system.
var systemHosts = map[string][]string{
	linux: {
		"/usr/lib/mozilla/native-messaging-hosts", "/usr/lib64/mozilla/native-messaging-hosts",
		"/usr/share/mozilla/native-messaging-hosts",
		"/usr/lib/librewolf/native-messaging-hosts",
	},
	macOS: {"/Library/Application Support/Mozilla/NativeMessagingHosts"},
}

// hostKey is the key of the Windows registry below which hosts are registered.
const hostKey = `Software\Mozilla\NativeMessagingHosts`

// hostType is the type of a program's description; there are also those of modules and of settings.
const hostType = "stdio"

// addNativeHosts says which programs an item with that permission may talk to.
func (s *scan) addNativeHosts(item *inventory.Item) {
	if !slices.Contains(item.Access.Permissions, nativehosts.Permission) {
		return
	}
	if s.hosts == nil {
		s.hosts = nativehosts.NewReader(s.provider.system, s.provider.registry)
	}
	nativehosts.Tell(item, slices.DeleteFunc(s.nativeHosts(), func(host nativehosts.Host) bool {
		return host.Type != hostType || !slices.Contains(host.Extensions, string(item.App.ID))
	}))
}

// nativeHosts returns the programs that the profile's browser knows.
func (s *scan) nativeHosts() (hosts []nativehosts.Host) {
	env := s.provider.env
	for _, home := range s.homes() {
		for _, where := range userHosts {
			for _, dir := range s.expand(home, where) {
				hosts = append(hosts, s.hosts.In(&s.details, dir, func() (*localprofile.Dir, error) {
					return localprofile.Open(dir, env.Observe)
				})...)
			}
		}
		if home.AnyOS {
			continue
		}
		for system, dirs := range systemHosts {
			for _, dir := range dirs {
				if localprofile.Applies(env, home, system) {
					hosts = append(hosts, s.hosts.InSystem(&s.details, dir)...)
				}
			}
		}
		if env.OS != windows {
			continue
		}
		hosts = append(hosts, s.hosts.Registered(&s.details, winregistry.Machine, hostKey)...)
		if home.Own {
			hosts = append(hosts, s.hosts.Registered(&s.details, winregistry.User, hostKey)...)
		}
	}
	return hosts
}

// homes returns the homes of the user the profile belongs to.
func (s *scan) homes() []scanner.Home {
	return slices.DeleteFunc(slices.Clone(s.provider.env.Homes), func(home scanner.Home) bool {
		return home.User != s.Holder.User
	})
}

// expand returns where a user's place may be in a home, if the home's system has it.
func (s *scan) expand(home scanner.Home, where localprofile.Where) []string {
	if !localprofile.Applies(s.provider.env, home, where.OS) {
		return nil
	}
	dirs := localprofile.Expand(s.provider.env, home, where)
	for n, dir := range dirs {
		dirs[n] = filepath.Clean(dir)
	}
	return dirs
}

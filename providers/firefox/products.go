package firefox

import "guestlist/providers/internal/localprofile"

// Short names for the table.
const (
	inHome        = localprofile.InHome
	inConfig      = localprofile.InConfig
	inData        = localprofile.InData
	inRoamingData = localprofile.InRoamingData
	inLocalData   = localprofile.InLocalData
	inSupport     = localprofile.InSupport

	linux   = localprofile.Linux
	macOS   = localprofile.MacOS
	windows = localprofile.Windows
)

// product is a browser and the policy files that it obeys, a key of policyPlaces.
type product struct {
	key    string // part of the source's name: it must never change
	name   string // what people call the browser
	policy string
}

// place is one directory in which a product keeps its profiles.
type place struct {
	product
	os   string
	base localprofile.Base
	path string // below base, with "/"; one directory may hold a "*"
}

// Key implements [localprofile.Row].
func (p place) Key() string { return p.key }

// Where implements [localprofile.Row].
func (p place) Where() localprofile.Where {
	return localprofile.Where{OS: p.os, Base: p.base, Path: p.path}
}

// unlisted is a product without a row: a directory that the user named.
var unlisted = product{key: "firefox-based", name: "Firefox-based browser"}

// The products. Every way to install one that uses a directory of its own has a key of its own.
var (
	firefox         = product{"firefox", "Firefox", "firefox"}
	firefoxOld      = product{"firefox-home", "Firefox", "firefox"} // before Firefox 147
	firefoxSnap     = product{"firefox-snap", "Firefox (snap)", "firefox"}
	firefoxFlatpak  = product{"firefox-flatpak", "Firefox (flatpak)", "firefox"}
	firefoxFlatpak2 = product{"firefox-flatpak-config", "Firefox (flatpak)", "firefox"}
	firefoxStore    = product{"firefox-store", "Firefox (Microsoft Store)", "firefox"}
	libreWolf       = product{"librewolf", "LibreWolf", "librewolf"}
	libreWolfNew    = product{"librewolf-config", "LibreWolf", "librewolf"}
	libreWolfPak    = product{"librewolf-flatpak", "LibreWolf (flatpak)", "librewolf"}
	libreWolfPakNew = product{"librewolf-flatpak-config", "LibreWolf (flatpak)", "librewolf"}
	waterfox        = product{"waterfox", "Waterfox", "waterfox"}
	waterfoxNew     = product{"waterfox-config", "Waterfox", "waterfox"}
	waterfoxPak     = product{"waterfox-flatpak", "Waterfox (flatpak)", "waterfox"}
	zen             = product{"zen", "Zen", "zen"}
	zenNew          = product{"zen-config", "Zen", "zen"}
	zenPak          = product{"zen-flatpak", "Zen (flatpak)", "zen"}
	zenPakNew       = product{"zen-flatpak-config", "Zen (flatpak)", "zen"}
	floorp          = product{"floorp", "Floorp", "floorp"}
	floorpPak       = product{"floorp-flatpak", "Floorp (flatpak)", "floorp"}
	torBrowser      = product{"tor-browser", "Tor Browser", ""}
	torLauncher     = product{"tor-browser-launcher", "Tor Browser (launcher)", ""}
	torFlatpak      = product{"tor-browser-flatpak", "Tor Browser (flatpak)", ""}
	mullvad         = product{"mullvad", "Mullvad Browser", ""}
	mullvadPak      = product{"mullvad-flatpak", "Mullvad Browser (flatpak)", ""}
	thunderbird     = product{"thunderbird", "Thunderbird", "thunderbird"}
	thunderbirdNew  = product{"thunderbird-config", "Thunderbird", "thunderbird"}
	thunderbirdSnap = product{"thunderbird-snap", "Thunderbird (snap)", "thunderbird"}
	thunderbirdPak  = product{"thunderbird-flatpak", "Thunderbird (flatpak)", "thunderbird"}
	thunderbirdPak2 = product{"thunderbird-esr-flatpak", "Thunderbird (flatpak)", "thunderbird"}
	thunderbirdShop = product{"thunderbird-store", "Thunderbird (Microsoft Store)", "thunderbird"}
	betterbird      = product{"betterbird-flatpak", "Betterbird (flatpak)", "thunderbird"}
	seaMonkey       = product{"seamonkey", "SeaMonkey", ""}
	paleMoon        = product{"palemoon", "Pale Moon", ""}
	basilisk        = product{"basilisk", "Basilisk", ""}
	iceCat          = product{"icecat", "GNU IceCat", ""}
	glide           = product{"glide", "Glide", ""}
	mercury         = product{"mercury", "Mercury", ""}
	fireDragon      = product{"firedragon", "FireDragon", ""}
	ghostery        = product{"ghostery", "Ghostery Private Browser", ""}
	pulse           = product{"pulse", "Pulse Browser", ""}
	cachy           = product{"cachy", "Cachy Browser", ""}
)

// places lists where each product keeps its profiles. To add one, add its rows; nothing else needs
// to change. A "*" matches any text within one directory's name. A directory that two rows reach,
// for example through a link, is read once.
var places = []place{
	{firefox, linux, inConfig, "mozilla/firefox"},
	{firefoxOld, linux, inHome, ".mozilla/firefox"},
	{firefox, macOS, inSupport, "Firefox"},
	{firefox, windows, inRoamingData, "Mozilla/Firefox"},
	{firefoxStore, windows, inLocalData, "Packages/Mozilla.Firefox*/LocalCache/Roaming/Mozilla/Firefox"},
	{firefoxSnap, linux, inHome, "snap/firefox/common/.mozilla/firefox"},
	{firefoxSnap, linux, inHome, "snap/firefox/common/.config/mozilla/firefox"},
	{firefoxFlatpak, linux, inHome, ".var/app/org.mozilla.firefox/.mozilla/firefox"},
	{firefoxFlatpak2, linux, inHome, ".var/app/org.mozilla.firefox/config/mozilla/firefox"},

	{libreWolf, linux, inHome, ".librewolf"},
	{libreWolfNew, linux, inConfig, "librewolf/librewolf"},
	{libreWolf, macOS, inSupport, "librewolf"},
	{libreWolf, windows, inRoamingData, "librewolf"},
	{libreWolfPak, linux, inHome, ".var/app/io.gitlab.librewolf-community/.librewolf"},
	{libreWolfPakNew, linux, inHome, ".var/app/io.gitlab.librewolf-community/config/librewolf/librewolf"},

	{waterfox, linux, inHome, ".waterfox"},
	{waterfoxNew, linux, inConfig, "waterfox"},
	{waterfox, macOS, inSupport, "Waterfox"},
	{waterfox, windows, inRoamingData, "Waterfox"},
	{waterfoxPak, linux, inHome, ".var/app/net.waterfox.waterfox/.waterfox"},

	{zen, linux, inHome, ".zen"},
	{zenNew, linux, inConfig, "zen"},
	{zen, macOS, inSupport, "zen"},
	{zen, windows, inRoamingData, "zen"},
	{zenPak, linux, inHome, ".var/app/app.zen_browser.zen/.zen"},
	{zenPakNew, linux, inHome, ".var/app/app.zen_browser.zen/config/zen"},

	{floorp, linux, inHome, ".floorp"},
	{floorp, macOS, inSupport, "Floorp"},
	{floorp, windows, inRoamingData, "Floorp"},
	{floorpPak, linux, inHome, ".var/app/one.ablaze.floorp/.floorp"},

	// Tor Browser and Mullvad Browser keep their profiles in the directory that they were unpacked
	// to, which may be anywhere.
	{torBrowser, linux, inHome, "tor-browser*/Browser/TorBrowser/Data/Browser"},
	{torBrowser, linux, inHome, "Downloads/tor-browser*/Browser/TorBrowser/Data/Browser"},
	{torBrowser, linux, inHome, "Desktop/tor-browser*/Browser/TorBrowser/Data/Browser"},
	{torBrowser, linux, inHome, ".local/opt/tor-browser*/Browser/TorBrowser/Data/Browser"},
	{torLauncher, linux, inData, "torbrowser/tbb/*/tor-browser*/Browser/TorBrowser/Data/Browser"},
	{torFlatpak, linux, inHome, ".var/app/org.torproject.torbrowser-launcher/data/torbrowser/tbb/*/tor-browser*/Browser/TorBrowser/Data/Browser"},
	{torBrowser, macOS, inSupport, "TorBrowser-Data/Browser"},
	{torBrowser, windows, inHome, "Desktop/Tor Browser/Browser/TorBrowser/Data/Browser"},
	{torBrowser, windows, inHome, "Downloads/Tor Browser/Browser/TorBrowser/Data/Browser"},
	{mullvad, linux, inHome, ".mullvad/mullvadbrowser"},
	{mullvad, linux, inHome, "mullvad-browser*/Browser/TorBrowser/Data/Browser"},
	{mullvad, linux, inHome, "Downloads/mullvad-browser*/Browser/TorBrowser/Data/Browser"},
	{mullvadPak, linux, inHome, ".var/app/net.mullvad.MullvadBrowser/.mullvad/mullvadbrowser"},
	{mullvad, macOS, inSupport, "MullvadBrowser"},
	{mullvad, macOS, inSupport, "MullvadBrowser-Data/Browser"},
	{mullvad, windows, inRoamingData, "Mullvad/MullvadBrowser"},
	{mullvad, windows, inHome, "Desktop/Mullvad Browser/Browser/TorBrowser/Data/Browser"},

	{thunderbird, linux, inHome, ".thunderbird"},
	{thunderbirdNew, linux, inConfig, "thunderbird"},
	{thunderbird, macOS, inSupport, "Thunderbird"},
	{thunderbird, macOS, inHome, "Library/Thunderbird"},
	{thunderbird, windows, inRoamingData, "Thunderbird"},
	{thunderbirdShop, windows, inLocalData, "Packages/MozillaThunderbird.MZLA*/LocalCache/Roaming/Thunderbird"},
	{thunderbirdSnap, linux, inHome, "snap/thunderbird/common/.thunderbird"},
	{thunderbirdPak, linux, inHome, ".var/app/org.mozilla.Thunderbird/.thunderbird"},
	{thunderbirdPak2, linux, inHome, ".var/app/org.mozilla.thunderbird_esr/.thunderbird"},
	{betterbird, linux, inHome, ".var/app/eu.betterbird.Betterbird/.thunderbird"},

	{seaMonkey, linux, inHome, ".mozilla/seamonkey"},
	{seaMonkey, macOS, inSupport, "SeaMonkey"},
	{seaMonkey, windows, inRoamingData, "Mozilla/SeaMonkey"},
	{paleMoon, linux, inHome, ".moonchild productions/pale moon"},
	{paleMoon, macOS, inSupport, "Pale Moon"},
	{paleMoon, windows, inRoamingData, "Moonchild Productions/Pale Moon"},
	{basilisk, linux, inHome, ".basilisk-dev/basilisk"},
	{basilisk, windows, inRoamingData, "Basilisk-Dev/Basilisk"},
	{iceCat, linux, inHome, ".mozilla/icecat"},
	{iceCat, macOS, inSupport, "IceCat"},
	{iceCat, windows, inRoamingData, "Mozilla/icecat"},
	{glide, linux, inConfig, "glide/glide"},
	{glide, macOS, inSupport, "glide"},
	{mercury, linux, inHome, ".mercury"},
	{mercury, macOS, inSupport, "mercury"},
	{mercury, windows, inRoamingData, "mercury"},
	{fireDragon, linux, inHome, ".firedragon"},
	{ghostery, linux, inHome, ".ghostery browser"},
	{pulse, linux, inHome, ".pulse-browser"},
	{cachy, linux, inHome, ".cachy"},
}

// policyPlaces lists where each product looks for policies.json, below the root of the system. The
// first directory may hold a "*".
var policyPlaces = map[string][]string{
	"firefox": {
		"etc/firefox/policies", "etc/firefox-esr/policies",
		"usr/lib/firefox*/distribution", "usr/lib64/firefox*/distribution", "opt/firefox*/distribution",
		"snap/firefox/current/usr/lib/firefox/distribution",
		"Applications/Firefox*.app/Contents/Resources/distribution", "Program Files/Mozilla Firefox*/distribution",
		"Program Files (x86)/Mozilla Firefox*/distribution",
	},
	"librewolf": {
		"etc/librewolf/policies", "usr/lib/librewolf/distribution", "usr/share/librewolf/distribution",
		"opt/librewolf/distribution",
		"Applications/LibreWolf.app/Contents/Resources/distribution", "Program Files/LibreWolf/distribution",
	},
	"waterfox": {
		"etc/waterfox/policies", "usr/lib/waterfox*/distribution", "opt/waterfox*/distribution",
		"Applications/Waterfox.app/Contents/Resources/distribution", "Program Files/Waterfox/distribution",
	},
	"zen": {
		"etc/zen/policies", "usr/lib/zen*/distribution", "opt/zen*/distribution",
		"Applications/Zen.app/Contents/Resources/distribution", "Program Files/Zen Browser/distribution",
	},
	"floorp": {
		"etc/floorp/policies", "usr/lib/floorp*/distribution", "opt/floorp*/distribution",
		"Applications/Floorp.app/Contents/Resources/distribution", "Program Files/Ablaze Floorp/distribution",
	},
	"thunderbird": {
		"etc/thunderbird/policies", "usr/lib/thunderbird*/distribution", "usr/lib64/thunderbird*/distribution",
		"opt/thunderbird*/distribution",
		"Applications/Thunderbird*.app/Contents/Resources/distribution", "Program Files/Mozilla Thunderbird*/distribution",
	},
}

package chromium

import "guestlist/providers/internal/localprofile"

// Short names for the table.
const (
	inHome        = localprofile.InHome
	inConfig      = localprofile.InChromeConfig
	inLocalData   = localprofile.InLocalData
	inRoamingData = localprofile.InRoamingData
	inSupport     = localprofile.InSupport

	linux   = localprofile.Linux
	macOS   = localprofile.MacOS
	windows = localprofile.Windows
)

// place is one user data directory that a browser may have.
type place struct {
	key  string // part of the source's name: it must never change
	name string // what people call the browser
	os   string
	base localprofile.Base
	path string // below base, with "/"; one directory name may contain a "*"
}

// Key implements [localprofile.Row].
func (p place) Key() string { return p.key }

// Where implements [localprofile.Row].
func (p place) Where() localprofile.Where {
	return localprofile.Where{OS: p.os, Base: p.base, Path: p.path}
}

// places lists where each browser keeps its user data. To add a browser, add its rows; nothing else
// needs to change. A browser without a row is found where browsers usually keep their data
// (unlisted.go), and named after its directory.
//
// A "*" matches any text within one directory's name. Rows of one browser share a name. Every way
// to install it that uses a directory of its own has a key of its own, so that two installations
// side by side remain distinct.
var places = []place{
	// Google Chrome
	{"chrome", "Chrome", linux, inConfig, "google-chrome"},
	{"chrome", "Chrome", macOS, inSupport, "Google/Chrome"},
	{"chrome", "Chrome", windows, inLocalData, "Google/Chrome/User Data"},
	{"chrome-beta", "Chrome Beta", linux, inConfig, "google-chrome-beta"},
	{"chrome-beta", "Chrome Beta", macOS, inSupport, "Google/Chrome Beta"},
	{"chrome-beta", "Chrome Beta", windows, inLocalData, "Google/Chrome Beta/User Data"},
	{"chrome-dev", "Chrome Dev", linux, inConfig, "google-chrome-unstable"},
	{"chrome-dev", "Chrome Dev", macOS, inSupport, "Google/Chrome Dev"},
	{"chrome-dev", "Chrome Dev", windows, inLocalData, "Google/Chrome Dev/User Data"},
	{"chrome-canary", "Chrome Canary", linux, inConfig, "google-chrome-canary"},
	{"chrome-canary", "Chrome Canary", macOS, inSupport, "Google/Chrome Canary"},
	{"chrome-canary", "Chrome Canary", windows, inLocalData, "Google/Chrome SxS/User Data"},
	{"chrome-for-testing", "Chrome for Testing", linux, inConfig, "google-chrome-for-testing"},
	{"chrome-for-testing", "Chrome for Testing", macOS, inSupport, "Google/Chrome for Testing"},
	{"chrome-for-testing", "Chrome for Testing", windows, inLocalData, "Google/Chrome for Testing/User Data"},
	{"chrome-flatpak", "Chrome (flatpak)", linux, inHome, ".var/app/com.google.Chrome/config/google-chrome"},
	{"chrome-dev-flatpak", "Chrome Dev (flatpak)", linux, inHome,
		".var/app/com.google.ChromeDev/config/google-chrome-unstable"},
	{"chrome-remote-desktop", "Chrome (remote desktop)", linux, inHome,
		".config/chrome-remote-desktop/chrome-config/google-chrome"},
	{"chrome-beta-remote-desktop", "Chrome Beta (remote desktop)", linux, inHome,
		".config/chrome-remote-desktop/chrome-config/google-chrome-beta"},
	{"chrome-dev-remote-desktop", "Chrome Dev (remote desktop)", linux, inHome,
		".config/chrome-remote-desktop/chrome-config/google-chrome-unstable"},
	{"chrome-remote-desktop-old", "Chrome (remote desktop)", linux, inHome,
		".config/chrome-remote-desktop/chrome-profile"},

	// Chromium, and builds that use its directory
	{"chromium", "Chromium", linux, inConfig, "chromium"},
	{"chromium", "Chromium", macOS, inSupport, "Chromium"},
	{"chromium", "Chromium", windows, inLocalData, "Chromium/User Data"},
	{"chromium-snap", "Chromium (snap)", linux, inHome, "snap/chromium/common/chromium"},
	{"chromium-snap-old", "Chromium (snap)", linux, inHome, "snap/chromium/current/.config/chromium"},
	{"chromium-flatpak", "Chromium (flatpak)", linux, inHome, ".var/app/org.chromium.Chromium/config/chromium"},
	{"chromium-remote-desktop", "Chromium (remote desktop)", linux, inHome,
		".config/chrome-remote-desktop/chrome-config/chromium"},
	{"ungoogled-chromium", "ungoogled-chromium", linux, inConfig, "ungoogled-chromium"},
	{"ungoogled-chromium-flatpak", "ungoogled-chromium (flatpak)", linux, inHome,
		".var/app/io.github.ungoogled_software.ungoogled_chromium/config/chromium"},
	{"ungoogled-chromium-flatpak-old", "ungoogled-chromium (flatpak)", linux, inHome,
		".var/app/com.github.Eloston.UngoogledChromium/config/chromium"},
	{"cromite", "Cromite", linux, inConfig, "cromite"},
	{"cromite", "Cromite", windows, inLocalData, "Cromite/User Data"},

	// Microsoft Edge
	{"edge", "Edge", linux, inConfig, "microsoft-edge"},
	{"edge", "Edge", macOS, inSupport, "Microsoft Edge"},
	{"edge", "Edge", windows, inLocalData, "Microsoft/Edge/User Data"},
	{"edge-beta", "Edge Beta", linux, inConfig, "microsoft-edge-beta"},
	{"edge-beta", "Edge Beta", macOS, inSupport, "Microsoft Edge Beta"},
	{"edge-beta", "Edge Beta", windows, inLocalData, "Microsoft/Edge Beta/User Data"},
	{"edge-dev", "Edge Dev", linux, inConfig, "microsoft-edge-dev"},
	{"edge-dev", "Edge Dev", macOS, inSupport, "Microsoft Edge Dev"},
	{"edge-dev", "Edge Dev", windows, inLocalData, "Microsoft/Edge Dev/User Data"},
	{"edge-canary", "Edge Canary", macOS, inSupport, "Microsoft Edge Canary"},
	{"edge-canary", "Edge Canary", windows, inLocalData, "Microsoft/Edge SxS/User Data"},
	{"edge-flatpak", "Edge (flatpak)", linux, inHome, ".var/app/com.microsoft.Edge/config/microsoft-edge"},
	{"edge-beta-flatpak", "Edge Beta (flatpak)", linux, inHome,
		".var/app/com.microsoft.EdgeBeta/config/microsoft-edge-beta"},
	{"edge-dev-flatpak", "Edge Dev (flatpak)", linux, inHome, ".var/app/com.microsoft.EdgeDev/config/microsoft-edge-dev"},

	// Brave
	{"brave", "Brave", linux, inConfig, "BraveSoftware/Brave-Browser"},
	{"brave", "Brave", macOS, inSupport, "BraveSoftware/Brave-Browser"},
	{"brave", "Brave", windows, inLocalData, "BraveSoftware/Brave-Browser/User Data"},
	{"brave-beta", "Brave Beta", linux, inConfig, "BraveSoftware/Brave-Browser-Beta"},
	{"brave-beta", "Brave Beta", macOS, inSupport, "BraveSoftware/Brave-Browser-Beta"},
	{"brave-beta", "Brave Beta", windows, inLocalData, "BraveSoftware/Brave-Browser-Beta/User Data"},
	{"brave-dev", "Brave Dev", linux, inConfig, "BraveSoftware/Brave-Browser-Dev"},
	{"brave-dev", "Brave Dev", macOS, inSupport, "BraveSoftware/Brave-Browser-Dev"},
	{"brave-dev", "Brave Dev", windows, inLocalData, "BraveSoftware/Brave-Browser-Dev/User Data"},
	{"brave-nightly", "Brave Nightly", linux, inConfig, "BraveSoftware/Brave-Browser-Nightly"},
	{"brave-nightly", "Brave Nightly", macOS, inSupport, "BraveSoftware/Brave-Browser-Nightly"},
	{"brave-nightly", "Brave Nightly", windows, inLocalData, "BraveSoftware/Brave-Browser-Nightly/User Data"},
	{"brave-origin", "Brave Origin", linux, inConfig, "BraveSoftware/Brave-Origin"},
	{"brave-origin", "Brave Origin", macOS, inSupport, "BraveSoftware/Brave-Origin"},
	{"brave-origin", "Brave Origin", windows, inLocalData, "BraveSoftware/Brave-Origin/User Data"},
	{"brave-snap", "Brave (snap)", linux, inHome, "snap/brave/current/.config/BraveSoftware/Brave-Browser"},
	{"brave-flatpak", "Brave (flatpak)", linux, inHome, ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser"},

	// Vivaldi
	{"vivaldi", "Vivaldi", linux, inConfig, "vivaldi"},
	{"vivaldi", "Vivaldi", macOS, inSupport, "Vivaldi"},
	{"vivaldi", "Vivaldi", windows, inLocalData, "Vivaldi/User Data"},
	{"vivaldi-snapshot", "Vivaldi Snapshot", linux, inConfig, "vivaldi-snapshot"},
	{"vivaldi-snapshot", "Vivaldi Snapshot", macOS, inSupport, "Vivaldi Snapshot"},
	{"vivaldi-snapshot", "Vivaldi Snapshot", windows, inLocalData, "Vivaldi Snapshot/User Data"},
	{"vivaldi-snap", "Vivaldi (snap)", linux, inHome, "snap/vivaldi/current/.config/vivaldi"},
	{"vivaldi-flatpak", "Vivaldi (flatpak)", linux, inHome, ".var/app/com.vivaldi.Vivaldi/config/vivaldi"},

	// Opera. Its profile may be the directory itself; further ones are in _side_profiles.
	{"opera", "Opera", linux, inConfig, "opera"},
	{"opera", "Opera", macOS, inSupport, "com.operasoftware.Opera"},
	{"opera", "Opera", windows, inRoamingData, "Opera Software/Opera Stable"},
	{"opera-beta", "Opera Beta", linux, inConfig, "opera-beta"},
	{"opera-beta", "Opera Beta", macOS, inSupport, "com.operasoftware.OperaNext"},
	{"opera-beta", "Opera Beta", windows, inRoamingData, "Opera Software/Opera Next"},
	{"opera-developer", "Opera Developer", linux, inConfig, "opera-developer"},
	{"opera-developer", "Opera Developer", macOS, inSupport, "com.operasoftware.OperaDeveloper"},
	{"opera-developer", "Opera Developer", windows, inRoamingData, "Opera Software/Opera Developer"},
	{"opera-gx", "Opera GX", linux, inConfig, "opera-gx"},
	{"opera-gx", "Opera GX", macOS, inSupport, "com.operasoftware.OperaGX"},
	{"opera-gx", "Opera GX", windows, inRoamingData, "Opera Software/Opera GX Stable"},
	{"opera-air", "Opera Air", macOS, inSupport, "com.operasoftware.OperaAir"},
	{"opera-air", "Opera Air", windows, inRoamingData, "Opera Software/Opera Air Stable"},
	{"opera-crypto", "Opera Crypto", windows, inRoamingData, "Opera Software/Opera Crypto Stable"},
	{"opera-neon", "Opera Neon", macOS, inSupport, "com.operasoftware.OperaNeon"},
	{"opera-neon", "Opera Neon", windows, inRoamingData, "Opera Software/Opera Neon Stable"},
	{"opera-neon-developer", "Opera Neon Developer", macOS, inSupport, "com.operasoftware.OperaNeonDeveloper"},
	{"opera-snap", "Opera (snap)", linux, inHome, "snap/opera/current/.config/opera"},
	{"opera-beta-snap", "Opera Beta (snap)", linux, inHome, "snap/opera-beta/current/.config/opera-beta"},
	{"opera-developer-snap", "Opera Developer (snap)", linux, inHome,
		"snap/opera-developer/current/.config/opera-developer"},
	{"opera-flatpak", "Opera (flatpak)", linux, inHome, ".var/app/com.opera.Opera/config/opera"},

	// Browsers built around an assistant
	{"arc", "Arc", macOS, inSupport, "Arc/User Data"},
	{"arc", "Arc", windows, inLocalData, "Packages/TheBrowserCompany.Arc_*/LocalCache/Local/Arc/User Data"},
	{"dia", "Dia", macOS, inSupport, "Dia/User Data"},
	{"dia", "Dia", windows, inLocalData, "Packages/TheBrowserCompany.Dia_*/LocalCache/Local/Dia/User Data"},
	{"comet", "Comet", linux, inConfig, "Perplexity/Comet"},
	{"comet", "Comet", macOS, inSupport, "Comet"},
	{"comet-perplexity", "Comet", macOS, inSupport, "Perplexity/Comet/User Data"},
	{"comet", "Comet", windows, inLocalData, "Perplexity/Comet/User Data"},
	{"comet-beta", "Comet Beta", macOS, inSupport, "Comet Beta"},
	{"comet-dev", "Comet Dev", macOS, inSupport, "Comet Dev"},
	{"comet-canary", "Comet Canary", macOS, inSupport, "Comet Canary"},
	{"browseros", "BrowserOS", linux, inConfig, "browser-os"},
	{"browseros", "BrowserOS", macOS, inSupport, "BrowserOS"},
	{"browseros", "BrowserOS", windows, inLocalData, "BrowserOS/User Data"},
	{"tabbit", "Tabbit", macOS, inSupport, "Tabbit Browser"},
	{"chatgpt-atlas", "ChatGPT Atlas", macOS, inSupport, "com.openai.atlas/browser-data/host"},
	{"helium", "Helium", linux, inConfig, "net.imput.helium"},
	{"helium", "Helium", macOS, inSupport, "net.imput.helium"},
	{"helium", "Helium", windows, inLocalData, "imput/Helium/User Data"},
	{"helium-flatpak", "Helium (flatpak)", linux, inHome, ".var/app/net.imput.helium/config/net.imput.helium"},
	{"sidekick", "Sidekick", linux, inConfig, "sidekick"},
	{"sidekick", "Sidekick", macOS, inSupport, "Sidekick"},
	{"sidekick", "Sidekick", windows, inLocalData, "Sidekick/User Data"},
	{"wavebox", "Wavebox", linux, inConfig, "WaveboxApp"},
	{"wavebox", "Wavebox", macOS, inSupport, "WaveboxApp"},
	{"wavebox", "Wavebox", windows, inLocalData, "WaveboxApp/User Data"},

	// Others
	{"yandex", "Yandex Browser", linux, inConfig, "yandex-browser"},
	{"yandex", "Yandex Browser", macOS, inSupport, "Yandex/YandexBrowser"},
	{"yandex", "Yandex Browser", windows, inLocalData, "Yandex/YandexBrowser/User Data"},
	{"yandex-beta", "Yandex Browser Beta", linux, inConfig, "yandex-browser-beta"},
	{"yandex-beta", "Yandex Browser Beta", macOS, inSupport, "Yandex/YandexBrowserBeta"},
	{"yandex-beta", "Yandex Browser Beta", windows, inLocalData, "Yandex/YandexBrowserBeta/User Data"},
	{"yandex-dev", "Yandex Browser Dev", macOS, inSupport, "Yandex/YandexBrowser Dev"},
	{"yandex-canary", "Yandex Browser Canary", macOS, inSupport, "Yandex/YandexBrowser SxS"},
	{"yandex-canary", "Yandex Browser Canary", windows, inLocalData, "Yandex/YandexBrowser SxS/User Data"},
	{"thorium", "Thorium", linux, inConfig, "thorium"},
	{"thorium", "Thorium", macOS, inSupport, "Thorium"},
	{"thorium", "Thorium", windows, inLocalData, "Thorium/User Data"},
	{"iridium", "Iridium", linux, inConfig, "iridium"},
	{"iridium", "Iridium", macOS, inSupport, "Iridium"},
	{"iridium", "Iridium", windows, inLocalData, "Iridium/User Data"},
	{"whale", "Naver Whale", linux, inConfig, "naver-whale"},
	{"whale", "Naver Whale", macOS, inSupport, "Naver/Whale"},
	{"whale", "Naver Whale", windows, inLocalData, "Naver/Naver Whale/User Data"},
	{"slimjet", "Slimjet", linux, inConfig, "slimjet"},
	{"slimjet", "Slimjet", macOS, inSupport, "Slimjet"},
	{"slimjet", "Slimjet", windows, inLocalData, "Slimjet/User Data"},
	{"cent", "Cent Browser", windows, inLocalData, "CentBrowser/User Data"},
	{"coccoc", "Cốc Cốc", macOS, inSupport, "CocCoc/Browser"},
	{"coccoc-old", "Cốc Cốc", macOS, inSupport, "Coccoc"},
	{"coccoc", "Cốc Cốc", windows, inLocalData, "CocCoc/Browser/User Data"},
	{"epic", "Epic Privacy Browser", macOS, inSupport, "HiddenReflex/Epic"},
	{"epic", "Epic Privacy Browser", windows, inLocalData, "Epic Privacy Browser/User Data"},
	{"comodo-dragon", "Comodo Dragon", windows, inLocalData, "Comodo/Dragon/User Data"},
	{"avast", "Avast Secure Browser", macOS, inSupport, "AVAST Software/Browser"},
	{"avast", "Avast Secure Browser", windows, inLocalData, "AVAST Software/Browser/User Data"},
	{"avg", "AVG Secure Browser", macOS, inSupport, "AVG/Browser"},
	{"avg", "AVG Secure Browser", windows, inLocalData, "AVG/Browser/User Data"},
	{"ccleaner", "CCleaner Browser", windows, inLocalData, "CCleaner Browser/User Data"},
	{"supermium", "Supermium", windows, inLocalData, "Supermium/User Data"},
	{"torch", "Torch", windows, inLocalData, "Torch/User Data"},
	{"360", "360 Secure Browser", windows, inLocalData, "360Chrome/Chrome/User Data"},
	{"qq", "QQ Browser", windows, inLocalData, "Tencent/QQBrowser/User Data"},
	{"quark", "Quark", macOS, inSupport, "Quark"},
	{"ulaa", "Ulaa", linux, inConfig, "Zoho/Ulaa"},
	{"ulaa", "Ulaa", macOS, inSupport, "Zoho/Ulaa"},
	{"ulaa", "Ulaa", windows, inLocalData, "Zoho/Ulaa/User Data"},
	{"island", "Island", linux, inConfig, "island"},
	{"island", "Island", macOS, inSupport, "Island"},
	{"island", "Island", windows, inLocalData, "Island/Island/User Data"},
	{"island-beta", "Island Beta", macOS, inSupport, "IslandBeta"},
	{"island-canary", "Island Canary", macOS, inSupport, "IslandCanary"},
	{"island-dev", "Island Dev", macOS, inSupport, "IslandDev"},
	{"maxthon", "Maxthon", windows, inLocalData, "Maxthon/Application/User Data"},
	{"sleipnir", "Sleipnir", windows, inRoamingData, "Fenrir Inc/Sleipnir5/setting/modules/ChromiumViewer"},
	{"norton", "Norton Private Browser", windows, inLocalData, "Norton/Browser/User Data"},
	{"avira", "Avira Secure Browser", windows, inLocalData, "Avira/Browser/User Data"},
	{"360x", "360 Secure Browser", windows, inLocalData, "360ChromeX/Chrome/User Data"},
}

// storeUpdateURLs are the addresses that stores put into the update_url of a manifest: Chrome's,
// which from_webstore also indicates, and those of the stores that some browsers have besides or
// instead of it.
var storeUpdateURLs = []struct {
	keyPrefix string // of the browser's key; empty: Chrome's Web Store
	updateURL string // how the manifest's update_url begins
}{
	{"", "https://clients2.google.com/service/update2/crx"},
	{"", "http://clients2.google.com/service/update2/crx"}, // as older packages have it
	{"edge", "https://edge.microsoft.com/extensionwebstorebase/"},
	{"opera", "https://extension-updates.opera.com/"},
	{"whale", "https://store.whale.naver.com/"},
}

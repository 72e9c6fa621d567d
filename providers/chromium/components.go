package chromium

import (
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// An entry may say that its extension is a component of the browser (location 5 or 10), and
// components are not part of the inventory. Anyone who can write the profile can say so too, so the
// claim is believed only for known components and for what is among the browser's own files.

// profileComponents are the browsers' components that are in the profile, like an installed
// extension.
var profileComponents = []string{
	"enhhojjnijigcajfphajepfemndkmdlo", // Chrome Media Router, development
	"jmjflgjpcpepeafmmgdpfkogkghcpiha", // Edge relevant text changes
	"nmmhkkegccagdldgiimedpiccmgmieda", // Chrome Web Store Payments
	"pkedcjkdefgpdelpbcmbmeomcjbeemfm", // Chrome Media Router
}

// resourceComponents are components outside the profile, wherever the browser was unpacked. The
// browser takes no component of location 5 from the settings, so what the settings say about these
// does not run.
var resourceComponents = []string{
	"ahfgeienlihckogmohjhadlkjgocpleb", // Web Store
	"dgiklkfkllikcanfonkcabmbdfmgleag", // Microsoft Clipboard Extension
	"fignfifoniblkonapihmkfakmlgkbkcf", // Google Network Speech
	"fikbjbembnmfhppjfnmfkahdhfohhjmg", // Media Internals Services Extension
	"gfdkimpbcpahaombhbimeihdjnejgicl", // Feedback
	"kmendfapggjehodndflmmgagdbamhnfd", // CryptoTokenExtension
	"mhjfbmdgcfjbbpaeojofohoefgiehjai", // PDF Viewer
	"ncbjelpjchkpbikbpkcchkhkblodoama", // WebRTC Internals Extension
	"neajdppkdcdipfabeoofebfddakdcjhd", // Google Network Speech Synthesis
	"nkeimhogjdpnpccoofpliimaahmaaome", // Google Hangouts, WebRTC
}

// browserPlaces are the directories that browsers are installed in: how the path begins, with "/"
// and without a drive letter, and what it contains after that. Windows paths are compared in lower
// case.
var browserPlaces = []struct {
	windows bool
	begins  string
	has     []string
}{
	{false, "/usr/", []string{"/resources/"}},
	{false, "/opt/", []string{"/resources/"}},
	{false, "/snap/", []string{"/resources/"}},
	{false, "/app/", []string{"/resources/"}},
	{false, "/nix/store/", []string{"/resources/"}},
	{false, "/var/lib/flatpak/", []string{"/resources/"}},
	{false, "/Applications/", []string{".app/Contents/"}},
	{false, "/Users/", []string{"/Applications/", ".app/Contents/"}},
	{true, "/program files/", []string{"/resources/"}},
	{true, "/program files (x86)/", []string{"/resources/"}},
	{true, "/users/", []string{"/appdata/local/", "/application/", "/resources/"}},
	{true, "/users/", []string{"/appdata/local/programs/", "/resources/"}},
}

// isBrowsersOwn reports whether an absolute path leads to a place where a browser is installed.
func isBrowsersOwn(at string) bool {
	windows := localprofile.IsWindowsPath(at)
	at = localprofile.Slashes(at) + "/"
	if windows {
		at = strings.ToLower(at[2:])
	}
	for _, place := range browserPlaces {
		rest, ok := strings.CutPrefix(at, place.begins)
		if !ok || place.windows != windows {
			continue
		}
		for _, part := range place.has {
			if ok {
				_, rest, ok = strings.Cut("/"+strings.TrimPrefix(rest, "/"), part)
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// isComponent reports whether the entry belongs to a component of the browser.
func (s *scan) isComponent(id string, e *entry) bool {
	if !e.claimsComponent() {
		return false
	}
	if !localprofile.IsAbsolute(e.where()) {
		return e.at() == atExternalComponent && slices.Contains(profileComponents, id) && s.bearsKey(id, e)
	}
	at := localprofile.Slashes(e.where()) + "/"
	if strings.Contains(at, "/../") || strings.Contains(at, "/"+extensionsFolder+"/") {
		return false
	}
	if s.extensions != nil {
		if _, err := s.extensions.Stat(id); !isMissing(err) {
			return false // an installed package with the same ID
		}
	}
	return e.at() == atComponent && slices.Contains(resourceComponents, id) || isBrowsersOwn(e.where())
}

// bearsKey reports whether the manifest on disk has the key that the ID derives from, or there is
// nothing that could run.
func (s *scan) bearsKey(id string, e *entry) bool {
	files, err := s.open(id, e)
	if err != nil {
		return isMissing(err)
	}
	defer files.close()
	if _, err := files.dir.Stat(files.below); isMissing(err) {
		return true
	}
	onDisk, _, err := s.manifest(files)
	if err != nil {
		return false
	}
	derived, ok := idFromKey(onDisk.key)
	return ok && derived == id
}

// areOutside reports whether all claims are about components that are among the browser's own
// files, or nowhere. One in the profile is not certain to be a component: its ID and key are
// public, and anyone who can write the profile can put other code there.
func (s *scan) areOutside(id string, claims []*entry) bool {
	return !slices.ContainsFunc(claims, func(e *entry) bool { return !s.isComponent(id, e) || s.isInProfile(id, e) })
}

// isInProfile reports whether the files that an entry names are below the profile's Extensions
// directory.
func (s *scan) isInProfile(id string, e *entry) bool {
	return !localprofile.IsAbsolute(e.where()) && s.hasManifest(id, e)
}

// checkComponent says what the claim to be a component of the browser is worth.
func (s *scan) checkComponent(id string, e *entry, item *inventory.Item) {
	switch {
	case !e.claimsComponent():
	case s.isComponent(id, e) && s.isInProfile(id, e):
		item.Mark(inventory.MarkNote, inventory.MarkPathMismatch,
			"its ID and key are those of a part of the browser, but it is in the profile, where any of the user's programs can change it")
	case s.isComponent(id, e):
		item.Origin = inventory.OriginBuiltin
	default:
		item.Mark(inventory.MarkIdentity, inventory.MarkPathMismatch,
			"the profile calls it a part of the browser, but guestlist knows no such part, and it is not where the browser is installed")
	}
}

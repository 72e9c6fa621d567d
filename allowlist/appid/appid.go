// Package appid knows the forms that apps' IDs have, and finds what is known of an app by its ID.
//
// IDs match exactly, once they are normalized: Chrome's in lower case, Google's OAuth client IDs in
// lower case and without their suffix. Client IDs are kept apart, so that a bare number is never
// taken for another platform's ID.
package appid

import (
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// GoogleSuffix ends the full form of a Google OAuth client ID. Reports and logs show the ID with
// and without it.
const GoogleSuffix = vendor.ClientSuffix

// Map finds what is known of an app by its ID.
type Map[T any] struct {
	exact map[inventory.Untrusted][]T
	oauth map[inventory.Untrusted][]T
}

// NewMap returns an empty map.
func NewMap[T any]() Map[T] {
	return Map[T]{exact: map[inventory.Untrusted][]T{}, oauth: map[inventory.Untrusted][]T{}}
}

// Add files a value under an ID.
func (m *Map[T]) Add(id inventory.Untrusted, value T) {
	exact, oauth := Canonical(id), CanonicalClient(id)
	m.exact[exact] = append(m.exact[exact], value)
	m.oauth[oauth] = append(m.oauth[oauth], value)
}

// Get returns what is filed under the ID of an app of a kind, in the order in which it was added.
func (m *Map[T]) Get(kind inventory.Kind, id inventory.Untrusted) []T {
	if kind == inventory.KindOAuthGrant {
		return m.oauth[CanonicalClient(id)]
	}
	return m.exact[Canonical(id)]
}

// chromeIDBytes is how long Chrome's IDs are.
const chromeIDBytes = 32

// Canonical returns the form in which an ID is compared.
func Canonical(id inventory.Untrusted) inventory.Untrusted {
	if vendor.IsChromeID(string(id)) { // the usual case, which costs no copy
		return id
	}
	if len(id) != chromeIDBytes {
		return id
	}
	if lower := strings.ToLower(string(id)); vendor.IsChromeID(lower) {
		return inventory.Untrusted(lower)
	}
	return id
}

// CanonicalClient returns the form in which an OAuth client ID is compared.
func CanonicalClient(id inventory.Untrusted) inventory.Untrusted {
	bare := inventory.Untrusted(vendor.CutClientSuffix(string(id)))
	if !IsClient(bare) {
		return Canonical(id)
	}
	return inventory.Untrusted(strings.ToLower(string(bare)))
}

// ClientProject returns the project number that a Google client ID begins with, or "".
func ClientProject(id inventory.Untrusted) inventory.Untrusted {
	id = CanonicalClient(id)
	if !IsClient(id) {
		return ""
	}
	number, _, _ := strings.Cut(string(id), "-")
	return inventory.Untrusted(number)
}

// IsClient reports whether id is a Google client ID without its suffix.
func IsClient(id inventory.Untrusted) bool { return vendor.IsClientID(string(id)) }

// IsAddon reports whether id has one of the two forms of Firefox add-on IDs.
func IsAddon(id string) bool { return vendor.IsAddonID(id) }

// IsExtension reports whether id has a form that only extensions' IDs have.
func IsExtension(id inventory.Untrusted) bool {
	return vendor.IsChromeID(strings.ToLower(string(id))) || IsAddon(string(id))
}

// IsExtensionKind reports whether things of a kind have the ID of an extension.
func IsExtensionKind(kind inventory.Kind) bool {
	switch kind {
	case inventory.KindExtension, inventory.KindTheme, inventory.KindBrowserApp, inventory.KindSharedModule,
		inventory.KindLanguagePack, inventory.KindDictionary:
		return true
	}
	return false
}

// IsAll reports whether every byte of a text is of a class.
func IsAll(text string, is func(byte) bool) bool {
	for n := range len(text) {
		if !is(text[n]) {
			return false
		}
	}
	return true
}

// IsDigit reports whether c is an ASCII digit.
func IsDigit(c byte) bool { return c >= '0' && c <= '9' }

// IsAlphanumeric reports whether c is an ASCII letter or digit.
func IsAlphanumeric(c byte) bool { return IsDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

package allowlist

import (
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// googleSuffix ends the full form of a Google OAuth client ID. Reports and logs show the ID with
// and without it.
const googleSuffix = ".apps.googleusercontent.com"

// idMap finds what is known of an app by its exact ID, once the ID is normalized: Chrome's IDs in
// lower case, OAuth client IDs without their suffix. Client IDs are kept apart, so that a bare
// number is never taken for another platform's ID.
type idMap[T any] struct {
	exact map[inventory.Untrusted][]T
	oauth map[inventory.Untrusted][]T
}

func newIDMap[T any]() idMap[T] {
	return idMap[T]{exact: map[inventory.Untrusted][]T{}, oauth: map[inventory.Untrusted][]T{}}
}

func (m *idMap[T]) add(id inventory.Untrusted, value T) {
	exact, oauth := canonicalID(id), canonicalClientID(id)
	m.exact[exact] = append(m.exact[exact], value)
	m.oauth[oauth] = append(m.oauth[oauth], value)
}

func (m *idMap[T]) get(kind inventory.Kind, id inventory.Untrusted) []T {
	if kind == inventory.KindOAuthGrant {
		return m.oauth[canonicalClientID(id)]
	}
	return m.exact[canonicalID(id)]
}

// canonicalID returns the form in which an ID is compared.
func canonicalID(id inventory.Untrusted) inventory.Untrusted {
	if vendor.IsChromeID(strings.ToLower(string(id))) {
		return inventory.Untrusted(strings.ToLower(string(id)))
	}
	return id
}

// canonicalClientID returns the form in which an OAuth client ID is compared.
func canonicalClientID(id inventory.Untrusted) inventory.Untrusted {
	bare := id
	if cut := len(id) - len(googleSuffix); cut > 0 && strings.EqualFold(string(id[cut:]), googleSuffix) {
		bare = id[:cut]
	}
	if !isClientID(bare) {
		return canonicalID(id)
	}
	return inventory.Untrusted(strings.ToLower(string(bare)))
}

// clientProject returns the project number that a Google client ID begins with, or "".
func clientProject(id inventory.Untrusted) inventory.Untrusted {
	id = canonicalClientID(id)
	if !isClientID(id) {
		return ""
	}
	number, _, _ := strings.Cut(string(id), "-")
	return inventory.Untrusted(number)
}

// isClientID reports whether id is a Google client ID without its suffix: a number, or a number,
// "-" and letters and digits.
func isClientID(id inventory.Untrusted) bool {
	number, rest, dashed := strings.Cut(string(id), "-")
	return number != "" && isAll(number, isDigit) && (!dashed || rest != "" && isAll(rest, isAlphanumeric))
}

// isAddonID reports whether id has one of the two forms of Firefox add-on IDs: {a UUID} or
// name@domain.
func isAddonID(id string) bool {
	if strings.HasPrefix(id, "{") {
		return len(id) == 38 && strings.HasSuffix(id, "}") &&
			isAll(id[1:37], func(c byte) bool { return isAlphanumeric(c) || c == '-' })
	}
	name, domain, found := strings.Cut(id, "@")
	part := func(c byte) bool { return isAlphanumeric(c) || strings.IndexByte("-._+", c) >= 0 }
	return found && domain != "" && isAll(name, part) && isAll(domain, part)
}

func isExtensionKind(kind inventory.Kind) bool {
	switch kind {
	case inventory.KindExtension, inventory.KindTheme, inventory.KindBrowserApp, inventory.KindSharedModule,
		inventory.KindLanguagePack, inventory.KindDictionary:
		return true
	}
	return false
}

func isAll(text string, is func(byte) bool) bool {
	for n := range len(text) {
		if !is(text[n]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isAlphanumeric(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

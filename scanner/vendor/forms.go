package vendor

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Form is what a vendor's IDs of a kind look like.
type Form struct {
	Words string // what an ID is
	Is    func(id string) bool
	// Flaw says what is wrong with a text that is nearly one; nil where nothing is near.
	Flaw func(id string) string
}

// ClientSuffix ends the full form of a client ID. The console and the logs leave it out at times.
const ClientSuffix = ".apps.googleusercontent.com"

var (
	chromeIDs = Form{Words: "32 letters from a to p", Is: func(id string) bool { return IsChromeID(strings.ToLower(id)) },
		Flaw: chromeFlaw}
	addonIDs  = Form{Words: "{a UUID} or name@domain", Is: IsAddonID, Flaw: addonFlaw}
	clientIDs = Form{Words: "a number, a dash and letters and digits, with or without " + ClientSuffix, Is: func(id string) bool {
		return IsClientID(CutClientSuffix(id)) || isDomain(id)
	}}
	numbers = Form{Words: "a number", Is: isNumber}
	tokens  = Form{Words: "a number, or grant- and a number", Is: func(id string) bool { return isNumber(strings.TrimPrefix(id, "grant-")) }}
)

// FormsOf returns what IDs of a kind look like, one form for each vendor that has them. Nil: nothing
// is known of such IDs.
func FormsOf(kind inventory.Kind) []Form {
	var forms []Form
	for _, row := range vendors {
		if form, found := row.forms[kind]; found && !slices.ContainsFunc(forms, func(f Form) bool { return f.Words == form.Words }) {
			forms = append(forms, form)
		}
	}
	return forms
}

// IsAddonID reports whether id has one of the two forms of Firefox's add-ons: {a UUID} or
// name@domain.
func IsAddonID(id string) bool {
	if strings.HasPrefix(id, "{") {
		return isUUID(strings.TrimSuffix(strings.TrimPrefix(id, "{"), "}")) && strings.HasSuffix(id, "}")
	}
	name, domain, found := strings.Cut(id, "@")
	isPart := func(text string) bool {
		return strings.IndexFunc(text, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("-._+", r) }) < 0
	}
	return found && domain != "" && isPart(name) && isPart(domain)
}

// IsClientID reports whether id is a Google client ID without its suffix: a number, or a number, a
// dash and letters and digits.
func IsClientID(id string) bool {
	number, rest, dashed := strings.Cut(id, "-")
	if !isNumber(number) || dashed && rest == "" {
		return false
	}
	for n := range len(rest) {
		if !isAlphanumeric(rune(rest[n])) {
			return false
		}
	}
	return true
}

// CutClientSuffix removes what all client IDs end with, in any case.
func CutClientSuffix(id string) string {
	if cut := len(id) - len(ClientSuffix); cut > 0 && strings.EqualFold(id[cut:], ClientSuffix) {
		return id[:cut]
	}
	return id
}

func isAlphanumeric(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

func isNumber(text string) bool {
	for n := range len(text) {
		if text[n] < '0' || text[n] > '9' {
			return false
		}
	}
	return text != ""
}

// isDomain reports whether a text is a host name, as the IDs of clients are that Google does not
// know.
func isDomain(text string) bool {
	return strings.Contains(text, ".") && strings.IndexFunc(text, func(r rune) bool {
		return !isAlphanumeric(r) && r != '.' && r != '-'
	}) < 0
}

// isUUID reports whether text has the five groups of hexadecimal digits of a UUID.
func isUUID(text string) bool {
	groups := strings.Split(text, "-")
	if len(groups) != 5 {
		return false
	}
	for n, digits := range []int{8, 4, 4, 4, 12} {
		if len(groups[n]) != digits || strings.Trim(groups[n], "0123456789abcdefABCDEF") != "" {
			return false
		}
	}
	return true
}

// chromeFlaw says what is wrong with a text that may have been copied from a store's address.
func chromeFlaw(id string) string {
	const length = 32
	lower := strings.ToLower(id)
	if strings.Trim(lower, "abcdefghijklmnopqrstuvwxyz") != "" || len(id) < length-4 || len(id) > length+4 {
		return ""
	}
	if len(id) != length {
		return fmt.Sprintf("it has %d letters, and a Chrome ID has %d", len(id), length)
	}
	at := strings.IndexAny(lower, "qrstuvwxyz")
	return fmt.Sprintf("it has %q, and a Chrome ID has only a to p", lower[at:at+1])
}

func addonFlaw(id string) string {
	inner := strings.Trim(id, "{}")
	switch {
	case isUUID(inner) && inner == id:
		return "the ID of an add-on has its UUID in braces"
	case strings.HasPrefix(id, "{"):
		return "what is in its braces is no UUID"
	}
	return ""
}

// keyForm is how deploy keys are named: by fingerprint, or by number where that is not known.
var keyForm = Form{Words: "SHA256: and a fingerprint, or key- and a number", Is: func(id string) bool {
	fingerprint, hashed := strings.CutPrefix(id, "SHA256:")
	number, numbered := strings.CutPrefix(id, "key-")
	return hashed && len(fingerprint) == 43 || numbered && isNumber(number)
}}

// pageForm is what an OAuth app is named by where a log has no number of it.
var pageForm = Form{Words: "the address of an app's page", Is: func(id string) bool { return strings.HasPrefix(id, "https://") }}

// isAppID: where GitHub tells no number of an app, its name stands for it.
func isAppID(id string) bool {
	return isNumber(id) || strings.HasPrefix(id, "app/") && len(id) > len("app/")
}

// slugForm is what an installed app's ID is; its slug is only its name.
var slugForm = Form{Words: "the number of an app, or app/ and its name", Is: isAppID, Flaw: func(id string) string {
	if id == "" || strings.IndexFunc(id, func(r rune) bool { return !isAlphanumeric(r) && r != '-' }) >= 0 {
		return ""
	}
	return "it is the name in an app's address: guestlist show " + id + " says its number"
}}

package diff

import (
	"fmt"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// The parts of sentences. Foreign text is inserted in its String form, which is harmless.

// nouns name kinds in sentences.
var nouns = map[inventory.Kind]string{
	inventory.KindExtension:      "the extension",
	inventory.KindTheme:          "the theme",
	inventory.KindBrowserApp:     "the browser app",
	inventory.KindSharedModule:   "the shared module",
	inventory.KindLanguagePack:   "the language pack",
	inventory.KindDictionary:     "the dictionary",
	inventory.KindSitePermission: "the site permission",
	inventory.KindOAuthGrant:     "the OAuth grant",
	inventory.KindAppPassword:    "the app password",
	inventory.KindInstallation:   "the app's installation",
	inventory.KindCredential:     "the credential authorization",
	inventory.KindAccessToken:    "the access token",
	inventory.KindTokenRequest:   "the token request",
	inventory.KindSSHKey:         "the SSH key",
	inventory.KindGPGKey:         "the GPG key",
	inventory.KindDeployKey:      "the deploy key",
	inventory.KindWebhook:        "the webhook",
	inventory.KindAction:         "the action",
}

// markWords say what a mark means.
var markWords = map[inventory.MarkName]inventory.Untrusted{
	inventory.MarkMalware:          "the browser's vendor reports it as malware",
	inventory.MarkPolicyViolation:  "the store removed it for a policy violation",
	inventory.MarkMinorViolation:   "the store notes a minor policy violation",
	inventory.MarkVulnerable:       "the browser's vendor reports it as vulnerable",
	inventory.MarkUnwanted:         "the browser's vendor reports it as potentially unwanted",
	inventory.MarkBlocklisted:      "it is on the browser's blocklist",
	inventory.MarkSoftBlocked:      "it is on the browser's blocklist, but users can keep it",
	inventory.MarkDelisted:         "it is no longer in the store",
	inventory.MarkUnpublished:      "its publisher took it out of the store long ago",
	inventory.MarkUnsigned:         "it is not signed",
	inventory.MarkBrokenSignature:  "its signature is broken",
	inventory.MarkNoPrivacyDetails: "its store page states no privacy practice",
	inventory.MarkIDMismatch:       "its ID does not follow from its key",
	inventory.MarkVersionMismatch:  "the profile and the manifest on disk name different versions",
	inventory.MarkAccessMismatch:   "it runs with more than its manifest on disk asks for",
	inventory.MarkPathMismatch:     "it is not where its ID and origin say",
	inventory.MarkManifestMissing:  "the profile calls it installed, and its manifest is not on disk",
	inventory.MarkStateMismatch:    "the browser's list and what it starts disagree",
	inventory.MarkOwnerLeft:        "its owner is no longer a member",
}

// noteWords say what a note means, where a person should know of it.
var noteWords = map[inventory.MarkName]inventory.Untrusted{
	inventory.MarkAnonymous: "not registered with the platform: no one vouches for who it is",
	inventory.MarkNative:    "a native app: its ID is no secret, and another program can use it",

	inventory.MarkNativeHost:    "it may talk to programs outside the browser",
	inventory.MarkDeveloperMode: "its profile has developer mode on, which policy forbids",
	inventory.MarkOwnProject:    "its OAuth client is in a Cloud project of your own, so it counts as internal, even if an AI service uses it",
	inventory.MarkByAgent:       "an AI agent granted it",
}

// firstPartyWords say whose own an app is.
func firstPartyWords(provider inventory.Provider, detail inventory.Untrusted) inventory.Untrusted {
	return inventory.Untrusted(strings.ReplaceAll(vendor.Of(provider).FirstParty, "{detail}", string(detail)))
}

func noun(item *inventory.Item) string {
	if name, ok := nouns[item.Kind]; ok {
		return name
	}
	return fmt.Sprintf("the %s", inventory.Untrusted(item.Kind))
}

// list joins values in their harmless form.
func list(values []inventory.Untrusted) string { return strings.Join(plain(values), ", ") }

func plain(texts []inventory.Untrusted) []string {
	all := make([]string, len(texts))
	for n, text := range texts {
		all[n] = text.String()
	}
	return all
}

func orUnknown(value inventory.Untrusted) inventory.Untrusted {
	if value == "" {
		return "unknown"
	}
	return value
}

package diff

import (
	"fmt"
	"strings"

	"guestlist/scanner/inventory"
)

// The sentences' small parts. Foreign text goes in through its String form, which is harmless.

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
}

// markWords say what a mark means.
var markWords = map[inventory.MarkName]inventory.Untrusted{
	inventory.MarkMalware:          "the browser's vendor calls it malware",
	inventory.MarkPolicyViolation:  "the store removed it for a policy violation",
	inventory.MarkMinorViolation:   "the store notes a minor policy violation",
	inventory.MarkVulnerable:       "the browser's vendor calls it vulnerable",
	inventory.MarkUnwanted:         "the browser's vendor calls it potentially unwanted",
	inventory.MarkBlocklisted:      "it is on the browser's blocklist",
	inventory.MarkSoftBlocked:      "it is on the browser's blocklist, and its user may keep it",
	inventory.MarkDelisted:         "it is no longer in the store",
	inventory.MarkUnpublished:      "its publisher took it out of the store long ago",
	inventory.MarkUnsigned:         "it is not signed",
	inventory.MarkBrokenSignature:  "its signature is broken",
	inventory.MarkNoPrivacyDetails: "its store page states no privacy practice",
	inventory.MarkIDMismatch:       "its ID does not follow from its key",
	inventory.MarkVersionMismatch:  "the profile and the manifest on disk name different versions",
	inventory.MarkAccessMismatch:   "it runs with more than its manifest on disk asks for",
	inventory.MarkPathMismatch:     "it lies elsewhere than its ID and origin say",
	inventory.MarkManifestMissing:  "the profile calls it installed, and its manifest is not on disk",
	inventory.MarkStateMismatch:    "the browser's list and what it starts disagree",
	inventory.MarkOwnerLeft:        "its owner is no longer a member",
}

// noteWords say what a note means, where a person should know of it.
var noteWords = map[inventory.MarkName]inventory.Untrusted{
	inventory.MarkAnonymous: "not registered with the platform: nobody vouches for who it is",
	inventory.MarkNative:    "a native app: its ID is no secret, and another program can use it",

	inventory.MarkNativeHost: "it may talk to programs outside the browser",
}

// firstPartyWords say whose own an app is: Google's on Google, the organization's on GitHub.
func firstPartyWords(provider inventory.Provider, detail inventory.Untrusted) inventory.Untrusted {
	switch provider {
	case inventory.GoogleWorkspace:
		return "known as Google's own: " + detail
	case inventory.ChromeManagement:
		return "Google's own"
	}
	return detail
}

func noun(item *inventory.Item) string {
	if name, ok := nouns[item.Kind]; ok {
		return name
	}
	return fmt.Sprintf("the %s", inventory.Untrusted(item.Kind))
}

// list writes values one after another, in their harmless form.
func list(values []inventory.Untrusted) string {
	parts := make([]string, len(values))
	for n, value := range values {
		parts[n] = value.String()
	}
	return strings.Join(parts, ", ")
}

func orUnknown(value inventory.Untrusted) inventory.Untrusted {
	if value == "" {
		return "unknown"
	}
	return value
}

// remedyFor says how to take back what was let in, and the page of this item, where each has its own.
func remedyFor(item *inventory.Item) (how, page inventory.Untrusted) {
	switch item.Kind {
	case inventory.KindOAuthGrant:
		if item.Source.Provider == inventory.GitHub {
			return "an owner denies it", item.App.URL
		}
		return "the account's owner removes it at https://myaccount.google.com/connections; an admin blocks it for everybody at " +
			"https://admin.google.com/ac/owl/list?tab=apps", ""
	case inventory.KindAppPassword:
		return "the account's owner removes it at https://myaccount.google.com/apppasswords; an admin in the user's security " +
			"settings at https://admin.google.com/ac/users", ""
	case inventory.KindInstallation:
		return "an owner uninstalls or suspends it", item.App.URL
	case inventory.KindTokenRequest:
		return "approve or deny it", item.App.URL
	case inventory.KindCredential, inventory.KindAccessToken:
		return "revoke it", item.App.URL
	case inventory.KindSSHKey, inventory.KindGPGKey, inventory.KindDeployKey:
		return "delete it", item.App.URL
	case inventory.KindWebhook:
		return "delete it, or have it send elsewhere,", item.App.URL
	}
	return browserRemedy(item), ""
}

func orPage(what string, page inventory.Untrusted) inventory.Untrusted {
	if page == "" {
		return inventory.Untrusted(what)
	}
	return inventory.Untrusted(what) + " at " + page
}

func browserRemedy(item *inventory.Item) inventory.Untrusted {
	switch {
	case item.Origin == inventory.OriginPolicy:
		return "it was installed by policy: take it out of the browser policy"
	case item.Origin == inventory.OriginUnpacked && item.Path != "":
		return "remove it at " + page(item) + ", and its folder " + item.Path
	default:
		return "remove it at " + page(item)
	}
}

func page(item *inventory.Item) inventory.Untrusted {
	switch item.Source.Provider {
	case inventory.Firefox:
		return "about:addons"
	case inventory.Chromium:
		return "chrome://extensions/?id=" + item.App.ID
	}
	return "https://admin.google.com/ac/chrome/apps/user"
}

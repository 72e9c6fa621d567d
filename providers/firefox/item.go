package firefox

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"guestlist/providers/internal/csp"
	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Places of installation that mean something here (XPIProvider's location names).
const (
	inProfile   = "app-profile"
	inTemporary = "app-temporary" // about:debugging; gone when the browser is restarted
)

// Values of signedState (AddonManager.sys.mjs). Null is an add-on that needs no signature.
const (
	signedBroken     = -2
	signedUnknown    = -1
	signedMissing    = 0
	signedSystem     = 3
	signedPrivileged = 4
)

// item makes the item of one add-on, and compares it with what is on disk.
func (s *scan) item(a *addon) *inventory.Item {
	text := a.textIn(s.provider.env.Locale)
	item := &inventory.Item{
		Source: s.source, Holder: s.holder, Kind: kindOf(a.kind),
		App: inventory.App{
			ID: inventory.Untrusted(a.id), Name: inventory.Untrusted(text.Name),
			Publisher: inventory.Untrusted(text.Creator), URL: inventory.Untrusted(text.HomepageURL),
		},
		Version: inventory.Untrusted(a.version), Path: inventory.Untrusted(a.path),
		Added: milliseconds(a.installed), Updated: milliseconds(a.updated),
		Origin: a.originOf(s.policies),
		Facts:  a.facts(text),
	}
	if mode := s.policies[a.id]; mode != "" {
		item.Facts["policy"] = inventory.Untrusted(mode)
	}
	item.State, item.StateReasons = a.stateOf()
	if item.State == inventory.StateEnabled && len(a.disabled) > 0 {
		item.Mark(inventory.MarkNote, inventory.MarkStateMismatch, "the list calls it active and also off: "+a.disabled[0])
	}
	a.markVerdicts(item)
	s.checkStartup(a, item)
	checkPath(a, item)
	onDisk := s.onDisk(a, item)
	a.checkManifest(item, onDisk, s.grants[a.id])
	item.Access = accessOf(a, s.grants[a.id], onDisk)
	s.addGrantFacts(a, item)
	if onDisk != nil {
		describeBy(item, onDisk)
	}
	return item
}

// kindOf maps the browser's type. A type of a later browser counts as an extension, the kind that can do most.
func kindOf(kind string) inventory.Kind {
	switch kind {
	case "theme":
		return inventory.KindTheme
	case "locale":
		return inventory.KindLanguagePack
	case "dictionary":
		return inventory.KindDictionary
	case "sitepermission", "sitepermission-deprecated":
		return inventory.KindSitePermission
	}
	return inventory.KindExtension
}

// originOf says how an add-on came in. A machine's policy goes before the profile's own claims, and a program's doing before the
// store's address, because a program may bring a file of the store.
func (a *addon) originOf(policies policies) inventory.Origin {
	switch {
	case a.isBuiltin():
		return inventory.OriginBuiltin
	case a.location == inTemporary:
		return inventory.OriginUnpacked
	case policies.installs(a.id), a.telemetry.Source == "enterprise-policy":
		return inventory.OriginPolicy
	case isTrue(a.foreignInstall), a.telemetry.Method == "sideload", isSystemWide(a.location):
		return inventory.OriginSideload
	case isStore(a.sourceURI), a.sourceURI == "" && slices.Contains(storeSources, a.telemetry.Source):
		return inventory.OriginStore
	case a.sourceURI != "", a.telemetry.Source != "", a.telemetry.Method != "":
		return inventory.OriginSideload
	}
	return inventory.OriginUnknown
}

// storeSources are the values of installTelemetryInfo.source that mean the store: its site, and the browser's own page of it.
var storeSources = []string{"amo", "disco"}

// storeHosts serve the packages of the stores for Firefox and Thunderbird.
var storeHosts = []string{"addons.mozilla.org", "addons.cdn.mozilla.net", "addons.thunderbird.net"}

func isStore(uri string) bool {
	parsed, err := url.Parse(uri)
	return err == nil && parsed.Scheme == "https" && slices.Contains(storeHosts, strings.ToLower(parsed.Hostname()))
}

// isSystemWide reports whether a place of installation is outside of all profiles, where only programs install.
func isSystemWide(location string) bool {
	switch location {
	case "app-global", "app-system-local", "app-system-share", "app-system-user":
		return true
	}
	return strings.HasPrefix(location, "winreg-app-")
}

// stateOf says whether the add-on acts now, and if not, why.
func (a *addon) stateOf() (inventory.State, []inventory.Untrusted) {
	switch {
	case a.active == nil:
		return inventory.StateUnknown, a.disabled
	case *a.active:
		return inventory.StateEnabled, nil
	case isFalse(a.visible):
		return inventory.StateDisabled, append(slices.Clone(a.disabled), "hidden by another copy of the same add-on")
	case len(a.disabled) == 0:
		return inventory.StateDisabled, []inventory.Untrusted{"the browser gives no reason"}
	}
	return inventory.StateDisabled, a.disabled
}

// markVerdicts adds what the browser's maker says of the add-on: its signature and its blocklist.
func (a *addon) markVerdicts(item *inventory.Item) {
	if a.signedState != nil {
		switch state := *a.signedState; {
		case state == signedMissing:
			item.Mark(inventory.MarkVendor, inventory.MarkUnsigned, "")
		case state == signedUnknown:
			item.Mark(inventory.MarkVendor, inventory.MarkUnsigned, "its signature is not one that the browser knows")
		case state == signedBroken:
			item.Mark(inventory.MarkVendor, inventory.MarkBrokenSignature, "")
		case state < signedBroken:
			item.Mark(inventory.MarkVendor, inventory.MarkUnsigned, inventory.Untrusted(fmt.Sprintf("signing state %d", state)))
		case (state == signedSystem || state == signedPrivileged) && !a.isBuiltin():
			item.Mark(inventory.MarkNote, inventory.MarkPrivileged, "signed to use the browser's own interfaces")
		}
	}
	if a.blocklistState == nil || *a.blocklistState == 0 {
		return
	}
	detail := inventory.Untrusted(a.blocklistURL)
	switch *a.blocklistState { // nsIBlocklistService; 3 and above are from older browsers
	case 1:
		item.Mark(inventory.MarkVendor, inventory.MarkSoftBlocked, detail)
	case 2:
		item.Mark(inventory.MarkVendor, inventory.MarkBlocklisted, detail)
	case 4, 5:
		item.Mark(inventory.MarkVendor, inventory.MarkVulnerable, detail)
	default:
		item.Mark(inventory.MarkVendor, inventory.MarkBlocklisted, inventory.Untrusted(fmt.Sprintf("blocklist state %d", *a.blocklistState)))
	}
}

// facts are what only this family's list knows.
func (a *addon) facts(text defaultLocale) map[string]inventory.Untrusted {
	facts := map[string]inventory.Untrusted{}
	signed := ""
	if at := milliseconds(a.signed); !at.IsZero() {
		signed = at.UTC().Format(time.RFC3339)
	}
	for name, value := range map[string]string{
		"signed_at": signed, "type": a.kind, "location": a.location, "source": a.telemetry.Source, "method": a.telemetry.Method, "source_url": a.sourceURI,
		"update_url": a.updateURL, "incognito": a.incognito, "description": text.Description,
		"manifest_version": number(a.manifestVersion), "signed_state": number(a.signedState),
	} {
		if value != "" {
			facts[name] = inventory.Clean(value, inventory.MaxNameBytes)
		}
	}
	return facts
}

func (s *scan) addGrantFacts(a *addon, item *inventory.Item) {
	granted := s.grants[a.id]
	if s.grants != nil && item.Kind == inventory.KindExtension {
		allowed := slices.Contains(granted.Permissions, privateBrowsing)
		item.Facts["private_browsing"] = inventory.Untrusted(inventory.AnswerOf(&allowed))
	}
	data := slices.Clone(granted.Data)
	if a.granted != nil {
		data = append(data, a.granted.Data...)
	}
	addListFact(item, "data_collection", data)
	addListFact(item, "data_collection_optional", slices.DeleteFunc(slices.Clone(a.optional.Data), func(name string) bool {
		return slices.Contains(data, name)
	}))
}

func addListFact(item *inventory.Item, name string, list []string) {
	if len(list) > 0 {
		item.Facts[name] = localprofile.JoinSome(untrusted(slices.Compact(slices.Sorted(slices.Values(list)))))
	}
}

// Permissions that are answers of about:addons and not of the manifest.
const (
	internalPrefix  = "internal:"
	privateBrowsing = "internal:privateBrowsingAllowed"
)

// accessOf is what the add-on may do: what it was granted when it came in, and what was granted since. Content scripts of version 2
// run on their sites in any case; those of version 3 need the grant like any host. Without a list of grants the manifest speaks.
func accessOf(a *addon, later permissions, m *manifest) inventory.Access {
	result := inventory.Access{Basis: inventory.BasisGranted}
	if a.granted != nil {
		result.Permissions = untrusted(a.granted.Permissions)
		result.Hosts = untrusted(a.granted.Origins)
	} else if m != nil {
		result.Basis = inventory.BasisManifest
		result.Permissions, result.Hosts = untrusted(m.asked), untrusted(m.askedHosts)
	}
	result.Permissions = append(result.Permissions, untrusted(withoutInternal(later.Permissions))...)
	result.Hosts = append(result.Hosts, untrusted(later.Origins)...)
	held := access.NewSet(result.Hosts)
	if m != nil {
		result.Surfaces = m.surfaces()
		switch missing := held.Excess(untrusted(m.contentMatches)); {
		case m.number == 3 && a.granted != nil:
			result.Requested = append(result.Requested, missing...)
		default:
			result.Hosts = append(result.Hosts, missing...)
		}
	}
	result.Optional = without(a.optional.Permissions, result.Permissions)
	result.OptionalHosts = held.Excess(untrusted(a.optional.Origins))
	result.Requested = append(result.Requested, without(a.requested.Permissions, result.Permissions)...)
	result.Requested = append(result.Requested, held.Excess(untrusted(a.requested.Origins))...)
	if a.granted == nil && m != nil {
		result.Optional = without(m.optional, result.Permissions)
		result.OptionalHosts = held.Excess(untrusted(m.optionalHosts))
	}
	return result
}

// surfaces are the manifest's features that give reach without being a permission.
func (m *manifest) surfaces() []inventory.Untrusted {
	var found []inventory.Untrusted
	if m.devtoolsPage != "" {
		found = append(found, "devtools_page")
	}
	if m.hasExperiments {
		found = append(found, "experiment_apis")
	}
	for _, name := range m.urlOverrides {
		found = append(found, inventory.Untrusted("chrome_url_overrides."+name))
	}
	for _, name := range m.settingsOverrides {
		found = append(found, inventory.Untrusted("chrome_settings_overrides."+name))
	}
	for _, pattern := range m.connectable {
		found = append(found, inventory.Untrusted("externally_connectable "+pattern))
	}
	for _, policy := range m.policies {
		for _, source := range csp.WeakSources(policy) {
			found = append(found, inventory.Untrusted("content_security_policy "+source))
		}
	}
	return found
}

// describeBy fills what the list left open with what the manifest says of itself.
func describeBy(item *inventory.Item, m *manifest) {
	fill := func(place *inventory.Untrusted, value string) {
		if *place == "" && !isMessage(value) {
			*place = inventory.Untrusted(value)
		}
	}
	fill(&item.App.Name, m.name)
	fill(&item.App.Publisher, m.author)
	fill(&item.App.URL, m.homepage)
	fill(&item.Version, m.version)
	if item.Facts["manifest_version"] == "" && m.number != 0 {
		item.Facts["manifest_version"] = inventory.Untrusted(strconv.FormatInt(m.number, 10))
	}
	if item.Facts["type"] == "" {
		item.Kind = m.kind()
	}
}

func (m *manifest) kind() inventory.Kind {
	switch {
	case m.isTheme:
		return inventory.KindTheme
	case m.isLanguage:
		return inventory.KindLanguagePack
	case m.isDict:
		return inventory.KindDictionary
	}
	return inventory.KindExtension
}

func milliseconds(since1970 int64) time.Time {
	if since1970 <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(since1970)
}

func number(value *int64) string {
	if value == nil {
		return ""
	}
	return strconv.FormatInt(*value, 10)
}

func untrusted(list []string) []inventory.Untrusted {
	result := make([]inventory.Untrusted, len(list))
	for n, text := range list {
		result[n] = inventory.Untrusted(text)
	}
	return result
}

// without returns the names that are not among those held.
func without(names []string, held []inventory.Untrusted) []inventory.Untrusted {
	return slices.DeleteFunc(untrusted(names), func(name inventory.Untrusted) bool { return slices.Contains(held, name) })
}

func withoutInternal(permissions []string) []string {
	return slices.DeleteFunc(slices.Clone(permissions), func(name string) bool { return strings.HasPrefix(name, internalPrefix) })
}

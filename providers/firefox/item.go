package firefox

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/webext"
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
		Source: s.Source, Holder: s.Holder, Kind: kindOf(a.kind),
		App: inventory.App{
			ID: inventory.Untrusted(a.id), Name: inventory.Untrusted(text.Name),
			Publisher: inventory.Untrusted(text.Creator), URL: inventory.Untrusted(text.HomepageURL),
		},
		Version: inventory.Untrusted(a.version), Path: inventory.Untrusted(a.path),
		Added: milliseconds(a.installed), Updated: milliseconds(a.updated),
		Origin: s.originOf(a),
		Facts:  a.facts(text),
	}
	if mode := s.policies[a.id]; mode != "" {
		item.Facts["policy"] = inventory.Untrusted(mode)
	}
	if scope := scopeOf(a.location); scope != "" {
		item.Facts["install_scope"] = scope
	}
	item.State, item.StateReasons = s.stateOf(a)
	if isTrue(a.active) && len(a.disabled) > 0 {
		item.Mark(inventory.MarkNote, inventory.MarkStateMismatch, "the list calls it active and also off: "+a.disabled[0])
	}
	a.markVerdicts(item, s.standing(a))
	s.checkStartup(a, item)
	s.checkPath(a, item)
	packages := s.manifests(a, item)
	for n, m := range packages {
		if n == 0 {
			a.checkManifest(item, m)
			describeBy(item, m)
		}
		if m.kind() == inventory.KindExtension {
			item.Kind = inventory.KindExtension // the manifest decides what the browser runs it as
		}
	}
	s.checkAccess(a, item, packages)
	item.Access = s.accessOf(a, packages, item.Kind)
	s.addGrantFacts(a, item, packages)
	s.addStaged(a, item)
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
func (s *scan) originOf(a *addon) inventory.Origin {
	switch {
	case s.standing(a) == builtin:
		return inventory.OriginBuiltin
	case a.location == inTemporary:
		return inventory.OriginUnpacked
	case s.policies.installs(a.id), a.telemetry.Source == "enterprise-policy", a.telemetry.Source == "distribution" && s.isDistributed(a):
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

// isDistributed reports whether the browser's own folder holds the add-on: whoever installed the browser for the machine put it there, and
// the browser copies it into every profile (XPIProvider.sys.mjs, installDistributionAddons).
func (s *scan) isDistributed(a *addon) bool {
	for _, at := range policyPlaces[s.product.policy] {
		if path.Base(at) != "distribution" {
			continue
		}
		for _, dir := range glob(s.provider.system, at) {
			files, err := s.inSystem("/" + path.Join(dir, extensionsFolder, a.id+".xpi"))
			if err == nil {
				s.close(files)
				return true
			}
		}
	}
	return false
}

// storeSources are the values of installTelemetryInfo.source that mean the store: its site, and the browser's own page of it.
// What Firefox Sync brings is installed from the store by its ID (services/sync, addonutils.sys.mjs), and what an invitation of the store's
// site ("rtamo") or the choice of a language brings comes from there too.
var storeSources = []string{"amo", "disco", "sync", "rtamo", "about:preferences"}

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

// scopeOf says where a place of installation is, when it is not the profile: what lies there has no button that removes it.
func scopeOf(location string) inventory.Untrusted {
	switch location {
	case "app-system-local", "app-system-share", "winreg-app-global":
		return "system"
	case "app-global", inSystemDefault:
		return "application"
	case "app-system-user", "winreg-app-user":
		return "user"
	}
	return ""
}

// stateOf says whether the add-on acts now, and if not, why. Of two lists that disagree the one counts that starts it.
func (s *scan) stateOf(a *addon) (inventory.State, []inventory.Untrusted) {
	state, isStarted := s.startup[startupKey{a.location, a.id}]
	switch {
	case isStarted && isTrue(state.Enabled), isTrue(a.active):
		return inventory.StateEnabled, nil
	case a.active == nil:
		return inventory.StateUnknown, a.disabled
	case isFalse(a.visible) && s.shown[a.id]:
		return inventory.StateDisabled, append(slices.Clone(a.disabled), "hidden by another copy of the same add-on")
	case len(a.disabled) > 0:
		return inventory.StateDisabled, a.disabled
	case isStarted:
		return inventory.StateDisabled, []inventory.Untrusted{"the browser gives no reason"}
	}
	return inventory.StateUnknown, []inventory.Untrusted{"called off, and nothing is named that keeps it off"}
}

// markVerdicts adds what the browser's maker says of the add-on: its signature and its blocklist.
func (a *addon) markVerdicts(item *inventory.Item, standing standing) {
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
		case (state == signedSystem || state == signedPrivileged) && standing != builtin:
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

func (s *scan) addGrantFacts(a *addon, item *inventory.Item, packages []*manifest) {
	granted := s.grants[a.id]
	if s.grants != nil && item.Kind == inventory.KindExtension {
		allowed := slices.Contains(granted.Permissions, privateBrowsing)
		item.Facts["private_browsing"] = inventory.Untrusted(inventory.AnswerOf(&allowed))
	}
	data := slices.Clone(granted.Data)
	if a.granted != nil {
		data = append(data, a.granted.Data...)
	}
	optional := slices.Clone(a.optional.Data)
	for _, m := range packages {
		data, optional = append(data, m.data...), append(optional, m.dataOptional...)
	}
	addListFact(item, "data_collection", data)
	addListFact(item, "data_collection_optional", slices.DeleteFunc(optional, func(name string) bool {
		return slices.Contains(data, name)
	}))
}

func addListFact(item *inventory.Item, name string, list []string) {
	if len(list) > 0 {
		item.Facts[name] = localprofile.JoinSome(untrusted(slices.Compact(slices.Sorted(slices.Values(list)))))
	}
}

// accessOf is what the add-on may do. The lists of the profile are claims: what its manifest requires counts in any case, unless the
// browser withholds it (sites, since manifest version 3, until they are granted), and so does everything that the lists say beyond it.
func (s *scan) accessOf(a *addon, packages []*manifest, kind inventory.Kind) inventory.Access {
	result := inventory.Access{Basis: inventory.BasisManifest}
	later := s.grants[a.id]
	if a.granted != nil {
		result.Basis = inventory.BasisGranted
		result.Permissions, result.Hosts = untrusted(ofAPIs(a.granted.Permissions)), untrusted(a.granted.ofHosts())
	}
	result.Permissions = append(result.Permissions, untrusted(ofAPIs(later.Permissions))...)
	result.Hosts = append(result.Hosts, untrusted(later.ofHosts())...)
	optional, optionalHosts := slices.Clone(a.optional.Permissions), slices.Clone(a.optional.Origins)
	requested, requestedHosts := slices.Clone(a.requested.Permissions), slices.Clone(a.requested.Origins)
	for _, m := range packages {
		if kind != inventory.KindExtension {
			break // the browser gives themes, dictionaries and language packs nothing
		}
		isPrivileged := s.isPrivileged(a)
		names, _ := m.required(isPrivileged)
		sites := m.requiredHosts(isPrivileged)
		result.Permissions = append(result.Permissions, untrusted(names)...)
		result.Surfaces = append(result.Surfaces, m.surfaces()...)
		if m.hasOriginControls() {
			requestedHosts = append(requestedHosts, sites...)
		} else {
			result.Hosts = append(result.Hosts, access.NewSet(result.Hosts).Excess(untrusted(sites))...)
		}
		optional, optionalHosts = append(optional, m.optional...), append(optionalHosts, m.optionalHosts...)
	}
	held := access.NewSet(result.Hosts)
	result.Optional = without(optional, result.Permissions)
	result.OptionalHosts = held.Excess(untrusted(optionalHosts))
	result.Requested = without(requested, result.Permissions)
	result.Requested = append(result.Requested, held.Excess(untrusted(requestedHosts))...)
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
	if m.isLegacy {
		found = append(found, legacyFile)
	}
	if m.hasLegacyKey {
		found = append(found, "legacy")
	}
	return append(found, m.Names()...)
}

// describeBy fills what the list left open with what the manifest says of itself.
func describeBy(item *inventory.Item, m *manifest) {
	fill := func(place *inventory.Untrusted, value string) {
		if *place == "" && !webext.IsReference(value) {
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
	case m.isSitePermission:
		return inventory.KindSitePermission
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

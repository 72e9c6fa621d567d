package firefox

import (
	"strconv"
	"time"

	"guestlist/providers/internal/webext"
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
	s.checkStartedVersion(a, item, packages)
	s.checkAccess(a, item, packages)
	item.Access = s.accessOf(a, packages, item.Kind)
	s.addGrantFacts(a, item, packages)
	s.addNativeHosts(item)
	s.addStaged(a, item)
	return item
}

// kindOf maps the browser's type. A type from a later browser counts as an extension, the kind that
// can do most.
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

// facts are what only this family's list says.
func (a *addon) facts(text defaultLocale) map[string]inventory.Untrusted {
	facts := map[string]inventory.Untrusted{}
	signed := ""
	if at := milliseconds(a.signed); !at.IsZero() {
		signed = at.UTC().Format(time.RFC3339)
	}
	for name, value := range map[string]string{
		"signed_at": signed, "type": a.kind, "location": a.location, "source": a.telemetry.Source,
		"method": a.telemetry.Method, "source_url": a.sourceURI,
		"update_url": a.updateURL, "incognito": a.incognito, "description": text.Description,
		"manifest_version": number(a.manifestVersion), "signed_state": number(a.signedState),
	} {
		if value != "" {
			facts[name] = inventory.Clean(value, inventory.MaxNameBytes)
		}
	}
	return facts
}

// describeBy fills what the list left open with what the manifest says about itself.
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

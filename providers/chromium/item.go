package chromium

import (
	"fmt"
	"maps"
	"path"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/webext"
	"guestlist/scanner/inventory"
)

// item makes the item of one entry, and compares it with what is on disk.
func (s *scan) item(id string, e *entry) *inventory.Item {
	item := &inventory.Item{
		Source: s.Source, Holder: s.Holder, Kind: inventory.KindExtension,
		App:   inventory.App{ID: inventory.Untrusted(id)},
		Path:  inventory.Untrusted(e.where()),
		Added: chromeTime(e.installed), Updated: chromeTime(e.updated), LastUsed: chromeTime(e.launched),
		Facts: map[string]inventory.Untrusted{"location": inventory.Untrusted(e.locationName())},
	}
	if item.Added.IsZero() {
		item.Added = chromeTime(e.oldInstalled)
	}
	item.State, item.StateReasons = e.stateOf(s.lastRun)
	e.markVerdicts(item)

	files := s.files(id, e, item)
	defer files.close()
	onDisk := s.manifestOnDisk(id, e, files, item)
	checkID(e, item, onDisk)
	checkManifest(e, item, onDisk)

	shown := e.manifest // what the browser runs, in its language
	if shown == nil {
		shown = onDisk
	}
	item.Origin = e.originOf(s.key, e.manifest, onDisk)
	s.checkComponent(id, e, item)
	s.readPending(id, e)
	item.Access = e.accessOf(s.lastRun, e.manifest, onDisk)
	addFacts(e, item)
	s.addDeveloperMode(e, item)
	s.describe(item, shown, files)
	item.Kind = kindOf(e.manifest, onDisk)
	checkRequired(e, item, onDisk, s.lastRun)
	return item
}

// addFacts adds what only this browser's settings say.
func addFacts(e *entry, item *inventory.Item) {
	answer := func(name string, value *bool) {
		if value != nil {
			item.Facts[name] = inventory.Untrusted(inventory.AnswerOf(value))
		}
	}
	answer("incognito", e.incognito)
	answer("file_access", e.fileAccess)
	if isTrue(e.byDefault) {
		item.Facts["installed_by"] = "default"
	}
	if isTrue(e.byOEM) {
		item.Facts["installed_by"] = "computer's maker"
	}
	if isTrue(e.withheld) && e.runtime != nil {
		hosts := slices.Sorted(slices.Values(inventory.All(e.runtime.explicit, e.runtime.scriptable)))
		if len(hosts) > 0 {
			item.Facts["hosts_granted"] = localprofile.JoinSome(slices.Compact(hosts))
		}
	}
	if waiting := e.pending.manifests(); len(waiting) > 0 {
		item.Facts["pending_version"] = inventory.Untrusted(waiting[0].version)
	}
}

// describe adds what the manifest says about itself. Names that are only in messages are looked up.
func (s *scan) describe(item *inventory.Item, m *manifest, files *extensionFiles) {
	if m == nil {
		return
	}
	item.Version = inventory.Untrusted(m.version)
	name, author, description := m.name, m.author, m.description
	if name == "" {
		name = m.shortName
	}
	if webext.HasReferences(name) || webext.HasReferences(author) || webext.HasReferences(description) {
		messages := s.messages(m, files, webext.References(name, author, description))
		name, author = webext.Localize(name, messages), webext.Localize(author, messages)
		description = webext.Localize(description, messages)
		if webext.HasReferences(name) && files != nil {
			s.details.Add("%s: no message for its name %q", files.shown, inventory.Untrusted(name))
		}
	}
	item.App.Name = inventory.Untrusted(name)
	item.App.Publisher = inventory.Untrusted(author)
	item.App.URL = inventory.Untrusted(m.homepage)
	facts := map[string]string{"description": description, "update_url": m.updateURL}
	if m.number != nil {
		facts["manifest_version"] = fmt.Sprint(*m.number)
	}
	for name, value := range facts {
		if value != "" {
			item.Facts[name] = inventory.Clean(value, inventory.MaxNameBytes)
		}
	}
}

// messages looks up the wanted messages, in the first locale that has each.
func (s *scan) messages(m *manifest, files *extensionFiles, wanted map[string]string) map[string]string {
	if files == nil {
		return wanted
	}
	for _, locale := range webext.Locales(s.provider.env.Locale, m.defaultLocale) {
		name := path.Join(files.below, "_locales", locale, "messages.json")
		data, err := files.dir.Read(name, webext.MaxMessages, s.data)
		if isMissing(err) {
			continue
		}
		if err == nil {
			s.data = data
			err = parseMessages(s.reader, data, &s.scratch, wanted)
		}
		if err != nil {
			reason, _ := wording.Describe(err)
			s.details.Add("%s: %s", path.Join(files.shown, "_locales", locale, "messages.json"), reason)
			continue
		}
		if !slices.Contains(slices.Collect(maps.Values(wanted)), "") {
			break
		}
	}
	return wanted
}

package chromium

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"guestlist/providers/internal/webext"
	"guestlist/scanner/inventory"
)

// describe adds what the manifest says of itself. Names that are only in messages are looked up.
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
		name, author, description = webext.Localize(name, messages), webext.Localize(author, messages), webext.Localize(description, messages)
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
			err = s.reader.parseMessages(data, &s.scratch, wanted)
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

// parseMessages reads a messages.json and fills in the wanted messages that have none yet. Keys are compared without case.
func (r *reader) parseMessages(data []byte, scratch *[]byte, wanted map[string]string) error {
	return r.lenient(data, scratch, func() error {
		return r.document(func(name string) error {
			key := strings.ToLower(name)
			if known, ok := wanted[key]; !ok || known != "" {
				return r.skip()
			}
			value, err := r.dec.ReadValue()
			if err == nil {
				wanted[key] = webext.Message(value)
			}
			return err
		})
	})
}

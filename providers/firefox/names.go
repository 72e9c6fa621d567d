package firefox

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/webext"
)

// localized is what an add-on says about itself in one or more languages: an element of "locales"
// in extensions.json.
type localized struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Creator     string   `json:"creator"`
	HomepageURL string   `json:"homepageURL"`
	Locales     []string `json:"locales"`
}

// textIn returns the add-on's text in the user's language ("de_AT.UTF-8"), or the nearest one it
// has: the same language and region, the language alone, the language of another region. What is
// missing there is taken from the add-on's default language.
func (a *addon) textIn(language string) defaultLocale {
	best, text := 0, a.locale
	base, _, _ := strings.Cut(plainLocale(language), "-")
	if base == "" || len(a.locales) == 0 {
		return text
	}
	dec := newDecoder(a.locales)
	_ = elements(dec, "locales", func() error {
		value, err := dec.ReadValue()
		if err != nil || !bytes.Contains(value, []byte(`"`+base)) { // most are not worth decoding
			return err
		}
		var candidate localized
		if json.Unmarshal(value, &candidate, json.JoinOptions(localprofile.JSONOptions...)) != nil {
			return nil
		}
		for _, locale := range candidate.Locales {
			if fit := fitOf(locale, language); fit > best {
				best, text = fit, a.locale
				overlay(&text.Name, candidate.Name)
				overlay(&text.Description, candidate.Description)
				overlay(&text.Creator, candidate.Creator)
				overlay(&text.HomepageURL, candidate.HomepageURL)
			}
		}
		return nil
	})
	return text
}

func overlay(place *string, value string) {
	if value != "" {
		*place = value
	}
}

// fitOf ranks how well a locale ("de", "pt-BR") fits a user's language; 0 means not at all.
func fitOf(locale, language string) int {
	locale, language = plainLocale(locale), plainLocale(language)
	base, _, _ := strings.Cut(language, "-")
	its, _, _ := strings.Cut(locale, "-")
	switch {
	case base == "":
		return 0
	case locale == language:
		return 3
	case locale == base:
		return 2
	case its == base:
		return 1
	}
	return 0
}

// plainLocale normalizes a locale: lower case, "-" between its parts, no encoding or variant
// ("de_AT.UTF-8@euro").
func plainLocale(locale string) string {
	locale, _, _ = strings.Cut(locale, ".")
	locale, _, _ = strings.Cut(locale, "@")
	return strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
}

// localize puts the messages into the names of a manifest that refer to them. It is needed if none
// of the browser's lists names the add-on. Faults leave the references as they are, because nothing
// depends on a name.
func (m *manifest) localize(dir *localprofile.Dir, at, language string) {
	if !webext.HasReferences(m.name) && !webext.HasReferences(m.author) {
		return
	}
	wanted := webext.References(m.name, m.author)
	for _, locale := range webext.Locales(language, m.defaultLocale) {
		data, err := readEntry(dir, at, "_locales/"+locale+"/messages.json", webext.MaxMessages)
		if err == nil {
			parseMessages(data, wanted)
		}
	}
	m.name, m.author = webext.Localize(m.name, wanted), webext.Localize(m.author, wanted)
}

// parseMessages reads a messages.json as far as it can be read, and fills in the wanted messages
// that are still missing. Keys are compared ignoring case.
func parseMessages(data []byte, wanted map[string]string) {
	dec := newDecoder(plainJSON(trimMark(data)))
	_ = members(dec, "the whole document", func(name string) error {
		key := strings.ToLower(name)
		if known, ok := wanted[key]; !ok || known != "" {
			return dec.SkipValue()
		}
		value, err := dec.ReadValue()
		if err == nil {
			wanted[key] = webext.Message(value)
		}
		return err
	})
}

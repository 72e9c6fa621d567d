package firefox

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"guestlist/providers/internal/localprofile"
)

// localized is what an add-on says of itself in one or more languages: an element of "locales" in extensions.json.
type localized struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Creator     string   `json:"creator"`
	HomepageURL string   `json:"homepageURL"`
	Locales     []string `json:"locales"`
}

// textIn returns the add-on's text in the user's language ("de_AT.UTF-8"), or the nearest one it has: the same language and
// region, the language alone, the language of another region. What is not said there is taken from the add-on's default language.
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

// fitOf ranks how well a locale ("de", "pt-BR") serves a user's language; 0 is not at all.
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

// plainLocale writes a locale in one way: lower case, "-" between its parts, no encoding or variant ("de_AT.UTF-8@euro").
func plainLocale(locale string) string {
	locale, _, _ = strings.Cut(locale, ".")
	locale, _, _ = strings.Cut(locale, "@")
	return strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
}

const (
	messagePrefix = "__MSG_"
	messageSuffix = "__"
	maxMessages   = 4 << 20 // bytes
)

// localize fills the names of a manifest that are only keys into its messages. It is needed where no list of the browser names
// the add-on; faults leave the keys as they are, for a name decides nothing.
func (m *manifest) localize(dir *localprofile.Dir, at, language string) {
	if !isMessage(m.name) && !isMessage(m.author) {
		return
	}
	for _, locale := range m.localesFor(language) {
		data, err := readEntry(dir, at, "_locales/"+locale+"/messages.json", maxMessages)
		if err != nil {
			continue
		}
		messages := parseMessages(data)
		m.name, m.author = translated(m.name, messages), translated(m.author, messages)
	}
}

// localesFor returns the folders of messages to look into: the user's language, its base, the add-on's default.
func (m *manifest) localesFor(language string) []string {
	language, _, _ = strings.Cut(language, ".")
	base, _, _ := strings.Cut(language, "_")
	var folders []string
	for _, folder := range []string{language, base, m.defaultLocale} {
		if isLocaleFolder(folder) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders
}

func isLocaleFolder(name string) bool {
	isOther := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}
	return name != "" && len(name) <= 35 && !strings.ContainsFunc(name, isOther)
}

func isMessage(text string) bool {
	return len(text) > len(messagePrefix)+len(messageSuffix) && strings.HasPrefix(text, messagePrefix) && strings.HasSuffix(text, messageSuffix)
}

// translated returns the message that a text is the key of. Keys are compared without regard to case.
func translated(text string, messages map[string]string) string {
	if !isMessage(text) {
		return text
	}
	key := strings.ToLower(text[len(messagePrefix) : len(text)-len(messageSuffix)])
	if message := messages[key]; message != "" {
		return message
	}
	return text
}

// parseMessages reads {key: {message}} as far as it can be read. Keys come back in lower case.
func parseMessages(data []byte) map[string]string {
	messages := map[string]string{}
	dec := newDecoder(plainJSON(trimMark(data)))
	_ = members(dec, "the whole document", func(key string) error {
		if dec.PeekKind() != '{' {
			return dec.SkipValue()
		}
		return members(dec, key, func(name string) error {
			if name != "message" || dec.PeekKind() != '"' {
				return dec.SkipValue()
			}
			token, err := dec.ReadToken()
			if err == nil {
				messages[strings.ToLower(key)] = token.String()
			}
			return err
		})
	})
	return messages
}

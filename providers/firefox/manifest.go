package firefox

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/webext"
	"guestlist/scanner/inventory"
)

const (
	manifestFile = "manifest.json"
	maxManifest  = 4 << 20 // bytes
)

// manifest is what guestlist needs from an add-on's manifest.json (WebExtensions, versions 2 and
// 3).
type manifest struct {
	name, version, author, homepage string
	defaultLocale                   string
	id                              string // browser_specific_settings.gecko.id; the store keeps it in the signature instead
	number                          int64
	asked, askedHosts               []string
	optional, optionalHosts         []string
	data, dataOptional              []string // kinds of data that it sends away
	contentMatches                  []string
	devtoolsPage                    string
	webext.Surfaces
	hasExperiments              bool // interfaces of its own inside the browser: unlimited access (Thunderbird, developer builds)
	hasLegacyKey                bool // Thunderbird 60 to 77: code with the program's own rights beside the manifest
	isTheme, isLanguage, isDict bool
	isSitePermission            bool
	isLegacy                    bool // read from an install.rdf
}

// parseManifest reads a manifest.json. The faults are members of a wrong type; an error is a
// document the browser would not accept.
func parseManifest(data []byte) (*manifest, []string, error) {
	data = trimMark(data)
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil, localprofile.ErrEmpty
	}
	dec, f, m := newDecoder(plainJSON(data)), &fields{}, &manifest{}
	err := members(dec, "the whole document", func(name string) error { return m.member(dec, f, name) })
	if err == nil {
		err = localprofile.EndOfJSON(dec)
	}
	if err != nil {
		return nil, nil, err
	}
	return m, f.faults, nil
}

func (m *manifest) member(dec *jsontext.Decoder, f *fields, name string) error {
	switch name {
	case "name":
		return f.read(dec, name, &m.name)
	case "version":
		return f.read(dec, name, &m.version)
	case "author":
		if dec.PeekKind() != '"' {
			return dec.SkipValue()
		}
		return f.read(dec, name, &m.author)
	case "default_locale":
		return f.read(dec, name, &m.defaultLocale)
	case "homepage_url":
		return f.read(dec, name, &m.homepage)
	case "manifest_version":
		return f.read(dec, name, &m.number)
	case "browser_specific_settings", "applications":
		return m.settings(dec, f, name)
	case "permissions":
		return split(dec, f, name, &m.asked, &m.askedHosts)
	case "host_permissions":
		return split(dec, f, name, &m.askedHosts, &m.askedHosts)
	case "optional_permissions":
		return split(dec, f, name, &m.optional, &m.optionalHosts)
	case "optional_host_permissions":
		return split(dec, f, name, &m.optionalHosts, &m.optionalHosts)
	case "content_scripts":
		return matches(dec, f, name, &m.contentMatches)
	case "externally_connectable":
		var reach struct {
			Matches []string `json:"matches"`
		}
		err := f.read(dec, name, &reach)
		m.Connectable = reach.Matches
		return err
	case "devtools_page":
		return f.read(dec, name, &m.devtoolsPage)
	case "chrome_url_overrides":
		return names(dec, f, name, &m.URLOverrides)
	case "chrome_settings_overrides":
		return names(dec, f, name, &m.SettingsOverrides)
	case "content_security_policy":
		return contentPolicy(dec, f, name, &m.Policies)
	case "protocol_handlers":
		return protocols(dec, f, name, &m.Protocols)
	}
	if flag := m.flag(name); flag != nil {
		value, err := dec.ReadValue()
		*flag = isTruthy(value)
		return err
	}
	return dec.SkipValue()
}

// flag is the place of a member whose presence is all that matters.
func (m *manifest) flag(name string) *bool {
	switch name {
	case "experiment_apis":
		return &m.hasExperiments
	case "legacy":
		return &m.hasLegacyKey
	case "theme":
		return &m.isTheme
	case "langpack_id":
		return &m.isLanguage
	case "dictionaries":
		return &m.isDict
	case "site_permissions":
		return &m.isSitePermission
	}
	return nil
}

// isTruthy reports whether a value is true in JavaScript: the browser ignores a member that is not.
func isTruthy(value jsontext.Value) bool {
	switch string(value) {
	case "null", "false", `""`, "0", "-0", "0.0":
		return false
	}
	return len(value) > 0
}

// protocols reads the schemes of the links that an add-on offers to open.
func protocols(dec *jsontext.Decoder, f *fields, name string, into *[]string) error {
	var handlers []struct {
		Protocol string `json:"protocol"`
	}
	err := f.read(dec, name, &handlers)
	for _, handler := range handlers {
		*into = append(*into, strings.ToLower(handler.Protocol))
	}
	return err
}

func (m *manifest) settings(dec *jsontext.Decoder, f *fields, name string) error {
	var settings struct {
		Gecko struct {
			ID   string `json:"id"`
			Data struct {
				Required []string `json:"required"`
				Optional []string `json:"optional"`
			} `json:"data_collection_permissions"`
		} `json:"gecko"`
	}
	err := f.read(dec, name, &settings)
	m.data, m.dataOptional = append(m.data, settings.Gecko.Data.Required...), append(m.dataOptional,
		settings.Gecko.Data.Optional...)
	if settings.Gecko.ID != "" {
		m.id = settings.Gecko.ID
	}
	return err
}

// split reads a list of permissions and separates host patterns from API names. It skips what is
// not a string, as the browser does.
func split(dec *jsontext.Decoder, f *fields, name string, apis, hosts *[]string) error {
	var list []any
	err := f.read(dec, name, &list)
	for _, entry := range list {
		switch text, ok := entry.(string); {
		case !ok:
			f.faults = append(f.faults, name+": an entry that is not a string")
		case webext.IsHostPattern(text):
			*hosts = append(*hosts, text)
		default:
			*apis = append(*apis, text)
		}
	}
	return err
}

func matches(dec *jsontext.Decoder, f *fields, name string, into *[]string) error {
	var scripts []struct {
		Matches []string `json:"matches"`
	}
	err := f.read(dec, name, &scripts)
	for _, script := range scripts {
		*into = append(*into, script.Matches...)
	}
	return err
}

// contentPolicy reads a content security policy: a string in version 2, an object in version 3.
func contentPolicy(dec *jsontext.Decoder, f *fields, name string, into *[]string) error {
	var pages struct {
		ExtensionPages string `json:"extension_pages"`
	}
	var err error
	if dec.PeekKind() == '"' {
		err = f.read(dec, name, &pages.ExtensionPages)
	} else {
		err = f.read(dec, name, &pages)
	}
	*into = append(*into, pages.ExtensionPages)
	return err
}

// names reads the names of an object's members.
func names(dec *jsontext.Decoder, f *fields, name string, into *[]string) error {
	var object map[string]jsontext.Value
	err := f.read(dec, name, &object)
	for key := range object {
		*into = append(*into, key)
	}
	slices.Sort(*into)
	return err
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

package chromium

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"guestlist/providers/internal/webext"
	"guestlist/scanner/inventory"
)

const (
	manifestFile = "manifest.json"
	maxManifest  = 4 << 20 // bytes; the largest in use list thousands of sites and are below 1 MiB
)

// manifest is what guestlist needs from an extension's manifest.json, or from the settings' copy of
// it.
type manifest struct {
	name, shortName, description, author string
	version, key, updateURL, homepage    string
	defaultLocale                        string
	number                               *int64 // manifest_version

	permissions, optional          []string
	hostPermissions, optionalHosts []string
	contentMatches                 []string
	devtoolsPage                   string
	webext.Surfaces
	isTheme, isModule, isApp bool
	inputComponents          bool

	mimeTypes []string // "mime_types", used with the older form of its handler
	handled   []string // types of documents that mime_types_handler opens; "" means mimeTypes
	devices   []string // keys that are permissions: "sockets"
}

// parseManifest reads a manifest.json. scratch is reused storage for one that is not plain JSON.
// The faults are values of a wrong type; an error means that the browser would not accept the
// document either.
func (r *reader) parseManifest(data []byte, scratch *[]byte) (*manifest, []string, error) {
	read := &manifest{}
	err := r.lenient(data, scratch, func() error {
		*read = manifest{}
		return r.document(func(name string) error { return r.manifestMember(read, name) })
	})
	return read, slices.Clone(r.faults), err
}

// lenient reads a document as strict JSON or, if it is not, as Chromium reads the files of an
// extension.
func (r *reader) lenient(data []byte, scratch *[]byte, read func() error) error {
	data = withoutMark(data)
	r.reset(bytes.NewReader(data))
	err := read()
	if err == nil {
		return nil
	}
	plain, changed := webext.PlainJSON((*scratch)[:0], data, webext.Lenient)
	*scratch = plain
	if !changed {
		return err
	}
	r.reset(bytes.NewReader(plain))
	return read()
}

// inlined reads the settings' copy of a manifest.
func (r *reader) inlined(into **manifest) error {
	read := &manifest{}
	ok, err := r.object(func(name string) error { return r.manifestMember(read, name) })
	if ok {
		*into = read
	}
	return err
}

func (r *reader) manifestMember(m *manifest, name string) error {
	switch name {
	case "name":
		return r.text(&m.name)
	case "short_name":
		return r.optionalText(&m.shortName)
	case "description":
		return r.optionalText(&m.description)
	case "author":
		return r.author(&m.author)
	case "homepage_url":
		return r.optionalText(&m.homepage)
	case "version":
		err := r.text(&m.version)
		m.version = canonicalVersion(m.version)
		return err
	case "key":
		return r.optionalText(&m.key)
	case "update_url":
		return r.optionalText(&m.updateURL)
	case "default_locale":
		return r.optionalText(&m.defaultLocale)
	case "manifest_version":
		return r.number(&m.number)
	case "permissions":
		return r.permissions(&m.permissions)
	case "optional_permissions":
		return r.permissions(&m.optional)
	case "host_permissions":
		return r.texts(&m.hostPermissions)
	case "optional_host_permissions":
		return r.texts(&m.optionalHosts)
	case "content_scripts":
		_, err := r.array(func() error { return r.listMember("matches", &m.contentMatches) })
		return err
	case "externally_connectable":
		return r.listMember("matches", &m.Connectable)
	case "devtools_page":
		return r.text(&m.devtoolsPage)
	case "chrome_url_overrides":
		return r.names(&m.URLOverrides)
	case "chrome_settings_overrides":
		return r.names(&m.SettingsOverrides)
	case "content_security_policy":
		return r.contentPolicy(&m.Policies)
	case "theme":
		return r.present(&m.isTheme)
	case "export":
		return r.present(&m.isModule)
	case "app":
		return r.present(&m.isApp)
	case "input_components":
		return r.present(&m.inputComponents)
	case "mime_types":
		return r.texts(&m.mimeTypes)
	case "mime_types_handler":
		return r.handledTypes(&m.handled)
	case "protocol_handlers":
		_, err := r.array(func() error { return r.textMember("protocol", &m.Protocols) })
		return err
	case "automation", "bluetooth", "sockets", "usb_printers":
		var isThere bool
		err := r.present(&isThere)
		if isThere {
			m.devices = append(m.devices, name)
		}
		return err
	}
	return r.skip()
}

// author reads an author that is a name, or an object with an e-mail address.
func (r *reader) author(into *string) error {
	if r.dec.PeekKind() != '{' {
		return r.optionalText(into)
	}
	_, err := r.object(func(name string) error {
		if name == "email" {
			return r.optionalText(into)
		}
		return r.skip()
	})
	return err
}

// handledTypes reads mime_types_handler: an object with a member for each type of document, since
// Chrome 151 for every extension; in Google's own extensions, the page that opens the documents of
// mime_types.
func (r *reader) handledTypes(into *[]string) error {
	if r.dec.PeekKind() != '"' {
		return r.names(into)
	}
	*into = append(*into, "")
	return r.skip()
}

// contentPolicy reads a content security policy: a string in version 2, an object in version 3.
func (r *reader) contentPolicy(into *[]string) error {
	var text string
	if r.dec.PeekKind() != '{' {
		err := r.optionalText(&text)
		*into = append(*into, text)
		return err
	}
	_, err := r.object(func(name string) error {
		if name == "sandbox" {
			return r.skip()
		}
		text = ""
		err := r.optionalText(&text)
		*into = append(*into, text)
		return err
	})
	return err
}

// kind is the kind that the browser assigns (Manifest::Type, in its order).
func (m *manifest) kind() inventory.Kind {
	switch {
	case m.isTheme:
		return inventory.KindTheme
	case m.isModule:
		return inventory.KindSharedModule
	case m.isApp:
		return inventory.KindBrowserApp
	}
	return inventory.KindExtension
}

// kindOf is the kind according to two manifests of one extension: if they differ, the kind that can
// do more. Either may be nil.
func kindOf(manifests ...*manifest) inventory.Kind {
	var kind inventory.Kind
	for _, m := range manifests {
		if m != nil {
			kind = first(kinds, cmp.Or(kind, m.kind()), m.kind())
		}
	}
	return cmp.Or(kind, inventory.KindExtension)
}

// apis returns the permissions asked for that are not host patterns.
func (m *manifest) apis() []string { return withoutHosts(m.permissions) }

// optionalAPIs returns the permissions that may be asked for at run time and are not host patterns.
func (m *manifest) optionalAPIs() []string { return withoutHosts(m.optional) }

// hosts returns the host patterns asked for outside content scripts, as the browser stores them:
// for every path.
func (m *manifest) hosts() []string { return everyPath(onlyHosts(m.permissions), m.hostPermissions) }

// optionalHostPatterns returns the host patterns that may be asked for at run time.
func (m *manifest) optionalHostPatterns() []string {
	return everyPath(onlyHosts(m.optional), m.optionalHosts)
}

func withoutHosts(permissions []string) []string {
	return slices.DeleteFunc(slices.Clone(permissions), webext.IsHostPattern)
}

func onlyHosts(permissions []string) []string {
	return slices.DeleteFunc(slices.Clone(permissions), func(p string) bool { return !webext.IsHostPattern(p) })
}

// everyPath joins lists of patterns, each with its path replaced by "/*" as the browser does with
// host permissions.
func everyPath(lists ...[]string) []string {
	var joined []string
	for _, list := range lists {
		for _, pattern := range list {
			if _, rest, ok := strings.Cut(pattern, "://"); ok {
				if slash := strings.IndexByte(rest, '/'); slash >= 0 {
					pattern = pattern[:len(pattern)-len(rest)+slash] + "/*"
				}
			}
			joined = append(joined, pattern)
		}
	}
	return joined
}

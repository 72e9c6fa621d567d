package firefox

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"guestlist/providers/internal/localprofile"
)

// legacyFile is the manifest of add-ons before WebExtensions: those of Pale Moon, Basilisk,
// SeaMonkey and Firefox before 57, and of later browsers that were modified to load them. It asks
// for no permissions, because such an add-on runs with the browser's own rights.
const legacyFile = "install.rdf"

const (
	emNamespace    = "http://www.mozilla.org/2004/em-rdf#"
	legacyManifest = "urn:mozilla:install-manifest"
)

// legacyKinds are the values of em:type that are not an extension (XPIProvider.jsm of Firefox 52,
// TYPES). Those run no code.
var legacyKinds = map[string]func(*manifest){
	"4":  func(m *manifest) { m.isTheme = true },
	"8":  func(m *manifest) { m.isLanguage = true },
	"64": func(m *manifest) { m.isDict = true },
}

func readLegacy(dir *localprofile.Dir, name string) (*manifest, error) {
	data, err := readEntry(dir, name, legacyFile, maxManifest)
	if err != nil {
		return nil, err
	}
	return parseLegacy(data)
}

// parseLegacy reads an install.rdf: RDF, in which a property is an element or an attribute of the
// Description of the install manifest. Anything nested deeper, such as the applications that the
// add-on is made for, is skipped.
func parseLegacy(data []byte) (*manifest, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, localprofile.ErrEmpty
	}
	dec := xml.NewDecoder(bytes.NewReader(trimMark(data)))
	dec.Strict = false                                                                           // entities of its own stay as they are
	dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil } // names are for people
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return nil, errors.New("it has no install manifest")
		}
		if err != nil {
			return nil, err
		}
		if start, ok := token.(xml.StartElement); ok && isInstallManifest(start) {
			return legacyProperties(dec, start)
		}
	}
}

func isInstallManifest(start xml.StartElement) bool {
	for _, attribute := range start.Attr {
		if attribute.Name.Local == "about" && attribute.Value == legacyManifest {
			return true
		}
	}
	return false
}

func legacyProperties(dec *xml.Decoder, start xml.StartElement) (*manifest, error) {
	m := &manifest{isLegacy: true}
	for _, attribute := range start.Attr {
		if attribute.Name.Space == emNamespace {
			m.legacyProperty(attribute.Name.Local, attribute.Value)
		}
	}
	for {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return m, nil
		case xml.StartElement:
			text, err := textOf(dec)
			if err != nil {
				return nil, err
			}
			if token.Name.Space == emNamespace {
				m.legacyProperty(token.Name.Local, text)
			}
		}
	}
}

// textOf returns the text of the element that was just entered, and leaves it.
func textOf(dec *xml.Decoder) (string, error) {
	var text strings.Builder
	for depth := 1; ; {
		token, err := dec.Token()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
		case xml.CharData:
			if depth == 1 {
				text.Write(token)
			}
		case xml.EndElement:
			if depth--; depth == 0 {
				return strings.TrimSpace(text.String()), nil
			}
		}
	}
}

func (m *manifest) legacyProperty(name, value string) {
	switch name {
	case "id":
		m.id = value
	case "name":
		m.name = value
	case "version":
		m.version = value
	case "creator":
		m.author = value
	case "homepageURL":
		m.homepage = value
	case "type":
		if mark := legacyKinds[value]; mark != nil {
			mark(m)
		}
	}
}

package feed

import (
	"bytes"
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

// A STIX 2.1 bundle (https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html) names bad apps
// in the patterns of its indicators. Publishers of extensions' IDs write one of two forms:
//
//	[software:x_extension_id = 'ID']
//	[url:value = 'https://chromewebstore.google.com/detail/ID']
//
// What is understood of patterns is just that: comparisons by = or IN with texts, joined by OR. A
// pattern that says AND, compares otherwise or has a qualifier may mean something narrower, so it is
// counted as not understood, and denies nothing. Objects of type malware give the severity of the
// indicators that name them, or carry an ID themselves. Everything else in a bundle is context.

// stixObject is what is read of an object of a bundle.
type stixObject struct {
	Type           string   `json:"type"`
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Description    string   `json:"description"`
	Pattern        string   `json:"pattern"`
	PatternType    string   `json:"pattern_type"`
	IndicatorTypes []string `json:"indicator_types"`
	MalwareTypes   []string `json:"malware_types"`
	Revoked        bool     `json:"revoked"`
	Created        string   `json:"created"`
	Modified       string   `json:"modified"`
	ValidFrom      string   `json:"valid_from"`
	ValidUntil     string   `json:"valid_until"`
	Relationship   string   `json:"relationship_type"`
	Source         string   `json:"source_ref"`
	Target         string   `json:"target_ref"`
	ExtensionID    string   `json:"x_extension_id"`
	References     []struct {
		URL string `json:"url"`
	} `json:"external_references"`

	line int
}

// stixBundle gathers the objects of a bundle that matter.
type stixBundle struct {
	named   []stixObject        // indicators, and malware that carries an ID
	types   map[string][]string // of malware, by its ID
	targets map[string][]string // of indicators, by their ID
	latest  time.Time
}

// parseSTIX reads the objects of a bundle.
func (f *Feed) parseSTIX(decoder *jsontext.Decoder, lines *lineCounter) error {
	f.Format = "stix"
	bundle := &stixBundle{types: map[string][]string{}, targets: map[string][]string{}}
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	for decoder.PeekKind() != ']' {
		line := lines.at(decoder.InputOffset())
		value, err := decoder.ReadValue()
		if err != nil {
			return err
		}
		object := stixObject{line: line}
		if err := json.Unmarshal(value, &object, jsontext.AllowDuplicateNames(true)); err != nil {
			f.reject(line, string(value[:min(len(value), 40)]), "is not a STIX object")
			continue
		}
		bundle.add(object)
	}
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	if !bundle.latest.IsZero() {
		f.Date = bundle.latest
	}
	return f.acceptBundle(bundle)
}

func (b *stixBundle) add(o stixObject) {
	for _, text := range []string{o.Created, o.Modified} {
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.After(b.latest) {
			b.latest = at.UTC()
		}
	}
	switch o.Type {
	case "indicator":
		b.named = append(b.named, o)
	case "malware":
		b.types[o.ID] = o.MalwareTypes
		if o.ExtensionID != "" {
			b.named = append(b.named, o)
		}
	case "relationship":
		if o.Relationship == "indicates" {
			b.targets[o.Source] = append(b.targets[o.Source], o.Target)
		}
	}
}

func (f *Feed) acceptBundle(b *stixBundle) error {
	for n := range b.named {
		o := &b.named[n]
		ids, why := o.ids(f.Date)
		if why != "" {
			f.reject(o.line, cmp.Or(o.Pattern, o.ID), why)
			continue
		}
		r := b.record(o)
		for _, id := range ids {
			if err := f.accept(id, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// record is what a bundle says about an indicator.
func (b *stixBundle) record(o *stixObject) Record {
	clean := func(text string) inventory.Untrusted { return inventory.Clean(text, inventory.MaxNameBytes) }
	types := slices.Clone(o.MalwareTypes)
	for _, target := range b.targets[o.ID] {
		types = append(types, b.types[target]...)
	}
	r := Record{Line: o.line, Name: clean(o.Name), Reason: clean(cmp.Or(o.Description, o.Name))}
	r.Date = clean(dateIn(cmp.Or(o.ValidFrom, o.Created)))
	if len(o.References) > 0 {
		r.Source = clean(o.References[0].URL)
	}
	// What an indicator itself says counts before the family that it is filed under.
	r.Severity = cmp.Or(severityOf("", stixReason(o)), severityOf("", inventory.Untrusted(strings.Join(types, " "))))
	return r
}

// stixReason is the description without what every description says: that the app is malicious, and
// what it is called, which may be anything.
func stixReason(o *stixObject) inventory.Untrusted {
	text := o.Description
	if name := o.Name[strings.LastIndex(o.Name, ": ")+1:]; strings.TrimSpace(name) != "" {
		text = strings.ReplaceAll(text, strings.TrimSpace(name), "")
	}
	return inventory.Untrusted(text)
}

// dateIn is the day of a time, and the text itself if it is none.
func dateIn(text string) string {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC().Format(time.DateOnly)
	}
	return text
}

// ids returns the IDs that an object names, or why it names none. made is when the feed was made.
func (o *stixObject) ids(made time.Time) (ids []string, why string) {
	until, err := time.Parse(time.RFC3339Nano, o.ValidUntil)
	switch {
	case o.Revoked:
		return nil, "is revoked"
	case slices.Contains(o.IndicatorTypes, "benign"):
		return nil, "is said to be benign"
	case err == nil && until.Before(made):
		return nil, "is no longer valid"
	case o.Type == "malware":
		return []string{o.ExtensionID}, ""
	case o.PatternType != "" && o.PatternType != "stix":
		return nil, "has a pattern that is not STIX"
	}
	comparisons, ok := parsePattern(o.Pattern)
	if !ok {
		return nil, "is a pattern that is not understood"
	}
	for _, c := range comparisons {
		id, known := c.id()
		if !known {
			return nil, "compares something else than an app's ID"
		}
		ids = append(ids, id)
	}
	return ids, ""
}

// comparison is one part of a pattern: object:property = 'value'.
type comparison struct{ path, value string }

// idPaths are the properties that hold an app's ID, below any object.
var idPaths = []string{"x_extension_id", "extension_id", "ext_id", "addon_id", "x_addon_id", "client_id", "x_client_id",
	"oauth_client_id", "x_oauth_client_id", "app_id", "x_app_id"}

// id is the app's ID that is compared, and whether it is one.
func (c comparison) id() (string, bool) {
	object, property, _ := strings.Cut(c.path, ":")
	switch {
	case object == "url" && property == "value":
		return idInStore(c.value)
	case slices.Contains(idPaths, property):
		return c.value, true
	case property == "value" && (object == "browser-extension" || object == "x-browser-extension"):
		return c.value, true
	}
	return "", false
}

// stores are the hosts of stores whose addresses end with an extension's ID.
var stores = []string{"chromewebstore.google.com", "chrome.google.com", "microsoftedge.microsoft.com"}

// idInStore is the ID at the end of a store's address.
func idInStore(address string) (string, bool) {
	parsed, err := url.Parse(address)
	if err != nil || !slices.Contains(stores, strings.ToLower(parsed.Hostname())) || !strings.Contains(parsed.Path, "/detail/") {
		return "", false
	}
	path := strings.TrimRight(parsed.Path, "/")
	return path[strings.LastIndexByte(path, '/')+1:], true
}

// Limits on patterns.
const (
	maxPatternBytes = 64 << 10
	maxComparisons  = 1000
)

// parsePattern reads comparisons that are joined by OR, in one pair of brackets or several; false for
// every other pattern.
func parsePattern(text string) ([]comparison, bool) {
	if len(text) > maxPatternBytes {
		return nil, false
	}
	p := &patternReader{text: text}
	var all []comparison
	for {
		if !p.take("[") {
			return nil, false
		}
		for {
			found, ok := p.comparison()
			if all = append(all, found...); !ok || len(all) > maxComparisons {
				return nil, false
			}
			if !p.word("OR") {
				break
			}
		}
		if !p.take("]") {
			return nil, false
		}
		if p.space(); p.at == len(p.text) {
			return all, true
		}
		if !p.word("OR") {
			return nil, false
		}
	}
}

// patternReader reads a pattern from left to right.
type patternReader struct {
	text string
	at   int
}

func (p *patternReader) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

func (p *patternReader) take(token string) bool {
	p.space()
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

// word takes a keyword that no letter follows.
func (p *patternReader) word(keyword string) bool {
	start := p.at
	if p.take(keyword) && (p.at == len(p.text) || strings.IndexByte(" \t\r\n[('", p.text[p.at]) >= 0) {
		return true
	}
	p.at = start
	return false
}

// comparison reads path = 'value' or path IN ('a', 'b').
func (p *patternReader) comparison() ([]comparison, bool) {
	path, ok := p.path()
	if !ok {
		return nil, false
	}
	if p.take("=") {
		value, ok := p.quoted()
		return []comparison{{path, value}}, ok
	}
	if !p.word("IN") || !p.take("(") {
		return nil, false
	}
	var all []comparison
	for {
		value, ok := p.quoted()
		if !ok || len(all) >= maxComparisons {
			return nil, false
		}
		all = append(all, comparison{path, value})
		if !p.take(",") {
			return all, p.take(")")
		}
	}
}

// path reads an object's type and one of its properties.
func (p *patternReader) path() (string, bool) {
	p.space()
	start := p.at
	for p.at < len(p.text) && (isPathByte(p.text[p.at]) || p.text[p.at] == ':') {
		p.at++
	}
	path := p.text[start:p.at]
	return path, strings.Count(path, ":") == 1 && !strings.HasPrefix(path, ":") && !strings.HasSuffix(path, ":")
}

func isPathByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// quoted reads a text between single quotes, in which a backslash quotes the next character.
func (p *patternReader) quoted() (string, bool) {
	if !p.take("'") {
		return "", false
	}
	var value bytes.Buffer
	for ; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '\'':
			p.at++
			return value.String(), true
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			value.WriteByte(p.text[p.at])
		default:
			value.WriteByte(c)
		}
	}
	return "", false
}

// Package feed reads files of IDs that are known to be bad, in the formats in which they are
// published: text (IDs between commas, spaces and line ends; "#" begins a comment), CSV by its
// header, JSON (a list of IDs or of records, at the top or under "indicators", "extensions",
// "entries" or "ids") and STIX 2.1. The format is detected from the content.
//
// A feed denies, so it is believed only where it is clear. A row that has no ID of a known form is
// rejected and counted, so that a heading or a truncated line denies nothing by chance; a file
// without any ID is an error. Which apps a feed is about follows from the forms of its IDs
// (extensions, Google's OAuth clients), from a column "kind", or from the kind that the allowlist
// names, which bare numbers need.
package feed

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/strict"
	"guestlist/allowlist/version"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Limits on feeds.
const (
	MaxBytes   = 64 << 20
	maxRecords = 1_000_000
	maxRejects = 20 // kept for messages; all of them are counted
)

// Feed is the content of a file of bad IDs.
type Feed struct {
	Format string // "json", "stix", "csv" or "text"
	Digest string // SHA-256 of the file, in hexadecimal
	// Date is when the feed says it was made, or when its file was last changed. Zero: it is not
	// known.
	Date time.Time
	// Accepted counts the IDs that were taken, Rejected the rows without one. Rejects holds the
	// first of these rows.
	Accepted, Rejected int
	Rejects            []Reject

	path    inventory.Untrusted
	kind    inventory.Kind
	records appid.Map[Record]
}

// Reject is a row of a feed that could not be used.
type Reject struct {
	Position strict.Position     // in the feed
	Text     inventory.Untrusted // what the row has in place of an ID
	Reason   string
}

// Record is what a feed says about one app.
type Record struct {
	Line     int
	Name     inventory.Untrusted
	Reason   inventory.Untrusted
	Source   inventory.Untrusted
	Date     inventory.Untrusted
	Severity inventory.Level // empty: the feed does not say

	versions []string       // empty: all
	kind     inventory.Kind // empty: the feed's
}

// Parse reads a feed's content. path names it in messages, kind is what its IDs identify (empty:
// anything), and changed is when its file was last changed, or zero.
func Parse(path inventory.Untrusted, kind inventory.Kind, data []byte, changed time.Time) (*Feed, error) {
	f := &Feed{path: path, kind: kind, records: appid.NewMap[Record]()}
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("larger than the limit of %d MiB", MaxBytes>>20)
	}
	sum := sha256.Sum256(data)
	f.Digest = hex.EncodeToString(sum[:])
	if !changed.IsZero() {
		f.Date = changed.UTC()
	}
	data = strict.WithoutMark(data)
	if !utf8.Valid(data) {
		return nil, errors.New("it is not UTF-8")
	}
	if err := f.read(data); err != nil {
		return nil, err
	}
	switch {
	case f.Accepted > 0:
		return f, nil
	case len(f.Rejects) > 0:
		return nil, fmt.Errorf("it contains no IDs: %v: %q %s", f.Rejects[0].Position, f.Rejects[0].Text, f.Rejects[0].Reason)
	}
	return nil, errors.New("it contains no IDs, so it would deny nothing")
}

// read reads the content in the format that it has.
func (f *Feed) read(data []byte) error {
	if isJSON(data) {
		f.Format = "json"
		return f.parseJSON(data)
	}
	if comma, header := csvHeader(data); header {
		f.Format = "csv"
		return f.parseCSV(data, comma)
	}
	f.Format = "text"
	return f.parseText(data)
}

// Find returns the first record that names the item and may apply to its version, and whether there
// is one.
func (f *Feed) Find(item *inventory.Item) (found Record, ok bool) {
	if f.kind != "" && f.kind != item.Kind {
		return Record{}, false
	}
	if found, ok = f.find(item, item.App.ID); ok || item.Kind != inventory.KindInstallation {
		return found, ok
	}
	return f.find(item, item.Facts[factSlug]) // feeds name an app by its address as well
}

// factSlug is the fact that holds an installed app's name in its address.
const factSlug = "app_slug"

func (f *Feed) find(item *inventory.Item, id inventory.Untrusted) (found Record, ok bool) {
	if id == "" {
		return Record{}, false
	}
	for _, r := range f.records.Get(item.Kind, id) {
		if (r.kind == "" || r.kind == item.Kind) && r.means(item.Version) {
			return r, true
		}
	}
	return Record{}, false
}

// Of returns every record of an ID, whatever kind of thing it identifies.
func (f *Feed) Of(id inventory.Untrusted) []Record {
	if records := f.records.Get("", id); len(records) > 0 {
		return records
	}
	return f.records.Get(inventory.KindOAuthGrant, id)
}

// means reports whether the record may apply to a version. An unknown version may be any of them.
func (r Record) means(held inventory.Untrusted) bool {
	if len(r.versions) == 0 || held == "" {
		return true
	}
	return slices.ContainsFunc(r.versions, func(v string) bool { return version.Compare(v, string(held)) == 0 })
}

var errTooManyRecords = fmt.Errorf("it contains more than %d records", maxRecords)

func (f *Feed) accept(id string, r Record) error {
	id = strings.TrimSpace(id)
	if !isID(cmp.Or(r.kind, f.kind), id) {
		f.reject(r.Line, id, "is not an ID")
		return nil
	}
	if f.Accepted >= maxRecords {
		return errTooManyRecords
	}
	f.Accepted++
	f.records.Add(inventory.Untrusted(id), r)
	return nil
}

func (f *Feed) reject(line int, text, reason string) {
	f.Rejected++
	if len(f.Rejects) < maxRejects {
		at := strict.Position{File: f.path, Line: line}
		f.Rejects = append(f.Rejects, Reject{Position: at, Text: inventory.Clean(text, inventory.MaxNameBytes),
			Reason: reason})
	}
}

// isID reports whether id has the form of an ID of a kind, so that headings and truncated lines deny
// nothing by chance.
func isID(kind inventory.Kind, id string) bool {
	extension := vendor.IsChromeID(strings.ToLower(id)) || appid.IsAddon(id)
	switch {
	case len(id) > inventory.MaxIDBytes:
		return false
	case kind == "":
		return extension || strings.HasSuffix(id, appid.GoogleSuffix) &&
			appid.IsClient(inventory.Untrusted(strings.TrimSuffix(id, appid.GoogleSuffix)))
	case appid.IsExtensionKind(kind):
		return extension
	case kind == inventory.KindOAuthGrant:
		return appid.IsClient(appid.CanonicalClient(inventory.Untrusted(id)))
	}
	return id != "" && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == 0x7F })
}

func (f *Feed) parseText(data []byte) error {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		ids, comment, _ := strings.Cut(string(text), "#")
		r := Record{Line: line, Reason: inventory.Clean(comment, inventory.MaxNameBytes)}
		for id := range strings.FieldsFuncSeq(ids, func(c rune) bool { return strings.ContainsRune(",; \t\r\n", c) }) {
			if err := f.accept(strings.Trim(id, `"'`), r); err != nil {
				return err
			}
		}
	}
	return nil
}

// The field names that feeds use for the parts of a record, the best first.
var (
	idFields = []string{"extension_id", "ext_id", "extid", "browser_extension_id", "crx_id", "addon_id",
		"client_id", "guid", "id"}
	nameFields   = []string{"name", "extid_name", "extension_name", "title"}
	reasonFields = []string{"reason", "threat_types", "threat_type", "category", "notes", "description"}
	sourceFields = []string{"source", "article", "reference", "url"}
	dateFields   = []string{"insert_date_fmt", "insert_date", "date_dis", "date_discovered", "date_added",
		"date_add", "date"}
	severityFields = []string{"severity"}
	versionFields  = []string{"versions", "version"}
	kindFields     = []string{"kind", "app_kind"}
)

// fieldName normalizes the name of a column or member.
func fieldName(name string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.Trim(strings.TrimSpace(name), `"`)))
}

// csvHeader reports whether the first line that is neither blank nor a comment is a header with a
// column of IDs, and what separates its columns.
func csvHeader(data []byte) (comma rune, found bool) {
	for line := range bytes.Lines(data) {
		text := strings.TrimSpace(string(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		for _, comma := range []rune{',', ';', '\t'} {
			for column := range strings.SplitSeq(text, string(comma)) {
				if slices.Contains(idFields, fieldName(column)) {
					return comma, true
				}
			}
		}
		return 0, false
	}
	return 0, false
}

func (f *Feed) parseCSV(data []byte, comma rune) error {
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma, reader.Comment = comma, '#'
	reader.FieldsPerRecord, reader.LazyQuotes, reader.ReuseRecord = -1, true, true
	var columns []string
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("reading the CSV: %w", err)
		case columns == nil:
			for _, column := range row {
				columns = append(columns, fieldName(column))
			}
			continue
		}
		line, _ := reader.FieldPos(0)
		values := make(map[string]string, len(row))
		for n, value := range row {
			if n < len(columns) && value != "" {
				values[columns[n]] = value
			}
		}
		if err := f.acceptValues(line, values, nil); err != nil {
			return err
		}
	}
}

// acceptValues takes one row or object.
func (f *Feed) acceptValues(line int, values map[string]string, versions []string) error {
	id := firstOf(values, idFields)
	if ecosystem, found := values["ecosystem"]; found {
		// An exposure catalog: "id" names the report, and the thing itself is the package.
		if ecosystem != "browser-extension" {
			f.reject(line, ecosystem, "is for another ecosystem than browser-extension")
			return nil
		}
		id = firstOf(values, []string{"package", "normalized_name"})
	}
	clean := func(fields []string) inventory.Untrusted {
		return inventory.Clean(firstOf(values, fields), inventory.MaxNameBytes)
	}
	r := Record{
		Line: line, Name: clean(nameFields), Reason: clean(reasonFields), Source: clean(sourceFields),
		Date:     clean(dateFields),
		versions: slices.DeleteFunc(versions, func(v string) bool { return v == "" }),
	}
	if kind := inventory.Kind(strings.ToLower(firstOf(values, kindFields))); slices.Contains(inventory.Kinds(), kind) {
		r.kind = kind
	}
	if slices.Contains(versions, "*") {
		r.versions = nil
	}
	r.Severity = severityOf(firstOf(values, severityFields), r.Reason)
	return f.accept(id, r)
}

func firstOf(values map[string]string, fields []string) string {
	for _, field := range fields {
		if value := values[field]; value != "" {
			return value
		}
	}
	return ""
}

func isJSON(data []byte) bool {
	data = bytes.TrimSpace(data)
	// The ID of a Firefox add-on begins with a brace too, but a letter or digit follows it, which
	// JSON does not allow.
	if len(data) > 1 && data[0] == '{' {
		next := bytes.TrimSpace(data[1:])
		return len(next) > 0 && (next[0] == '"' || next[0] == '}')
	}
	return len(data) > 0 && data[0] == '['
}

// recordLists names the members of an object that hold records.
var recordLists = []string{"indicators", "extensions", "entries", "ids", "items"}

func (f *Feed) parseJSON(data []byte) error {
	lines := &lineCounter{data: data}
	decoder := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
	var err error
	if decoder.PeekKind() == '[' {
		err = f.parseRecords(decoder, lines)
	} else {
		err = f.parseObject(decoder, lines)
	}
	if err == nil {
		if _, end := decoder.ReadToken(); end != io.EOF {
			err = errors.New("unexpected data after its end")
		}
	}
	if err != nil && err != errTooManyRecords {
		return fmt.Errorf("reading the JSON: %w", err)
	}
	return err
}

func (f *Feed) parseObject(decoder *jsontext.Decoder, lines *lineCounter) error {
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	for decoder.PeekKind() == '"' {
		token, err := decoder.ReadToken()
		if err != nil {
			return err
		}
		name := fieldName(token.String())
		switch kind := decoder.PeekKind(); {
		case kind == '[' && slices.Contains(recordLists, name):
			err = f.parseRecords(decoder, lines)
		case kind == '[' && name == "objects":
			err = f.parseSTIX(decoder, lines)
		case kind == '{' && name == "meta":
			err = f.parseObject(decoder, lines)
		case kind == '"' && (name == "generated" || name == "generated_at" || name == "updated"):
			var made string
			if err = json.UnmarshalDecode(decoder, &made); err == nil {
				f.setDate(made)
			}
		default:
			err = decoder.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := decoder.ReadToken()
	return err
}

func (f *Feed) setDate(made string) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if date, err := time.Parse(layout, made); err == nil {
			f.Date = date.UTC()
			return
		}
	}
}

func (f *Feed) parseRecords(decoder *jsontext.Decoder, lines *lineCounter) error {
	if _, err := decoder.ReadToken(); err != nil {
		return err
	}
	for decoder.PeekKind() != ']' {
		line := lines.at(decoder.InputOffset())
		var err error
		switch kind := decoder.PeekKind(); kind {
		case '"':
			var id string
			if err = json.UnmarshalDecode(decoder, &id); err == nil {
				err = f.accept(id, Record{Line: line})
			}
		case '{':
			var members map[string]any
			if err = json.UnmarshalDecode(decoder, &members); err == nil {
				values, versions := flatten(members)
				err = f.acceptValues(line, values, versions)
			}
		default:
			f.reject(line, kind.String(), "is not a record")
			err = decoder.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := decoder.ReadToken()
	return err
}

// flatten turns a record's members into strings: lists of strings are joined, except for versions;
// everything else is left out.
func flatten(members map[string]any) (values map[string]string, versions []string) {
	values = make(map[string]string, len(members))
	for name, member := range members {
		name = fieldName(name)
		var texts []string
		switch member := member.(type) {
		case string:
			texts = []string{member}
		case []any:
			for _, element := range member {
				if text, ok := element.(string); ok {
					texts = append(texts, text)
				}
			}
		}
		if slices.Contains(versionFields, name) {
			versions = append(versions, texts...)
		} else if len(texts) > 0 {
			values[name] = strings.Join(texts, ", ")
		}
	}
	return values, versions
}

// lineCounter turns ascending offsets into line numbers.
type lineCounter struct {
	data   []byte
	offset int64
	line   int
}

func (c *lineCounter) at(offset int64) int {
	// The offset is the end of the previous value: skip the separators before this one.
	for offset < int64(len(c.data)) && strings.IndexByte(" \t\r\n,[:", c.data[offset]) >= 0 {
		offset++
	}
	c.line += bytes.Count(c.data[c.offset:offset], []byte("\n"))
	c.offset = offset
	return c.line + 1
}

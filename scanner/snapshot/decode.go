package snapshot

import (
	"bytes"
	"hash/maphash"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/inventory"
)

// Most lines of a large snapshot are items that a [Writer] wrote: members in a fixed order, no
// space between them, the same few hundred apps, scopes and properties again and again. Those are
// read here without reflection, and values met before are reused. Every other line, and any with
// the slightest oddity, is left to [json.Unmarshal], so that the result is always the same.

// tableSize is how many texts, and how many lists, a decoder remembers: a power of two. A value
// that falls on an occupied place replaces what was there.
const tableSize = 1 << 10

// itemDecoder reads lines of items. It remembers texts and lists, which items then share: the lists
// of an item that was read are never changed.
type itemDecoder struct {
	line  []byte // what is left of it
	odd   bool   // the line is not the way a Writer writes it
	texts []inventory.Untrusted
	lists []met[[]inventory.Untrusted]
	marks []met[[]inventory.Mark]
	facts []met[map[string]inventory.Untrusted]
}

// met is a value with the text it was read from.
type met[T any] struct {
	text  string
	value T
}

var decoderSeed = maphash.MakeSeed()

// decode reads a line without its line feed into item, and reports whether it could. If not, the
// item holds nothing useful.
func (d *itemDecoder) decode(line []byte, item *inventory.Item) bool {
	if d.texts == nil {
		d.texts = make([]inventory.Untrusted, tableSize)
		d.lists = make([]met[[]inventory.Untrusted], tableSize)
		d.marks = make([]met[[]inventory.Mark], tableSize)
		d.facts = make([]met[map[string]inventory.Untrusted], tableSize)
	}
	d.line, d.odd = line, false
	*item = inventory.Item{}
	d.item(item)
	return !d.odd && len(d.line) == 0
}

func (d *itemDecoder) item(item *inventory.Item) {
	d.expect(`{"item":{"source":{"provider":`)
	item.Source.Provider = inventory.Provider(d.text())
	item.Source.Host = d.member(`,"host":`)
	d.expect(`,"name":`)
	item.Source.Name = d.text()
	d.expect(`},"kind":`)
	item.Kind = inventory.Kind(d.text())
	d.app(&item.App)
	item.Instance = d.member(`,"instance":`)
	d.holder(&item.Holder)
	d.access(&item.Access)
	item.Version = d.member(`,"version":`)
	d.expect(`,"state":`)
	item.State = inventory.State(d.text())
	item.StateReasons = d.listMember(`,"state_reasons":`)
	item.Origin = inventory.Origin(d.member(`,"origin":`))
	if d.has(`,"marks":`) {
		item.Marks = slices.Clip(remembered(d, d.marks, bracketed(d.line, '[', ']')))
	}
	item.Added = d.time(`,"added":`)
	item.Updated = d.time(`,"updated":`)
	item.LastUsed = d.time(`,"last_used":`)
	item.Expires = d.time(`,"expires":`)
	item.Path = d.member(`,"path":`)
	if d.has(`,"facts":`) {
		item.Facts = remembered(d, d.facts, bracketed(d.line, '{', '}'))
	}
	d.expect(`}}`)
}

func (d *itemDecoder) app(app *inventory.App) {
	d.expect(`,"app":{"id":`)
	app.ID = d.text()
	app.Name = d.member(`,"name":`)
	app.Publisher = d.member(`,"publisher":`)
	app.Project = d.member(`,"project":`)
	app.URL = d.member(`,"url":`)
	d.expect(`}`)
}

func (d *itemDecoder) holder(holder *inventory.Holder) {
	d.expect(`,"holder":{`)
	if d.has(`}`) {
		return
	}
	first := true
	member := func(name string) inventory.Untrusted {
		if first {
			name = name[1:]
		}
		if !d.has(name) {
			return ""
		}
		first = false
		return d.text()
	}
	holder.Account = member(`,"account":`)
	holder.AccountID = member(`,"account_id":`)
	holder.Organization = member(`,"organization":`)
	holder.Unit = member(`,"unit":`)
	holder.Repository = member(`,"repository":`)
	holder.Host = member(`,"host":`)
	holder.User = member(`,"user":`)
	holder.Browser = member(`,"browser":`)
	holder.Profile = member(`,"profile":`)
	holder.ProfileName = member(`,"profile_name":`)
	holder.Admin = inventory.Answer(member(`,"admin":`))
	d.expect(`}`)
}

func (d *itemDecoder) access(access *inventory.Access) {
	d.expect(`,"access":{"permissions":`)
	access.Permissions = d.list()
	d.expect(`,"hosts":`)
	access.Hosts = d.list()
	access.Surfaces = d.listMember(`,"surfaces":`)
	access.Optional = d.listMember(`,"optional":`)
	access.OptionalHosts = d.listMember(`,"optional_hosts":`)
	access.Requested = d.listMember(`,"requested":`)
	access.Repositories = d.member(`,"repositories":`)
	access.HostsWithheld = inventory.Answer(d.member(`,"hosts_withheld":`))
	access.Basis = inventory.Basis(d.member(`,"basis":`))
	d.expect(`}`)
}

// expect skips what must come next.
func (d *itemDecoder) expect(text string) {
	if !d.has(text) {
		d.odd = true
	}
}

// has skips a text if it comes next, and reports whether it did.
func (d *itemDecoder) has(text string) bool {
	if d.odd || len(d.line) < len(text) || string(d.line[:len(text)]) != text {
		return false
	}
	d.line = d.line[len(text):]
	return true
}

func (d *itemDecoder) member(name string) inventory.Untrusted {
	if !d.has(name) {
		return ""
	}
	return d.text()
}

func (d *itemDecoder) listMember(name string) []inventory.Untrusted {
	if !d.has(name) {
		return nil
	}
	return d.list()
}

// text reads a string.
func (d *itemDecoder) text() inventory.Untrusted {
	raw := d.quoted()
	at := &d.texts[maphash.Bytes(decoderSeed, raw)%tableSize]
	if string(*at) != string(raw) {
		*at = inventory.Untrusted(raw)
	}
	return *at
}

// quoted reads a string without escapes.
func (d *itemDecoder) quoted() []byte {
	if d.odd || len(d.line) == 0 || d.line[0] != '"' {
		d.odd = true
		return nil
	}
	length := bytes.IndexByte(d.line[1:], '"')
	if length < 0 || !isPlain(d.line[1:1+length]) {
		d.odd = true
		return nil
	}
	raw := d.line[1 : 1+length]
	d.line = d.line[length+2:]
	return raw
}

// isPlain reports whether a string's raw text is its value.
func isPlain(raw []byte) bool {
	ascii := true
	for _, c := range raw {
		if c < 0x20 || c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(raw)
}

func (d *itemDecoder) list() []inventory.Untrusted {
	return slices.Clip(remembered(d, d.lists, bracketed(d.line, '[', ']')))
}

// remembered reads a list or an object from its text, raw, as the decoder does, unless that was
// done before.
func remembered[T any](d *itemDecoder, table []met[T], raw []byte) T {
	var none T
	if d.odd || raw == nil {
		d.odd = true
		return none
	}
	d.line = d.line[len(raw):]
	at := &table[maphash.Bytes(decoderSeed, raw)%tableSize]
	if at.text == string(raw) {
		return at.value
	}
	var value T
	if json.Unmarshal(raw, &value, encoding) != nil {
		d.odd = true
		return none
	}
	*at = met[T]{string(raw), value}
	return value
}

// bracketed is the list or object of strings that a text begins with, or nil if that cannot be seen
// at a glance.
func bracketed(text []byte, opens, closes byte) []byte {
	if len(text) == 0 || text[0] != opens {
		return nil
	}
	quoted := false
	for n, c := range text {
		switch {
		case c == '\\':
			return nil
		case c == '"':
			quoted = !quoted
		case c == closes && !quoted:
			return text[:n+1]
		}
	}
	return nil
}

// time reads a time in UTC, as a Writer writes it: 2006-01-02T15:04:05Z, perhaps with a fraction.
func (d *itemDecoder) time(name string) time.Time {
	const fraction = len("2006-01-02T15:04:05")
	if !d.has(name) {
		return time.Time{}
	}
	raw := d.quoted()
	if len(raw) <= fraction || raw[fraction] != 'Z' && raw[fraction] != '.' || raw[len(raw)-1] != 'Z' {
		d.odd = true
		return time.Time{}
	}
	var t time.Time
	d.odd = t.UnmarshalText(raw) != nil
	return t
}

package allowlist

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist/pin"
	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

// Limits on includes.
const (
	maxIncludes     = 64 // lists of one allowlist, presets included
	maxIncludeDepth = 8  // lists that include each other in a row
)

// defaultCopyAge is how old the last good copy of a list may be before it is no longer used, unless
// the include says otherwise.
const defaultCopyAge Days = 30

// Include is one list that an allowlist includes: a preset, a file or what an address serves.
type Include struct {
	Position Position
	Preset   string
	Path     inventory.Untrusted // as it was written, with forward slashes
	URL      string
	Pin      pin.Pin
	// MaxAge is how old the last good copy of what an address serves may be.
	MaxAge Days
}

// Included is the content of an included file or address, which is what its pin says.
type Included struct {
	// Name is what positions call it, and Key what identifies it: two includes with one key are the
	// same list.
	Name inventory.Untrusted
	Key  string
	Data []byte
	// Fetched is when the content came from its address; zero for a file. Stale says why it is a copy
	// of an earlier day; nil if it is not.
	Fetched time.Time
	Stale   error
	// Files reads what the list names in turn.
	Files Files
}

// Files reads what one allowlist names besides itself. An error becomes a problem at the line that
// names it.
type Files interface {
	// Feed returns a feed's content and the time it was last changed. The path is as the allowlist
	// writes it: relative to it, with forward slashes.
	Feed(path string) ([]byte, time.Time, error)
	// Include returns an included list, and checks its pin. It is not called for presets.
	Include(Include) (Included, error)
}

// Feed implements [Files].
func (f ReadFeed) Feed(path string) ([]byte, time.Time, error) {
	if f == nil {
		return nil, time.Time{}, Refusal{Text: "is not read here"}
	}
	return f(path)
}

// Include implements [Files]: it refuses.
func (f ReadFeed) Include(Include) (Included, error) {
	return Included{}, Refusal{Text: "cannot be included here, only presets can"}
}

// Source is one of the files that an allowlist was read from.
type Source struct {
	// At is the line that includes it; zero for the allowlist itself.
	At Position
	// Name is what positions call it: a path, an address, or "preset:" and a name.
	Name    inventory.Untrusted
	Digest  string // SHA-256, in hexadecimal
	Entries int    // of its own
	Pin     pin.Pin
	Preset  string
	// Fetched and Stale are as in [Included].
	Fetched time.Time
	Stale   error
}

// IsRemote reports whether the source came from an address.
func (s *Source) IsRemote() bool { return !s.Fetched.IsZero() }

// Note says since when the source is a copy, and why; "" if it is not.
func (s *Source) Note(at time.Time) inventory.Untrusted {
	if s.Stale == nil {
		return ""
	}
	return inventory.Textf("%s: using the copy of %s, %s old: %v", s.Name, s.Fetched.UTC().Format(time.DateOnly),
		ageOf(s.Fetched, at), s.Stale)
}

func ageOf(then, at time.Time) string {
	switch days := int(at.Sub(then) / (24 * time.Hour)); {
	case days < 1:
		return "less than a day"
	case days == 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", days)
	}
}

// loading is what the lists of one allowlist share while they are read.
type loading struct {
	files Files    // of the list that is being read
	chain []link   // the lists around it, and itself
	seen  []string // keys of all lists that were read
	count *int
}

// link is one list in a chain of includes.
type link struct {
	key  string
	name inventory.Untrusted
}

func newLoading(name inventory.Untrusted, key string, files Files) loading {
	return loading{files: files, chain: []link{{key, name}}, seen: []string{key}, count: new(int)}
}

// includes reads the lists that the file includes, and adds them after its own entries.
func (p *parser) includes(root *strict.Table, list *List) {
	if p.preset != "" || !root.Has("include") {
		return
	}
	written := map[inventory.Untrusted]bool{}
	for _, item := range root.Items("include") {
		if item.Text != "" && written[item.Text] {
			p.Report(item.Line, "", "include lists %q twice", item.Text)
			continue
		}
		written[item.Text] = true
		included, ok := p.reference(item)
		if !ok {
			continue
		}
		if *p.from.count++; *p.from.count > maxIncludes {
			p.Report(item.Line, "", "more than %d lists are included", maxIncludes)
			return
		}
		if included.Preset != "" {
			p.includePreset(item.Line, included, list)
		} else {
			p.includeList(item.Line, included, list)
		}
	}
}

// reference reads one element of include.
func (p *parser) reference(item strict.Item) (Include, bool) {
	included := Include{Position: Position{File: p.Name, Line: item.Line}, MaxAge: defaultCopyAge}
	switch text := string(item.Text); {
	case item.Table != nil:
		return included, p.referenceTable(item.Table, &included)
	case text == "":
		return included, false // reported already
	case strings.Contains(text, "://"):
		included.URL = text
	case strings.HasSuffix(text, ".toml") || strings.Contains(text, "/"):
		included.Path = item.Text
	default:
		included.Preset = text
	}
	return included, p.checkReference(item.Line, &included)
}

func (p *parser) referenceTable(t *strict.Table, included *Include) bool {
	before := p.Count()
	t.CheckKeys("include")
	included.Preset, included.Path = string(t.Text("preset")), t.Text("path")
	included.URL = string(t.Text("url"))
	if age := p.days(t, "max_age"); age > 0 {
		included.MaxAge = age
	}
	named := 0
	for _, key := range []string{"preset", "path", "url"} {
		if t.Has(key) {
			named++
		}
	}
	if named != 1 {
		p.Report(t.Own(), `such as { path = "base.toml" }`, "an include must name exactly one of path, url and preset")
	}
	p.pin(t, included)
	return p.Count() == before && p.checkReference(t.Own(), included)
}

// pin reads how an include is pinned.
func (p *parser) pin(t *strict.Table, included *Include) {
	pins := 0
	for _, key := range []string{"sha256", "minisign", "ssh"} {
		if !t.Has(key) {
			continue
		}
		pins++
		var err error
		switch texts := strict.NamesOf(t.Texts(key)); {
		case len(texts) == 0: // reported already, or an empty list
			if t.IsList(key) {
				err = errors.New("is an empty list")
			}
		case key == "sha256" && t.IsList(key):
			err = errors.New("must be a string")
		case key == "sha256":
			included.Pin, err = pin.Digest(texts[0])
		case key == "minisign":
			included.Pin, err = pin.Minisign(texts)
		default:
			included.Pin, err = pin.SSH(texts)
		}
		if err != nil {
			p.Report(t.Line(key), "", "%s %v", key, err)
		}
	}
	if pins > 1 {
		p.Report(t.Own(), "leave one of them", "an include has one pin: sha256, minisign or ssh")
	}
}

// pinHint says how to pin an address.
const pinHint = `write { url = "…", sha256 = "…" }, or minisign = "RW…" or ssh = "ssh-ed25519 …" in place of sha256`

// checkReference reports what cannot be included, wherever it is.
func (p *parser) checkReference(line int, included *Include) bool {
	if included.URL == "" {
		return true
	}
	if err := checkURL(included.URL); err != nil {
		p.Report(line, "", "%q %v", inventory.Untrusted(included.URL), err)
		return false
	}
	if included.Pin.IsZero() {
		p.Report(line, pinHint, "%q is not pinned, so anyone who can change what it serves could approve anything",
			inventory.Untrusted(included.URL))
		return false
	}
	return true
}

// checkURL says why an address cannot be included. Plain http is for tests on this machine.
func checkURL(text string) error {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Hostname() == "" || parsed.Opaque != "":
		return errors.New("is not an address, such as https://policy.acme.example/base.toml")
	case parsed.User != nil:
		return errors.New("contains a password, and the allowlist is for everyone to read")
	case parsed.Fragment != "":
		return errors.New("has a part behind #, which no server gets")
	case parsed.Scheme != "https" && !(parsed.Scheme == "http" && isLoopback(parsed.Hostname())):
		return errors.New("is not an https address")
	}
	return nil
}

func isLoopback(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

func (p *parser) includePreset(line int, included Include, list *List) {
	data, found := Preset(included.Preset)
	if !found {
		p.Report(line, p.SuggestOrList(included.Preset, Presets()), "there is no preset %q",
			inventory.Untrusted(included.Preset))
		return
	}
	preset, err := parsePreset(included.Preset, data)
	if err != nil {
		p.Report(line, "", "the preset %q: %v", inventory.Untrusted(included.Preset), err)
		return
	}
	list.add(preset, included, Included{Name: preset.Name})
}

// includeList reads an included list. Problems in it are reported at its own lines.
func (p *parser) includeList(line int, included Include, list *List) {
	if p.from.files == nil {
		p.Report(line, "", "lists cannot be included here")
		return
	}
	opened, err := p.from.files.Include(included)
	if err != nil {
		p.Report(line, hintOf(err), "%s %v", included.quoted(), unreadable(err))
		return
	}
	if p.isCircle(line, opened) || slices.Contains(p.from.seen, opened.Key) { // two lists may include the same one
		return
	}
	p.from.seen = append(p.from.seen, opened.Key)
	inner := &parser{File: strict.File{Name: opened.Name, Words: &words}, from: loading{
		files: opened.Files, seen: p.from.seen, count: p.from.count,
		chain: append(slices.Clone(p.from.chain), link{opened.Key, opened.Name}),
	}}
	read := inner.list(opened.Data)
	p.from.seen = inner.from.seen
	if problems, failed := errors.AsType[*Problems](inner.Err()); failed {
		p.Add(problems.Problems)
		return
	}
	list.add(read, included, opened)
}

// isCircle reports a list that is included from within itself, or below too many others.
func (p *parser) isCircle(line int, opened Included) bool {
	at := slices.IndexFunc(p.from.chain, func(l link) bool { return l.key == opened.Key })
	switch {
	case at >= 0:
		var names []string
		for _, each := range p.from.chain[at:] {
			names = append(names, each.name.String())
		}
		p.Report(line, "", "%s includes itself: %s > %s", opened.Name, strings.Join(names, " > "), opened.Name)
	case len(p.from.chain) > maxIncludeDepth:
		p.Report(line, "", "more than %d lists include each other in a row", maxIncludeDepth)
	default:
		return false
	}
	return true
}

func (i *Include) quoted() string {
	if i.URL != "" {
		return fmt.Sprintf("%q", inventory.Untrusted(i.URL))
	}
	return fmt.Sprintf("%q", i.Path)
}

// Refusal is an error whose text continues the name of what is not read: "is outside of …".
type Refusal struct {
	Text, Hint string
}

func (r Refusal) Error() string { return r.Text }

func hintOf(err error) string {
	known, _ := errors.AsType[Refusal](err)
	return known.Hint
}

// add puts an included list behind what the list has.
func (l *List) add(other *List, included Include, opened Included) {
	first := other.sources[0]
	first.At, first.Pin, first.Preset = included.Position, included.Pin, included.Preset
	first.Fetched, first.Stale = opened.Fetched, opened.Stale
	for n := range other.classes {
		other.classes[n].List += len(l.sources)
	}
	l.sources = append(l.sources, first)
	l.sources = append(l.sources, other.sources[1:]...)
	l.entries = append(l.entries, other.entries...)
	l.feeds = append(l.feeds, other.feeds...)
	l.hooks = append(l.hooks, other.hooks...)
	l.classes = append(l.classes, other.classes...)
	l.Policy.merge(&other.Policy)
	if l.contactAt == (Position{}) {
		l.contactAt = other.contactAt
	}
}

// merge adds the policy of an included list. The stricter of two rules counts: the shorter time to
// review or to leave a token unused, the longer notice, the second factor. The list's own contact
// comes first, and hosts that webhooks may go to add up, as approvals do.
func (p *Policy) merge(other *Policy) {
	if p.Contact == "" {
		p.Contact = other.Contact
	}
	p.ReviewWithin = shorter(p.ReviewWithin, other.ReviewWithin)
	p.UnusedAfter = shorter(p.UnusedAfter, other.UnusedAfter)
	p.Notice = max(p.Notice, other.Notice)
	p.RequireTwoFactor = p.RequireTwoFactor || other.RequireTwoFactor
	p.TwoFactorOptional = (p.TwoFactorOptional || other.TwoFactorOptional) && !p.RequireTwoFactor
	p.CrownJewels = slices.Concat(p.CrownJewels, other.CrownJewels)
	if other.HookHosts != nil {
		p.HookHosts = slices.Concat(p.HookHosts, other.HookHosts)
		if p.HookHosts == nil {
			p.HookHosts = []inventory.Untrusted{}
		}
	}
}

// shorter returns the shorter of two times, of which zero is for ever.
func shorter(a, b Days) Days {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// nameBeside returns the name of a file that another one names by a relative path.
func nameBeside(name, written string) string {
	if path.IsAbs(written) {
		return written
	}
	return path.Join(path.Dir(name), written)
}

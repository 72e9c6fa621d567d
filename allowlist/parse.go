package allowlist

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/feed"
	"guestlist/allowlist/strict"
	"guestlist/allowlist/version"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// fileVersion is the version of the format that this package reads.
const fileVersion = 1

// defaultNotice is how long before its expiry an approval counts as expiring, unless the policy
// says otherwise.
const defaultNotice Days = 14

// words are the keys of an allowlist. The schema must say the same; a test compares them.
var words = strict.Words{Keys: keys, OtherNames: otherNames}

var keys = map[string][]string{
	"":       {"version", "include", "policy", "allow", "deny", "require", "defer", "feed", "risk"},
	"policy": {"contact", "review_within", "notice", "require_two_factor", "unused_after", "hook_hosts", "crown_jewels"},
	"allow": {
		"name", "kind", "id", "project", "owner", "reason", "ticket", "url", "approved", "expires", "for",
		"permissions", "hosts", "origin", "versions", "publisher", "repositories", "install_url",
	},
	"deny":    {"name", "kind", "id", "project", "reason", "source", "versions"},
	"require": {"name", "kind", "id", "reason", "for", "install_url"},
	"defer":   {"name", "kind", "id", "project", "owner", "reason", "until", "for"},
	"feed":    {"path", "name", "kind", "max_age"},
	"risk":    {"permission", "host", "level", "reason"},
	"include": {"path", "url", "preset", "sha256", "minisign", "ssh", "max_age"},
}

// otherNames maps words that people write instead of a key to the key.
var otherNames = map[string]string{
	"ids": "id", "client_id": "id", "extension_id": "id", "app": "id", "scopes": "permissions", "scope": "permissions",
	"match": "hosts", "matches": "hosts", "users": "for", "accounts": "for", "why": "reason", "comment": "reason",
	"expiry": "expires", "expires_at": "expires", "until": "expires", "approved_at": "approved", "date": "approved",
	"author": "publisher", "update_url": "install_url", "vendor": "publisher", "type": "kind", "approver": "owner", "file": "path",
	"presets": "include", "extends": "include", "includes": "include", "digest": "sha256", "hash": "sha256",
	"checksum": "sha256", "address": "url", "href": "url", "ssh_key": "ssh", "minisign_key": "minisign",
	"risks": "risk", "severity": "level", "tier": "level", "jewels": "crown_jewels", "crown_jewel": "crown_jewels",
	"email": "contact", "ask": "contact",
	"block": "deny", "denied": "deny", "allowed": "allow", "required": "require", "feeds": "feed",
	"deferred": "defer", "later": "defer", "deferred_until": "until", "due": "until",
}

var (
	origins = []inventory.Origin{
		inventory.OriginStore, inventory.OriginPolicy, inventory.OriginSideload, inventory.OriginUnpacked,
		inventory.OriginBuiltin,
	}
	repositories = []string{"all", "selected", "none"}
)

// Parse reads an allowlist's content. name is the file's name in messages. readFeed reads the feeds
// that the file names; nil refuses them. Of other lists, it includes presets only. The error is a
// *[Problems] with everything that is wrong.
func Parse(name string, data []byte, readFeed ReadFeed) (*List, error) {
	return ParseWith(name, data, readFeed)
}

// ParseWith is [Parse] with everything that an allowlist may name.
func ParseWith(name string, data []byte, files Files) (*List, error) {
	return parse(inventory.Untrusted(name), name, data, files)
}

// parse reads an allowlist that key identifies among those that it includes.
func parse(name inventory.Untrusted, key string, data []byte, files Files) (*List, error) {
	p := &parser{File: strict.File{Name: name, Words: &words}, from: newLoading(name, key, files)}
	list := p.list(data)
	if err := p.Err(); err != nil {
		return nil, err
	}
	if list.Policy.Notice == 0 {
		list.Policy.Notice = defaultNotice
	}
	list.index()
	list.classify()
	return list, nil
}

// parser reads one file and collects what is wrong with it.
type parser struct {
	strict.File
	preset string
	from   loading // not of a preset, which names nothing else
}

// list reads the file, and the lists that it includes after it. It is not indexed yet.
func (p *parser) list(data []byte) *List {
	list := &List{Name: p.Name, Digest: digest(data)}
	list.sources = []Source{{Name: p.Name, Digest: list.Digest}}
	if root, ok := p.Decode(data, MaxFileBytes); ok && p.Version(root, fileVersion) {
		p.document(root, list)
	}
	return list
}

func (p *parser) document(root *strict.Table, list *List) {
	root.CheckKeys("")
	if policy, found := root.Table("policy"); found {
		p.policy(policy, list)
	}
	for _, part := range []Part{PartAllow, PartDeny, PartRequire, PartDefer} {
		for _, entry := range root.Tables(string(part)) {
			list.entries = append(list.entries, p.entry(entry, part))
		}
	}
	slices.SortStableFunc(list.entries, func(a, b *Entry) int { return a.Position.Line - b.Position.Line })
	p.duplicates(list.entries)
	list.sources[0].Entries = len(list.entries)
	for _, table := range root.Tables("feed") {
		if read := p.feed(table); read != nil {
			list.feeds = append(list.feeds, read)
		}
	}
	for _, table := range root.Tables("risk") {
		list.classes = append(list.classes, p.classes(table)...)
	}
	p.includes(root, list)
}

func (p *parser) policy(t *strict.Table, list *List) {
	t.CheckKeys("policy")
	policy := &list.Policy
	policy.Contact = t.Text("contact")
	if t.Has("contact") {
		list.contactAt = Position{File: p.Name, Line: t.Line("contact")}
	}
	policy.ReviewWithin = p.days(t, "review_within")
	policy.Notice = p.days(t, "notice")
	policy.UnusedAfter = p.days(t, "unused_after")
	policy.RequireTwoFactor = t.Boolean("require_two_factor")
	policy.TwoFactorOptional = t.Has("require_two_factor") && !policy.RequireTwoFactor
	hosts, found := t.List("hook_hosts")
	for n, host := range hosts {
		p.checkHost(t.LineOf("hook_hosts", n), host)
	}
	p.crownJewels(t, list)
	if found {
		policy.HookHosts = hosts
		hooks := &Entry{
			Position: Position{File: p.Name, Line: t.Line("hook_hosts")}, Part: PartPolicy, Kind: inventory.KindWebhook,
			Name: "hook_hosts", Index: -1, hookHosts: hosts,
		}
		hooks.compile()
		list.hooks = append(list.hooks, hooks)
	}
}

func (p *parser) entry(t *strict.Table, part Part) *Entry {
	e := &Entry{Position: Position{File: p.Name, Line: t.Own()}, Part: part, Preset: p.preset, path: t.Path,
		lines: t.KeyLines()}
	if len(t.Values) == 0 {
		p.Report(t.Own(), "name an id, or remove it", "[[%s]] is empty", part)
		return e
	}
	t.CheckKeys(string(part))
	e.Name = t.Text("name")
	e.Kind = p.kind(t)
	e.Reason = t.Text("reason")
	e.Owner = t.Text("owner")
	e.Ticket, e.URL, e.Source = t.Text("ticket"), t.Text("url"), t.Text("source")
	p.installURL(t, e)
	p.identity(t, e)
	p.holders(t, e)
	p.pins(t, e)
	p.approval(t, e)
	e.compile()
	return e
}

// identity reads what an entry is about.
func (p *parser) identity(t *strict.Table, e *Entry) {
	if t.Has("project") {
		e.Project = inventory.Untrusted(strings.ToLower(string(t.Text("project"))))
		if e.Kind == "" && !t.Has("kind") {
			p.Report(t.Line("project"), `such as kind = "oauth-grant"`, "project needs a kind")
		}
		if t.Has("id") {
			p.Report(t.Line("project"), "remove one of them", "an entry has an id or a project, not both")
		}
	} else if !t.Has("id") {
		hint := "names never match; give the ID"
		if e.Part != PartRequire {
			hint += " or the project"
		}
		p.Report(t.Own(), hint, "[[%s]]%s has no id", e.Part, p.title(e))
	}
	e.IDs = t.Texts("id")
	if t.Has("id") && len(e.IDs) == 0 && t.IsList("id") {
		p.Report(t.Line("id"), "name an id, or remove the entry", "id is an empty list")
	}
	seen := map[inventory.Untrusted]inventory.Untrusted{}
	for n, id := range e.IDs {
		if t.IsList("id") {
			e.idLines = append(e.idLines, t.LineOf("id", n))
		}
		form := appid.CanonicalClient(id)
		if other, twice := seen[form]; twice && other != id {
			p.Report(t.LineOf("id", n), "", "id lists %q twice: it is the same as %q", id, other)
		}
		seen[form] = id
	}
}

func (p *parser) title(e *Entry) string {
	if e.Name == "" {
		return ""
	}
	return fmt.Sprintf(" %q", e.Name)
}

func (p *parser) holders(t *strict.Table, e *Entry) {
	patterns, found := t.List("for")
	if found && len(patterns) == 0 {
		p.Report(t.Line("for"), "name accounts, or remove it to mean everyone", "for is an empty list")
	}
	e.For = patterns
}

// pins reads what an approval, and for versions a refusal, is limited to.
func (p *parser) pins(t *strict.Table, e *Entry) {
	e.Permissions, _ = t.List("permissions")
	e.Hosts, _ = t.List("hosts")
	for n, host := range e.Hosts {
		p.host(t.LineOf("hosts", n), host)
	}
	names, found := t.List("origin")
	if found && len(names) == 0 {
		p.Report(t.Line("origin"), "name origins, or remove it", "origin is an empty list")
	}
	for n, name := range names {
		origin := inventory.Origin(name)
		if !slices.Contains(origins, origin) {
			p.Report(t.LineOf("origin", n), p.SuggestOrList(string(name), strict.NamesOf(origins)), "origin %q is not known",
				name)
		}
		e.Origins = append(e.Origins, origin)
	}
	e.Publishers = t.Texts("publisher")
	if t.Has("publisher") && t.IsList("publisher") && len(e.Publishers) == 0 {
		p.Report(t.Line("publisher"), "name a publisher, or remove it", "publisher is an empty list")
	}
	if text := t.Text("versions"); text != "" {
		versions, err := version.Parse(string(text))
		if err != nil {
			p.Report(t.Line("versions"), "", "%v", err)
		}
		e.Versions = versions
	}
	if reach := t.Text("repositories"); reach != "" {
		e.Repositories = reach
		if !slices.Contains(repositories, string(reach)) {
			p.Report(t.Line("repositories"), p.SuggestOrList(string(reach), repositories), "repositories %q is not known", reach)
		}
	}
}

func (p *parser) host(line int, host inventory.Untrusted) {
	if host == "" || strings.HasPrefix(string(host), literalMark) {
		return
	}
	_, err := access.Parse(host)
	if err == nil {
		return
	}
	p.Report(line, p.suggestHost(host), "%q is not a match pattern: %v", host, err)
}

// suggestHost returns the match pattern that was probably meant, if a simple one is close.
func (p *parser) suggestHost(host inventory.Untrusted) string {
	lower := inventory.Untrusted(strings.ToLower(string(host)))
	dotted := inventory.Untrusted(strings.Replace(string(host), "://*", "://*.", 1))
	for _, candidate := range []inventory.Untrusted{lower, host + "/*", dotted, "https://" + host,
		"https://" + host + "/*"} {
		if _, err := access.Parse(candidate); err == nil {
			return strict.DidYouMean(string(candidate))
		}
	}
	if scheme, rest, found := strings.Cut(string(host), "://"); found {
		if near := p.Nearest(scheme, []string{"https", "http", "file", "wss", "ftp"}); near != "" && near != scheme {
			return strict.DidYouMean(near + "://" + rest)
		}
	}
	return `to pin it as plain text, put "=" in front`
}

// approval reads who owns an entry, why, and for how long.
func (p *parser) approval(t *strict.Table, e *Entry) {
	e.Approved, e.Expires = p.date(t, "approved"), p.date(t, "expires")
	e.Until = p.date(t, "until")
	if e.Part == PartDefer && !t.Has("until") {
		p.Report(t.Own(), "say until which day the decision waits, such as until = 2026-12-31", "[[defer]]%s has no until",
			p.title(e))
	}
	if !t.Has("reason") && (e.Part != PartAllow || p.preset != "") { // an approval without one is pending
		p.Report(t.Own(), "say why, for the next reviewer", "[[%s]]%s has no reason", e.Part, p.title(e))
	}
	if !e.Approved.IsZero() && !e.Expires.IsZero() && e.Expires.Compare(e.Approved) < 0 {
		p.Report(t.Line("expires"), "", "expires %v is before approved %v", e.Expires, e.Approved)
	}
}

// installURL reads where browsers install the app from by policy.
func (p *parser) installURL(t *strict.Table, e *Entry) {
	e.InstallURL = t.Text("install_url")
	if e.InstallURL == "" {
		return
	}
	parsed, err := url.Parse(string(e.InstallURL))
	isFile := err == nil && parsed.Scheme == "file" && parsed.Path != ""
	isWeb := err == nil && (parsed.Scheme == "https" || parsed.Scheme == "http") && parsed.Hostname() != "" && parsed.User == nil
	if !isFile && !isWeb {
		p.Report(t.Line("install_url"), `write an address, such as "https://extensions.acme.example/update.xml"`,
			"install_url %q is not an https, http or file address", e.InstallURL)
	}
}

// duplicates reports entries of one part that name the same app for the same holders: it would be
// unclear which one counts.
func (p *parser) duplicates(entries []*Entry) {
	seen := map[string][]*Entry{}
	for _, e := range entries {
		named := e.IDs
		if e.Project != "" {
			named = []inventory.Untrusted{"project " + e.Project}
		}
		for n, id := range named {
			key := strict.Join(string(e.Part), strict.Join(string(e.Kind), string(appid.CanonicalClient(id))))
			if other := firstOverlap(seen[key], e); other != nil && id != "" {
				line := e.Line("id").Line
				if e.Project == "" {
					line = p.LineAt(strict.Join(strict.Join(e.path, "id"), strict.Element(n)))
				}
				hint := "merge the two entries"
				if e.Part == PartAllow || e.Part == PartDefer {
					hint += `, or give each its own "for"`
				}
				p.Report(line, hint, "%q is already listed in [[%s]] on line %d", id, e.Part, other.Position.Line)
			}
			if !slices.Contains(seen[key], e) {
				seen[key] = append(seen[key], e)
			}
		}
	}
}

// firstOverlap returns an earlier entry whose holders overlap with e's. An entry for everyone
// beside one for some is a rule and its exception, and no duplicate.
func firstOverlap(earlier []*Entry, e *Entry) *Entry {
	for _, other := range earlier {
		switch {
		case other == e:
		case e.Part == PartDeny && e.Versions.String() != other.Versions.String():
		case len(e.accounts) == 0 && len(other.accounts) == 0:
			return other
		case len(e.accounts) > 0 && len(other.accounts) > 0:
			for _, a := range e.accounts {
				for _, b := range other.accounts {
					if overlap(a, b) {
						return other
					}
				}
			}
		}
	}
	return nil
}

// overlap reports whether some text matches both patterns, in which "*" matches any text.
func overlap(a, b string) bool {
	last := make([]bool, len(b)+1)
	for i := 0; i <= len(a); i++ {
		now := make([]bool, len(b)+1)
		for j := 0; j <= len(b); j++ {
			switch {
			case i == 0 && j == 0:
				now[j] = true
			case i > 0 && a[i-1] == '*':
				now[j] = last[j] || j > 0 && now[j-1]
			case j > 0 && b[j-1] == '*':
				now[j] = now[j-1] || i > 0 && last[j]
			default:
				now[j] = i > 0 && j > 0 && a[i-1] == b[j-1] && last[j-1]
			}
		}
		last = now
	}
	return last[len(b)]
}

// index makes the maps that [List.Decide] looks items up in.
func (l *List) index() {
	for _, ids := range []*appid.Map[*Entry]{&l.allow, &l.deny, &l.require, &l.deferred} {
		*ids = appid.NewMap[*Entry]()
	}
	l.projects = map[inventory.Untrusted][]*Entry{}
	for n, e := range l.entries {
		e.Index = n
		if e.Project != "" {
			l.projects[e.Project] = append(l.projects[e.Project], e)
			continue
		}
		ids := &l.allow
		switch e.Part {
		case PartDeny:
			ids = &l.deny
		case PartRequire:
			ids = &l.require
		case PartDefer:
			ids = &l.deferred
		}
		for _, id := range e.IDs {
			ids.Add(id, e)
		}
	}
}

func (p *parser) feed(t *strict.Table) *Feed {
	if len(t.Values) == 0 {
		p.Report(t.Own(), "name a path, or remove it", "[[feed]] is empty")
		return nil
	}
	t.CheckKeys("feed")
	from := &Feed{
		Position: Position{File: p.Name, Line: t.Own()}, Path: t.Text("path"), Name: t.Text("name"), Kind: p.kind(t),
		MaxAge: p.days(t, "max_age"),
	}
	if from.MaxAge == 0 {
		from.MaxAge = defaultMaxAge
	}
	line := t.Line("path")
	switch {
	case !t.Has("path"):
		p.Report(t.Own(), `such as path = "feeds/malicious.csv"`, "[[feed]] has no path")
		return nil
	case from.Path == "":
		return nil
	case !fs.ValidPath(string(from.Path)) || strings.Contains(string(from.Path), `\`):
		p.Report(line, `put it beside the allowlist, or in a directory below: path = "feeds/malicious.csv"`,
			"%q is not a path below the allowlist's directory", from.Path)
		return nil
	case p.from.files == nil:
		p.Report(line, "", "feeds cannot be read here")
		return nil
	}
	data, changed, err := p.from.files.Feed(string(from.Path))
	if err != nil {
		p.Report(line, "", "%s", inventory.Textf("the feed %q %s", from.Path, unreadable(err)))
		return nil
	}
	if from.Feed, err = feed.Parse(from.Path, from.Kind, data, changed); err != nil {
		p.Report(line, "", "%s", inventory.Textf("the feed %q: %v", from.Path, err))
		return nil
	}
	return from
}

// unreadable says why a file cannot be read, without the path that the system's error repeats.
func unreadable(err error) string {
	var path *fs.PathError
	refusal, refused := errors.AsType[Refusal](err)
	switch {
	case refused:
		return refusal.Text
	case errors.Is(err, fs.ErrNotExist):
		return "does not exist"
	case errors.As(err, &path):
		err = path.Err
	}
	return fmt.Sprintf("cannot be read: %v", err)
}

func (p *parser) kind(t *strict.Table) inventory.Kind {
	text := t.Text("kind")
	kind := inventory.Kind(text)
	if text != "" && !slices.Contains(inventory.Kinds(), kind) {
		p.Report(t.Line("kind"), p.SuggestOrList(string(text), strict.NamesOf(inventory.Kinds())), "kind %q is not known",
			text)
		return ""
	}
	return kind
}

func (p *parser) days(t *strict.Table, key string) Days {
	if number, ok := t.Values[key].(int64); ok {
		p.Report(t.Line(key), fmt.Sprintf("write %s = \"%dd\"", key, number), "%s is a number without its unit", key)
		return 0
	}
	text := t.Text(key)
	if text == "" {
		return 0
	}
	days, err := ParseDays(string(text))
	if err != nil {
		p.Report(t.Line(key), "", "%s: %v", key, err)
	}
	return days
}

// localDate is the name that the TOML library gives the time zone of a date without time.
const localDate = "date-local"

func (p *parser) date(t *strict.Table, key string) Date {
	switch value := t.Values[key].(type) {
	case nil:
	case time.Time:
		if value.Location().String() == localDate {
			year, month, day := value.Date()
			return Date{Year: year, Month: month, Day: day}
		}
		p.Report(t.Line(key), "remove the time of day", "%s must be a date without a time", key)
	case string:
		hint := "write it as 2026-11-23, without quotes"
		if date, err := ParseDate(value); err == nil {
			hint = fmt.Sprintf("remove the quotes: %s = %v", key, date)
		}
		p.Report(t.Line(key), hint, "%s must be a date, not a string", key)
	default:
		p.Report(t.Line(key), "write it as 2026-11-23, without quotes", "%s must be a date", key)
	}
	return Date{}
}

package allowlist

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// fileVersion is the version of the format that this package reads.
const fileVersion = 1

// defaultNotice is how long before its end an approval is called expiring, where the policy does not say.
const defaultNotice Days = 14

// keys lists what each part of the file may hold. The schema must say the same; a test compares them.
var keys = map[string][]string{
	"":       {"version", "include", "policy", "allow", "deny", "require", "feed"},
	"policy": {"review_within", "notice", "require_two_factor", "unused_after", "hook_hosts"},
	"allow": {
		"name", "kind", "id", "project", "owner", "reason", "ticket", "url", "approved", "expires", "for",
		"permissions", "hosts", "origin", "versions", "publisher", "repositories",
	},
	"deny":    {"name", "kind", "id", "project", "reason", "source", "versions"},
	"require": {"name", "kind", "id", "reason", "for"},
	"feed":    {"path", "name", "kind", "max_age"},
}

var (
	origins = []inventory.Origin{
		inventory.OriginStore, inventory.OriginPolicy, inventory.OriginSideload, inventory.OriginUnpacked, inventory.OriginBuiltin,
	}
	repositories = []string{"all", "selected", "none"}
)

// Parse reads an allowlist's content. Name is the file's name in messages. ReadFeed is asked for the feeds that the file names;
// nil refuses them. The error is a *[Problems] with everything that is wrong.
func Parse(name string, data []byte, readFeed ReadFeed) (*List, error) {
	p := &parser{file: inventory.Untrusted(name), readFeed: readFeed}
	list := &List{Name: p.file, Digest: digest(data), Policy: Policy{Notice: defaultNotice}}
	root, ok := p.decode(data)
	if ok {
		p.document(root, list)
	}
	if len(p.problems) > 0 {
		sortProblems(p.problems)
		return nil, &Problems{Problems: p.problems}
	}
	list.index()
	return list, nil
}

// parser reads one file and collects what is wrong with it.
type parser struct {
	file     inventory.Untrusted
	preset   string
	readFeed ReadFeed
	lines    *lineIndex
	problems []Problem
}

func (p *parser) report(line int, hint, format string, args ...any) {
	if p.lines != nil {
		line = min(line, p.lines.count)
	}
	p.problems = append(p.problems, Problem{
		Position: Position{File: p.file, Line: max(line, 1)}, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// decode reads the TOML, in which keys keep their case.
func (p *parser) decode(data []byte) (map[string]any, bool) {
	data = withoutMark(data)
	p.lines = &lineIndex{count: max(1, bytes.Count(data, []byte("\n"))+1)}
	switch {
	case len(data) > MaxFileBytes:
		p.report(1, "", "the file is larger than the limit of %d MiB", MaxFileBytes>>20)
		return nil, false
	case !utf8.Valid(data):
		p.report(lineOfInvalid(data), "save the file as UTF-8", "the file is not UTF-8")
		return nil, false
	}
	p.lines = indexLines(string(data))
	if p.lines.deep > 0 {
		p.report(p.lines.deep, "", "arrays and tables lie in each other more than %d deep", maxNesting)
		return nil, false
	}
	var root map[string]any
	_, err := toml.Decode(string(data), &root)
	if err == nil {
		return root, true
	}
	line, message := 1, err.Error()
	if parse, ok := errors.AsType[toml.ParseError](err); ok {
		line, message = parse.Position.Line, parse.Message
	}
	p.report(line, "", "%s", inventory.Untrusted("this is not TOML: "+strings.TrimSuffix(message, ".")))
	return nil, false
}

func lineOfInvalid(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

func (p *parser) document(values map[string]any, list *List) {
	root := &table{p: p, values: values}
	if !p.version(root) {
		return
	}
	root.checkKeys("")
	if policy, found := root.table("policy"); found {
		p.policy(policy, list)
	}
	for _, part := range []Part{PartAllow, PartDeny, PartRequire} {
		for _, entry := range root.tables(string(part)) {
			list.entries = append(list.entries, p.entry(entry, part))
		}
	}
	slices.SortStableFunc(list.entries, func(a, b *Entry) int { return a.Position.Line - b.Position.Line })
	p.duplicates(list.entries)
	for _, feed := range root.tables("feed") {
		if read := p.feed(feed); read != nil {
			list.feeds = append(list.feeds, read)
		}
	}
	p.include(root, list)
}

// version reports whether the rest of the file can be understood at all.
func (p *parser) version(root *table) bool {
	value, found := root.values["version"]
	number, isNumber := value.(int64)
	switch {
	case !found:
		hint := "begin the file with version = 1"
		for key := range root.values {
			if strings.EqualFold(key, "version") {
				hint = ask("version")
			}
		}
		p.report(1, hint, "the file has no version")
	case !isNumber:
		p.report(root.line("version"), "write version = 1", "version is not a number")
	case number > fileVersion:
		p.report(root.line("version"), "update guestlist",
			"version %d is newer than this guestlist, which reads version %d", number, fileVersion)
		return false
	case number != fileVersion:
		p.report(root.line("version"), "write version = 1", "there is no version %d", number)
	}
	return true
}

func (p *parser) policy(t *table, list *List) {
	t.checkKeys("policy")
	policy := &list.Policy
	policy.ReviewWithin = t.days("review_within")
	if notice := t.days("notice"); notice > 0 {
		policy.Notice = notice
	}
	policy.UnusedAfter = t.days("unused_after")
	policy.RequireTwoFactor = t.boolean("require_two_factor")
	hosts, found := t.list("hook_hosts")
	for n, host := range hosts {
		if _, err := access.Parse("*://" + host + "/*"); err != nil || strings.Contains(string(host), "/") {
			p.report(t.lineOf("hook_hosts", n), `write a host, such as "ci.acme.example" or "*.acme.example"`, "%q is not a host", host)
		}
	}
	if found {
		policy.HookHosts = hosts
		list.hooks = &Entry{
			Position: Position{File: p.file, Line: t.line("hook_hosts")}, Part: PartPolicy, Kind: inventory.KindWebhook,
			Name: "hook_hosts", Index: -1,
		}
		list.hooks.compile()
	}
}

func (p *parser) entry(t *table, part Part) *Entry {
	e := &Entry{Position: Position{File: p.file, Line: t.own()}, Part: part, Preset: p.preset, path: t.path, lines: t.keyLines()}
	if len(t.values) == 0 {
		p.report(t.own(), "name an id, or take it out", "[[%s]] is empty", part)
		return e
	}
	t.checkKeys(string(part))
	e.Name = t.text("name")
	e.Kind = t.kind()
	e.Reason = t.text("reason")
	e.Owner = t.text("owner")
	e.Ticket, e.URL, e.Source = t.text("ticket"), t.text("url"), t.text("source")
	p.identity(t, e)
	p.holders(t, e)
	p.pins(t, e)
	p.approval(t, e)
	e.compile()
	return e
}

// identity reads what an entry is about.
func (p *parser) identity(t *table, e *Entry) {
	if t.has("project") {
		e.Project = inventory.Untrusted(strings.ToLower(string(t.text("project"))))
		if e.Kind == "" && !t.has("kind") {
			p.report(t.line("project"), `such as kind = "oauth-grant"`, "project needs a kind")
		}
		if t.has("id") {
			p.report(t.line("project"), "leave one of them out", "an entry has an id or a project, not both")
		}
	} else if !t.has("id") {
		hint := "names never match; give the ID"
		if e.Part != PartRequire {
			hint += " or the project"
		}
		p.report(t.own(), hint, "[[%s]]%s has no id", e.Part, p.title(e))
	}
	e.IDs = t.texts("id")
	if t.has("id") && len(e.IDs) == 0 && t.isList("id") {
		p.report(t.line("id"), "name an id, or take the entry out", "id is an empty list")
	}
	seen := map[inventory.Untrusted]inventory.Untrusted{}
	for n, id := range e.IDs {
		form := canonicalClientID(id)
		if other, twice := seen[form]; twice && other != id {
			p.report(t.lineOf("id", n), "", "id names %q twice: it is the same as %q", id, other)
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

func (p *parser) holders(t *table, e *Entry) {
	patterns, found := t.list("for")
	if found && len(patterns) == 0 {
		p.report(t.line("for"), "name accounts, or leave it out to mean everyone", "for is an empty list")
	}
	e.For = patterns
}

// pins reads what an approval, and for versions a refusal, is limited to.
func (p *parser) pins(t *table, e *Entry) {
	e.Permissions, _ = t.list("permissions")
	e.Hosts, _ = t.list("hosts")
	for n, host := range e.Hosts {
		p.host(t.lineOf("hosts", n), host)
	}
	names, found := t.list("origin")
	if found && len(names) == 0 {
		p.report(t.line("origin"), "name origins, or leave it out", "origin is an empty list")
	}
	for n, name := range names {
		origin := inventory.Origin(name)
		if !slices.Contains(origins, origin) {
			p.report(t.lineOf("origin", n), suggestOrList(string(name), namesOf(origins)), "origin %q is not known", name)
		}
		e.Origins = append(e.Origins, origin)
	}
	e.Publishers = t.texts("publisher")
	if t.has("publisher") && t.isList("publisher") && len(e.Publishers) == 0 {
		p.report(t.line("publisher"), "name a publisher, or leave it out", "publisher is an empty list")
	}
	if text := t.text("versions"); text != "" {
		versions, err := ParseVersions(string(text))
		if err != nil {
			p.report(t.line("versions"), "", "%v", err)
		}
		e.Versions = versions
	}
	if reach := t.text("repositories"); reach != "" {
		e.Repositories = reach
		if !slices.Contains(repositories, string(reach)) {
			p.report(t.line("repositories"), suggestOrList(string(reach), repositories), "repositories %q is not known", reach)
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
	p.report(line, suggestHost(host), "%q is not a match pattern: %v", host, err)
}

// suggestHost returns the match pattern that was meant, if a simple one comes near.
func suggestHost(host inventory.Untrusted) string {
	lower := inventory.Untrusted(strings.ToLower(string(host)))
	dotted := inventory.Untrusted(strings.Replace(string(host), "://*", "://*.", 1))
	for _, candidate := range []inventory.Untrusted{lower, host + "/*", dotted, "https://" + host, "https://" + host + "/*"} {
		if _, err := access.Parse(candidate); err == nil {
			return ask(string(candidate))
		}
	}
	if scheme, rest, found := strings.Cut(string(host), "://"); found {
		if near := nearest(scheme, []string{"https", "http", "file", "wss", "ftp"}); near != "" && near != scheme {
			return ask(near + "://" + rest)
		}
	}
	return `to pin it as plain text, put "=" in front`
}

// approval reads who stands behind an entry and for how long.
func (p *parser) approval(t *table, e *Entry) {
	e.Approved, e.Expires = t.date("approved"), t.date("expires")
	missing := func(key, hint string) {
		if !t.has(key) {
			p.report(t.own(), hint, "[[%s]]%s has no %s", e.Part, p.title(e), key)
		}
	}
	missing("reason", "say why, for the next reviewer")
	if e.Part == PartAllow && p.preset == "" {
		missing("owner", "name who answers for it")
		missing("approved", "say on which day, such as approved = 2026-11-23")
	}
	if !e.Approved.IsZero() && !e.Expires.IsZero() && e.Expires.Compare(e.Approved) < 0 {
		p.report(t.line("expires"), "", "expires %v is before approved %v", e.Expires, e.Approved)
	}
}

// duplicates reports entries of one part that name the same app for the same holders: nobody could tell which one counts.
func (p *parser) duplicates(entries []*Entry) {
	seen := map[string][]*Entry{}
	for _, e := range entries {
		named := e.IDs
		if e.Project != "" {
			named = []inventory.Untrusted{"project " + e.Project}
		}
		for n, id := range named {
			key := joinPath(string(e.Part), joinPath(string(e.Kind), string(canonicalClientID(id))))
			if other := firstOverlap(seen[key], e); other != nil && id != "" {
				line := e.Line("id").Line
				if e.Project == "" {
					line = p.lines.line(joinPath(joinPath(e.path, "id"), element(n)))
				}
				hint := "merge the two entries"
				if e.Part == PartAllow {
					hint += `, or give each its own "for"`
				}
				p.report(line, hint, "%q is named by [[%s]] at line %d already", id, e.Part, other.Position.Line)
			}
			if !slices.Contains(seen[key], e) {
				seen[key] = append(seen[key], e)
			}
		}
	}
}

// firstOverlap returns an earlier entry whose holders overlap with e's. An entry for everyone beside one for some is a rule and
// its exception, and no duplicate.
func firstOverlap(earlier []*Entry, e *Entry) *Entry {
	for _, other := range earlier {
		switch {
		case other == e:
		case e.Part == PartDeny && e.Versions.text != other.Versions.text:
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

// overlap reports whether some text is matched by both patterns, in which "*" stands for any text.
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
	l.allow, l.deny, l.require = newIDMap[*Entry](), newIDMap[*Entry](), newIDMap[*Entry]()
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
		}
		for _, id := range e.IDs {
			ids.add(id, e)
		}
	}
}

func (p *parser) feed(t *table) *Feed {
	if len(t.values) == 0 {
		p.report(t.own(), "name a path, or take it out", "[[feed]] is empty")
		return nil
	}
	t.checkKeys("feed")
	feed := &Feed{
		Position: Position{File: p.file, Line: t.own()}, Path: t.text("path"), Name: t.text("name"), Kind: t.kind(),
		MaxAge: t.days("max_age"),
	}
	if feed.MaxAge == 0 {
		feed.MaxAge = defaultMaxAge
	}
	line := t.line("path")
	switch {
	case !t.has("path"):
		p.report(t.own(), `such as path = "feeds/malicious.csv"`, "[[feed]] has no path")
		return nil
	case feed.Path == "":
		return nil
	case !fs.ValidPath(string(feed.Path)) || strings.Contains(string(feed.Path), `\`):
		p.report(line, `put it beside the allowlist, or in a folder below: path = "feeds/malicious.csv"`,
			"%q is not a path below the allowlist's folder", feed.Path)
		return nil
	case p.readFeed == nil:
		p.report(line, "", "feeds cannot be read here")
		return nil
	}
	data, changed, err := p.readFeed(string(feed.Path))
	if err != nil {
		p.report(line, "", "%s", inventory.Untrusted(fmt.Sprintf("reading the feed: %v", err)))
		return nil
	}
	if err := feed.parse(data, changed); err != nil {
		p.report(line, "", "%s", inventory.Untrusted(fmt.Sprintf("the feed %q: %v", feed.Path, err)))
		return nil
	}
	return feed
}

// table is one table of the file, with readers that report what is not as it should be.
type table struct {
	p      *parser
	path   string
	part   string
	values map[string]any
}

func (t *table) own() int            { return t.p.lines.line(t.path) }
func (t *table) line(key string) int { return t.p.lines.line(joinPath(t.path, key)) }
func (t *table) has(key string) bool { _, found := t.values[key]; return found }

func (t *table) lineOf(key string, n int) int {
	return t.p.lines.line(joinPath(joinPath(t.path, key), element(n)))
}

func (t *table) keyLines() map[string]int {
	lines := make(map[string]int, len(t.values))
	for key := range t.values {
		lines[key] = t.line(key)
	}
	return lines
}

func (t *table) title() string {
	switch t.part {
	case "":
		return "the file"
	case "policy":
		return "[policy]"
	}
	return "[[" + t.part + "]]"
}

// checkKeys reports keys that a part of the file does not have, and remembers which part it is.
func (t *table) checkKeys(part string) {
	t.part = part
	for _, key := range slices.Sorted(maps.Keys(t.values)) {
		if !slices.Contains(keys[part], key) {
			t.p.report(t.line(key), didYouMean(key, keys[part]), "%s has no key %q", t.title(), inventory.Untrusted(key))
		}
	}
}

func (t *table) table(key string) (*table, bool) {
	value, found := t.values[key]
	if !found {
		return nil, false
	}
	values, ok := value.(map[string]any)
	if !ok {
		t.p.report(t.line(key), fmt.Sprintf("write [%s]", key), "%s is not a table", key)
		return nil, false
	}
	return &table{p: t.p, path: joinPath(t.path, key), values: values}, true
}

func (t *table) tables(key string) []*table {
	value, found := t.values[key]
	if !found {
		return nil
	}
	var tables []*table
	add := func(n int, values map[string]any) {
		tables = append(tables, &table{p: t.p, path: joinPath(joinPath(t.path, key), element(n)), values: values})
	}
	switch list := value.(type) {
	case []map[string]any:
		for n, values := range list {
			add(n, values)
		}
		return tables
	case []any:
		for n, element := range list {
			values, ok := element.(map[string]any)
			if !ok {
				t.p.report(t.lineOf(key, n), fmt.Sprintf("write [[%s]]", key), "%s holds something else than tables", key)
				return tables
			}
			add(n, values)
		}
		return tables
	}
	t.p.report(t.line(key), fmt.Sprintf("write [[%s]]", key), "%s is not a list of tables", key)
	return nil
}

// text reads a string. An empty one is reported: it says nothing, and would be taken for a key that is not there.
func (t *table) text(key string) inventory.Untrusted {
	value, found := t.values[key]
	if !found {
		return ""
	}
	text, ok := value.(string)
	if !ok {
		t.p.report(t.line(key), "put it in quotes", "%s is not a text", key)
		return ""
	}
	t.checkText(t.line(key), key, text)
	return inventory.Untrusted(text)
}

func (t *table) checkText(line int, key, text string) {
	switch {
	case text == "":
		t.p.report(line, "fill it in, or take it out", "%s is empty", key)
	case strings.TrimSpace(text) != text:
		t.p.report(line, "take the space away", "%s begins or ends with space: %q", key, inventory.Untrusted(text))
	}
}

func (t *table) isList(key string) bool { _, isList := t.values[key].([]any); return isList }

// list reads a list of strings, each of them once. It is not nil if the key is there.
func (t *table) list(key string) (texts []inventory.Untrusted, found bool) {
	value, found := t.values[key]
	if !found {
		return nil, false
	}
	list, ok := value.([]any)
	if !ok {
		hint := "put it in brackets"
		if text, isText := value.(string); isText {
			hint = fmt.Sprintf("write %s = [%q]", key, inventory.Untrusted(text))
		}
		t.p.report(t.line(key), hint, "%s is not a list", key)
		return nil, false
	}
	texts = make([]inventory.Untrusted, 0, len(list))
	seen := make(map[string]bool, len(list))
	for n, value := range list {
		text, ok := value.(string)
		if !ok {
			t.p.report(t.lineOf(key, n), "put it in quotes", "%s holds something else than texts", key)
			text = ""
		} else {
			t.checkText(t.lineOf(key, n), key, text)
		}
		if seen[text] && text != "" {
			t.p.report(t.lineOf(key, n), "", "%s names %q twice", key, inventory.Untrusted(text))
		}
		seen[text] = true
		texts = append(texts, inventory.Untrusted(text))
	}
	return texts, true
}

// texts reads one string or a list of them.
func (t *table) texts(key string) []inventory.Untrusted {
	switch t.values[key].(type) {
	case nil:
		return nil
	case []any:
		texts, _ := t.list(key)
		return texts
	}
	if text := t.text(key); text != "" {
		return []inventory.Untrusted{text}
	}
	return nil
}

func (t *table) kind() inventory.Kind {
	text := t.text("kind")
	kind := inventory.Kind(text)
	if text != "" && !slices.Contains(inventory.Kinds(), kind) {
		t.p.report(t.line("kind"), suggestOrList(string(text), namesOf(inventory.Kinds())), "kind %q is not known", text)
		return ""
	}
	return kind
}

func (t *table) days(key string) Days {
	if number, ok := t.values[key].(int64); ok {
		t.p.report(t.line(key), fmt.Sprintf("write %s = \"%dd\"", key, number), "%s is a number without its unit", key)
		return 0
	}
	text := t.text(key)
	if text == "" {
		return 0
	}
	days, err := ParseDays(string(text))
	if err != nil {
		t.p.report(t.line(key), "", "%s: %v", key, err)
	}
	return days
}

// localDate is the name that the TOML library gives the time zone of a date without time.
const localDate = "date-local"

func (t *table) date(key string) Date {
	switch value := t.values[key].(type) {
	case nil:
	case time.Time:
		if value.Location().String() == localDate {
			year, month, day := value.Date()
			return Date{Year: year, Month: month, Day: day}
		}
		t.p.report(t.line(key), "leave the time of day out", "%s is not a plain date", key)
	case string:
		hint := "write it as 2026-11-23, without quotes"
		if date, err := ParseDate(value); err == nil {
			hint = fmt.Sprintf("take the quotes away: %s = %v", key, date)
		}
		t.p.report(t.line(key), hint, "%s is a text and not a date", key)
	default:
		t.p.report(t.line(key), "write it as 2026-11-23, without quotes", "%s is not a date", key)
	}
	return Date{}
}

func (t *table) boolean(key string) bool {
	value, found := t.values[key]
	answer, ok := value.(bool)
	if found && !ok {
		t.p.report(t.line(key), "write true or false, without quotes", "%s is neither true nor false", key)
	}
	return answer
}

func suggestOrList(written string, known []string) string {
	if hint := didYouMean(written, known); hint != "" {
		return hint
	}
	return "one of " + strings.Join(known, ", ")
}

func namesOf[T ~string](values []T) []string {
	names := make([]string, len(values))
	for n, value := range values {
		names[n] = string(value)
	}
	return names
}

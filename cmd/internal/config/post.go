package config

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/allowlist"
	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
	"guestlist/scanner/snapshot"
)

// The tables that say where to post.
const (
	partPost      = "post"
	partHeartbeat = "heartbeat"
)

// never is the value of remind for no reminders.
const never = "never"

// defaultRemind is how often a channel is reminded of what is open.
const defaultRemind = 7 * 24 * time.Hour

// commonPostKeys are those of every channel.
var commonPostKeys = []string{"name", "kind", "severities", "providers", "when", "remind"}

// otherPostKeys are what people write instead of a key.
var otherPostKeys = map[string]string{
	"type": "kind", "service": "kind", "severity": "severities", "levels": "severities", "level": "severities",
	"provider": "providers", "on": "when", "reminder": "remind", "reminders": "remind", "webhook": "url",
	"webhook_url": "url", "hook": "url", "ping": "url", "failure_url": "fail_url",
}

// Post is a channel: one [[post]].
type Post struct {
	Name   string
	Kind   *notify.Kind
	Filter news.Filter

	texts, paths map[string]string
	lists        map[string][]string
	flags        map[string]bool
	secrets      map[string]Secret
}

// Channel makes the channel.
func (p *Post) Channel(outside Outside) (notify.Channel, error) {
	settings := notify.Settings{Name: p.Name, Texts: map[string]string{}, Lists: p.lists, Flags: p.flags,
		Secret: func(ctx context.Context, key string) (string, error) {
			secret, found := p.secrets[key]
			if !found {
				return "", nil
			}
			text, err := secret.read(ctx, outside)
			if err != nil {
				return "", fmt.Errorf("%s: %w", key, err)
			}
			return string(text), nil
		}}
	for key, text := range p.texts {
		settings.Texts[key] = text
	}
	for key, path := range p.paths {
		settings.Texts[key] = inHome(path, outside.Home)
	}
	return p.Kind.New(settings)
}

// Heartbeat is a URL that is asked for after each scan with --post.
type Heartbeat struct {
	URL, FailURL Secret
	// Healthchecks: there is also URL/start and URL/fail, as healthchecks.io has them.
	Healthchecks bool
}

// Read returns one of its URLs.
func (h *Heartbeat) Read(ctx context.Context, secret Secret, outside Outside) (string, error) {
	text, err := secret.read(ctx, outside)
	return string(text), err
}

// posts reads every [[post]].
func (p *parser) posts(root *strict.Table) []*Post {
	var posts []*Post
	lines := map[string]int{}
	for _, t := range root.Tables(partPost) {
		post := p.post(t)
		if line, taken := lines[post.Name]; taken && post.Name != "" {
			p.Report(t.Line("name"), "give each its own name", "%q is already the name of the [[post]] on line %d",
				post.Name, line)
		}
		lines[post.Name] = t.Own()
		posts = append(posts, post)
	}
	return posts
}

func (p *parser) post(t *strict.Table) *Post {
	post := &Post{texts: map[string]string{}, paths: map[string]string{}, lists: map[string][]string{},
		flags: map[string]bool{}, secrets: map[string]Secret{}}
	before := p.Count()
	post.Name = p.postName(t)
	post.Kind = p.postKind(t)
	if post.Kind == nil {
		p.Words.Keys[partPost] = postKeys(notify.Kinds...)
		t.CheckKeys(partPost)
		return post
	}
	p.Words.Keys[partPost] = postKeys(post.Kind)
	t.CheckKeys(partPost)
	post.Filter = p.postFilter(t, post.Kind)
	for _, key := range post.Kind.Keys {
		p.postKey(t, post, key)
	}
	if p.Count() > before {
		return post
	}
	if _, err := post.Channel(Outside{}); err != nil {
		p.Report(t.Own(), "", "%s", inventory.Untrusted(err.Error()))
	}
	return post
}

func (p *parser) postName(t *strict.Table) string {
	if !t.Has("name") {
		p.Report(t.Own(), `such as name = "team-chat"`, "[[post]] has no name")
		return ""
	}
	name := string(t.Text("name"))
	if name == "" {
		return ""
	}
	if err := snapshot.CheckName(name); err != nil {
		p.Report(t.Line("name"), `such as name = "team-chat"`, "%q is not a name: %v", inventory.Untrusted(name), err)
		return ""
	}
	return name
}

// postKind returns the kind of a channel; nil if there is no such kind.
func (p *parser) postKind(t *strict.Table) *notify.Kind {
	names := kindNames()
	if !t.Has("kind") {
		p.Report(t.Own(), "one of "+strings.Join(names, ", "), "[[post]] has no kind")
		return nil
	}
	name := string(t.Text("kind"))
	if n := slices.Index(names, name); n >= 0 {
		return notify.Kinds[n]
	}
	if name != "" {
		p.Report(t.Line("kind"), p.SuggestOrList(name, names), "there is no kind of channel %q", inventory.Untrusted(name))
	}
	return nil
}

func (p *parser) postFilter(t *strict.Table, kind *notify.Kind) news.Filter {
	f := news.Filter{When: news.Changes, Remind: defaultRemind, Kind: kind.Name, Living: kind.Living}
	for _, level := range p.words(t, "severities", strict.NamesOf(inventory.Levels())) {
		f.Severities = append(f.Severities, inventory.Level(level))
	}
	for _, provider := range p.words(t, "providers", postProviders()) {
		f.Providers = append(f.Providers, inventory.Provider(provider))
	}
	for _, when := range p.words(t, "when", whenWords()) {
		f.When = news.When(when)
	}
	if t.IsList("when") {
		p.Report(t.Line("when"), "", "when must be a string")
	}
	if text := t.Text("remind"); text == never {
		f.Remind = 0
	} else if text != "" {
		days, err := allowlist.ParseDays(string(text))
		if err != nil {
			p.Report(t.Line("remind"), `such as "7d", or "never"`, "remind must be a number of days or weeks, is %q", text)
		}
		f.Remind = time.Duration(days) * 24 * time.Hour
	}
	return f
}

// words reads one or several of the known words.
func (p *parser) words(t *strict.Table, key string, known []string) []string {
	var list []string
	for _, text := range t.Texts(key) {
		switch {
		case text == "": // it was reported
		case !slices.Contains(known, string(text)):
			p.Report(t.Line(key), p.SuggestOrList(string(text), known), "%s has no value %q", key, text)
		default:
			list = append(list, string(text))
		}
	}
	if t.IsList(key) && len(t.Texts(key)) == 0 {
		p.Report(t.Line(key), "fill it in or remove it", "%s is an empty list", key)
	}
	return list
}

// postKey reads one key of a kind.
func (p *parser) postKey(t *strict.Table, post *Post, key notify.Key) {
	if !t.Has(key.Name) {
		if key.Required {
			p.Report(t.Own(), fmt.Sprintf("such as %s = %s", key.Name, key.Example), "[[post]] of kind %q needs %s: %s",
				post.Kind.Name, key.Name, key.About)
		}
		return
	}
	switch key.Type {
	case notify.SecretKey:
		post.secrets[key.Name] = p.secret(t, key.Name)
	case notify.ListKey:
		post.lists[key.Name] = texts(t, key.Name)
	case notify.FlagKey:
		post.flags[key.Name] = t.Boolean(key.Name)
	case notify.PathKey:
		if path := t.Text(key.Name); path != "" {
			post.paths[key.Name] = p.path(path)
		}
	default:
		text := string(t.Text(key.Name))
		if len(key.OneOf) > 0 && text != "" && !slices.Contains(key.OneOf, text) {
			p.Report(t.Line(key.Name), p.SuggestOrList(text, key.OneOf), "%s has no value %q", key.Name,
				inventory.Untrusted(text))
		}
		post.texts[key.Name] = text
	}
}

// heartbeat reads [heartbeat].
func (p *parser) heartbeat(root *strict.Table) *Heartbeat {
	t, found := root.Table(partHeartbeat)
	if !found {
		return nil
	}
	t.CheckKeys(partHeartbeat)
	if !t.Has("url") {
		p.Report(t.Own(), `such as url = { env = "HEARTBEAT_URL" }`, "[heartbeat] has no url")
	}
	h := &Heartbeat{URL: p.secret(t, "url"), FailURL: p.secret(t, "fail_url")}
	styles := []string{"plain", "healthchecks"}
	for _, style := range p.words(t, "style", styles) {
		h.Healthchecks = style == styles[1]
	}
	if h.Healthchecks && t.Has("fail_url") {
		p.Report(t.Line("fail_url"), "remove one of them", `style = "healthchecks" has a fail_url already: url with /fail`)
	}
	return h
}

// postKeys are the keys of channels of these kinds.
func postKeys(kinds ...*notify.Kind) []string {
	keys := slices.Clone(commonPostKeys)
	for _, kind := range kinds {
		for _, key := range kind.Keys {
			if !slices.Contains(keys, key.Name) {
				keys = append(keys, key.Name)
			}
		}
	}
	return keys
}

func kindNames() []string {
	names := make([]string, len(notify.Kinds))
	for n, kind := range notify.Kinds {
		names[n] = kind.Name
	}
	return names
}

func whenWords() []string {
	words := make([]string, len(news.Whens))
	for n, row := range news.Whens {
		words[n] = string(row.When)
	}
	return words
}

// postProviders are the providers that a channel can be for.
func postProviders() []string {
	names := []string{string(inventory.Chromium), string(inventory.Firefox)}
	for _, v := range vendors() {
		names = append(names, strict.NamesOf(v.Providers)...)
	}
	return names
}

// inHome resolves a path that begins with the home directory's sign.
func inHome(path, home string) string {
	if rest, found := strings.CutPrefix(path, "~"+string(filepath.Separator)); found {
		return filepath.Join(home, rest)
	}
	return path
}

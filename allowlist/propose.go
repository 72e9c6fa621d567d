package allowlist

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/strict"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// placeholder begins each value that a proposal cannot know. Lint reports those that were left.
const placeholder = "TODO"

// Approval is what a person adds to what a scan observed.
type Approval struct {
	Owner    string // empty: a placeholder
	Reason   string // empty: a placeholder
	Approved Date
	Expires  Date // may be no date
}

// Propose returns the [[allow]] entry, in TOML, that would approve an app as the items hold it.
// Items must be all the items of one app. The pins are everything that the items hold together;
// owner is the entry's owner, and today its approval date.
//
// Read back, the entry has no problems, and no drift for any of the items. Foreign text is harmless
// in it: everything that could act on a terminal or mislead a reader becomes an escape. Without an
// item that has an ID there is nothing to propose, and it returns "".
func Propose(items []inventory.Item, owner string, today Date) string {
	return Approval{Owner: owner, Approved: today}.Propose(items)
}

// Propose is like the function [Propose], with all the fields of an approval.
func (a Approval) Propose(items []inventory.Item) string {
	held := gather(items)
	if len(held.ids) == 0 {
		return ""
	}
	var w tomlWriter
	w.line("[[allow]]")
	w.text("name", held.name)
	w.text("kind", inventory.Untrusted(held.kind))
	if len(held.ids) == 1 {
		w.text("id", held.ids[0])
	} else {
		w.list("id", held.ids)
	}
	w.text("owner", orPlaceholder(a.Owner, "who answers for it"))
	w.text("reason", orPlaceholder(a.Reason, "what it is needed for"))
	w.date("approved", a.Approved)
	w.date("expires", a.Expires)
	if held.accessKnown {
		w.list("permissions", held.permissions)
	}
	if held.accessKnown && (len(held.hosts) > 0 || appid.IsExtensionKind(held.kind)) {
		w.list("hosts", pinned(access.MinimalHosts(held.hosts)))
	}
	if len(held.origins) > 0 {
		w.list("origin", held.origins)
	}
	if len(held.publishers) > 0 {
		w.list("publisher", held.publishers)
	}
	w.text("repositories", held.repositories)
	return w.String()
}

// Append returns the content of an allowlist with entry added at its end. Everything already there
// is kept, comments and line endings included; an empty file becomes an allowlist.
func Append(file []byte, entry string) []byte {
	if len(bytes.TrimSpace(strict.WithoutMark(file))) == 0 {
		file = fmt.Appendf(slices.Clip(file), "version = %d\n", fileVersion)
	}
	end := "\n"
	if bytes.Contains(file, []byte("\r\n")) {
		end = "\r\n"
		entry = strings.ReplaceAll(entry, "\n", end)
	}
	out := slices.Clip(file)
	if !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, end...)
	}
	out = append(out, end...)
	return append(out, entry...)
}

// held is everything that the items of an app hold together.
type held struct {
	name         inventory.Untrusted
	kind         inventory.Kind
	ids          []inventory.Untrusted
	accessKnown  bool // of every item
	permissions  []inventory.Untrusted
	hosts        []inventory.Untrusted
	origins      []inventory.Untrusted // nil if one is not known
	publishers   []inventory.Untrusted // nil if one is not known
	repositories inventory.Untrusted   // the widest; empty if one is not known
}

func gather(items []inventory.Item) held {
	h := held{accessKnown: true}
	originsKnown, publishersKnown, reachKnown := true, true, true
	seen := map[inventory.Untrusted]bool{}
	for n := range items {
		item := &items[n]
		if item.App.ID == "" {
			continue
		}
		if id := appid.CanonicalClient(item.App.ID); !seen[id] {
			seen[id] = true
			h.ids = append(h.ids, item.App.ID)
		}
		if h.name == "" {
			h.name = item.App.Name
		}
		if n == 0 {
			h.kind = item.Kind
		} else if h.kind != item.Kind {
			h.kind = ""
		}
		h.accessKnown = h.accessKnown && !mayDoUnknown(item)
		h.permissions = slices.Concat(h.permissions, item.Access.Permissions, item.Access.Surfaces)
		h.hosts = append(h.hosts, item.Access.Hosts...)
		h.origins = append(h.origins, inventory.Untrusted(item.Origin))
		originsKnown = originsKnown && slices.Contains(origins, item.Origin)
		h.publishers = append(h.publishers, item.App.Publisher)
		publishersKnown = publishersKnown && item.App.Publisher != ""
		reach := item.Access.Repositories
		reachKnown = reachKnown && reach != unknown
		if reach != "" && (h.repositories == "" || access.RepositoriesWider(h.repositories, reach)) {
			h.repositories = reach
		}
	}
	if !slices.Contains(inventory.Kinds(), h.kind) {
		h.kind = ""
	}
	slices.Sort(h.ids)
	h.permissions = sorted(h.permissions)
	h.origins, h.publishers = sorted(h.origins), sorted(h.publishers)
	if !originsKnown {
		h.origins = nil
	}
	if !publishersKnown {
		h.publishers = nil
	}
	switch {
	case !reachKnown:
		h.repositories = ""
	case h.repositories != "" && !slices.Contains(repositories, string(h.repositories)):
		h.repositories = "selected" // a repository's name
	}
	return h
}

// sorted returns the texts in order, each once, without empty ones.
func sorted(texts []inventory.Untrusted) []inventory.Untrusted {
	slices.Sort(texts)
	return slices.DeleteFunc(slices.Compact(texts), func(text inventory.Untrusted) bool { return text == "" })
}

// pinned marks the hosts that are not match patterns, and those that begin with the mark
// themselves.
func pinned(hosts []inventory.Untrusted) []inventory.Untrusted {
	for n, host := range hosts {
		if _, err := access.Parse(host); err != nil {
			hosts[n] = literalMark + host
		}
	}
	return hosts
}

func orPlaceholder(text, what string) inventory.Untrusted {
	if text = strings.TrimSpace(text); text != "" {
		return inventory.Untrusted(text)
	}
	return inventory.Untrusted(placeholder + ": " + what)
}

// tomlWriter writes keys with foreign values.
type tomlWriter struct{ strings.Builder }

func (w *tomlWriter) line(text string) { w.WriteString(text + "\n") }

// text writes a key, and nothing for an empty value.
func (w *tomlWriter) text(key string, value inventory.Untrusted) {
	if value != "" {
		w.line(key + " = " + quote(value))
	}
}

func (w *tomlWriter) date(key string, date Date) {
	if !date.IsZero() {
		w.line(key + " = " + date.String())
	}
}

// maxListLine is how long a list may be, in characters, to be written on one line.
const maxListLine = 110

func (w *tomlWriter) list(key string, values []inventory.Untrusted) {
	parts := make([]string, len(values))
	for n, value := range values {
		parts[n] = quote(value)
	}
	if line := key + " = [" + strings.Join(parts, ", ") + "]"; utf8.RuneCountInString(line) <= maxListLine {
		w.line(line)
		return
	}
	w.line(key + " = [")
	for _, part := range parts {
		w.line("  " + part + ",")
	}
	w.line("]")
}

// quote returns the TOML string of a foreign text, in which every character that does not simply
// display itself is an escape.
func quote(text inventory.Untrusted) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(string(text), "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) && inventory.Untrusted(r).String() == string(r):
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

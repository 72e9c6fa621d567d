package allowlist

import (
	"slices"
	"strings"

	"guestlist/allowlist/appid"
	"guestlist/allowlist/edit"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// placeholder begins each value that a proposal cannot know. Lint reports those that were left.
const placeholder = "TODO"

// Approval is what a person adds to what a scan observed.
type Approval struct {
	Owner    string // empty: a placeholder
	Reason   string // empty: a placeholder
	Approved Date   // no date: left to fill in
	Expires  Date   // may be no date
	For      []inventory.Untrusted
}

// Propose returns the [[allow]] entry, in TOML, that would approve an app as the items hold it.
// Items must be all the items of one app. The pins are everything that the items hold together;
// owner is the entry's owner, and today its approval date.
//
// Read back, the entry has no problems, and no drift for any of the items. Foreign text is harmless
// in it: everything that could act on a terminal or mislead a reader becomes an escape. Without an
// item that has an ID there is nothing to propose, and it returns "".
func Propose(items []inventory.Item, owner string, today Date) string {
	entry, found := Approval{Owner: owner, Approved: today}.Entry(items)
	if !found {
		return ""
	}
	return entry.String()
}

// Entry is the entry that [Propose] writes, with all the fields of an approval; false if there is
// nothing to propose.
func (a Approval) Entry(items []inventory.Item) (edit.Entry, bool) {
	held := gather(items)
	if len(held.ids) == 0 {
		return edit.Entry{}, false
	}
	var w pairs
	w.text("name", held.name)
	w.text("kind", inventory.Untrusted(held.kind))
	w.ids(held.ids)
	w.text("owner", orPlaceholder(a.Owner, "who answers for it"))
	w.text("reason", orPlaceholder(a.Reason, "what it is needed for"))
	w.date("approved", a.Approved)
	w.date("expires", a.Expires)
	if len(a.For) > 0 {
		w.list("for", a.For)
	}
	w = append(w, held.pins()...)
	return edit.Entry{Part: edit.Name(PartAllow), Pairs: w}, true
}

// Pins returns the pins of an approval of everything that the items hold together, as keys and
// values of its entry. Items must be all the items of one app.
func Pins(items []inventory.Item) []edit.Pair {
	held := gather(items)
	return held.pins()
}

// PinKeys are the keys of an entry that pin what an app may be and do, in the order in which they
// are written.
func PinKeys() []edit.Name {
	return []edit.Name{"permissions", "hosts", "origin", "versions", "publisher", "repositories"}
}

// Open reads an allowlist's text to edit it. Errors are *[Problems]. What the text says is for
// [Parse] to check, before and after.
func Open(name string, text []byte) (*edit.Document, error) { return edit.Open(name, text, keys) }

// pairs are the keys and values of an entry that is being written.
type pairs []edit.Pair

// text adds a key, and nothing for an empty value.
func (w *pairs) text(key edit.Name, value inventory.Untrusted) {
	if value != "" {
		*w = append(*w, edit.Pair{Key: key, Value: edit.Text(value)})
	}
}

func (w *pairs) date(key edit.Name, date Date) {
	if !date.IsZero() {
		*w = append(*w, edit.Pair{Key: key, Value: edit.Day(date.String())})
	}
}

func (w *pairs) list(key edit.Name, values []inventory.Untrusted) {
	*w = append(*w, edit.Pair{Key: key, Value: edit.List(values)})
}

// ids adds the key for one ID or several.
func (w *pairs) ids(ids []inventory.Untrusted) {
	if len(ids) == 1 {
		w.text("id", ids[0])
	} else {
		w.list("id", ids)
	}
}

// Objection is what a person says about an app that is denied, or about which a decision waits.
type Objection struct {
	Name   inventory.Untrusted
	Kind   inventory.Kind
	IDs    []inventory.Untrusted
	Reason string // empty: a placeholder
	Source string // of a refusal; may be empty
	Owner  string // of a deferred decision; may be empty
	Until  Date   // no date: it is denied
	For    []inventory.Untrusted
}

// Entry is the [[deny]] entry, or the [[defer]] entry if there is a day.
func (o Objection) Entry() edit.Entry {
	var w pairs
	w.text("name", o.Name)
	w.text("kind", inventory.Untrusted(o.Kind))
	w.ids(o.IDs)
	if o.Until.IsZero() {
		w.text("reason", orPlaceholder(o.Reason, "why it is denied"))
		w.text("source", inventory.Untrusted(strings.TrimSpace(o.Source)))
		return edit.Entry{Part: edit.Name(PartDeny), Pairs: w}
	}
	w.text("owner", inventory.Untrusted(strings.TrimSpace(o.Owner)))
	w.text("reason", orPlaceholder(o.Reason, "what the decision waits for"))
	w.date("until", o.Until)
	if len(o.For) > 0 {
		w.list("for", o.For)
	}
	return edit.Entry{Part: edit.Name(PartDefer), Pairs: w}
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

// pins are the keys that pin what is held, as far as it is known.
func (h *held) pins() []edit.Pair {
	var w pairs
	if h.accessKnown {
		w.list("permissions", h.permissions)
	}
	if h.accessKnown && (len(h.hosts) > 0 || appid.IsExtensionKind(h.kind)) {
		w.list("hosts", pinned(access.MinimalHosts(h.hosts)))
	}
	if len(h.origins) > 0 {
		w.list("origin", h.origins)
	}
	if len(h.publishers) > 0 {
		w.list("publisher", h.publishers)
	}
	w.text("repositories", h.repositories)
	return w
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

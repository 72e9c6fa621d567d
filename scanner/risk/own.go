package risk

import (
	"cmp"
	"slices"
	"strings"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Class is an organization's own level for an access, in place of the tables'.
type Class struct {
	// Permission is a permission, scope or surface, in which "*" matches any text. It is empty for
	// a class of a host.
	Permission inventory.Untrusted
	// Host is a host; "*." in front includes everything below it.
	Host  inventory.Untrusted
	Level inventory.Level
	// AtLeast: the class raises, and never lowers.
	AtLeast bool
	Reason  inventory.Untrusted
	// At is the line that says so, for people.
	At inventory.Untrusted
	// List numbers the list that the class is in. Of several lists the highest level counts.
	List int
}

// Own are the classes of an organization. Nil has none. It is read-only after NewOwn and safe for
// concurrent use.
type Own struct {
	exact    map[string][]*Class // by permission, as the tables spell it
	patterns []*Class            // of permissions
	hosts    []*Class
}

// NewOwn prepares classes for lookups.
func NewOwn(classes []Class) *Own {
	o := &Own{exact: make(map[string][]*Class)}
	for n := range classes {
		c := &classes[n]
		switch {
		case c.Host != "":
			o.hosts = append(o.hosts, c)
		case strings.Contains(string(c.Permission), "*"):
			o.patterns = append(o.patterns, c)
		default:
			name := shortened(string(c.Permission))
			o.exact[name] = append(o.exact[name], c)
		}
	}
	return o
}

// Permission returns the class of a permission, scope or surface, or nil. Of one list's classes the
// most specific counts: a name before a pattern, a longer pattern before a shorter one.
func (o *Own) Permission(name inventory.Untrusted) *Class {
	if o == nil || name == "" {
		return nil
	}
	short := shortened(string(name))
	first, _, spaced := strings.Cut(short, " ") // "externally_connectable https://…"
	found := slices.Clone(o.exact[short])
	if spaced {
		found = append(found, o.exact[first]...)
	}
	for _, c := range o.patterns {
		pattern := shortened(string(c.Permission))
		if access.CoversText(pattern, short) || access.CoversText(pattern, string(name)) ||
			spaced && access.CoversText(pattern, first) {
			found = append(found, c)
		}
	}
	return strictest(found)
}

// strictest takes the most specific class of each list, and of these the highest.
func strictest(classes []*Class) *Class {
	if len(classes) < 2 {
		return firstOf(classes)
	}
	slices.SortStableFunc(classes, func(a, b *Class) int {
		return cmp.Or(a.List-b.List, b.specificity()-a.specificity(), b.Level.Compare(a.Level))
	})
	classes = slices.CompactFunc(classes, func(a, b *Class) bool { return a.List == b.List })
	return slices.MaxFunc(classes, func(a, b *Class) int { return a.Level.Compare(b.Level) })
}

func firstOf(classes []*Class) *Class {
	if len(classes) == 0 {
		return nil
	}
	return classes[0]
}

// specificity is how much a class says about what it means.
func (c *Class) specificity() int {
	text := string(c.Permission + c.Host)
	most := 2 * len(text)
	if !strings.Contains(text, "*") {
		return most + 1
	}
	return most - strings.Count(text, "*")
}

// Host returns the class that decides about a match pattern within its host, and the one that it
// touches otherwise, as *://*/* touches every host. Either may be nil.
func (o *Own) Host(pattern inventory.Untrusted) (within, touched *Class) {
	if o == nil || len(o.hosts) == 0 {
		return nil, nil
	}
	host, wildcard := "*", true
	if pattern != access.AllURLs {
		if _, err := access.Parse(pattern); err != nil {
			return nil, nil
		}
		scheme, name, _ := splitPattern(string(pattern))
		if !isWeb(scheme) {
			return nil, nil
		}
		host, wildcard = strings.CutPrefix(name, "*.")
	}
	var inside, beside []*Class
	for _, c := range o.hosts {
		switch isWithin, touches := c.compare(host, wildcard); {
		case isWithin:
			inside = append(inside, c)
		case touches:
			beside = append(beside, c)
		}
	}
	return strictest(inside), highest(beside)
}

func highest(classes []*Class) *Class {
	if len(classes) == 0 {
		return nil
	}
	return slices.MaxFunc(classes, func(a, b *Class) int { return a.Level.Compare(b.Level) })
}

// compare says whether a host, with everything below it if wildcard, is within the class's, and
// whether they have a page in common.
func (c *Class) compare(host string, wildcard bool) (within, touches bool) {
	own, below := strings.CutPrefix(strings.ToLower(string(c.Host)), "*.")
	if host == "*" {
		return false, true
	}
	within = host == own && (below || !wildcard) || below && strings.HasSuffix(host, "."+own)
	return within, within || host == own || wildcard && strings.HasSuffix(own, "."+host)
}

// words say what the organization decided, and where.
func (c *Class) words() inventory.Untrusted {
	text := inventory.Textf("%s by %s", inventory.Untrusted(c.Level), c.At)
	if c.Reason != "" {
		text += inventory.Textf(": %s", c.Reason)
	}
	return text
}

// apply returns the level that counts in place of the tables', and says so if it is the class's.
func (c *Class) apply(level inventory.Level) (inventory.Level, inventory.Untrusted) {
	if c == nil || c.AtLeast && level.AtLeast(c.Level) {
		return level, ""
	}
	return c.Level, c.words()
}

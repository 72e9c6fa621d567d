package access

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Set is a list of match patterns taken together. It is read-only after [NewSet] and safe for
// concurrent use.
type Set struct {
	texts    map[inventory.Untrusted]struct{}
	patterns []Pattern
}

// NewSet makes a set of the patterns. One that is not a valid match pattern covers only its own
// text.
func NewSet(patterns []inventory.Untrusted) *Set {
	set := &Set{texts: make(map[inventory.Untrusted]struct{}, len(patterns))}
	for _, text := range patterns {
		if _, seen := set.texts[text]; seen {
			continue
		}
		set.texts[text] = struct{}{}
		if pattern, err := Parse(text); err == nil {
			set.patterns = append(set.patterns, pattern)
		}
	}
	return set
}

// Covers reports whether the set matches every page that the pattern matches: by one pattern, or by
// several with a scheme each ("http://x.example/*" and "https://x.example/*" cover
// "*://x.example/*").
func (s *Set) Covers(text inventory.Untrusted) bool {
	if _, same := s.texts[text]; same {
		return true
	}
	pattern, err := Parse(text)
	return err == nil && s.covers(pattern)
}

func (s *Set) covers(inner Pattern) bool {
	open := inner.needs()
	for _, outer := range s.patterns {
		if outer.schemes&open != 0 && outer.coversPlace(inner) {
			open &^= outer.schemes
		}
		if open == 0 {
			return true
		}
	}
	return false
}

// Excess returns the held patterns that the set does not cover, in their order. An empty text gives
// no access and is left out.
func (s *Set) Excess(held []inventory.Untrusted) []inventory.Untrusted {
	var excess []inventory.Untrusted
	for _, text := range held {
		if text != "" && !s.Covers(text) {
			excess = append(excess, text)
		}
	}
	return excess
}

// ExcessHosts returns the held host patterns that the pinned ones together do not cover.
func ExcessHosts(held, pinned []inventory.Untrusted) []inventory.Untrusted {
	if len(held) == 0 {
		return nil
	}
	return NewSet(pinned).Excess(held)
}

// Without returns the elements of list that are not in other, compared as text. It does not change
// list.
func Without(list, other []inventory.Untrusted) []inventory.Untrusted {
	return slices.DeleteFunc(slices.Clone(list),
		func(text inventory.Untrusted) bool { return slices.Contains(other, text) })
}

// MinimalHosts returns the patterns that no other one covers, sorted: the fewest that cover them
// all.
func MinimalHosts(patterns []inventory.Untrusted) []inventory.Untrusted {
	texts := slices.Compact(slices.Sorted(slices.Values(patterns)))
	parsed := make([]Pattern, len(texts))
	for n, text := range texts {
		parsed[n], _ = Parse(text)
	}
	minimal := []inventory.Untrusted{}
	for n, inner := range parsed {
		if inner.text == "" || slices.ContainsFunc(parsed[:n], func(outer Pattern) bool { return outer.Covers(inner) }) {
			continue
		}
		// Of patterns that cover each other, the first is kept.
		if slices.ContainsFunc(parsed[n+1:], func(outer Pattern) bool {
			return outer.Covers(inner) &&
				!inner.Covers(outer)
		}) {
			continue
		}
		minimal = append(minimal, texts[n])
	}
	return minimal
}

// Permissions are pinned permissions. It is read-only after [NewPermissions] and safe for
// concurrent use.
type Permissions struct {
	names map[inventory.Untrusted]struct{}
	// hosts has the patterns of surfaces that name pages, by the surface's name.
	hosts map[string]*Set
}

// NewPermissions makes a set of permissions, OAuth scopes and surfaces.
func NewPermissions(pinned []inventory.Untrusted) *Permissions {
	p := &Permissions{names: make(map[inventory.Untrusted]struct{}, len(pinned))}
	patterns := map[string][]inventory.Untrusted{}
	for _, name := range pinned {
		p.names[name] = struct{}{}
		if surface, pattern, found := cutSurface(name); found {
			patterns[surface] = append(patterns[surface], pattern)
		}
	}
	for surface, list := range patterns {
		if p.hosts == nil {
			p.hosts = make(map[string]*Set, len(patterns))
		}
		p.hosts[surface] = NewSet(list)
	}
	return p
}

// Covers reports whether a permission is pinned: by its exact name, by the same permission at a
// higher level ("contents:write" covers "contents:read"), or, for a surface that names pages, by
// the meaning of its match pattern.
func (p *Permissions) Covers(name inventory.Untrusted) bool {
	if _, same := p.names[name]; same {
		return true
	}
	for _, higher := range higherLevels(name) {
		if _, found := p.names[higher]; found {
			return true
		}
	}
	if p.hosts == nil {
		return false
	}
	surface, pattern, found := cutSurface(name)
	if !found {
		return false
	}
	set := p.hosts[surface]
	return set != nil && set.Covers(pattern)
}

// Excess returns the held permissions that are not covered, in their order. An empty text gives no
// access and is left out.
func (p *Permissions) Excess(held []inventory.Untrusted) []inventory.Untrusted {
	var excess []inventory.Untrusted
	for _, name := range held {
		if name != "" && !p.Covers(name) {
			excess = append(excess, name)
		}
	}
	return excess
}

// ExcessPermissions returns the held permissions, scopes or surfaces that the pinned ones do not
// cover.
func ExcessPermissions(held, pinned []inventory.Untrusted) []inventory.Untrusted {
	if len(held) == 0 {
		return nil
	}
	return NewPermissions(pinned).Excess(held)
}

// cutSurface splits "externally_connectable https://a.example/*" into the surface's name and its
// match pattern.
func cutSurface(name inventory.Untrusted) (surface string, pattern inventory.Untrusted, found bool) {
	surface, text, found := strings.Cut(string(name), " ")
	return surface, inventory.Untrusted(text), found && text != ""
}

// higherLevels returns the names of a permission with a level ("issues:read") at the levels above
// its own.
func higherLevels(name inventory.Untrusted) []inventory.Untrusted {
	cut := strings.LastIndexByte(string(name), ':')
	if cut < 0 {
		return nil
	}
	switch name[cut+1:] {
	case "read":
		return []inventory.Untrusted{name[:cut+1] + "write", name[:cut+1] + "admin"}
	case "write":
		return []inventory.Untrusted{name[:cut+1] + "admin"}
	}
	return nil
}

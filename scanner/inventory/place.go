package inventory

import "strings"

// Place is where an account's name appears in the names of sources: below Organization, the source
// of an organization, which is empty for a person's own account on the platform's main host.
type Place struct {
	Provider     Provider
	Organization Untrusted
	Login        Untrusted // in lower case
}

// Place returns where the account's own sources are.
func (a *Account) Place() Place {
	organization, _ := a.Source.Parent()
	if a.Facts[FactOwn] != "" { // the parent source is named after the account itself
		organization, _ = organization.Parent()
	}
	return NewPlace(a.Source.Provider, organization.Name, a.Login)
}

// NewPlace returns the place of an account's name.
func NewPlace(provider Provider, organization, login Untrusted) Place {
	if owner, found := accountsOf[provider]; found {
		provider = owner
	}
	return Place{provider, organization, Untrusted(strings.ToLower(asPart(login)))}
}

// Rename replaces the first part of the source's name for which find returns another name, and
// reports whether there was one. It asks about each part below each source above it.
func (s Source) Rename(find func(Place) (Untrusted, bool)) (Source, bool) {
	name := s.Name
	for start := 0; start <= len(name); {
		end := start + partLength(name[start:])
		place := NewPlace(s.Provider, "", name[start:end])
		for above := 0; above <= start; above += partLength(name[above:]) + 1 {
			if place.Organization = ""; above > 0 {
				place.Organization = name[:above-1]
			}
			if other, found := find(place); found {
				s.Name = name[:start] + Untrusted(asPart(other)) + name[end:]
				return s, true
			}
		}
		start = end + 1
	}
	return s, false
}

// partLength is the length of the first part of a source's name.
func partLength(name Untrusted) int {
	if n := strings.IndexByte(string(name), '/'); n >= 0 {
		return n
	}
	return len(name)
}

package diff

import (
	"strings"

	"guestlist/scanner/inventory"
)

// pages combines the pages that were added into one address, with "…" for each part of the path
// that differs, so that a person sees what to fill in: https://github.com/orgs/acme/people/…/sso.
type pages struct {
	common inventory.Untrusted
	differ bool
}

func (p *pages) add(page inventory.Untrusted) {
	switch {
	case page == "" || page == p.common:
	case p.common == "":
		p.common = page
	default:
		p.differ = true
		p.common = inventory.Untrusted(shared(string(p.common), string(page)))
	}
}

const anything = "…"

func shared(a, b string) string {
	first, second := strings.Split(a, "/"), strings.Split(b, "/")
	for n := range first {
		if n >= len(second) {
			return strings.Join(append(first[:n], anything), "/")
		}
		if first[n] != second[n] {
			first[n] = anything
		}
	}
	if len(second) > len(first) {
		first = append(first, anything)
	}
	return strings.Join(first, "/")
}

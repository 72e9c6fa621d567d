package report

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Where something is, and how it is removed there, in plain words.

// localPlaces are the browsers of a machine, used to name a place by no more than distinguishes it.
type localPlaces struct {
	profiles map[string]int // of a user's browser
	users    map[string]bool
}

func placesOf(coverage []inventory.Coverage) localPlaces {
	places := localPlaces{make(map[string]int), make(map[string]bool)}
	for i := range coverage {
		if source := &coverage[i].Source; vendor.Of(source.Provider).Local {
			user, browser, _ := cutPlace(source)
			places.users[user] = true
			places.profiles[user+"/"+browser]++
		}
	}
	return places
}

// cutPlace splits the name of a browser profile's source.
func cutPlace(source *inventory.Source) (user, browser, profile string) {
	user, rest, _ := strings.Cut(source.Name.String(), "/")
	browser, profile, _ = strings.Cut(rest, "/")
	return user, browser, profile
}

// ownAccount is the name of the source for one's own account until its login is known.
const ownAccount = "self"

// sourceName is what people call a source.
func (p *plainPage) sourceName(alike alikeSource) string {
	source := &alike.first.Source
	switch platform := vendor.Of(source.Provider); {
	case alike.rest > 0 || platform.Name == "":
		return alike.name()
	case !platform.Local && source.Name == ownAccount:
		return platform.Name
	case !platform.Local:
		return platform.Name + ", " + alike.name()
	}
	user, browser, profile := cutPlace(source)
	name := sentence(browser)
	if profile != "" {
		name += " (" + profile + ")"
	}
	if len(p.places.users) > 1 || name == "" {
		name = strings.TrimSpace(user + " " + name)
	}
	if alike.count > 1 {
		name += fmt.Sprintf(" and %s more", thousands(alike.count-1))
	}
	return name
}

// mostPlaces is how many places of one thing are named without Details.
const mostPlaces = 2

// where names the places of an entry: "in Chrome (Work) and Firefox".
func (p *plainPage) where(e *Entry) string {
	var names []string
	preposition := "in "
	for i := range e.Holders {
		name := p.place(&e.Holders[i])
		if e.Holders[i].Holder.Browser == "" {
			preposition = ""
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if more := max(len(names), min(e.HolderCount, len(names))) - mostPlaces; more > 0 && !p.Details {
		names = append(names[:mostPlaces], fmt.Sprintf("%d more", more))
	}
	if len(names) == 0 {
		return ""
	}
	return preposition + inventory.Enumerate(names, "and")
}

// place names one place by what distinguishes it from the others that were checked.
func (p *plainPage) place(a *diff.Affected) string {
	h := &a.Holder
	if h.Browser == "" {
		if h.Account == "" && h.Repository == "" && h.Organization == "" {
			return "" // a person's machine
		}
		return shortPlace(a)
	}
	name := h.Browser.String()
	user, browser, _ := cutPlace(&a.Source)
	profile := h.ProfileName
	if profile == "" {
		profile = h.Profile
	}
	if profile != "" && p.places.profiles[user+"/"+browser] > 1 {
		name += " (" + profile.String() + ")"
	}
	if len(p.places.users) > 1 && h.User != "" {
		name = h.User.String() + "'s " + name
	}
	return name
}

// ways says how an entry is removed: its own pages in browsers, and in words what no browser menu
// does.
func (p *plainPage) ways(e *Entry) (pages, words []string) {
	inWords := len(e.Holders) == 0
	for i := range e.Holders {
		a := &e.Holders[i]
		how, known := vendor.RemoveByHand(e.Provider, a.Holder.Browser, e.App.ID)
		page := how.Address.String()
		switch {
		case a.Origin == inventory.OriginPolicy:
			words = []string{"Your organization installed it: ask " + p.contact(e) + " to remove it."}
			continue
		case !a.ByHand || !known:
			inWords = true
			continue
		case !strings.Contains(page, e.App.ID.String()):
			continue // said once, below
		}
		if !slices.Contains(pages, page) {
			pages = append(pages, page)
		}
	}
	if inWords && e.Revoke != "" {
		words = append(words, fullStop(short(e.Revoke)))
	}
	return pages, words
}

// clicks says once for each browser how to remove something there. For entries that were asked
// about, it also says how to remove each one that no browser menu removes.
func (p *plainPage) clicks(removed, asked []*Entry) part {
	all := part{heading: p.text("How to remove:")}
	seen := make(map[string]bool)
	for _, e := range slices.Concat(removed, asked) {
		for i := range e.Holders {
			a := &e.Holders[i]
			how, known := vendor.RemoveByHand(e.Provider, a.Holder.Browser, "")
			browser, _, _ := strings.Cut(a.Holder.Browser.String(), " (")
			if !known || !a.ByHand || a.Origin == inventory.OriginPolicy || seen[browser] {
				continue
			}
			seen[browser] = true
			line := browser + ": " + how.Clicks
			if address, _, _ := strings.Cut(how.Address.String(), "/?"); address != "" {
				line += ", or " + address
			}
			all.blocks = append(all.blocks, p.indented(1, line))
		}
	}
	for _, e := range asked {
		if _, words := p.ways(e); len(words) > 0 {
			all.blocks = append(all.blocks, p.indented(1, e.Title.String()+": "+strings.Join(words, " ")))
		}
	}
	return all
}

package report

import (
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// What a line of a table says about an entry.

// kindWords name kinds in a column.
var kindWords = map[inventory.Kind]string{
	inventory.KindExtension: "extension", inventory.KindTheme: "theme", inventory.KindBrowserApp: "web app",
	inventory.KindSharedModule: "module",
	inventory.KindLanguagePack: "language", inventory.KindDictionary: "dictionary", inventory.KindSitePermission: "site",
	inventory.KindOAuthGrant: "OAuth app", inventory.KindAppPassword: "password", inventory.KindInstallation: "app",
	inventory.KindCredential: "credential", inventory.KindAccessToken: "token", inventory.KindTokenRequest: "request",
	inventory.KindSSHKey: "SSH key",
	inventory.KindGPGKey: "GPG key", inventory.KindDeployKey: "deploy key", inventory.KindWebhook: "webhook",
	inventory.KindAction: "action",
}

func kindWord(e *Entry) string {
	switch e.About {
	case diff.AboutAccount:
		return "account"
	case diff.AboutAllowlist:
		return "allowlist"
	case diff.AboutSource:
		return "source"
	}
	if words, known := kindWords[e.Kind]; known {
		return words
	}
	return inventory.Untrusted(e.Kind).String()
}

// where names the place if there is only one, or counts the places.
func where(e *Entry) string {
	switch {
	case len(e.Holders) == 0:
		return ""
	case e.HolderCount > 1:
		return countPlaces(&e.Holders[0].Holder, e.HolderCount)
	}
	return onePlace(&e.Holders[0])
}

// whereInColumn is the same for a column that may be narrow: a browser alone says more than a part
// of a user's name.
func whereInColumn(e *Entry) string {
	text := where(e)
	if e.HolderCount != 1 || len(e.Holders) == 0 {
		return text
	}
	h := &e.Holders[0].Holder
	if name, _, isAddress := strings.Cut(text, "@"); isAddress && text == h.Account.String() {
		return orShorter(text, name+"@…")
	}
	if h.User == "" || h.Browser == "" || h.Repository != "" {
		return text
	}
	browser, _, _ := strings.Cut(h.Browser.String(), " (")
	return orShorter(text, strings.TrimSpace(browser+" "+h.Profile.String()), browser)
}

// countPlaces counts in one word what holders counts in a sentence.
func countPlaces(h *inventory.Holder, count int) string {
	text := holders(h, count)
	for _, long := range []string{"browser ", "repositories", "organizations"} {
		text = strings.Replace(text, long, map[string]string{"browser ": "", "repositories": "repos",
			"organizations": "orgs"}[long], 1)
	}
	return text
}

// onePlace names a place in the fewest words that identify it.
func onePlace(a *diff.Affected) string {
	h := &a.Holder
	browser := strings.TrimSpace(h.Browser.String() + " " + h.Profile.String())
	switch {
	case h.Repository != "":
		return h.Repository.String()
	case h.User != "" && browser != "":
		return h.User.String() + " " + browser
	case h.Account != "":
		return h.Account.String()
	case browser != "" && h.Host != "":
		return h.Host.String()
	case h.Organization != "":
		return h.Organization.String()
	case browser != "":
		return browser
	}
	return a.Source.Name.String()
}

// titleInColumn is the title for a column that may be narrow: keys and tokens are counted there in
// fewer words rather than cut in the middle, as names are.
func titleInColumn(e *Entry) string {
	words, known := gatherings[e.Kind]
	if e.About != diff.AboutCredentials || !known {
		return e.Title.String()
	}
	count, last := max(e.ItemCount, 1), words.one[strings.LastIndex(words.one, " ")+1:]
	return orShorter(e.Title.String(), plural(count, words.one), plural(count, last))
}

func reachWords(e *Entry) string {
	names := make([]string, len(e.Reach))
	for n, name := range e.Reach {
		names[n] = string(name)
	}
	return strings.Join(names, ", ")
}

// markOf is the sign for a change: added, different or gone.
func markOf(kind diff.ChangeKind) string {
	switch kind {
	case "":
		return " "
	case diff.ChangeAdded:
		return "+"
	case diff.ChangeRemoved:
		return "-"
	}
	return "~"
}

// changeLines returns at most most changes, the most important first, one line each.
func (s Screen) changeLines(r *Report, most int) []string {
	entries := r.entriesOfChanges()
	var lines []string
	for i := range r.Difference.List[:min(most, len(r.Difference.List))] {
		c := &r.Difference.List[i]
		line := markOf(c.Kind) + " "
		if e := entries[c.ID]; e != nil && c.About != diff.AboutAccount {
			line += middle(e.Title.String(), max(14, s.width()/3)) + ": "
		}
		lines = append(lines, cut(line+changeWord(c), s.width(), false))
	}
	return lines
}

// entriesOfChanges finds the entry that a change belongs to, by the change's ID.
func (r *Report) entriesOfChanges() map[string]*Entry {
	entries := make(map[string]*Entry, len(r.Difference.List))
	for i := range r.Entries {
		for _, c := range r.Entries[i].Changes {
			entries[c.ID] = &r.Entries[i]
		}
	}
	return entries
}

// changeWord says in a few words what a change is.
func changeWord(c *diff.Change) string {
	switch c.Kind {
	case diff.ChangeAdded:
		if c.About == diff.AboutAccount {
			return c.What.String()
		}
		return "new " + inPlaces("in", c)
	case diff.ChangeGained, diff.ChangeLost:
		if len(c.Gained) > 0 {
			return "gained " + scopes(c.Gained)
		}
		if len(c.Lost) > 0 {
			return "lost " + scopes(c.Lost)
		}
	case diff.ChangeRemoved:
		switch {
		case c.About == diff.AboutAccount:
			return c.What.String()
		case c.Everywhere:
			return "gone"
		}
		return "gone " + inPlaces("from", c)
	case diff.ChangeUnread:
		if c.What == "" {
			return "no longer read"
		}
		return "no longer read: " + short(c.What)
	case diff.ChangeReadAgain:
		return "read again"
	}
	if c.What == "" {
		return "changed"
	}
	return short(c.What)
}

// inPlaces says where, with the given preposition for places; people have one of their own.
func inPlaces(preposition string, c *diff.Change) string {
	if len(c.Holders) == 0 {
		return ""
	}
	h := &c.Holders[0].Holder
	if h.Account != "" && h.Browser == "" && preposition == "in" {
		preposition = "for"
	}
	if c.HolderCount > 1 {
		return preposition + " " + holders(h, c.HolderCount)
	}
	return preposition + " " + onePlace(&c.Holders[0])
}

// changeNames say what became of an entry.
var changeNames = map[diff.ChangeKind]string{
	diff.ChangeAdded: "new", diff.ChangeGained: "more access", diff.ChangeLost: "less access", diff.ChangeOther: "changed",
	diff.ChangeRemoved: "gone", diff.ChangeUnread: "no longer read", diff.ChangeReadAgain: "read again",
}

func scopes(list []inventory.Untrusted) string {
	texts := make([]string, len(list))
	for n, each := range list {
		texts[n] = vendor.ShortScopes(each.String())
	}
	return strings.Join(texts, ", ")
}

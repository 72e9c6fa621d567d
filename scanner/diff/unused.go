package diff

import (
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// Which entries a scan may call unused: those for which it saw every holder that the entry can mean. An allowlist is mostly an
// organization's, and a scan mostly sees a part of that: one laptop, one unit, one of two organizations.

// judgeUnused tells of approvals that nothing matches.
func (j *judge) judgeUnused() {
	if j.Allowlist == nil || j.ChangesOnly {
		return
	}
	for _, entry := range j.Allowlist.Entries() {
		if entry.Part != allowlist.PartAllow || entry.Preset != "" || j.matched[entry.Index] || !j.sawAllHolders(entry) {
			continue
		}
		g := j.group(identity{rule: ApprovalUnused, kind: entry.Kind, subject: list(entry.IDs) + string(entry.Project)})
		g.finding.App = inventory.App{Name: entry.Name, ID: firstID(entry)}
		g.tell("nothing that was scanned matches this entry")
		g.decide(entry.Position)
		g.finding.Remedy = "remove the entry if the app is no longer used"
	}
}

func firstID(entry *allowlist.Entry) inventory.Untrusted {
	if len(entry.IDs) > 0 {
		return entry.IDs[0]
	}
	return entry.Project
}

// homes are where things of a kind are listed for everybody: a provider, and the parts of each of its organizations, all of which must have
// been read. Kinds that are not here are never called unused: the browsers of one machine are not those of the organization, of
// GitHub's OAuth apps only the audit log tells, which forgets, and keys of one's own are approved by nobody.
var homes = map[inventory.Kind]struct {
	provider inventory.Provider
	parts    []string
}{
	inventory.KindOAuthGrant:   {inventory.GoogleWorkspace, []string{"grants"}},
	inventory.KindAppPassword:  {inventory.GoogleWorkspace, []string{"app-passwords"}},
	inventory.KindExtension:    {inventory.ChromeManagement, []string{"extensions"}},
	inventory.KindTheme:        {inventory.ChromeManagement, []string{"extensions"}},
	inventory.KindBrowserApp:   {inventory.ChromeManagement, []string{"extensions"}},
	inventory.KindInstallation: {inventory.GitHub, []string{"installations"}},
	inventory.KindCredential:   {inventory.GitHub, []string{"credentials"}},
	inventory.KindAccessToken:  {inventory.GitHub, []string{"tokens"}},
	inventory.KindTokenRequest: {inventory.GitHub, []string{"token-requests"}},
	inventory.KindDeployKey:    {inventory.GitHub, []string{"repositories"}},
	inventory.KindWebhook:      {inventory.GitHub, []string{"hooks", "repositories"}},
}

// sawAllHolders reports whether the scan read everything that could hold what the entry approves.
func (j *judge) sawAllHolders(entry *allowlist.Entry) bool {
	home, known := homes[entry.Kind]
	if !known || !isOfHome(entry, home.provider) || j.roster.outside[home.provider] {
		return false
	}
	var organizations []string
	for _, part := range home.parts {
		read, complete := j.readOf(home.provider, part)
		if !complete || len(read) == 0 {
			return false
		}
		organizations = append(organizations, read...)
	}
	return isForSome(entry.For, organizations)
}

// readOf returns the organizations of a provider that have the part, and whether that was read whole in all of them. A gap elsewhere in
// one of them does not matter, and one in an organization of which nothing else is known does.
func (j *judge) readOf(provider inventory.Provider, part string) (organizations []string, complete bool) {
	var gaps []inventory.Source
	var read []inventory.Source
	for i := range j.judgement.Coverage {
		coverage := &j.judgement.Coverage[i]
		above, found := strings.CutSuffix(string(coverage.Source.Name), "/"+part)
		switch {
		case coverage.Source.Provider != provider:
		case coverage.IsGap() || found && coverage.Status != inventory.StatusComplete:
			gaps = append(gaps, coverage.Source)
		case found:
			read = append(read, coverage.Source)
			organizations = append(organizations, above[strings.LastIndexByte(above, '/')+1:])
		}
	}
	isElsewhere := func(gap inventory.Source) bool {
		return slices.ContainsFunc(read, func(source inventory.Source) bool {
			above, _ := source.Parent()
			return isBelow(gap, above) && !isBelow(gap, source)
		})
	}
	return organizations, !slices.ContainsFunc(gaps, func(gap inventory.Source) bool { return !isElsewhere(gap) })
}

func isBelow(source, above inventory.Source) bool {
	return strings.HasPrefix(string(source.Name), string(above.Name)+"/")
}

// isOfHome reports whether every ID of the entry is one that the provider's things have.
func isOfHome(entry *allowlist.Entry, provider inventory.Provider) bool {
	switch provider {
	case inventory.GoogleWorkspace:
		return entry.Kind != inventory.KindOAuthGrant || entry.Project != "" || !slices.ContainsFunc(entry.IDs, isNoGoogleClient)
	case inventory.ChromeManagement:
		return allChromeIDs(entry.IDs)
	}
	return true
}

// isForSome reports whether every holder that the entry names belongs to an organization that was read. Nil is everybody. Of a login
// alone nobody can tell where it belongs.
func isForSome(patterns []inventory.Untrusted, organizations []string) bool {
	return !slices.ContainsFunc(patterns, func(pattern inventory.Untrusted) bool {
		text := strings.ToLower(string(pattern))
		if at := strings.LastIndexByte(text, '@'); at >= 0 {
			text = text[at+1:]
		}
		text, _, _ = strings.Cut(text, "/")
		return !slices.ContainsFunc(organizations, func(organization string) bool {
			return access.CoversText(text, strings.ToLower(organization))
		})
	})
}

// isNoGoogleClient: Google's client IDs begin with a project number, which is longer than any ID that GitHub gives, or are a domain.
func isNoGoogleClient(id inventory.Untrusted) bool {
	const leastProjectDigits = 9
	digits := len(id) - len(strings.TrimLeft(string(id), "0123456789"))
	isDomain := digits < len(id) && strings.Contains(string(id), ".") && !strings.Contains(string(id), "/")
	return digits < leastProjectDigits && !isDomain
}

// isChromeID: 32 letters from a to p, which no Firefox ID is.
func isChromeID(id inventory.Untrusted) bool {
	return len(id) == 32 && strings.Trim(string(id), "abcdefghijklmnop") == ""
}

func allChromeIDs(ids []inventory.Untrusted) bool {
	return !slices.ContainsFunc(ids, func(id inventory.Untrusted) bool { return !isChromeID(id) })
}

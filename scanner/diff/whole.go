package diff

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

// What only the whole inventory can tell: gaps, what is required and absent, what was approved and is unused, accounts.

// judgeCoverage makes a finding of every source that should have been read and was not, or not wholly.
func (j *judge) judgeCoverage() {
	if j.ChangesOnly {
		return
	}
	for i := range j.judgement.Coverage {
		coverage := &j.judgement.Coverage[i]
		if !coverage.IsGap() {
			continue
		}
		g := j.group(identity{rule: NotObserved, provider: coverage.Source.Provider, subject: coverage.Source.Key()})
		g.finding.App = inventory.App{}
		g.finding.Remedy = coverage.Remedy
		g.tell(gapSentence(coverage))
		g.affected(Affected{Source: coverage.Source, Detail: detailsOf(coverage)})
	}
}

func gapSentence(c *inventory.Coverage) inventory.Untrusted {
	read := "could not be read"
	if c.Status == inventory.StatusPartial {
		read = "was read only in part"
	}
	why := fmt.Sprintf("%s %s", c.Source.Name, read)
	if c.Expected > 0 {
		why += fmt.Sprintf(" (%d of %d)", c.Read, c.Expected)
	}
	if c.Reason != "" {
		why += ": " + c.Reason.String()
	}
	return inventory.Untrusted(why)
}

func detailsOf(c *inventory.Coverage) inventory.Untrusted {
	details := make([]string, 0, len(c.Details))
	for _, detail := range c.Details {
		details = append(details, detail.String())
	}
	return inventory.Untrusted(strings.Join(details, "; "))
}

// person is somebody at a machine, for requirements: the browsers they use are read as one.
type person struct{ host, user inventory.Untrusted }

type personState struct {
	complete bool
	sources  []inventory.Source
	holds    map[int]bool // by entry
}

func personOf(source inventory.Source) (person, bool) {
	if source.Provider != inventory.Chromium && source.Provider != inventory.Firefox {
		return person{}, false
	}
	user, _, below := strings.Cut(string(source.Name), "/")
	return person{source.Host, inventory.Untrusted(user)}, below
}

func (j *judge) seePerson(coverage *inventory.Coverage) {
	who, ok := personOf(coverage.Source)
	if !ok {
		return
	}
	state := j.persons[who]
	if state == nil {
		state = &personState{complete: true, holds: make(map[int]bool)}
		j.persons[who] = state
	}
	state.complete = state.complete && coverage.Status == inventory.StatusComplete
	state.sources = append(state.sources, coverage.Source)
}

func (j *judge) seeRequired(item *inventory.Item) {
	if len(j.required) == 0 || item.State != inventory.StateEnabled {
		return
	}
	who, ok := personOf(item.Source)
	if !ok || j.persons[who] == nil {
		return
	}
	for _, entry := range j.required {
		if entry.Matches(item) {
			j.matched[entry.Index] = true
			j.persons[who].holds[entry.Index] = true
		}
	}
}

// judgeRequired: a person whose browsers were all read and none of which runs a required app lacks it. Where a browser could not be
// read nothing is said: the app may be there.
func (j *judge) judgeRequired() {
	if j.ChangesOnly {
		return
	}
	for _, entry := range j.required {
		for who, state := range j.persons {
			if state.holds[entry.Index] || !state.complete {
				continue
			}
			j.missing(entry, who, state)
		}
	}
}

func (j *judge) missing(entry *allowlist.Entry, who person, state *personState) {
	g := j.group(identity{rule: RequiredMissing, kind: inventory.KindExtension, subject: list(entry.IDs)})
	g.finding.App = inventory.App{ID: firstID(entry), Name: entry.Name}
	g.finding.Severity = RequiredMissing.clamp(inventory.Medium)
	g.tell(inventory.Untrusted(fmt.Sprintf("required (%s), and switched on in none of the browsers here", entry.Reason)))
	g.decide(entry.Position)
	g.finding.Remedy = "install it, or switch it on"
	g.affected(Affected{Source: state.sources[0], Holder: inventory.Holder{Host: who.host, User: who.user}})
	slices.SortFunc(g.finding.Holders, func(a, b Affected) int { return a.Source.Compare(b.Source) })
}

// judgeUnused speaks of an entry only when everything that could hold its app was read, and something was: an entry may speak of what was
// not seen.
func (j *judge) judgeUnused() {
	if j.Allowlist == nil || j.ChangesOnly {
		return
	}
	for _, entry := range j.Allowlist.Entries() {
		if entry.Part != allowlist.PartAllow || entry.Preset != "" || j.matched[entry.Index] || !j.lookedFor(entry) {
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

// lookedFor reports whether every source that could hold what the entry approves was read completely, and there was one: a scan of browsers
// says nothing of an OAuth grant's entry.
func (j *judge) lookedFor(entry *allowlist.Entry) bool {
	looked := false
	for i := range j.judgement.Coverage {
		coverage := &j.judgement.Coverage[i]
		if !couldHold(coverage.Source.Provider, entry) || coverage.Unobservable {
			continue
		}
		if coverage.IsGap() {
			return false
		}
		looked = true
	}
	return looked
}

// couldHold reports whether items of the provider can match the entry.
func couldHold(provider inventory.Provider, entry *allowlist.Entry) bool {
	switch entry.Kind {
	case "":
		return true
	case inventory.KindOAuthGrant:
		// Of GitHub's OAuth apps only the audit log tells, and it forgets: one that it does not name may be in use.
		return provider == inventory.GoogleWorkspace && (entry.Project != "" || !slices.ContainsFunc(entry.IDs, isNoGoogleClient))
	case inventory.KindAppPassword:
		return provider == inventory.GoogleWorkspace
	case inventory.KindExtension, inventory.KindTheme, inventory.KindBrowserApp, inventory.KindSharedModule, inventory.KindDictionary,
		inventory.KindLanguagePack, inventory.KindSitePermission:
		chrome := provider == inventory.Chromium || provider == inventory.ChromeManagement
		return chrome && slices.ContainsFunc(entry.IDs, isChromeID) || provider == inventory.Firefox && !allChromeIDs(entry.IDs)
	}
	return provider == inventory.GitHub
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

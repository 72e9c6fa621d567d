package diff

import (
	"fmt"
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// What only the whole inventory shows: gaps, what is required and absent, what was approved and is
// unused, accounts.

// judgeCoverage makes a finding of every source that should have been read and was not, or not
// completely.
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
		g.affected(Affected{Source: coverage.Source,
			Detail: inventory.Untrusted(strings.Join(plain(coverage.Details), "; "))})
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

// person is someone at a machine, for requirements: all browsers they use are judged together.
type person struct{ host, user inventory.Untrusted }

type personState struct {
	complete bool
	sources  []inventory.Source
	holds    map[int]bool // by entry
}

func personOf(source inventory.Source) (person, bool) {
	if !vendor.Of(source.Provider).Local {
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

// judgeRequired reports a required app that a person lacks: one that runs in none of their
// browsers, all of which were read. If a browser could not be read it reports nothing, since the
// app may be there.
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
	g.tell(inventory.Textf("required (%s), but not enabled in any browser on this machine", entry.Reason))
	g.decide(entry.Position)
	g.finding.subject = j.subjects.holding(inventory.KindExtension, entry.IDs)
	g.finding.Remedy = "install it, or turn it on"
	g.affected(Affected{Source: state.sources[0], Holder: inventory.Holder{Host: who.host, User: who.user}})
	slices.SortFunc(g.finding.Holders, func(a, b Affected) int { return a.Source.Compare(b.Source) })
}

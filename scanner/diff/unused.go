package diff

import (
	"slices"
	"strings"

	"guestlist/allowlist"
	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Which entries a scan may report as unused: those for which it saw every holder that the entry can
// apply to. An allowlist usually covers an organization, and a scan only a part of it: one laptop,
// one unit, one of two organizations.

// judgeUnused reports approvals that nothing matches.
func (j *judge) judgeUnused() {
	if j.Allowlist == nil || j.ChangesOnly || j.Self {
		return
	}
	for _, entry := range j.Allowlist.Entries() {
		if entry.Part != allowlist.PartAllow || entry.Preset != "" || j.matched[entry.Index] || !j.sawAllHolders(entry) {
			continue
		}
		j.judgement.Unused = append(j.judgement.Unused, entry)
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

// sawAllHolders reports whether the scan read everything that could hold what the entry approves:
// all lists of each vendor that lists such things and could have issued one of the entry's IDs. The
// browsers of one machine are not those of the organization, so what no vendor lists for everyone
// is never reported as unused.
func (j *judge) sawAllHolders(entry *allowlist.Entry) bool {
	var organizations []string
	homeless := slices.Clone(entry.IDs)
	for _, home := range vendor.All() {
		mayHold := func(id inventory.Untrusted) bool { return home.CouldBe(entry.Kind, id) }
		parts := home.Lists[entry.Kind]
		if len(parts) == 0 || entry.Project == "" && !slices.ContainsFunc(entry.IDs, mayHold) {
			continue
		}
		homeless = slices.DeleteFunc(homeless, mayHold)
		if j.roster.outside[home.Provider] {
			return false
		}
		for _, part := range parts {
			read, complete := j.readOf(home.Provider, part)
			if !complete || len(read) == 0 {
				return false
			}
			organizations = append(organizations, read...)
		}
	}
	return len(organizations) > 0 && len(homeless) == 0 && isForSome(entry.For, organizations)
}

// readOf returns the organizations of a provider that have the part, and whether it was read
// completely in all of them. A gap elsewhere in one of them does not matter; a gap in an
// organization of which nothing else is known does.
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

// isForSome reports whether every holder that the entry names belongs to an organization that was
// read. Nil patterns mean everyone. A login alone does not say where it belongs.
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

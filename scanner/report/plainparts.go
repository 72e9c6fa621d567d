package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// The parts of the report in plain words.

// asks are what a person can be asked to do, by the section of the worst finding, in the order of
// the parts. Sections without one are not for people who check their own browsers, or have their
// own wording.
var asks = []struct {
	section diff.Section
	ask     ask
}{
	{diff.SectionRemove, askRemove}, {diff.SectionReapprove, askApproval}, {diff.SectionApprove, askApproval},
	{diff.SectionInstall, askInstall}, {diff.SectionAccounts, askAccount}, {diff.SectionChanges, askChange},
}

// ask is what an entry asks of a person; the text is the heading of its part.
type ask string

const (
	askRemove   ask = "Please remove:"
	askApproval ask = "approval"
	askInstall  ask = "Missing, please install:"
	askAccount  ask = "Your account:"
	askChange   ask = "Changed since the last check:"
	askUse      ask = "Remove what you do not use; the most powerful first:" // if nothing has to be approved
)

// ask is what an entry asks of a person; empty if nothing.
func (p *plainPage) ask(e *Entry) ask {
	for _, row := range asks {
		for _, f := range e.Findings {
			switch {
			case f.Rule.Info().Section != row.section:
			case f.Rule == diff.Unapproved && p.r.Allowlist == nil:
				return askUse
			default:
				return row.ask
			}
		}
	}
	return ""
}

// finding returns the worst finding that asks for this.
func (p *plainPage) finding(e *Entry, what ask) *diff.Finding {
	for _, row := range asks {
		for _, f := range e.Findings {
			if f.Rule.Info().Section == row.section && (row.ask == what || what == askUse) {
				return f
			}
		}
	}
	return e.Findings[0]
}

// parts returns all parts that have something to say.
func (p *plainPage) parts() []part {
	asking := make(map[ask][]*Entry)
	for i := range p.r.Entries {
		if what := p.ask(&p.r.Entries[i]); what != "" {
			asking[what] = append(asking[what], &p.r.Entries[i])
		}
	}
	parts := []part{p.removed(asking[askRemove])}
	parts = append(parts, p.messages(asking[askApproval])...)
	for _, what := range []ask{askInstall, askAccount, askChange} {
		parts = append(parts, p.told(what, asking[what]))
	}
	clicks := p.clicks(asking[askRemove], slices.Concat(asking[askApproval], asking[askUse]))
	parts = append(parts, p.used(asking[askUse]), clicks, p.unread(), p.elsewhere())
	parts = slices.DeleteFunc(parts, func(each part) bool { return len(each.blocks) == 0 })
	for i := range parts {
		parts[i].shown = len(parts[i].blocks)
	}
	return parts
}

// removed lists what has to go, and how.
func (p *plainPage) removed(entries []*Entry) part {
	all := part{heading: p.text(string(askRemove))}
	for _, e := range entries {
		f := p.finding(e, askRemove)
		block := p.indented(1, p.named(e)+": "+p.why(f))
		pages, words := p.ways(e)
		block = append(block, p.indented(2, append(pages, words...)...)...)
		all.blocks = append(all.blocks, append(block, p.more(e, f)...))
	}
	return all
}

// told lists the entries that ask for something else, with what to do.
func (p *plainPage) told(what ask, entries []*Entry) part {
	all := part{heading: p.text(string(what))}
	for _, e := range entries {
		f := p.finding(e, what)
		block := p.indented(1, p.named(e)+": "+p.why(f))
		remedy := fullStop(short(f.Remedy))
		if f.App == (inventory.App{}) {
			block, remedy = p.indented(1, p.gathered(f)), fullStop(p.why(f))+" "+remedy
		}
		block = append(block, p.indented(2, strings.TrimSpace(remedy))...)
		all.blocks = append(all.blocks, append(block, p.more(e, f)...))
	}
	return all
}

// used lists what needed no approval, sorted by what it can do.
func (p *plainPage) used(entries []*Entry) part {
	names := reachNames()
	slices.SortStableFunc(entries, func(a, b *Entry) int {
		return cmp.Or(b.Tier.Compare(a.Tier), a.reachRank(names)-b.reachRank(names))
	})
	all := part{heading: p.text(string(askUse))}
	table := columns{list: []column{
		{header: "", least: 14, most: 40, name: true}, {header: "", least: 20, most: 60}, {header: "", least: 8, from: 50},
	}}
	for _, e := range entries {
		table.rows = append(table.rows, []string{e.Title.String(), e.Why.String(), p.where(e)})
	}
	for n, line := range table.lines(p.width() - blockIndent)[1:] {
		block := []string{strings.Repeat(" ", blockIndent) + line}
		all.blocks = append(all.blocks, append(block, p.more(entries[n], p.finding(entries[n], askUse))...))
	}
	return all
}

// unread lists what was not read, and what to do about it.
func (p *plainPage) unread() part {
	all := part{heading: p.text("Not read, so there may be more:")}
	for _, alike := range listedGaps(alikeSources(p.r.Coverage, (*inventory.Coverage).IsGap)) {
		c := alike.first
		text := p.sourceName(alike)
		if c.Status == inventory.StatusPartial {
			text += ", read in part"
		}
		if p.Details || !vendor.Of(c.Source.Provider).Local {
			text += ": " + strings.Join(append([]string{short(c.Reason)}, details(c)...), "; ")
		}
		all.blocks = append(all.blocks, p.indented(1, strings.TrimSpace(text+". "+fullStop(short(c.Remedy)))))
	}
	return all
}

func details(c *inventory.Coverage) []string {
	texts := make([]string, len(c.Details))
	for n, detail := range c.Details {
		texts[n] = short(detail)
	}
	return texts
}

// elsewhere lists where a person must look because no program can, and with Details what else
// sources have to say.
func (p *plainPage) elsewhere() part {
	all := part{heading: p.text("Look here yourself, because no program can:")}
	wanted := func(c *inventory.Coverage) bool { return !c.IsGap() && c.Unobservable }
	for _, alike := range alikeSources(p.r.Coverage, wanted) {
		all.blocks = append(all.blocks, p.indented(1,
			fmt.Sprintf("%s. %s", sentence(short(alike.first.Reason)), fullStop(short(alike.first.Remedy)))))
	}
	if !p.Details {
		return all
	}
	for i := range p.r.Coverage {
		if c := &p.r.Coverage[i]; !c.IsGap() {
			for _, detail := range details(c) {
				all.blocks = append(all.blocks, p.indented(1, fullStop(detail)))
			}
		}
	}
	return all
}

// fullStop makes text that is not empty a sentence.
func fullStop(text string) string {
	if text == "" {
		return ""
	}
	return sentence(text) + "."
}

// named is an entry's name, and where it is.
func (p *plainPage) named(e *Entry) string {
	if where := p.where(e); where != "" {
		return e.Title.String() + ", " + where
	}
	return e.Title.String()
}

// gathered names several keys or tokens by their own names.
func (p *plainPage) gathered(f *diff.Finding) string {
	var names []string
	for i := range f.Holders {
		name := f.Holders[i].Detail.String()
		if times := timesOf(&f.Holders[i], p.r.Finished); name != "" && times != "" {
			name += " (" + times + ")"
		}
		if name != "" {
			names = append(names, name)
		}
	}
	subject := gatherings[f.Kind].heading
	if f.ItemCount == 1 {
		subject = sentence(gatherings[f.Kind].one)
	}
	if subject == "" && len(f.Holders) > 0 {
		subject = f.Holders[0].Holder.Account.String()
	}
	if len(names) == 0 {
		return subject
	}
	return strings.TrimPrefix(subject+": ", ": ") + strings.Join(names, ", ")
}

// timesOf says how old a key or token is, when it was last used and when it expires, as far as
// known.
func timesOf(a *diff.Affected, now time.Time) string {
	var parts []string
	if !a.Added.IsZero() {
		parts = append(parts, "made "+ago(a.Added, now))
	}
	if !a.LastUsed.IsZero() {
		parts = append(parts, "used "+ago(a.LastUsed, now))
	}
	if !a.Expires.IsZero() {
		parts = append(parts, "expires on "+a.Expires.UTC().Format(time.DateOnly))
	}
	return strings.Join(parts, ", ")
}

func nameOf(app *inventory.App) string {
	if app.Name != "" {
		return app.Name.String()
	}
	return app.ID.String()
}

// plainWhys say in everyday words why the findings of a rule are there; other findings say it
// themselves.
var plainWhys = map[diff.Rule]string{
	diff.Unapproved: "not approved", diff.ApprovalPending: "nobody has approved it yet",
	diff.ApprovalDeferred: "nobody has approved it yet, and the decision waits",
	diff.DriftPermissions: "it can do more than was approved",
	diff.DriftPublisher:   "it has a different publisher than was approved",
	diff.DriftVersion:     "it is a different version than was approved",
	diff.DriftOrigin:      "it was installed from a different place than was approved",
	diff.IdentityMismatch: "it is not what it claims to be",
}

// why says why a finding is there.
func (p *plainPage) why(f *diff.Finding) string {
	if words, found := plainWhys[f.Rule]; found {
		return words
	}
	text := short(f.Why)
	if reason, denied := strings.CutPrefix(text, "denied: "); denied {
		return "not allowed (" + reason + ")"
	}
	return text
}

// more is what only Details show: everything there is to know about an entry.
func (p *plainPage) more(e *Entry, f *diff.Finding) []string {
	if !p.Details {
		return nil
	}
	var lines []string
	for _, each := range e.Findings {
		if text := short(each.Why); text != p.why(f) && !isUndecided(each, p.r) && !slices.Contains(lines, fullStop(text)) {
			lines = append(lines, fullStop(text))
		}
	}
	for _, remark := range remarks(e.Notes, e.Lookalikes) {
		lines = append(lines, fullStop(remark))
	}
	if e.App.ID != "" && e.App.ID != e.Title {
		lines = append(lines, "ID "+e.App.ID.String())
	}
	if can := canDo(e.Reasons, len(e.Reasons)); can != "" && !f.Rule.Info().Absent && !f.Rule.Info().ToldElsewhere {
		lines = append(lines, itCan(f)+can+".")
	}
	return p.indented(2, lines...)
}

func itCan(f *diff.Finding) string {
	who, can := "It", " can "
	if f.ItemCount > 1 && f.App == (inventory.App{}) {
		who = "They"
	}
	if f.Rule == diff.Removed {
		can = " could "
	}
	return who + can
}

// canDo is what the access lets an app do, at most most things, without duplicates.
func canDo(reasons []risk.Reason, most int) string {
	var all []string
	for i := range reasons {
		why := reasons[i].Why.String()
		if reasons[i].Level.AtLeast(inventory.Medium) && !slices.Contains(all, why) {
			all = append(all, why)
		}
	}
	if more := len(all) - most; more > 1 {
		return strings.Join(all[:most], "; ") + fmt.Sprintf("; and %d more things", more)
	}
	return strings.Join(all, "; ")
}

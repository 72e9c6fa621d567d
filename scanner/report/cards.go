package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// Cards is everything at length: a card for each entry with findings, what was not read and what is
// not readable by any tool, what is good to know, the allowlist itself, the files that decided, and
// the inventory if it was asked for.
//
// Cards keep to the width, long IDs are cut in the middle, scopes are written without the prefix
// that all scopes of a vendor have, and times are relative. Whole values are in the other formats.
type Cards struct{ Screen }

const (
	listedHolders = 5 // holders shown in a card; the other formats list them
	listedReasons = 3 // plus those of the highest levels, up to listedSerious: to be seen before approving an app
	listedSerious = 12
	listedIDs     = 10 // IDs of one project
)

// Render implements [Renderer].
func (c Cards) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	sections := []func(io.Writer, *Report) error{c.entries, c.gaps, c.unobservable, c.known, c.presets, c.hygiene,
		c.decided, c.inventory}
	if !c.Details { // only the inventory was asked for
		sections = sections[len(sections)-1:]
	}
	for _, section := range sections {
		if err := section(out, r); err != nil {
			return err
		}
	}
	return out.Flush()
}

// entries writes a card for each entry that does not belong in a section of its own.
func (c Cards) entries(w io.Writer, r *Report) error {
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Urgency == "" && len(e.Changes) == 0 || e.About == diff.AboutSource || e.About == diff.AboutAllowlist {
			continue
		}
		if err := c.card(w, e, r); err != nil {
			return err
		}
	}
	return nil
}

// WriteEntry writes everything about one entry of a report, as cards do.
func WriteEntry(w io.Writer, r *Report, e *Entry, style Style) error {
	return Cards{Screen(style)}.card(w, e, r)
}

// card writes an entry: a headline, and everything else below it.
func (c Cards) card(w io.Writer, e *Entry, r *Report) error {
	level := inventory.Untrusted(e.Urgency).String()
	head := strings.TrimSpace(c.paint(level, level) + "  " + e.Title.String() + " (" + kindWord(e) + ")")
	if e.Change != "" {
		head += ": " + cmp.Or(changeNames[e.Change], e.Change.String()) + " " + r.Since.Words.String()
	}
	lines := slices.Concat(c.identity(e), c.verdicts(e, r), c.access(e), c.held(e, r), c.standing(e), remediesOf(e), commandOf(e))
	if _, err := fmt.Fprintln(w, "\n"+strings.Join(wrap(head, c.width()), "\n")); err != nil {
		return err
	}
	return block(w, lines, c.width())
}

// identity says what the entry is about: ID, further IDs and maker.
func (c Cards) identity(e *Entry) []string {
	var lines []string
	if e.App.ID != "" {
		if e.App.ID != e.Title {
			lines = append(lines, middle(e.App.ID.String(), c.width()-blockIndent))
		}
		lines = append(lines, c.also(e)...)
	}
	if e.App.Publisher != "" {
		lines = append(lines, clip("by "+e.App.Publisher.String(), 2*c.width()))
	}
	return lines
}

// verdicts says what each finding says, and what changed. A missing allowlist is mentioned once, at
// the top.
func (c Cards) verdicts(e *Entry, r *Report) []string {
	var lines []string
	for _, f := range e.Findings {
		text := sentence(short(f.Why))
		if isUndecided(f, r) {
			continue
		}
		if !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	for _, change := range e.Changes {
		lines = append(lines, sentence(changeWord(change)))
	}
	return lines
}

// isUndecided reports whether a finding says no more than that there is no allowlist, which is
// mentioned once.
func isUndecided(f *diff.Finding, r *Report) bool {
	return f.Rule == diff.Unapproved && r.Allowlist == nil
}

// access lists what the entry may do, and what else to know about it.
func (c Cards) access(e *Entry) []string {
	var lines []string
	listed := reasonsListed(e.Reasons)
	for n, reason := range e.Reasons {
		if n == listed {
			lines = append(lines, fmt.Sprintf("and %d more", len(e.Reasons)-n))
			break
		}
		lines = append(lines, reasonLine(&reason, short(reason.Subject)))
	}
	for _, note := range remarks(e.Notes, e.Lookalikes) {
		lines = append(lines, sentence(note))
	}
	return lines
}

// held lists where the entry is.
func (c Cards) held(e *Entry, r *Report) []string {
	var lines []string
	if held := heldBy(e); held != "" {
		lines = append(lines, held)
	}
	for n, holder := range e.Holders {
		if n == listedHolders {
			lines = append(lines, fmt.Sprintf("- and %s more", thousands(max(e.HolderCount, e.ItemCount, len(e.Holders))-n)))
			break
		}
		lines = append(lines, "- "+affected(&holder, r.Finished))
	}
	return lines
}

// standing says what the allowlist says about the entry.
func (c Cards) standing(e *Entry) []string {
	var lines []string
	seen := make(map[diff.Position]bool)
	for _, approval := range e.Approvals {
		seen[approval.At] = true
		lines = append(lines, approvalLine(&approval))
	}
	for _, f := range e.Findings {
		if f.Decided != nil && !seen[*f.Decided] {
			seen[*f.Decided] = true
			lines = append(lines, fmt.Sprintf("Decided by %s:%d", f.Decided.File, f.Decided.Line))
		}
	}
	return lines
}

// decisions say what an allowlist entry did.
var decisions = map[allowlist.Decision]string{
	allowlist.Allowed: "approved", allowlist.Denied: "denied", allowlist.Pending: "entry not filled in",
	allowlist.Deferred: "deferred",
}

// approvalLine says who decided, when, why, and when the decision expires.
func approvalLine(a *diff.Approval) string {
	text := cmp.Or(decisions[a.Decision], inventory.Untrusted(a.Decision).String())
	isPending := a.Decision == allowlist.Pending // nothing is approved yet
	switch {
	case a.Owner != "" && isPending:
		text += " (owner " + a.Owner.String() + ")"
	case a.Owner != "":
		text += " by " + a.Owner.String()
	}
	if a.Approved != "" && !isPending {
		text += " on " + a.Approved.String()
	}
	switch {
	case isPending && a.Expires != "":
		text = "deferred until " + a.Expires.String() + ", and due"
	case isPending:
	case a.Decision == allowlist.Deferred:
		text += " until " + a.Expires.String()
	case a.Expires != "" && a.Expired:
		text += ", expired on " + a.Expires.String()
	case a.Expires != "":
		text += ", expires on " + a.Expires.String()
	}
	if a.Reason != "" {
		text += ": " + a.Reason.String()
	}
	return sentence(text) + fmt.Sprintf(" (%s:%d)", a.At.File, a.At.Line)
}

// commandOf is the command that would approve the entry.
func commandOf(e *Entry) []string {
	if e.ApproveWith == "" {
		return nil
	}
	return []string{"To approve it as it is: " + e.ApproveWith.String()}
}

// remediesOf returns what to do about each finding, without duplicates.
func remediesOf(e *Entry) []string {
	var lines []string
	for _, f := range e.Findings {
		if text := arrow(f.Remedy); text != "" && !slices.Contains(lines, text) {
			lines = append(lines, text)
		}
	}
	return lines
}

// also lists the other IDs of a project, with their names if these differ.
func (c Cards) also(e *Entry) []string {
	width := c.width() - blockIndent
	var lines []string
	for n, app := range e.Also {
		if n == listedIDs && len(e.Also) > listedIDs+1 {
			return append(lines, fmt.Sprintf("and %d more IDs", len(e.Also)-n))
		}
		line := middle(app.ID.String(), width)
		if app.Name != "" && app.Name != e.App.Name {
			line += " (" + clip(app.Name.String(), width) + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// reasonsListed is how many reasons a card shows. The most serious come first; leaving out a single
// one is not worth a line that says so.
func reasonsListed(reasons []risk.Reason) int {
	n := 0
	for n < len(reasons) && (n < listedReasons || n < listedSerious && reasons[n].Level.AtLeast(inventory.High)) {
		n++
	}
	if n+1 == len(reasons) {
		n++
	}
	return n
}

// reasonLine says one part of the access: what it is worth, what it lets the app do, how the
// platform spells it, and the platform's own word for it if that says more.
func reasonLine(reason *risk.Reason, subject string) string {
	line := fmt.Sprintf("%s: %s (%s)", reason.Level, reason.Why, subject)
	if reason.Own != "" {
		line += "; " + ownWords(reason)
	}
	switch reason.Class {
	case "", "non-sensitive", "sign-in":
		return line
	}
	return line + fmt.Sprintf(" [%s]", reason.Class)
}

// ownWords say that the organization's own class decided, and where.
func ownWords(reason *risk.Reason) string { return "your own class: " + reason.Own.String() }

// short is text for people: scopes are shown without their common prefix, and values that a vendor
// spells as JSON become words.
func short(text inventory.Untrusted) string {
	return vendor.ShortScopes(prose(text).String())
}

// remarks are what else to know about an app: notes, and apps with similar names.
func remarks(notes []inventory.Untrusted, lookalikes []inventory.App) []string {
	var all []string
	for _, note := range notes {
		all = append(all, note.String())
	}
	for _, other := range lookalikes {
		all = append(all, fmt.Sprintf("its name looks like that of another app: %s (%s)", other.Name, other.ID))
	}
	return all
}

// clip cuts text that is already escaped to width characters.
func clip(text string, width int) string {
	runes := []rune(text)
	if len(runes) <= width {
		return text
	}
	return string(runes[:width-1]) + "…"
}

// sentence capitalizes text, unless the first word is the name of a key, a file or a host.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if text == "" || strings.ContainsAny(first, "._/@") {
		return text
	}
	letter, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(letter)) + text[size:]
}

// affected says what is in one place, for people.
func affected(a *diff.Affected, now time.Time) string {
	parts := []string{shortPlace(a)}
	parts = append(parts, conditions(a, func(at time.Time) string { return ago(at, now) })...)
	if a.Detail != "" {
		parts = append(parts, clip(short(a.Detail), 200))
	}
	return strings.Join(parts, ", ")
}

// affectedWhole says the same with whole values, and adds the page.
func affectedWhole(a *diff.Affected) string {
	parts := []string{place(a)}
	parts = append(parts, conditions(a, func(at time.Time) string { return at.UTC().Format(time.RFC3339) })...)
	for _, part := range []inventory.Untrusted{a.Detail, a.Page} {
		if part != "" {
			parts = append(parts, part.String())
		}
	}
	return strings.Join(parts, ", ")
}

func conditions(a *diff.Affected, when func(time.Time) string) []string {
	var parts []string
	if a.Version != "" {
		parts = append(parts, a.Version.String())
	}
	if a.State != "" && a.State != inventory.StateEnabled {
		parts = append(parts, inventory.Untrusted(a.State).String())
	}
	if a.Origin != "" && a.Origin != inventory.OriginStore {
		parts = append(parts, inventory.Untrusted(a.Origin).String())
	}
	if !a.Added.IsZero() {
		parts = append(parts, "added "+when(a.Added))
	}
	if !a.LastUsed.IsZero() {
		parts = append(parts, "last used "+when(a.LastUsed))
	}
	if !a.Expires.IsZero() {
		parts = append(parts, "expires on "+a.Expires.UTC().Format(time.DateOnly))
	}
	if a.Change != "" {
		parts = append(parts, a.Change.String())
	}
	return parts
}

// shortPlace names where an item acts. An organization is named once, and not after an
// address that ends with it.
func shortPlace(a *diff.Affected) string {
	short := *a
	h := &short.Holder
	switch {
	case h.Organization == "" || h.Account == "" && h.Repository == "":
	case h.Repository != "":
		h.Repository, h.Organization = h.Organization+"/"+h.Repository, ""
	case strings.HasSuffix(strings.ToLower(string(h.Account)), "@"+strings.ToLower(string(h.Organization))):
		h.Organization = ""
	default:
		h.Organization = "in " + h.Organization
	}
	return place(&short)
}

// place names where an item acts, in the words for its kind of holder.
func place(a *diff.Affected) string {
	h := &a.Holder
	var parts []string
	for _, part := range []inventory.Untrusted{h.Account, h.Organization, h.Repository, h.User, h.Browser} {
		if part != "" {
			parts = append(parts, part.String())
		}
	}
	switch {
	case h.ProfileName != "" && h.ProfileName != h.Profile:
		parts = append(parts, fmt.Sprintf("%s (%s)", h.Profile, h.ProfileName))
	case h.Profile != "":
		parts = append(parts, h.Profile.String())
	}
	if len(parts) == 0 {
		return a.Source.Name.String()
	}
	place := strings.Join(parts, " ")
	if h.Host != "" {
		place += " on " + h.Host.String()
	}
	if h.Admin == inventory.Yes {
		place += " (admin)"
	}
	return place
}

// ago writes a time as people say it.
func ago(at, now time.Time) string {
	if now.IsZero() {
		return at.UTC().Format(time.RFC3339)
	}
	days := int(now.Sub(at).Hours() / 24)
	switch {
	case days < 0:
		return at.UTC().Format(time.DateOnly)
	case days == 0:
		return "today"
	case days < 60:
		return plural(days, "day") + " ago"
	case days < 730:
		return plural(days/30, "month") + " ago"
	}
	return plural(days/365, "year") + " ago"
}

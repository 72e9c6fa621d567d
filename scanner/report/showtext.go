package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/diff"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Bounds of what the text lists; JSON lists all.
const (
	shownPlaces   = 20
	shownApps     = 40
	shownAccess   = 8 // in a line of the history
	shownGaps     = 3
	shownVersions = 5
)

// ShowFormats are the forms in which one thing can be shown.
var ShowFormats = []ShowFormat{
	{"text", "text for people", true, func(w io.Writer, s *Shown, style Style) error {
		return showText{Screen(style)}.write(w, s)
	}},
	{"json", "one document", false, func(w io.Writer, s *Shown, _ Style) error { return showJSON(w, s) }},
}

// ShowFormat is a way to write what is shown.
type ShowFormat struct {
	Name, About string
	ForPeople   bool // at a terminal, where a pager shows what is long
	Write       func(w io.Writer, s *Shown, style Style) error
}

func showJSON(w io.Writer, s *Shown) error {
	encoder := jsontext.NewEncoder(&visible{w: w}, jsontext.WithIndent("  "), jsontext.EscapeForHTML(true),
		jsontext.EscapeForJS(true),
		jsontext.AllowInvalidUTF8(true))
	return json.MarshalEncode(encoder, s, json.Deterministic(true))
}

// showText writes what is shown for people, within the width.
type showText struct{ Screen }

func (t showText) write(w io.Writer, s *Shown) error {
	w = &inertLines{w: w}
	for _, line := range wrap(t.head(s), t.width()) {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	if err := block(w, t.identity(s), t.width()); err != nil {
		return err
	}
	for _, section := range []struct {
		heading string
		lines   []string
	}{
		{t.mayHeading(s), t.may(s)},
		{"Accounts", t.accounts(s)},
		{t.placesHeading(s), t.places(s)},
		{t.appsHeading(s), t.apps(s)},
		{"What the allowlist says", t.says(s)},
		{"What it names, as scans saw it", t.means(s)},
		{"How to take it back", t.revoke(s)},
		{"History", t.history(s)},
		{windowHeading(s.Window), t.window(s)},
	} {
		if len(section.lines) == 0 {
			continue
		}
		if _, err := fmt.Fprintln(w, "\n"+section.heading); err != nil {
			return err
		}
		if err := block(w, section.lines, t.width()); err != nil {
			return err
		}
	}
	return nil
}

// topicWords name what is shown if no kind of item does.
var topicWords = map[history.Topic]string{
	history.TopicPerson: "person", history.TopicAccount: "account", history.TopicProfile: "browser profile",
	history.TopicRepository: "repository", history.TopicEntry: "entry of the allowlist",
}

func (t showText) head(s *Shown) string {
	words := cmp.Or(topicWords[s.Topic], kindWords[s.Kind], inventory.Untrusted(s.Kind).String())
	if s.Topic == history.TopicProject {
		words = "all apps of this owner or project"
	}
	return fmt.Sprintf("%s (%s)", s.Title, words)
}

func (t showText) identity(s *Shown) []string {
	var lines []string
	if s.ID != "" && s.ID != s.Title {
		lines = append(lines, s.ID.String())
	}
	for n, app := range s.Also {
		if n == listedIDs {
			lines = append(lines, fmt.Sprintf("and %s more", thousands(len(s.Also)-n)))
			break
		}
		lines = append(lines, strings.TrimSpace(app.ID.String()+" "+app.Name.String()))
	}
	if s.App.Publisher != "" {
		lines = append(lines, clip("by "+s.App.Publisher.String(), 2*t.width()))
	}
	if s.App.URL != "" {
		lines = append(lines, s.App.URL.String())
	}
	if s.Within != "" {
		lines = append(lines, "in "+s.Within.String())
	}
	return append(lines, t.standing(s)...)
}

// standing says whether it is there, and which scan saw that.
func (t showText) standing(s *Shown) []string {
	of := fmt.Sprintf("the scan of %s", moment(s.Seen.Started))
	switch {
	case s.Topic == history.TopicEntry && len(s.Means) > 0:
		return nil
	case s.Topic == history.TopicEntry:
		return []string{"No scan that is kept saw what it names: that is not to say that it is not there"}
	case s.State == history.Present && len(s.History) > 0 && s.History[len(s.History)-1].State == history.Unknown:
		return []string{"Seen by " + of + "; since then it was not read where it was, so it may be there or not"}
	case s.State == history.Present:
		return []string{"As seen by " + of}
	case s.State == history.Absent:
		return []string{"Gone. As it was in " + of + ", which saw it last"}
	}
	return []string{"Whether it is there is not known"}
}

// moment is a time for people, to the minute.
func moment(at time.Time) string { return at.UTC().Format("2 Jan 2006 15:04") + " UTC" }

func (t showText) mayHeading(s *Shown) string {
	if s.State == history.Absent {
		return "What it could do"
	}
	return "What it may do"
}

func (t showText) may(s *Shown) []string {
	if s.Topic != history.TopicApp && s.Topic != history.TopicProject || len(s.Places) == 0 {
		return nil
	}
	var lines []string
	for i := range s.Reasons {
		lines = append(lines, reasonLine(&s.Reasons[i], short(s.Reasons[i].Subject)))
	}
	if len(lines) == 0 {
		lines = append(lines, "Nothing that weighs anything")
	}
	if len(s.Waiting) > 0 {
		lines = append(lines, "It asks for, and does not have yet: "+scopes(s.Waiting))
	}
	return lines
}

func (t showText) means(s *Shown) []string {
	var lines []string
	for _, subject := range s.Means {
		lines = append(lines, fmt.Sprintf("- %s, %s: guestlist show %s", cmp.Or(subject.Name, subject.Query),
			plural(subject.Items, "item"), subject.Query))
	}
	return lines
}

func (t showText) accounts(s *Shown) []string {
	var lines []string
	for i := range s.Accounts {
		lines = append(lines, "- "+accountLine(&s.Accounts[i]))
	}
	return lines
}

// accountLine says whose account it is, and its posture.
func accountLine(a *inventory.Account) string {
	row := vendor.Of(a.Source.Provider)
	text := fmt.Sprintf("%s in %s", cmp.Or(a.Login, a.ID), organizationOf(a.Source))
	if row.Name != "" {
		text += " on " + row.Name
	}
	if a.Name != "" && a.Name != a.Login {
		text += ", " + a.Name.String()
	}
	factor := cmp.Or(row.SecondFactor.Name, "second factor")
	for _, each := range []struct {
		answer inventory.Answer
		yes    string
		no     string
	}{
		{a.Admin, cmp.Or(row.Accounts.Admin, "administrator"), ""}, {a.Guest, cmp.Or(row.Accounts.Guest, "guest"), ""},
		{a.Suspended, "suspended", ""}, {a.Archived, "archived", ""}, {a.TwoFactor, factor + " on", factor + " off"},
	} {
		switch {
		case each.answer == inventory.Yes:
			text += ", " + each.yes
		case each.answer == inventory.No && each.no != "":
			text += ", " + each.no
		case each.answer == inventory.Unknown && each.no != "":
			text += ", " + factor + " not known"
		}
	}
	if !a.Created.IsZero() {
		text += ", since " + a.Created.UTC().Format(time.DateOnly)
	}
	return text
}

func (t showText) placesHeading(s *Shown) string {
	if len(s.Places) == 0 {
		return ""
	}
	return sentence(holders(&s.Places[0].Holder, s.HolderCount)) + ": who let it in, and when"
}

// origins say how an extension was installed.
var origins = map[inventory.Origin]string{
	inventory.OriginStore: "from the store", inventory.OriginPolicy: "installed by policy",
	inventory.OriginSideload: "put there by a program",
	inventory.OriginUnpacked: "loaded from a directory", inventory.OriginBuiltin: "part of the browser",
}

func (t showText) places(s *Shown) []string {
	var lines []string
	for n := range s.Places {
		if n == shownPlaces {
			lines = append(lines, fmt.Sprintf("- and %s more", thousands(s.ItemCount-n)))
			break
		}
		a := s.Places[n]
		parts := []string{shortPlace(&a)}
		if words := origins[a.Origin]; words != "" || a.Origin == inventory.OriginUnknown {
			parts, a.Origin = append(parts, words), ""
		}
		parts = slices.DeleteFunc(parts, func(part string) bool { return part == "" })
		lines = append(lines, "- "+strings.Join(append(parts, conditions(&a, dayText)...), ", "))
	}
	return lines
}

func dayText(at time.Time) string { return at.UTC().Format("2 Jan 2006") }

func (t showText) appsHeading(s *Shown) string {
	verb := "Has"
	if s.Topic == history.TopicPerson || s.Topic == history.TopicAccount {
		verb = "Let in"
	}
	if s.ItemCount == 1 {
		return verb + " 1 item"
	}
	return fmt.Sprintf("%s %s, the most powerful first", verb, plural(s.ItemCount, "item"))
}

func (t showText) apps(s *Shown) []string {
	var lines []string
	for n := range s.Apps {
		if n == shownApps {
			lines = append(lines, fmt.Sprintf("- and %s more", thousands(s.ItemCount-n)))
			break
		}
		lines = append(lines, "- "+appLine(&s.Apps[n], s.Topic))
	}
	return lines
}

func appLine(a *ShownApp, topic history.Topic) string {
	name := cmp.Or(a.App.Name, a.App.ID)
	parts := []string{fmt.Sprintf("%s (%s)", name, cmp.Or(kindWords[a.Kind], inventory.Untrusted(a.Kind).String()))}
	affected := diff.Affected{Version: a.Version, State: a.State, Added: a.Added}
	parts = append(parts, conditions(&affected, dayText)...)
	if a.Can != "" {
		parts = append(parts, a.Can.String())
	} else {
		parts = append(parts, inventory.Untrusted(a.Tier).String()+" access")
	}
	switch {
	case len(a.Verdicts) > 0:
		parts = append(parts, short(a.Verdicts[0]))
	case decisionWords[a.Decision] != "":
		parts = append(parts, decisionWords[a.Decision])
	}
	if topic != history.TopicProfile {
		parts = append(parts, "in "+a.Source.Name.String())
	}
	return strings.Join(parts, ", ")
}

// says joins what the allowlist says.
func (t showText) says(s *Shown) []string {
	isAsked := s.Topic == history.TopicApp || s.Topic == history.TopicProject || s.Topic == history.TopicEntry
	switch {
	case !isAsked:
		return nil
	case s.Allowlist == nil:
		return []string{"There is no allowlist yet"}
	case len(s.Statements) == 0:
		lines := []string{fmt.Sprintf("%s does not mention it", s.Allowlist.Path)}
		if s.Allowlist.Contact != "" {
			lines = append(lines, fmt.Sprintf("Ask %s to approve it", s.Allowlist.Contact))
		}
		return lines
	}
	var lines []string
	for _, verdict := range s.Verdicts {
		lines = append(lines, sentence(short(verdict)))
	}
	for _, statement := range s.Statements {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", statement.At.File, statement.At.Line, statement.Text))
	}
	if order := s.Allowlist.Order(); order != "" && len(s.Statements) > 1 {
		lines = append(lines, order)
	}
	return lines
}

// Order says which of several lists decides; "" if there is only one.
func (a *AllowlistRef) Order() string {
	if len(a.Includes) == 0 {
		return ""
	}
	names := []string{a.Path.String()}
	for _, each := range a.Includes {
		names = append(names, each.Name.String())
	}
	return "A denial in any list wins; approvals count in this order: " + strings.Join(names, ", ")
}

func (t showText) revoke(s *Shown) []string {
	if s.State != history.Present {
		return nil
	}
	lines := make([]string, len(s.Revoke))
	for n, way := range s.Revoke {
		lines[n] = sentence(way.String())
	}
	return lines
}

// history says what was seen when, one line for each period without a change.
func (t showText) history(s *Shown) []string {
	var lines []string
	day := dayText
	if begunTogether(s.History) {
		day = moment
	}
	for i := range s.History {
		lines = append(lines, spanLine(&s.History[i], s.Topic, day))
	}
	if s.Unreadable > 0 {
		lines = append(lines, fmt.Sprintf("%s could not be read", plural(s.Unreadable, "kept snapshot")))
	}
	return lines
}

// begunTogether reports whether days do not distinguish the spans.
func begunTogether(spans []history.Span) bool {
	for n := 1; n < len(spans); n++ {
		if dayText(spans[n].First) == dayText(spans[n-1].Last) {
			return true
		}
	}
	return false
}

// spanLine says "1.2 on 3 Nov 2026 (1 scan)", "1.3 since 10 Nov 2026 (4 scans), gained cookies".
func spanLine(span *history.Span, topic history.Topic, day func(time.Time) string) string {
	text := seenWords(span.State, span.Versions, span.Count, topic)
	switch first, last := day(span.First), day(span.Last); {
	case span.Open && span.Looks > 1 && span.State != history.Unknown:
		text += " since " + first
	case first == last:
		text += " on " + first
	default:
		text += " from " + first + " to " + last
	}
	text += fmt.Sprintf(" (%s)", plural(span.Looks, "scan"))
	if len(span.Gained) > 0 {
		text += ", gained " + someOf(span.Gained)
	}
	if len(span.Lost) > 0 {
		text += ", lost " + someOf(span.Lost)
	}
	return text + gapWords(span.Gaps, span.GapCount, span.State)
}

func seenWords(state history.State, versions []inventory.Untrusted, count int, topic history.Topic) string {
	switch {
	case state == history.Absent:
		return "Not there"
	case state == history.Unknown:
		return "Not known"
	case state == history.Left:
		return "Only leftover files"
	case len(versions) > shownVersions:
		return fmt.Sprintf("%s and %s more versions", joinFirst(versions, shownVersions),
			thousands(len(versions)-shownVersions))
	case len(versions) > 0:
		return joinFirst(versions, len(versions))
	case topic == history.TopicApp || topic == history.TopicProject || count == 0:
		return "There"
	}
	return plural(count, "item")
}

func joinFirst(list []inventory.Untrusted, most int) string {
	texts := make([]string, 0, most)
	for _, text := range list[:most] {
		texts = append(texts, text.String())
	}
	return strings.Join(texts, ", ")
}

func someOf(list []inventory.Untrusted) string {
	if len(list) <= shownAccess {
		return scopes(list)
	}
	return fmt.Sprintf("%s and %s more", scopes(list[:shownAccess]), thousands(len(list)-shownAccess))
}

// gapWords says where no scan looked, so that "not seen" is not taken for "no".
func gapWords(gaps []history.Gap, count int, state history.State) string {
	if count == 0 {
		return ""
	}
	var parts []string
	for _, gap := range gaps[:min(shownGaps, len(gaps))] {
		text := gap.Source.Name.String()
		if gap.Reason != "" {
			text += " (" + short(gap.Reason) + ")"
		}
		parts = append(parts, text)
	}
	text := strings.Join(parts, ", ")
	if more := count - len(parts); more > 0 {
		text += fmt.Sprintf(" and %s more", thousands(more))
	}
	if state == history.Unknown {
		return ": not read: " + text
	}
	return "; not read: " + text
}

func windowHeading(w *history.Window) string {
	if w == nil {
		return ""
	}
	return fmt.Sprintf("Between %s and %s", moment(w.From), moment(w.To))
}

// window says what was there in a period: each version with the scans that saw it, and what the
// scans before and after saw. If no scan looked, it says so.
func (t showText) window(s *Shown) []string {
	w := s.Window
	if w == nil {
		return nil
	}
	lines := windowLines(w, s.Topic)
	if w.Before != nil {
		lines = append(lines, "Before: "+lookLine(w.Before, s.Topic))
	} else {
		lines = append(lines, "Before: no scan that is kept looked")
	}
	if w.After != nil {
		lines = append(lines, "After: "+lookLine(w.After, s.Topic))
	}
	return lines
}

func windowLines(w *history.Window, topic history.Topic) []string {
	if len(w.Looks) == 0 {
		return []string{"No scan looked in that time, so it is not known"}
	}
	versions := make(map[inventory.Untrusted][]time.Time)
	var order []inventory.Untrusted
	for i := range w.Looks {
		for _, version := range w.Looks[i].Versions {
			if versions[version] == nil {
				order = append(order, version)
			}
			versions[version] = append(versions[version], w.Looks[i].Scan.Started)
		}
	}
	var lines []string
	slices.SortStableFunc(order, func(a, b inventory.Untrusted) int { return versions[a][0].Compare(versions[b][0]) })
	for _, version := range order {
		times := versions[version]
		text := fmt.Sprintf("%s was seen by %s of %s: ", version, thousands(len(times)), plural(len(w.Looks), "scan"))
		if first, last := moment(times[0]), moment(times[len(times)-1]); first == last {
			text += "on " + first
		} else {
			text += "first on " + first + ", last on " + last
		}
		lines = append(lines, text)
	}
	for i := range w.Looks {
		if look := &w.Looks[i]; len(look.Versions) == 0 || look.GapCount > 0 {
			lines = append(lines, lookLine(look, topic))
		}
	}
	return lines
}

func lookLine(look *history.Look, topic history.Topic) string {
	return seenWords(look.State, look.Versions, look.Count,
		topic) + " on " + moment(look.Scan.Started) + gapWords(look.Gaps, look.GapCount, look.State)
}

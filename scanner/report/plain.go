package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/vendor"
)

// Plain is the report in plain words, for people who check their own browsers: what to do first,
// why, and what is fine. It names no rules and no severities.
type Plain struct {
	Width int // in columns; 0 does not wrap
}

var plainFormat = Format{Name: "plain", About: "plain words, for one's own browsers", New: func(s Style) Renderer {
	if s.Terminal {
		return Plain{Width: s.Width}
	}
	return Plain{}
}}

// asks are the headings of the parts. Sections without one are not for who checks their own
// browsers, or have words of their own.
var asks = map[diff.Section]string{
	diff.SectionRemove:    "Please remove, or ask before you go on using it",
	diff.SectionReapprove: "Approved, but not as it is now: please ask",
	diff.SectionApprove:   "Not approved: please ask for approval, or remove it",
	diff.SectionInstall:   "Missing: please install it",
	diff.SectionAccounts:  "Your account",
	diff.SectionChanges:   "Changed since the last check",
}

// Render implements [Renderer].
func (p Plain) Render(w io.Writer, r *Report) error {
	var buffer bytes.Buffer
	p.paragraph(&buffer, "", p.opening(r))
	for _, section := range diff.Sections() {
		if heading, asked := asks[section]; asked {
			p.part(&buffer, r, heading, section)
		}
	}
	p.gaps(&buffer, r)
	p.known(&buffer, r)
	if r.Summary.Approved > 0 {
		fmt.Fprintln(&buffer)
		p.paragraph(&buffer, "", approvedWords(r.Summary.Approved))
	}
	fmt.Fprintln(&buffer)
	if limits := r.limits(); limits != "" {
		p.paragraph(&buffer, "", limits)
	}
	p.paragraph(&buffer, "", r.basis(p.Width > 0))
	_, err := w.Write(buffer.Bytes())
	return err
}

func approvedWords(count int) string {
	if count == 1 {
		return "1 item is approved and unchanged."
	}
	return thousands(count) + " items are approved and unchanged."
}

func (p Plain) opening(r *Report) string {
	where := seen(r)
	switch {
	case r.Summary.Sources.Total == 0:
		return "guestlist found nothing to check here, so this is not an all-clear."
	case where == "":
		return "guestlist could not read anything, so this is not an all-clear."
	}
	text := fmt.Sprintf("guestlist looked at %s and found %s.", where, plural(r.Summary.Items, "item"))
	if r.ExitCode == ExitClean {
		return text + " There is nothing you need to do."
	}
	return text
}

// seen names what was looked at, and of which at least a part was read: browsers by their number,
// services by their names.
func seen(r *Report) string {
	profiles := 0
	var services []string
	for i := range r.Coverage {
		source := &r.Coverage[i].Source
		platform := vendor.Of(source.Provider)
		switch {
		case r.Coverage[i].Unobservable || r.Coverage[i].Status == inventory.StatusNotObservable:
		case platform.Name != "" && !platform.Local:
			name, _, _ := strings.Cut(source.Name.String(), "/")
			if text := name + " on " + platform.Name; !slices.Contains(services, text) {
				services = append(services, text)
			}
		default:
			profiles++
		}
	}
	if profiles > 0 {
		services = append([]string{plural(profiles, "browser profile")}, services...)
	}
	return inventory.Enumerate(services, "and")
}

func (p Plain) part(w io.Writer, r *Report, heading string, section diff.Section) {
	first := true
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Rule.Info().Section != section {
			continue
		}
		if first {
			fmt.Fprintln(w)
			p.paragraph(w, "", heading+":")
			first = false
		}
		p.finding(w, f, r.Finished)
	}
}

func (p Plain) finding(w io.Writer, f *diff.Finding, now time.Time) {
	fmt.Fprintln(w)
	p.paragraph(w, "  ", strings.TrimSpace(subjectOf(f, now)+" "+places(f)))
	p.paragraph(w, "    ", sentence(p.text(f.Why))+".")
	for _, remark := range remarks(f.Notes, f.Lookalikes) {
		p.paragraph(w, "    ", sentence(remark)+".")
	}
	rule := f.Rule.Info()
	if can := abilities(f); can != "" && !rule.Absent && !rule.ToldElsewhere {
		p.paragraph(w, "    ", itCan(f)+can+".")
	}
	if f.Remedy != "" {
		p.paragraph(w, "    ", sentence(f.Remedy.String())+".")
	}
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

// subjectOf names what a finding is about: an app, or the things it gathers by their own names.
func subjectOf(f *diff.Finding, now time.Time) string {
	if f.App != (inventory.App{}) {
		return nameOf(&f.App)
	}
	var details []string
	for i := range f.Holders {
		detail := f.Holders[i].Detail.String()
		if times := timesOf(&f.Holders[i], now); detail != "" && times != "" {
			detail += " (" + times + ")"
		}
		if detail != "" {
			details = append(details, detail)
		}
	}
	subject := gatherings[f.Kind].heading
	if f.ItemCount == 1 {
		subject = sentence(gatherings[f.Kind].one)
	}
	if subject == "" && len(f.Holders) > 0 {
		subject = f.Holders[0].Holder.Account.String()
	}
	if len(details) > 0 {
		subject = strings.TrimPrefix(subject+": ", ": ") + strings.Join(details, "; ")
	}
	return subject
}

// timesOf says how old a key or token is, when it was used and when it ends, as far as that is
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

func places(f *diff.Finding) string {
	var all []string
	for i := range f.Holders {
		h := f.Holders[i].Holder
		parts := []string{}
		for _, part := range []inventory.Untrusted{h.Browser, h.Profile} {
			if part != "" {
				parts = append(parts, part.String())
			}
		}
		if len(parts) > 0 {
			all = append(all, strings.Join(parts, " "))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// abilities are what the access lets it do, without repeating itself.
func abilities(f *diff.Finding) string {
	var all []string
	seen := make(map[inventory.Untrusted]bool)
	for _, reason := range f.Reasons {
		if !seen[reason.Why] && reason.Level.AtLeast(inventory.Medium) {
			seen[reason.Why] = true
			all = append(all, reason.Why.String())
		}
	}
	return strings.Join(all, "; ")
}

func (p Plain) gaps(w io.Writer, r *Report) {
	first := true
	for _, alike := range listedGaps(alikeSources(r.Coverage, (*inventory.Coverage).IsGap)) {
		c := alike.first
		if first {
			fmt.Fprintln(w)
			p.paragraph(w, "", "guestlist could not read everything, so there may be more:")
			fmt.Fprintln(w)
			first = false
		}
		p.paragraph(w, "  ", fmt.Sprintf("%s: %s", alike.name(), p.text(c.Reason)))
		for _, detail := range c.Details {
			p.paragraph(w, "    ", p.text(detail))
		}
		if c.Remedy != "" {
			p.paragraph(w, "    ", sentence(c.Remedy.String())+".")
		}
	}
}

// text is a foreign sentence as the output shows it.
func (p Plain) text(text inventory.Untrusted) string {
	return shown(text, p.Width > 0)
}

// known tells what sources that were read have to say, and where a person must look because no
// program can.
func (p Plain) known(w io.Writer, r *Report) {
	first := true
	wanted := func(c *inventory.Coverage) bool { return !c.IsGap() && (c.Unobservable || len(c.Details) > 0) }
	for _, alike := range alikeSources(r.Coverage, wanted) {
		if first {
			fmt.Fprintln(w)
			p.paragraph(w, "", "Good to know:")
			fmt.Fprintln(w)
			first = false
		}
		if alike.first.Unobservable {
			p.paragraph(w, "  ", fmt.Sprintf("%s. %s.", sentence(alike.first.Reason.String()), sentence(alike.first.Remedy.String())))
		}
		for _, detail := range alike.first.Details {
			p.paragraph(w, "  ", sentence(detail.String())+".")
		}
	}
}

func (p Plain) paragraph(w io.Writer, indent, text string) {
	lines := []string{indent + text}
	if p.Width > 0 {
		lines = wrap(indent+text, p.Width)
	}
	for _, line := range lines {
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}

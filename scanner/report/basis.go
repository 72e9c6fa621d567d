package report

import (
	"fmt"
	"io"
	"time"

	"guestlist/scanner/inventory"
)

// Every report names the files that decided it, so that there is no need to guess which of several
// allowlists was found, or which scan was the previous one.

// shortDigest is how much of a digest a terminal shows, in characters.
const shortDigest = 12

// decided writes which allowlist and which baseline decided, in a section of its own.
func (c Cards) decided(w io.Writer, r *Report) error {
	list := c.list("DECIDED BY")
	allowlist, which := r.allowlist(true)
	list.add("allowlist: "+allowlist, which)
	if r.Allowlist != nil {
		for i := range r.Allowlist.Feeds {
			feed := &r.Allowlist.Feeds[i]
			list.add("feed: "+feed.Path.String(), feed.words(r.Finished))
		}
	}
	baseline, when := r.baseline()
	list.add("baseline: "+baseline, when)
	return list.write(w)
}

// words say which version of a feed it was, how old it was, and what was in it.
func (f *FeedRef) words(at time.Time) string {
	digest := f.Digest.String()
	dated := "without a date"
	if !f.Date.IsZero() {
		dated = fmt.Sprintf("of %s, %s", f.Date.UTC().Format(time.DateOnly), plural(max(0, int(at.Sub(f.Date)/(24*time.Hour))), "day")+" old")
	}
	if f.Stale {
		dated += ", out of date"
	}
	text := fmt.Sprintf("sha256 %s…, %s, %s", digest[:min(len(digest), shortDigest)], dated, plural(f.IDs, "ID"))
	if f.Rejected > 0 {
		text += ", " + plural(f.Rejected, "row") + " not understood"
	}
	return text
}

const nothing = "none"

// allowlist names the allowlist, and which of its versions it was.
func (r *Report) allowlist(short bool) (path, which string) {
	if r.Allowlist == nil {
		return nothing, ""
	}
	digest := r.Allowlist.Digest.String()
	if short && len(digest) > shortDigest {
		digest = digest[:shortDigest] + "…"
	}
	entries := "1 entry"
	if r.Allowlist.Entries != 1 {
		entries = thousands(r.Allowlist.Entries) + " entries"
	}
	return r.Allowlist.Path.String(), fmt.Sprintf("sha256 %s, %s", digest, entries) + r.Allowlist.including()
}

// including names the lists that were included, besides presets, and those that are old copies.
func (a *AllowlistRef) including() string {
	var names []string
	for _, each := range a.Includes {
		if each.preset {
			continue
		}
		name := each.Name.String()
		if each.Note != "" {
			name += " as of " + each.Fetched.UTC().Format(time.DateOnly)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	return ", including " + inventory.Enumerate(names, "and")
}

// baseline names the snapshot that was compared with, and the scan it is from.
func (r *Report) baseline() (path, which string) {
	if r.Baseline == nil {
		return nothing, ""
	}
	which = "scan of " + r.Baseline.Started.UTC().Format(time.RFC3339)
	if r.Baseline.Name != "" {
		which = r.Baseline.Name.String() + " " + which
	}
	return r.Baseline.Path.String(), which
}

// decision is one of the files that decided a report, in the words used in columns and in lines for
// programs: what was done with it, its name, and which of its versions it was.
type decision struct{ word, path, which string }

func (d decision) String() string {
	if d.which == "" {
		return d.path // none
	}
	return d.path + " (" + d.which + ")"
}

// checkedAgainst is the allowlist, with its whole digest.
func (r *Report) checkedAgainst() decision {
	path, which := r.allowlist(false)
	return decision{"checked-against", path, which}
}

// comparedWith is the baseline.
func (r *Report) comparedWith() decision {
	path, which := r.baseline()
	return decision{"compared-with", path, which}
}

// words names the baseline for people: guestlist's own files by series and time, others by path.
func (b *BaselineRef) words() string {
	if b.Name == "" {
		return b.Path.String()
	}
	return fmt.Sprintf("the %s scan of %s UTC", b.Name, b.Started.UTC().Format("2 Jan 2006 15:04"))
}

// basis says the same at length to people who check their own browsers.
func (r *Report) basis(short bool) string {
	text := "Checked against no allowlist"
	if path, which := r.allowlist(short); which != "" {
		text = fmt.Sprintf("Checked against %s (%s)", path, which)
	}
	if path, which := r.baseline(); which != "" {
		return fmt.Sprintf("%s, and compared with %s (%s).", text, path, which)
	}
	return text + "; not compared with an earlier scan."
}

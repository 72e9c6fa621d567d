package report

import (
	"cmp"
	"io"
	"strconv"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// CSVApps is a header, then a row for each app and for the keys and tokens of each account: what an
// auditor asks for. Approved apps also have a row. So does a source that was not read, since apps
// that could not be seen are not absent.
type CSVApps struct{}

var csvAppsFormat = Format{
	Name: "csv-apps", About: "one row per app with its approval, for an auditor",
	Help: "Approved apps have a row as well, and so has each source that was not read.",
	New:  func(Style) Renderer { return CSVApps{} },
}

// appColumns are the columns, in order.
var appColumns = []struct {
	name  string
	value func(*Entry, *Report) string
}{
	{"entry", func(e *Entry, _ *Report) string { return e.ID }},
	{"app", func(e *Entry, _ *Report) string { return e.Title.String() }},
	{"app_ids", func(e *Entry, _ *Report) string { return idsOf(e) }},
	{"publisher", func(e *Entry, _ *Report) string { return e.App.Publisher.String() }},
	{"kind", func(e *Entry, _ *Report) string { return kindOf(e) }},
	{"provider", func(e *Entry, _ *Report) string { return inventory.Untrusted(e.Provider).String() }},
	{"status", func(e *Entry, r *Report) string { return statusOf(e, r) }},
	{"urgency", func(e *Entry, _ *Report) string { return inventory.Untrusted(e.Urgency).String() }},
	{"needs_action", func(e *Entry, _ *Report) string { return yesNo(e.Open) }},
	{"rules", func(e *Entry, _ *Report) string { return rulesOf(e) }},
	{"change", func(e *Entry, _ *Report) string { return e.Change.String() }},
	{"tier", func(e *Entry, _ *Report) string { return inventory.Untrusted(e.Tier).String() }},
	{"reach", func(e *Entry, _ *Report) string { return reachWords(e) }},
	{"can", func(e *Entry, _ *Report) string { return allReasons(e) }},
	{"holders", func(e *Entry, _ *Report) string { return strconv.Itoa(e.HolderCount) }},
	{"admins", func(e *Entry, _ *Report) string { return strconv.Itoa(e.AdminCount) }},
	{"where", func(e *Entry, _ *Report) string { return allPlaces(e) }},
	{"approved_by", approvals(func(a *diff.Approval) string { return a.Owner.String() })},
	{"approved_on", approvals(func(a *diff.Approval) string { return a.Approved.String() })},
	{"approval_expires", approvals(func(a *diff.Approval) string { return a.Expires.String() })},
	{"approval_reason", approvals(func(a *diff.Approval) string { return a.Reason.String() })},
	{"allowlist", approvals(func(a *diff.Approval) string { return positionOf(&a.At) })},
	{"why", whysOf},
	{"remedy", func(e *Entry, _ *Report) string { return cmp.Or(e.Remedy, e.Revoke).String() }},
	{"approve_with", func(e *Entry, _ *Report) string { return e.ApproveWith.String() }},
}

// Render implements [Renderer].
func (CSVApps) Render(w io.Writer, r *Report) error {
	out := newCSVWriter(w, r)
	for _, column := range appColumns {
		out.add(column.name)
	}
	out.header()
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.About == diff.AboutAccount || e.About == diff.AboutAllowlist {
			continue
		}
		for _, column := range appColumns {
			out.add(column.value(e, r))
		}
		out.end()
	}
	return out.close()
}

// approvals joins what of says about each approval.
func approvals(of func(*diff.Approval) string) func(*Entry, *Report) string {
	return func(e *Entry, _ *Report) string {
		var parts []string
		for n := range e.Approvals {
			if text := of(&e.Approvals[n]); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, "; ")
	}
}

// statusOf says in a word or two what the allowlist says about an entry.
func statusOf(e *Entry, r *Report) string {
	switch {
	case e.About == diff.AboutSource:
		return "not read"
	case e.Change == diff.ChangeRemoved:
		return "gone"
	case r.Allowlist == nil:
		return "no allowlist"
	case len(e.Approvals) == 0 && e.Urgency == "":
		return "no entry needed"
	case len(e.Approvals) == 0:
		return "no entry"
	}
	var words []string
	for n := range e.Approvals {
		a := &e.Approvals[n]
		word := cmp.Or(decisions[a.Decision], inventory.Untrusted(a.Decision).String())
		if a.Expired {
			word += ", expired"
		}
		words = append(words, word)
	}
	return strings.Join(words, "; ")
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

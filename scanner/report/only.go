package report

import (
	"slices"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// News is a kind of change, as people name it.
type News struct {
	Name  string
	About string   // a phrase for help texts
	Also  []string // what others call it, to suggest what was meant
	Kinds []diff.ChangeKind
}

// AllNews lists the kinds of change that a report can be limited to and that can fail a run.
var AllNews = []News{
	{"new", "what was not there in the last scan", []string{"added", "add", "news"}, []diff.ChangeKind{diff.ChangeAdded}},
	{"changed", "what is not as it was, whatever the change", []string{"updated", "modified", "different"},
		[]diff.ChangeKind{diff.ChangeGained, diff.ChangeOther, diff.ChangeLost}},
	{"gained", "what has more access than before", []string{"gained-access", "wider"},
		[]diff.ChangeKind{diff.ChangeGained}},
	{"lost", "what has less access than before", []string{"lost-access", "narrower"}, []diff.ChangeKind{diff.ChangeLost}},
	{"removed", "what is gone", []string{"gone", "deleted", "missing"}, []diff.ChangeKind{diff.ChangeRemoved}},
	{"unread", "sources that are no longer read", []string{"not-read", "gaps"}, []diff.ChangeKind{diff.ChangeUnread}},
	{"read-again", "sources that can be read again", []string{"readagain", "back"},
		[]diff.ChangeKind{diff.ChangeReadAgain}},
}

// KindsOf are the kinds of change that names of [AllNews] mean, each once.
func KindsOf(names []string) []diff.ChangeKind {
	var kinds []diff.ChangeKind
	for _, news := range AllNews {
		for _, kind := range news.Kinds {
			if slices.Contains(names, news.Name) && !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// limit leaves out what did not change in one of the ways in Only. Verdict, summary, coverage and
// exit code still cover everything.
func (r *Report) limit() {
	if r.Only == nil {
		return
	}
	isMeant := func(kind diff.ChangeKind) bool { return slices.Contains(r.Only, kind) }
	counts := make(map[diff.ChangeKind]int)
	for kind, count := range r.Difference.Counts {
		if isMeant(kind) {
			counts[kind] = count
		}
	}
	r.Difference = diff.Difference{Counts: counts,
		List: keepIf(r.Difference.List, func(c *diff.Change) bool { return isMeant(c.Kind) })}
	all := len(r.Entries)
	shown := make(map[string]bool) // findings
	r.Entries = keepIf(r.Entries, func(e *Entry) bool {
		if !isMeant(e.Change) && !slices.ContainsFunc(e.Changes, func(c *diff.Change) bool { return isMeant(c.Kind) }) {
			return false
		}
		for _, id := range e.FindingIDs {
			shown[id] = true
		}
		return true
	})
	r.Findings = keepIf(r.Findings, func(f *diff.Finding) bool { return shown[f.ID] })
	r.LeftOut = all - len(r.Entries)
}

// keepIf copies the wanted part of a list, since others point into the list itself.
func keepIf[T any](list []T, wanted func(*T) bool) []T {
	kept := []T{}
	for i := range list {
		if wanted(&list[i]) {
			kept = append(kept, list[i])
		}
	}
	return kept
}

// limits says in a sentence what is left out; empty if nothing is.
func (r *Report) limits() string {
	if r.Only == nil {
		return ""
	}
	var words []string
	for _, news := range AllNews {
		// Do not repeat what a wider word says.
		isSaid := func(other News) bool {
			return other.Name != news.Name && len(other.Kinds) > len(news.Kinds) && containsAll(other.Kinds, news.Kinds) &&
				containsAll(r.Only, other.Kinds)
		}
		if containsAll(r.Only, news.Kinds) && !slices.ContainsFunc(AllNews, isSaid) {
			words = append(words, news.Name)
		}
	}
	text := "Shown is only what is " + inventory.Enumerate(words, "or")
	switch r.LeftOut {
	case 0:
		return text + "."
	case 1:
		return text + "; 1 other entry is left out."
	}
	return text + "; " + thousands(r.LeftOut) + " other entries are left out."
}

func containsAll(list, wanted []diff.ChangeKind) bool {
	return !slices.ContainsFunc(wanted, func(kind diff.ChangeKind) bool { return !slices.Contains(list, kind) })
}

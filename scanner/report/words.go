package report

import (
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// Words are what one line says about an entry, as the table does.
type Words struct {
	// Sign is + for what was added, ~ for what changed, - for what is gone; empty without a change.
	Sign string
	// Title, Kind, Where and Why are as in the table: "Ledger Books", "OAuth app", "2 people", "more
	// access than approved".
	Title, Kind, Where, Why inventory.Untrusted
	// Change is the most important change in a few words: "gained drive.readonly".
	Change inventory.Untrusted
	// Remedy says what to do.
	Remedy inventory.Untrusted
}

// Words returns what a line says about the entry.
func (e *Entry) Words() Words {
	words := Words{
		Sign: strings.TrimSpace(markOf(e.Change)), Title: e.Title, Kind: inventory.Untrusted(kindWord(e)),
		Where: inventory.Untrusted(where(e)), Why: e.Why, Remedy: e.Remedy,
	}
	if words.Remedy == "" {
		words.Remedy = e.Revoke
	}
	for _, c := range e.Changes {
		if c.Kind == e.Change {
			words.Change = inventory.Untrusted(changeWord(c))
			break
		}
	}
	return words
}

// IsOpen reports whether someone should do something about a finding.
func IsOpen(f *diff.Finding) bool {
	return phraseOf(f) != diff.PhraseNone || f.Rule == diff.NotObserved
}

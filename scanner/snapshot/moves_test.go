package snapshot

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
)

// holding is an account with the apps it holds. A login of "" is no account: its apps belong to
// nobody.
type holding struct {
	id, login string
	own       bool
	apps      []string
}

func writeHoldings(t *testing.T, path string, source func(holding) inventory.Source, holdings []holding) {
	t.Helper()
	w, err := Create(path, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Abort()
	for _, h := range holdings {
		account := inventory.Account{Source: grants("acme.example/accounts"), ID: inventory.Untrusted(h.id),
			Login: inventory.Untrusted(h.login)}
		if h.own {
			account.Source = grants(h.login + "/self")
			account.Facts = map[string]inventory.Untrusted{inventory.FactOwn: "yes"}
		}
		if err := w.AddAccount(&account); err != nil {
			t.Fatal(err)
		}
		for _, app := range h.apps {
			item := testItem(source(h), 0)
			item.App.ID, item.Holder = inventory.Untrusted(app), inventory.Holder{Account: inventory.Untrusted(h.login)}
			if err := w.AddItem(&item); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.Commit(now.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAnAccountHoldsIsComparedByTheAccountsIDAndNotByItsName(t *testing.T) {
	t.Parallel()
	below := func(h holding) inventory.Source {
		return grants("acme.example/grants").Join(inventory.Untrusted(h.login))
	}
	for _, test := range []struct {
		name     string
		source   func(holding) inventory.Source
		old, now []holding
		want     []string // "+" came, "-" is gone, "=" is there in both
	}{
		{"a-renamed-account-before-its-new-name-in-the-order", below,
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail", "notes"}},
				{id: "2", login: "bob@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "1", login: "zoe@acme.example", apps: []string{"mail", "more"}},
				{id: "2", login: "bob@acme.example", apps: []string{"mail"}}},
			[]string{"= bob@acme.example mail", "= zoe@acme.example mail", "+ zoe@acme.example more",
				"- zoe@acme.example notes"}},
		{"and-after-it", below,
			[]holding{{id: "1", login: "zoe@acme.example", apps: []string{"mail", "notes"}},
				{id: "2", login: "bob@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail"}},
				{id: "2", login: "bob@acme.example", apps: []string{"mail"}}},
			[]string{"- ada@acme.example notes", "= ada@acme.example mail", "= bob@acme.example mail"}},
		{"only-capitals", below,
			[]holding{{id: "1", login: "Ada@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail"}}},
			[]string{"= ada@acme.example mail"}},
		{"a-name-with-a-slash-in-it", below,
			[]holding{{id: "1", login: "a/b@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "1", login: "ab@acme.example", apps: []string{"mail"}}},
			[]string{"= ab@acme.example mail"}},
		{"two-accounts-change-names-with-each-other", below,
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail"}},
				{id: "2", login: "bob@acme.example", apps: []string{"notes"}}},
			[]holding{{id: "1", login: "bob@acme.example", apps: []string{"mail"}},
				{id: "2", login: "ada@acme.example", apps: []string{"notes"}}},
			[]string{"= ada@acme.example notes", "= bob@acme.example mail"}},
		{"an-address-that-is-given-to-somebody-else", below,
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "1", login: "ada.old@acme.example", apps: []string{"mail"}},
				{id: "2", login: "ada@acme.example", apps: []string{"mail"}}},
			[]string{"+ ada@acme.example mail", "= ada.old@acme.example mail"}},
		{"and-one-of-an-account-that-was-deleted", below,
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "2", login: "ada@acme.example", apps: []string{"mail"}}},
			[]string{"+ ada@acme.example mail", "- ada@acme.example (former, ID 1) mail"}},
		{"an-account-that-is-gone", below,
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "2", login: "bob@acme.example"}},
			[]string{"- ada@acme.example mail"}},
		{"a-name-in-the-middle-of-the-source's", func(h holding) inventory.Source {
			source := below(h).Join("profile")
			source.Provider = inventory.ChromeManagement
			return source
		},
			[]holding{{id: "1", login: "ada@acme.example", apps: []string{"mail"}}},
			[]holding{{id: "1", login: "zoe@acme.example", apps: []string{"mail"}}},
			[]string{"= profile mail"}},
		{"one's-own-account-after-which-everything-is-named",
			func(h holding) inventory.Source { return grants(h.login + "/keys") },
			[]holding{{id: "1", login: "ada", own: true, apps: []string{"key"}}},
			[]holding{{id: "1", login: "zoe", own: true, apps: []string{"key"}}},
			[]string{"= keys key"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			old, newer := filepath.Join(dir, "old"), filepath.Join(dir, "new")
			writeHoldings(t, old, test.source, test.old)
			writeHoldings(t, newer, test.source, test.now)
			if diff := cmp.Diff(test.want, comparedItems(t, old, newer), cmp.Transformer("sorted", sortedCopy)); diff != "" {
				t.Errorf("compared otherwise (-want +got):\n%s", diff)
			}
		})
	}
}

func sortedCopy(lines []string) string { return strings.Join(sorted(lines), "\n") }

func comparedItems(t *testing.T, old, newer string) []string {
	t.Helper()
	var all []string
	for pair, err := range Compare(mustOpen(t, old), mustOpen(t, newer)) {
		if err != nil {
			t.Fatal(err)
		}
		before, err := pair.OldItem()
		if err != nil {
			t.Fatal(err)
		}
		now, err := pair.NewItem()
		if err != nil {
			t.Fatal(err)
		}
		mark, item := "=", now
		switch {
		case before == nil && now == nil:
			continue
		case before == nil:
			mark = "+"
		case now == nil:
			mark, item = "-", before
		}
		name := string(item.Source.Name)
		all = append(all, fmt.Sprintf("%s %s %s", mark, name[strings.LastIndex(name, "/")+1:], item.App.ID))
	}
	return all
}

func TestAComparisonOfRenamedAccountsCanBeLeftAtAnyPair(t *testing.T) {
	t.Parallel()
	below := func(h holding) inventory.Source {
		return grants("acme.example/grants").Join(inventory.Untrusted(h.login))
	}
	dir := t.TempDir()
	old, newer := filepath.Join(dir, "old"), filepath.Join(dir, "new")
	writeHoldings(t, old, below, []holding{{id: "1", login: "b", apps: []string{"1", "2", "3"}},
		{id: "2", login: "c", apps: []string{"4"}}})
	writeHoldings(t, newer, below, []holding{{id: "1", login: "a", apps: []string{"2"}},
		{id: "2", login: "d", apps: []string{"4", "5"}}})
	whole := 0
	for range Compare(mustOpen(t, old), mustOpen(t, newer)) {
		whole++
	}
	for stop := 1; stop <= whole; stop++ {
		seen := 0
		for _, err := range Compare(mustOpen(t, old), mustOpen(t, newer)) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen == stop {
				break
			}
		}
	}
	if whole != 7 {
		t.Errorf("%d pairs, want 2 accounts and 5 items", whole)
	}
}

func TestWithoutAnOlderSnapshotNoAccountIsRemembered(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "scan.jsonl")
	w, err := Create(path, testHeader())
	if err != nil {
		t.Fatal(err)
	}
	account := inventory.Account{Source: inventory.Source{Provider: inventory.GitHub, Name: "acme/members"}, ID: "1",
		Login: "it"}
	if err := w.AddAccount(&account); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(now); err != nil {
		t.Fatal(err)
	}
	seen := 0
	m := &merger{a: newSide(nil), b: newSide(mustOpen(t, path)), moves: newMoves(),
		yield: func(Pair, error) bool { seen++; return true }}
	if err := m.merge(); err != nil || seen != 1 {
		t.Fatalf("%d pairs, %v", seen, err)
	}
	if len(m.moves.arrived) != 0 {
		t.Errorf("%d accounts are remembered", len(m.moves.arrived))
	}
}

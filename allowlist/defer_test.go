package allowlist_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

const deferred = "[[defer]]\nkind = \"extension\"\nid = \"" + addonID + "\"\nreason = \"The vendor answers\"\nuntil = 2026-12-15\n"

func TestADeferredDecisionWaitsUntilItsDayUnlessSomethingElseDecides(t *testing.T) {
	t.Parallel()
	const approved = "[[allow]]\nkind = \"extension\"\nid = \"" + addonID + "\"" + approvedX + "\n"
	pending := strings.Replace(approved, "it@acme.example", "TODO", 1)
	for name, test := range map[string]struct {
		text string
		day  string
		want allowlist.Decision
		why  string
	}{
		"before-its-day": {deferred, "2026-12-14", allowlist.Deferred,
			"the decision is deferred until 2026-12-15: The vendor answers"},
		"on-its-day": {deferred, "2026-12-15", allowlist.Pending,
			"the decision was deferred until 2026-12-15, and is due: The vendor answers"},
		"an-approval-decides": {deferred + approved, "2026-12-01", allowlist.Allowed, ""},
		"a-refusal-decides": {deferred + "[[deny]]\nid = \"" + addonID + "\"\nreason = \"Sells data\"\n", "2026-12-01",
			allowlist.Denied, "denied: Sells data"},
		"a-requirement-decides": {deferred + "[[require]]\nid = \"" + addonID + "\"\nreason = \"Passwords\"\n", "2026-12-01",
			allowlist.Allowed, "required: Passwords"},
		"a-pending-entry-waits-with-it": {pending + deferred, "2026-12-01", allowlist.Deferred,
			"the decision is deferred until 2026-12-15: The vendor answers"},
		"one-that-is-due-beside-one-that-is-not": {
			strings.Replace(deferred, "until", "for = [\"ann@acme.example\"]\nuntil", 1) +
				strings.Replace(deferred, "until = 2026-12-15", "until = 2026-11-01", 1), "2026-12-01", allowlist.Deferred,
			"the decision is deferred until 2026-12-15: The vendor answers"},
		"for-someone-else": {strings.Replace(deferred, "until", "for = [\"bob@acme.example\"]\nuntil", 1), "2026-12-01",
			allowlist.Unlisted, "not in the allowlist"},
		"another-kind": {strings.Replace(deferred, `"extension"`, `"theme"`, 1), "2026-12-01", allowlist.Unlisted,
			"not in the allowlist"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n"+test.text), nil)
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.DateOnly, test.day)
			if err != nil {
				t.Fatal(err)
			}
			item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID},
				Holder: inventory.Holder{Account: "ann@acme.example"}}
			verdict := list.Decide(&item, at)
			if verdict.Decision != test.want || test.why != "" && verdict.Why.String() != test.why {
				t.Errorf("%s: %s, want %s: %s", verdict.Decision, verdict.Why, test.want, test.why)
			}
		})
	}
}

func TestADeferEntrySaysWhatAndUntilWhenAndWhy(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for name, test := range map[string]struct{ from, to, want string }{
		"whole":         {"", "", ""},
		"no-day":        {"until = 2026-12-15\n", "", "[[defer]] has no until"},
		"no-reason":     {"reason = \"The vendor answers\"\n", "", "[[defer]] has no reason"},
		"a-day-as-text": {"2026-12-15", "\"15 Dec\"", "until must be a date, not a string"},
		"an-approval":   {"until =", "expires = 2027-01-01\nuntil =", `[[defer]] has no key "expires"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "version = 1\n" + strings.Replace(deferred, test.from, test.to, 1)
			_, err := allowlist.Parse("allowlist.toml", []byte(text), nil)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %s", err, test.want)
			}
			if valid := schema.Validate(asJSON(t, text)) == nil; valid != (test.want == "") {
				t.Errorf("the schema says %v", valid)
			}
		})
	}
}

func TestLintNamesADeferredDecisionThatIsDueOrMade(t *testing.T) {
	t.Parallel()
	approved := "[[allow]]\nkind = \"extension\"\nid = \"" + addonID + "\"" + approvedX +
		"expires = 2027-11-01\npermissions = []\nhosts = []\n"
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"due": {strings.Replace(deferred, "2026-12-15", "2026-11-01", 1), []string{
			`allowlist.toml:6: the decision about "` + addonID + `" was deferred until 2026-11-01, and is due (approve it, deny it, or set a later day)`}},
		"not-due": {deferred, nil},
		"made": {deferred + approved, []string{
			`allowlist.toml:4: the decision about "` + addonID + `" has been made at allowlist.toml:7 (remove the [[defer]] entry)`}},
		"no-reason": {strings.Replace(deferred, "The vendor answers", "TODO", 1), []string{
			"allowlist.toml:5: reason is not filled in (say why, for the next reviewer)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n"+test.text), nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, problem := range list.Lint(time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)) {
				got = append(got, problem.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestExplainSaysThatADecisionWaits(t *testing.T) {
	t.Parallel()
	list, err := allowlist.Parse("allowlist.toml", []byte("version = 1\n"+deferred), nil)
	if err != nil {
		t.Fatal(err)
	}
	item := inventory.Item{Kind: inventory.KindExtension, App: inventory.App{ID: addonID}}
	for day, want := range map[string]string{
		"2026-12-01": "defers the decision about " + addonID + " as extension, until 2026-12-15, because: The vendor answers; decides",
		"2027-01-01": "defers the decision about " + addonID + " as extension, until 2026-12-15, because: The vendor answers; decides",
	} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if statements := list.ExplainItem(&item, at); len(statements) != 1 || statements[0].Text.String() != want {
			t.Errorf("%v, want %s", statements, want)
		}
	}
}

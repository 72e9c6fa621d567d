package report

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// isCSVWithoutFormulas: rows of one length, in which no cell is calculated, whichever of the usual
// separators the spreadsheet goes by.
func isCSVWithoutFormulas(t *testing.T, out string) {
	t.Helper()
	for _, separator := range []rune{',', ';'} {
		reader := csv.NewReader(strings.NewReader(out))
		reader.Comma = separator
		if separator != ',' {
			reader.LazyQuotes, reader.FieldsPerRecord = true, -1
		}
		rows, err := reader.ReadAll()
		if err != nil {
			t.Fatalf("separated by %q: %v", separator, err)
		}
		for _, row := range rows {
			for _, cell := range row {
				if begin := strings.TrimLeft(cell, " \n\"`\u00a0"); begin != "" && strings.ContainsRune(formulaSigns, []rune(begin)[0]) {
					t.Errorf("separated by %q, a cell is a formula: %q", separator, cell)
				}
			}
		}
	}
}

func TestACellThatBeginsLikeAFormulaIsText(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"":              "",
		"Ledger Books":  "Ledger Books",
		"a=b":           "a=b",
		"a-b@c.example": "a-b@c.example",
		"=1+1":          "'=1+1",
		"+1":            "'+1",
		"-1":            "'-1",
		"@SUM(A1)":      "'@SUM(A1)",
		"\t=1":          "'\t=1",
		"\r=1":          "'\r=1",
		"  =1":          "'  =1",
		`"=1`:           `'"=1`,
		"'=1":           "''=1",
		"“=1":           "'“=1",
		"\u00a0=1":      "'\u00a0=1",
		"＝1":            "'＝1",
		"a; =1":         "a;' =1",
		"a;b":           "a;b",
		";-1;+2":        ";'-1;'+2",
		" ":             " ",
	} {
		if got := inert(value); got != want {
			t.Errorf("%q is %q, want %q", value, got, want)
		}
	}
}

func FuzzInert(f *testing.F) {
	for _, text := range hostileNames {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := inert(inventory.Untrusted(text).String())
		var out strings.Builder
		writer := csv.NewWriter(&out)
		if err := writer.Write([]string{"first", got}); err != nil {
			t.Fatal(err)
		}
		writer.Flush()
		isCSVWithoutFormulas(t, out.String())
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		if err != nil || len(rows) != 1 || len(rows[0]) != 2 || rows[0][1] != got {
			t.Errorf("%q is read back as %q, %v", got, rows, err)
		}
		if strings.ReplaceAll(got, "'", "") != strings.ReplaceAll(inventory.Untrusted(text).String(), "'", "") {
			t.Errorf("%q lost something: %q", text, got)
		}
	})
}

func TestAFindingHasARowForEachHolder(t *testing.T) {
	t.Parallel()
	r := organizations()
	rows := csvRows(t, csvFormat, r)
	var got []int
	for i := range r.Findings {
		count := 0
		for _, row := range rows {
			if row["finding"] == r.Findings[i].ID {
				count++
			}
		}
		got = append(got, count)
	}
	var want []int
	for i := range r.Findings {
		want = append(want, max(1, len(r.Findings[i].Holders)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows of each finding (-want +got):\n%s", diff)
	}
	first := rows[0]
	for column, value := range map[string]string{
		"rule": "drift-permissions", "app": "Ledger Books", "account": "a-person-with-a-very-long-name-000@acme.example", "admin": "yes", "holders": "5000",
		"allowlist": "allowlist.toml:109", "added": "2026-11-22T09:00:00Z", "last_used": "",
	} {
		if first[column] != value {
			t.Errorf("%s is %q, want %q", column, first[column], value)
		}
	}
}

// csvRows are the rows by the names of the header.
func csvRows(t *testing.T, format Format, r *Report) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(rendered(t, format, r))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string)
		for n, name := range records[0] {
			row[name] = record[n]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestAnAuditorSeesHowEachAppStands(t *testing.T) {
	t.Parallel()
	r := few()
	got := make(map[string]string)
	for _, row := range csvRows(t, csvAppsFormat, r) {
		got[row["app"]] = strings.Join([]string{row["kind"], row["status"], row["urgency"], row["needs_action"], row["rules"]}, " | ")
	}
	want := map[string]string{
		"Page Clipper": "extension | no entry | critical | yes | drift-permissions", "Deployer": "app-installation | no entry | medium | yes | unapproved",
		"App goneaaaaaaaaaaaaaaaaaaaaaaaaaaaa": "extension | gone | info | no | removed",
		"ada/chromium/Default/x":               "source | not read | medium | yes | not-observed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheStatusOfAnAppIsThatOfItsApprovals(t *testing.T) {
	t.Parallel()
	with := &Report{Allowlist: &AllowlistRef{}}
	approved, denied := diff.Approval{Decision: allowlist.Allowed}, diff.Approval{Decision: allowlist.Denied}
	expired := approved
	expired.Expired = true
	for want, test := range map[string]struct {
		r *Report
		e Entry
	}{
		"no allowlist":      {&Report{}, Entry{Urgency: inventory.High}},
		"no entry":          {with, Entry{Urgency: inventory.High}},
		"no entry needed":   {with, Entry{}},
		"approved":          {with, Entry{Approvals: []diff.Approval{approved}}},
		"approved, expired": {with, Entry{Approvals: []diff.Approval{expired}}},
		"approved; denied":  {with, Entry{Approvals: []diff.Approval{approved, denied}}},
		"gone":              {with, Entry{Change: diff.ChangeRemoved}},
		"not read":          {with, Entry{About: diff.AboutSource}},
	} {
		if got := statusOf(&test.e, test.r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

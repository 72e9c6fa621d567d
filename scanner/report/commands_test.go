package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"guestlist/scanner/diff"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
)

func TestALineIsNoCommandOfAJobsLog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{"::stop-commands::x", `\u{003A}:stop-commands::x`},
		{"  \u00a0::add-mask::a", "  \u00a0" + `\u{003A}:add-mask::a`},
		{"Notes ##[add-mask]a", `Notes #\u{0023}[add-mask]a`},
		{"fe80::1 is an address", "fe80::1 is an address"},
		{"", ""},
	} {
		var out bytes.Buffer
		lines := &inertLines{w: &out}
		for _, each := range []byte(test.line + "\n") { // however it is handed over
			if _, err := lines.Write([]byte{each}); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != test.want+"\n" {
			t.Errorf("%q is %q, want %q", test.line, out.String(), test.want)
		}
	}
}

func TestNoNameIsACommandInTextForPeople(t *testing.T) {
	t.Parallel()
	const name = "::error::x ::add-mask::a ##[add-mask]a"
	j := manyFindings(3)
	for i := range j.Findings {
		j.Findings[i].App.Name = name
	}
	j.Presets = []diff.PresetUse{{Preset: "p", App: inventory.App{ID: name, Name: name}, ItemCount: 1}}
	for i := range j.Coverage {
		j.Coverage[i].Source.Name, j.Coverage[i].Reason = name, name
	}
	r := New(j, Meta{Started: finished, Finished: finished})
	for _, format := range []string{"table", "plain", "tsv"} {
		for width := 40; width < 100; width++ {
			var out bytes.Buffer
			each, _ := FormatNamed(format)
			if err := each.New(Style{Terminal: true, Width: width, Height: 1000, Details: true}).Render(&out, r); err != nil {
				t.Fatal(err)
			}
			holdsNoCommand(t, fmt.Sprintf("%s at %d", format, width), out.String())
		}
	}
	var out bytes.Buffer
	shown := NewShown(&history.Traced{Subject: history.Subject{Topic: history.TopicApp, ID: name, Name: name}}, nil,
		finished)
	if err := ShowFormats[0].Write(&out, shown, Style{}); err != nil {
		t.Fatal(err)
	}
	holdsNoCommand(t, "show", out.String())
}

func holdsNoCommand(t *testing.T, what, text string) {
	t.Helper()
	if !strings.Contains(text, "add-mask") {
		t.Errorf("%s lacks the name:\n%s", what, text)
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") {
			t.Errorf("%s: a command: %q", what, line)
		}
	}
}

package cli

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"guestlist/allowlist"
	"guestlist/cmd/internal/config"
	"guestlist/providers/chromium"
	"guestlist/providers/firefox"
	"guestlist/scanner/diff"
	"guestlist/scanner/testkit"
)

func TestEveryTopicFitsTheTerminal(t *testing.T) {
	t.Parallel()
	var examples strings.Builder
	for _, text := range []string{allowlistText, configurationText, formatsText, postingText} {
		examples.Write(exampleIn(t, text, "  "))
	}
	for _, v := range config.Vendors() {
		examples.Write(exampleIn(t, v.Manual().Text, "  ["))
	}
	for _, topic := range topics() {
		for _, width := range []int{40, 60, 80, 120} {
			might := examples.String()
			if width >= 80 { // examples are written for a terminal as wide as this
				might = ""
			}
			fits(t, helpOf(t, width, "help", topic.name), width, might)
		}
	}
}

func TestTheHelpOfRulesNamesThemAllAndFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, maxHelpWidth} {
		page := rulesPage(width)
		for n := range diff.Rules {
			if name := diff.Rules[n].Rule.String(); !strings.Contains("\n"+page, "\n"+name+" (") {
				t.Errorf("%d columns: %s is not there", width, name)
			}
		}
		for line := range strings.Lines(page) {
			if len(strings.TrimRight(line, "\n")) > width {
				t.Errorf("%d columns: %q", width, line)
			}
		}
	}
}

// What a vendor takes, and what nobody can read there, comes from the tables that its provider goes
// by: a change of them is seen here.
func TestTheManualOfEachVendorSaysWhatItTakes(t *testing.T) {
	t.Parallel()
	for _, v := range config.Vendors() {
		t.Run(providerOf(v), func(t *testing.T) {
			t.Parallel()
			manual := v.Manual()
			for name, list := range manual.Lists {
				if len(list) == 0 || !strings.Contains(manual.Text, "\n{"+name+"}\n") {
					t.Errorf("the list %q is empty, or has no place in the text", name)
				}
			}
			testkit.Golden(t, filepath.Join("testdata", "help", providerOf(v)+".txt"), manualPage(manual, 80))
		})
	}
}

func TestTheHelpOfBrowsersNamesThemAll(t *testing.T) {
	t.Parallel()
	page := strings.Join(strings.Fields(browsersPage(80)), " ")
	for _, name := range slices.Concat(chromium.Browsers(), firefox.Browsers()) {
		if !strings.Contains(page, name) {
			t.Errorf("%s is not there", name)
		}
	}
}

// Examples are there to be copied, so what reads the file accepts each of them.
func TestTheExamplesOfTheHelpAreAccepted(t *testing.T) {
	t.Parallel()
	list, err := allowlist.ParseWith("allowlist.toml", exampleIn(t, allowlistText, "  version = 1\n"), exampleFiles{})
	if err != nil {
		t.Error(err)
	} else if len(list.Lint(demoNow)) > 0 {
		t.Errorf("allow lint says %v", list.Lint(demoNow))
	}
	texts := map[string]string{"posting": postingText, "configuration": configurationText}
	for _, v := range config.Vendors() {
		texts[providerOf(v)] = v.Manual().Text
	}
	for name, text := range texts {
		example := exampleIn(t, text, "  [")
		if !bytes.Contains(example, []byte("version = 1")) {
			example = append([]byte("version = 1\n"), example...)
		}
		if _, err := config.Parse("guestlist.toml", example); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// exampleFiles are what the example of an allowlist names.
type exampleFiles struct{}

func (exampleFiles) Feed(string) ([]byte, time.Time, error) {
	return []byte("id,reason\nbbbbccccddddeeeeffffgggghhhhiiii,malware\n"), demoNow, nil
}

func (exampleFiles) Include(include allowlist.Include) (allowlist.Included, error) {
	return allowlist.Included{Name: include.Path, Key: string(include.Path) + include.URL, Data: []byte("version = 1\n")}, nil
}

// exampleIn takes the paragraphs of a text that are kept as they are, from the first of them that
// holds the beginning of an example.
func exampleIn(t *testing.T, text, begin string) []byte {
	t.Helper()
	var example strings.Builder
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if strings.HasPrefix(paragraph, "  ") {
			example.WriteString(paragraph + "\n\n")
		}
	}
	if !strings.Contains(example.String(), begin) {
		t.Fatalf("no example with %q in %q", begin, text)
	}
	return []byte(example.String())
}

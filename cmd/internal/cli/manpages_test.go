package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var manDay = time.Date(2026, time.November, 25, 23, 30, 0, 0, time.FixedZone("", 3600))

func TestEveryCommandFlagAndTopicIsInTheManual(t *testing.T) {
	t.Parallel()
	pages := ManPages("v1.2.3", manDay)
	var names []string
	eachCommand(newRoot(&Env{Getenv: func(string) string { return "" }}), func(cmd *cobra.Command) {
		if cmd.Name() == "help" {
			return
		}
		name := manName(cmd) + ".1"
		names = append(names, name)
		cmd.Flags().VisitAll(func(flag *pflag.Flag) {
			if want := `\fB\-\-` + strings.ReplaceAll(flag.Name, "-", `\-`) + `\fR`; !strings.Contains(pages[name], want) {
				t.Errorf("%s has no --%s", name, flag.Name)
			}
		})
	})
	for _, topic := range topics() {
		names = append(names, "guestlist-"+topic.name+".7")
	}
	slices.Sort(names)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(pages))); diff != "" {
		t.Errorf("the pages are not those of the commands and topics (-want +got):\n%s", diff)
	}
}

func TestManualPagesNameTheReleaseAndTheDayOfTheCommit(t *testing.T) {
	t.Parallel()
	for name, page := range ManPages("v1.2.3", manDay) {
		head, _, _ := strings.Cut(page, "\n")
		if !strings.HasSuffix(head, ` 2026-11-25 "guestlist v1.2.3" "Guestlist Manual"`) {
			t.Errorf("%s begins with %q", name, head)
		}
		for line := range strings.Lines(page) {
			request, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
			if strings.Contains(line, "\t") {
				t.Errorf("%s: %q has a tab, which is no indent there", name, line)
			}
			if line[0] == '.' && !slices.Contains([]string{".TH", ".SH", ".PP", ".TP", ".B", ".nf", ".fi"}, request) {
				t.Errorf("%s: %q would be taken for a request", name, line)
			}
		}
	}
}

func TestTextOfTheManualIsPrintedAsItIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		".profile":          `\&.profile`,
		"'quoted'":          `\(aqquoted\(aq`,
		`C:\new`:            `C:\(rsnew`,
		"--all-users":       `\-\-all\-users`,
		"`a` ^b ~c \"d\"":   `\(gaa\(ga \(hab \(tic \(dqd\(dq`,
		"removed …":         `removed \[u2026]`,
		"first\n\n.second":  "first\n\\&\n\\&.second",
		"  indented .stays": `  indented .stays`,
	} {
		if got := roffLines(text); got != want+"\n" {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

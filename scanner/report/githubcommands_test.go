package report

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

var workflowCommand = regexp.MustCompile(`^::(error|warning|notice) (?:file=([^,:]+),line=([0-9]+),)?title=([^,:]*)::([^\r\n]*)$`)

// areWorkflowCommands: every line is one annotation, and there are no more of a kind than GitHub
// shows.
func areWorkflowCommands(t *testing.T, out string) {
	t.Helper()
	counts := make(map[string]int)
	for line := range strings.Lines(out) {
		command := workflowCommand.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if command == nil {
			t.Errorf("no command: %.300q", line)
			continue
		}
		counts[command[1]]++
		for _, part := range command[2:] {
			if _, err := url.PathUnescape(part); err != nil {
				t.Errorf("%.300q: %v", line, err)
			}
		}
	}
	for kind, count := range counts {
		if count > maxAnnotations {
			t.Errorf("%d times %s", count, kind)
		}
	}
	if !strings.Contains(out, "::notice title=guestlist::") {
		t.Error("nothing sums up")
	}
}

func TestAnAnnotationStandsBesideTheLineThatDecided(t *testing.T) {
	t.Parallel()
	out := rendered(t, githubFormat, few())
	first, _, _ := strings.Cut(out, "\n")
	want := "::error file=allowlist.toml,line=12,title=Page Clipper%3A more access than approved::Approved with storage; it also holds cookies%0A" +
		"Critical: read the cookies that keep you signed in (cookies)%0AWhere: ada Chromium Default%0ARemove it at chrome://extensions, or have its access approved"
	if first != want {
		t.Errorf("got  %s\nwant %s", first, want)
	}
}

func TestTheMostUrgentAnnotationsAreThoseThatGitHubShows(t *testing.T) {
	t.Parallel()
	judgement := &diff.Judgement{}
	for n := range 40 {
		for _, level := range []inventory.Level{inventory.Critical, inventory.Medium} {
			judgement.Findings = append(judgement.Findings,
				ofApp(diff.Unapproved, level, inventory.Textf("%s%02d", level, n), 1))
		}
	}
	slices.SortStableFunc(judgement.Findings, func(a, b diff.Finding) int { return b.Severity.Compare(a.Severity) })
	out := rendered(t, githubFormat, New(judgement, Meta{Allowlist: &AllowlistRef{}}))
	areWorkflowCommands(t, out)
	if strings.Count(out, "::error") != 10 || strings.Count(out, "::warning") != 10 ||
		!strings.Contains(out, "%0Aand 60 more that GitHub would not show") {
		t.Errorf("not bounded as it should be:\n%s", out)
	}
	if !strings.HasPrefix(out, "::error title=App critical00%3A") {
		t.Errorf("the most urgent is not the first:\n%.200s", out)
	}
}

func FuzzAnnotation(f *testing.F) {
	for _, text := range hostileNames {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, each := range []string{text, inventory.Untrusted(text).String()} {
			property, data := annotationProperty(each), annotationData(each)
			if strings.ContainsAny(property, "\r\n:,") || strings.ContainsAny(data, "\r\n") {
				t.Errorf("%q and %q act", property, data)
			}
			if back, err := url.PathUnescape(property); err != nil || back != each {
				t.Errorf("%q is read back as %q, %v", each, back, err)
			}
			if back, err := url.PathUnescape(data); err != nil || back != each {
				t.Errorf("%q is read back as %q, %v", each, back, err)
			}
		}
	})
}

package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// GitHubCommands are workflow commands of GitHub Actions: what a step prints becomes annotations,
// next to the line of the allowlist if one decided. They follow
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
//
// GitHub shows ten annotations of each kind from a step and drops the others without a word, so the
// most urgent come first, no more are written, and a last notice sums up.
type GitHubCommands struct{}

var githubFormat = Format{
	Name: "github", About: "annotations of GitHub Actions, the most urgent first",
	Also: []string{"github-actions", "actions", "annotations"},
	Help: "Print it in a step. GitHub shows ten errors, warnings and notices each, so the most urgent come first.",
	New:  func(Style) Renderer { return GitHubCommands{} },
}

// Bounds of an annotation.
const (
	maxAnnotations     = 10    // of each kind that GitHub shows for one step
	maxAnnotationBytes = 4_000 // of text; GitHub cuts longer ones
	maxTitleBytes      = 200
)

// annotationKinds are the commands, by urgency.
var annotationKinds = map[inventory.Level]string{
	inventory.Critical: "error", inventory.High: "error", inventory.Medium: "warning", inventory.Low: "warning",
	inventory.Info: "notice",
}

// Render implements [Renderer].
func (GitHubCommands) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	written := map[string]int{"notice": 1} // the one that summarizes
	left := 0
	for i := range r.Entries {
		e := &r.Entries[i]
		if !e.Open {
			continue
		}
		kind := cmp.Or(annotationKinds[e.Urgency], "warning")
		if written[kind] == maxAnnotations {
			left++
			continue
		}
		written[kind]++
		fmt.Fprintf(out, "::%s %s::%s\n", kind, annotationProperties(e),
			annotationData(cutBytes(annotationText(e), maxAnnotationBytes)))
	}
	summary := r.Verdict.String() + "\n" + r.basis(false)
	if left > 0 {
		summary += fmt.Sprintf("\nand %s more that GitHub would not show: write them to a file as well, such as --output markdown=$GITHUB_STEP_SUMMARY",
			thousands(left))
	}
	fmt.Fprintf(out, "::notice title=guestlist::%s\n", annotationData(summary))
	return out.Flush()
}

// annotationProperties say where it is shown, and under which title.
func annotationProperties(e *Entry) string {
	var properties []string
	if at := decidedAt(e); at != nil {
		properties = append(properties, "file="+annotationProperty(at.File.String()), fmt.Sprintf("line=%d", max(1, at.Line)))
	}
	title := e.Title.String() + ": " + e.Why.String()
	return strings.Join(append(properties, "title="+annotationProperty(cutBytes(title, maxTitleBytes))), ",")
}

// decidedAt is the line of the allowlist that decided about the worst finding; nil without one.
func decidedAt(e *Entry) *diff.Position {
	for _, f := range e.Findings {
		if f.Decided != nil {
			return f.Decided
		}
	}
	if len(e.Approvals) > 0 {
		return &e.Approvals[0].At
	}
	return nil
}

func annotationText(e *Entry) string {
	var lines []string
	add := func(text string) {
		if text != "" {
			lines = append(lines, sentence(text))
		}
	}
	for _, why := range texts(e.Findings, func(f *diff.Finding) string { return f.Why.String() }) {
		add(why)
	}
	if len(e.Reasons) > 0 {
		add(allReasons(e))
	}
	if place := where(e); place != "" {
		add("where: " + place)
	}
	add(e.Remedy.String())
	lines = append(lines, commandOf(e)...)
	return strings.Join(lines, "\n")
}

// Characters with a meaning in a command are percent-escaped: line ends in its text, and in a
// property also what separates properties.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func annotationData(text string) string     { return dataEscapes.Replace(text) }
func annotationProperty(text string) string { return propertyEscapes.Replace(text) }

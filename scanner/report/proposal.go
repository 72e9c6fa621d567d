package report

import (
	"io"
	"strings"
)

// Proposal is the allowlist that would approve what the report calls unapproved or drifted, as TOML, to be reviewed: one [[allow]] entry for
// each app, pinned to what it may do now. Package allowlist wrote the entries and made the foreign text in them harmless.
type Proposal struct{}

// Render implements [Renderer].
func (Proposal) Render(w io.Writer, r *Report) error {
	var text strings.Builder
	text.WriteString("version = 1\n\n[policy]\nreview_within = \"180d\"\nnotice = \"14d\"\n")
	seen := make(map[string]bool)
	for i := range r.Findings {
		entry := string(r.Findings[i].Approve)
		if entry == "" || seen[entry] {
			continue
		}
		seen[entry] = true
		text.WriteString("\n")
		text.WriteString(entry)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

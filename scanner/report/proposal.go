package report

import (
	"bufio"
	"hash/maphash"
	"io"
)

// Proposal is the allowlist that would approve what the report calls unapproved or drifted, as
// TOML, to be reviewed: one [[allow]] entry for each app, pinned to what it may do now. Package
// allowlist wrote the entries and made the foreign text in them harmless.
type Proposal struct{}

var proposalFormat = Format{
	Name: "toml", About: "an allowlist that would approve the unapproved, for review",
	New: func(Style) Renderer { return Proposal{} },
}

// Render implements [Renderer].
func (Proposal) Render(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	if r.Allowlist != nil || r.Baseline != nil { // foreign text is harmless here: String makes line ends visible
		out.WriteString("# " + r.basis(false) + "\n\n")
	}
	out.WriteString("version = 1\n\n[policy]\nreview_within = \"180d\"\nnotice = \"14d\"\n")
	seed := maphash.MakeSeed()
	written := make(map[uint64]struct{}) // an app may have several findings, and there may be many apps
	for i := range r.Findings {
		entry := string(r.Findings[i].Approve)
		hash := maphash.String(seed, entry)
		if _, again := written[hash]; again || entry == "" {
			continue
		}
		written[hash] = struct{}{}
		out.WriteString("\n")
		out.WriteString(entry)
	}
	return out.Flush() // which returns any earlier failure
}

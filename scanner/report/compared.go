package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
)

// ComparedSchemaVersion is that of [Compared] as JSON. A minor version only adds.
const ComparedSchemaVersion = "1.0"

// Compared is what "guestlist allow compare" says: how policies that are in force differ from the
// allowlist.
type Compared struct {
	SchemaVersion string        `json:"schema_version"`
	Tool          Tool          `json:"tool"`
	ExitCode      int           `json:"exit_code"`
	Allowlist     *AllowlistRef `json:"allowlist,omitzero"`
	// Policies are those that were read. Unread are those that could not be.
	Policies []ComparedPolicy `json:"policies"`
	Unread   []UnreadPolicy   `json:"unread"`
}

// ComparedPolicy is a policy, and how it differs from the allowlist.
type ComparedPolicy struct {
	Target string `json:"target"`
	Title  string `json:"title"`
	// Places are the files or keys that it was read from.
	Places      []inventory.Untrusted `json:"places"`
	Differences []enforce.Difference  `json:"differences"`
	// Remarks are about parts that the browser or platform ignores, or that were not compared.
	Remarks []inventory.Untrusted `json:"remarks"`
}

// UnreadPolicy is a policy that is there, or was asked for, and could not be compared.
type UnreadPolicy struct {
	Target string              `json:"target"`
	Reason inventory.Untrusted `json:"reason"`
}

// NewCompared is the comparison of policies with an allowlist. Nothing compared is not the same as
// no difference.
func NewCompared(version string, list *AllowlistRef, policies []ComparedPolicy, unread []UnreadPolicy) *Compared {
	c := &Compared{
		SchemaVersion: ComparedSchemaVersion, Tool: Tool{Name: "guestlist", Version: version}, Allowlist: list,
		Policies: append([]ComparedPolicy{}, policies...), Unread: append([]UnreadPolicy{}, unread...),
	}
	switch {
	case len(unread) > 0 || len(policies) == 0:
		c.ExitCode = ExitIncomplete
	case slices.ContainsFunc(policies, func(p ComparedPolicy) bool { return len(p.Differences) > 0 }):
		c.ExitCode = ExitFindings
	}
	return c
}

// ComparedFormat is a format of allow compare.
type ComparedFormat struct {
	Name, About string
	Write       func(io.Writer, *Compared) error
}

// ComparedFormats are the formats of allow compare, the default first.
var ComparedFormats = []ComparedFormat{
	{"table", "each difference, with what differs", writeComparedTable},
	{"json", "one document", func(w io.Writer, c *Compared) error { return writeDocument(w, c) }},
}

func writeComparedTable(w io.Writer, c *Compared) error {
	var text strings.Builder
	if len(c.Policies) == 0 {
		text.WriteString("No policy for extensions was found to compare.\n")
	}
	for n := range c.Policies {
		if n > 0 {
			text.WriteString("\n")
		}
		c.Policies[n].write(&text)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (p *ComparedPolicy) write(text *strings.Builder) {
	verdict := plural(len(p.Differences), "difference") + " to the allowlist"
	if len(p.Differences) == 0 {
		verdict = "as the allowlist says"
	}
	fmt.Fprintf(text, "%s: %s\n", p.Title, verdict)
	for _, place := range p.Places {
		fmt.Fprintf(text, "  read from %s\n", place)
	}
	for n := range p.Differences {
		d := &p.Differences[n]
		fmt.Fprintf(text, "  %-13s  %s\n", d.Sort, subjectOf(d))
		fmt.Fprintf(text, "  %13s  %s\n", "", d.Text)
	}
	for _, remark := range p.Remarks {
		fmt.Fprintf(text, "  note: %s\n", remark)
	}
}

func subjectOf(d *enforce.Difference) string {
	switch {
	case d.ID == "":
		return "everything else"
	case d.Name == "":
		return d.ID.String()
	}
	return fmt.Sprintf("%s (%s)", d.Name, d.ID)
}

package report

import (
	"fmt"
	"io"
	"strings"

	"guestlist/scanner/inventory"
	"guestlist/scanner/risk"
	"guestlist/scanner/vendor"
)

// WeighedSchemaVersion is that of [Weighed] as JSON. A minor version only adds.
const WeighedSchemaVersion = "1.0"

// Weighed is what guestlist knows of one permission, scope, surface, host or pattern: "guestlist
// risk".
type Weighed struct {
	SchemaVersion string              `json:"schema_version"`
	Name          inventory.Untrusted `json:"name"`
	Rows          []risk.Row          `json:"rows"` // of the tables
	// Own is the organization's own class, which counts in place of the tables.
	Own *OwnClass `json:"own,omitzero"`
}

// OwnClass is an organization's own class.
type OwnClass struct {
	Level  inventory.Level     `json:"level"`
	At     inventory.Untrusted `json:"at"` // the line of the allowlist
	Reason inventory.Untrusted `json:"reason,omitzero"`
	// AtLeast: it raises and never lowers.
	AtLeast bool `json:"at_least,omitzero"`
}

// NewWeighed looks a name up in the tables and in an organization's own classes, which may be nil.
func NewWeighed(name inventory.Untrusted, own *risk.Own) *Weighed {
	w := &Weighed{SchemaVersion: WeighedSchemaVersion, Name: name, Rows: risk.Lookup(name)}
	if w.Rows == nil {
		w.Rows = []risk.Row{}
	}
	class := own.Permission(name)
	for _, row := range w.Rows {
		if row.Part == risk.PartHost && class == nil {
			class = ownHost(own, name)
		}
	}
	if class != nil {
		w.Own = &OwnClass{Level: class.Level, At: class.At, Reason: class.Reason, AtLeast: class.AtLeast}
	}
	return w
}

func ownHost(own *risk.Own, name inventory.Untrusted) *risk.Class {
	if !strings.Contains(string(name), "://") {
		name = "*://" + name + "/*"
	}
	within, touched := own.Host(name)
	if within == nil {
		return touched
	}
	return within
}

// IsUnknown reports whether nothing is known of the name.
func (w *Weighed) IsUnknown() bool { return len(w.Rows) == 0 && w.Own == nil }

// WriteJSON writes it as one document.
func (w *Weighed) WriteJSON(to io.Writer) error { return writeDocument(to, w) }

// WriteText writes it for people.
func (w *Weighed) WriteText(to io.Writer) error {
	var text strings.Builder
	for n := range w.Rows {
		w.writeRow(&text, &w.Rows[n])
	}
	if len(w.Rows) == 0 {
		fmt.Fprintf(&text, "%s: no table has it\n", w.Name)
	}
	if own := w.Own; own != nil {
		what := "in place of the tables"
		if own.AtLeast {
			what = "at least"
		}
		fmt.Fprintf(&text, "  your own class: %s, %s, by %s%s\n", own.Level, what, own.At, because(own.Reason))
	}
	return writeNarrow(to, text.String())
}

// writeNarrow writes headlines and the lines below them, wrapped.
func writeNarrow(to io.Writer, text string) error {
	indent := strings.Repeat(" ", blockIndent)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		below, isBelow := strings.CutPrefix(line, indent)
		var err error
		if isBelow {
			err = block(to, []string{below}, plainWidth)
		} else {
			_, err = fmt.Fprintln(to, line)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func because(reason inventory.Untrusted) string {
	if reason == "" {
		return ""
	}
	return fmt.Sprintf(": %s", reason)
}

// partWords name the parts of the tables.
var partWords = map[risk.Part]string{
	risk.PartPermission: "a permission", risk.PartSurface: "a surface", risk.PartData: "data that is sent away",
	risk.PartEvent: "an event of webhooks", risk.PartKind: "a kind", risk.PartHost: "pages",
}

func (w *Weighed) writeRow(text *strings.Builder, row *risk.Row) {
	var names []string
	for _, provider := range row.Providers {
		names = append(names, vendor.Of(provider).Name)
	}
	of := ""
	if len(names) > 0 {
		of = " of " + inventory.Enumerate(names, "and")
	}
	part := partWords[row.Part]
	if row.Part == risk.PartPermission && row.Prompts == nil {
		part = "a permission or scope"
	}
	fmt.Fprintf(text, "%s: %s%s\n", w.Name, part, of)
	if strings.Contains(string(row.Name), "*") && row.Part != risk.PartHost {
		fmt.Fprintf(text, "  as one of %s\n", row.Name)
	}
	fmt.Fprintf(text, "  %s: it can %s\n", row.Level, row.Why)
	if row.WithHosts != "" {
		where := "beside access to pages"
		if row.Part == risk.PartSurface {
			where = "for every page"
		}
		fmt.Fprintf(text, "  %s %s: it can %s\n", row.WithHosts, where, row.WhyWithHosts)
	}
	if row.Class != "" {
		fmt.Fprintf(text, "  the vendor calls it %s\n", row.Class)
	}
	switch {
	case row.Prompts == nil:
	case *row.Prompts:
		text.WriteString("  an update that adds it has to ask\n")
	default:
		text.WriteString("  an update can add it without asking\n")
	}
	fmt.Fprintf(text, "  from the table %s: %s\n", row.Table, row.Source)
}

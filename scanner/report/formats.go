package report

import "slices"

// Formats are the formats that a report can be written in, in the order of the help text; the first
// is written where none is asked for. Each is declared beside its renderer.
var Formats = []Format{tableFormat, plainFormat, jsonFormat, jsonLinesFormat, proposalFormat}

// Format is a way to write a report.
type Format struct {
	Name  string
	About string   // a phrase for help texts
	Also  []string // what others call it, to say what was meant
	// New returns the format's renderer; what it writes follows the style as far as the format has
	// one.
	New func(Style) Renderer
}

// Style is how a report is shown to a person.
type Style struct {
	Terminal bool // false: whole values, for files and other programs
	Width    int  // of the terminal, in columns
	Color    bool
	Wide     bool // whole values on a terminal too
}

// FormatNamed returns the format of a name.
func FormatNamed(name string) (Format, bool) {
	n := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if n < 0 {
		return Format{}, false
	}
	return Formats[n], true
}

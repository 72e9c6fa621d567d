package report

import "slices"

// Formats are the formats in which a report can be written, in the order of the help text; the
// first is the default. Each is declared beside its renderer.
var Formats = []Format{
	tableFormat,
	tsvFormat,
	plainFormat,
	jsonFormat,
	jsonLinesFormat,
	proposalFormat,
	htmlFormat,
	csvFormat,
	csvAppsFormat,
	markdownFormat,
	githubFormat,
	sarifFormat,
	junitFormat,
	ocsfFormat,
	prometheusFormat,
	cycloneDXFormat,
}

// Format is a way to write a report.
type Format struct {
	Name  string
	About string   // a phrase for help texts
	Also  []string // what others call it, to suggest what was meant
	Help  string   // sentences for its page of help: how to use it, what to know; may be empty
	// New returns the format's renderer, which follows the style as far as the format has one.
	New func(Style) Renderer
	// ShowsTrend: the format draws Report.Trend, for which earlier snapshots must be read.
	ShowsTrend bool
}

// Style is how a report is shown to a person.
type Style struct {
	Terminal bool // false: for a file, a mail or another program
	Width    int  // of the terminal, in columns
	Height   int  // of the terminal, in lines that the report may fill
	Color    bool
	Wide     bool // a line for each entry, with whole values
	Details  bool // everything at length
	// Again is the command that wrote the report, to be typed again with another flag; empty if it
	// is too long for that.
	Again string
}

// FormatNamed returns the format with the given name.
func FormatNamed(name string) (Format, bool) {
	n := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if n < 0 {
		return Format{}, false
	}
	return Formats[n], true
}

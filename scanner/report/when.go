package report

// When says which scans are worth a person's attention, in a mailbox or a chat.
type When string

// The kinds of scan that are reported.
const (
	Always   When = "always"
	Changes  When = "changes"  // something changed since the last scan, or this is the first
	Findings When = "findings" // the exit code is not 0
)

// Whens lists every When, with a phrase for help texts.
var Whens = []struct {
	When
	About string
}{
	{Always, "after every scan"},
	{Changes, "when something changed since the last scan, or nothing could be read"},
	{Findings, "when the exit code is not 0"},
}

// IsWorth reports whether a report is to be shown. One of a scan that read nothing always is: silence
// does not mean clean.
func (r *Report) IsWorth(when When) bool {
	switch when {
	case Changes:
		return r.Since.First || r.Difference.Total() > 0 || r.Summary.Sources.Complete+r.Summary.Sources.Partial == 0
	case Findings:
		return r.ExitCode != ExitClean
	}
	return true
}

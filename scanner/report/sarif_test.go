package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// everyReport is each report that the tests have, with hostile names as well.
func everyReport() map[string]*Report {
	reports := edges()
	reports["few"], reports["organizations"] = few(), organizations()
	for name, text := range hostileNames {
		reports[name], reports[name+" behind all"] = everywhere(text), spoiled(text)
	}
	return reports
}

func followsSchema(t *testing.T, schema *jsonschema.Schema, format Format) {
	t.Helper()
	for name, r := range everyReport() {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(rendered(t, format, r)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema of SARIF 2.1.0 (rtm.5, the one that GitHub names) comes with the package
// @microsoft/jest-sarif.
func TestSARIFFollowsItsSchema(t *testing.T) {
	t.Parallel()
	followsSchema(t, testkit.PublishedSchema(t, "@microsoft/jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json"),
		sarifFormat)
}

type sarifRead struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Rules []struct {
					ID         string
					Properties map[string]any
				}
			}
		}
		Invocations []struct {
			ExecutionSuccessful        bool
			ToolExecutionNotifications []struct {
				Descriptor struct{ ID string }
				Level      string
			}
		}
		Results []struct {
			RuleID, Level, BaselineState string
			RuleIndex                    int
			PartialFingerprints          map[string]string
			Locations                    []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine int }
				}
			}
		}
	}
}

func readSARIF(t *testing.T, r *Report) *sarifRead {
	t.Helper()
	var read sarifRead
	if err := json.Unmarshal([]byte(rendered(t, sarifFormat, r)), &read); err != nil {
		t.Fatal(err)
	}
	return &read
}

func TestAResultStandsAtALineOfTheAllowlistAndKeepsItsFingerprint(t *testing.T) {
	t.Parallel()
	run := readSARIF(t, few()).Runs[0]
	var got []string
	for _, result := range run.Results {
		place := result.Locations[0].PhysicalLocation
		got = append(got, fmt.Sprintf("%s %s %s %s:%d", result.RuleID, result.Level, result.BaselineState,
			place.ArtifactLocation.URI, place.Region.StartLine))
		if run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
			t.Errorf("%s is not rule %d", result.RuleID, result.RuleIndex)
		}
	}
	want := []string{
		"drift-permissions error updated allowlist.toml:12", "unapproved warning new allowlist.toml:1",
		"removed note absent allowlist.toml:1",
		"approval-unused note unchanged allowlist.toml:30",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	moved := few()
	moved.Findings[0].Decided.Line = 99
	if diff := cmp.Diff(run.Results[0].PartialFingerprints,
		readSARIF(t, moved).Runs[0].Results[0].PartialFingerprints); diff != "" {
		t.Errorf("another line of the allowlist makes another alert:\n%s", diff)
	}
}

func TestWhatWasNotReadIsANotificationAndNoResult(t *testing.T) {
	t.Parallel()
	in := readSARIF(t, few()).Runs[0].Invocations[0]
	var got []string
	for _, note := range in.ToolExecutionNotifications {
		got = append(got, note.Descriptor.ID+" "+note.Level)
	}
	if diff := cmp.Diff([]string{"good-to-know note", "not-read error", "no-api note"}, got); diff != "" ||
		in.ExecutionSuccessful {
		t.Errorf("successful: %t (-want +got)\n%s", in.ExecutionSuccessful, diff)
	}
	reports := edges()
	for name, want := range map[string]bool{"clean": true, "first-scan": true, "everything-unread": false,
		"nothing-found": false} {
		if got := readSARIF(t, reports[name]).Runs[0].Invocations[0].ExecutionSuccessful; got != want {
			t.Errorf("%s: successful is %t", name, got)
		}
	}
}

func TestWithoutABaselineNoResultStandsToOne(t *testing.T) {
	t.Parallel()
	for _, result := range readSARIF(t, edges()["first-scan"]).Runs[0].Results {
		if result.BaselineState != "" {
			t.Errorf("%s is %q", result.RuleID, result.BaselineState)
		}
	}
}

func TestEveryRuleHasAScoreOfItsSeverity(t *testing.T) {
	t.Parallel()
	rules := readSARIF(t, few()).Runs[0].Tool.Driver.Rules
	if len(rules) != len(diff.Rules) {
		t.Errorf("%d rules", len(rules))
	}
	for n, rule := range rules {
		if got, want := rule.Properties["security-severity"], sarifScores[diff.Rules[n].Most].score; got != want {
			t.Errorf("%s: %v, want %s", rule.ID, got, want)
		}
	}
}

func TestCodeScanningGetsNoMoreResultsThanItTakes(t *testing.T) {
	t.Parallel()
	judgement := &diff.Judgement{}
	for n := range maxResults + 3 {
		judgement.Findings = append(judgement.Findings, ofApp(diff.Unapproved, inventory.Low, inventory.Textf("%d", n), 1))
	}
	run := readSARIF(t, New(judgement, Meta{})).Runs[0]
	notes := run.Invocations[0].ToolExecutionNotifications
	if len(run.Results) != maxResults || notes[len(notes)-1].Descriptor.ID != noteCut {
		t.Errorf("%d results, last notification %v", len(run.Results), notes[len(notes)-1])
	}
}

func TestAPathIsAReferenceThatIsRelativeWhereThePathIs(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"allowlist.toml": "allowlist.toml", "lists/a b.toml": "lists/a%20b.toml", "../x.toml": "../x.toml",
		"/etc/guestlist/a.toml": "file:///etc/guestlist/a.toml",
		"C:/lists/a.toml":       "file:///C:/lists/a.toml", "a:b.toml": "./a:b.toml", "100%.toml": "100%25.toml",
		"a?b#c": "a%3Fb%23c",
	} {
		if got := fileURI(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func TestAMessageHoldsNoLink(t *testing.T) {
	t.Parallel()
	var document any
	if err := json.Unmarshal([]byte(rendered(t, sarifFormat, everywhere(hostileNames["markdown-link"]))),
		&document); err != nil {
		t.Fatal(err)
	}
	messages := 0
	var look func(any)
	look = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for name, each := range value {
				if text, is := each.(string); is && name == "text" {
					messages++
					if strings.Contains(text, "](") {
						t.Errorf("a viewer would make a link of foreign text: %q", text)
					}
				}
				look(each)
			}
		case []any:
			for _, each := range value {
				look(each)
			}
		}
	}
	if look(document); messages < 10 {
		t.Errorf("only %d messages were looked at", messages)
	}
}

package scanner_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// A configuration that is wrong is a gap of each of its targets, and never an empty organization.
func TestAProviderThatCannotBeMadeReportsEachOfItsTargets(t *testing.T) {
	t.Parallel()
	broken := scanner.Unavailable(inventory.GitHub, []inventory.Untrusted{"acme", "labs"}, errors.New("the key is empty"))
	var to testkit.Sink
	if _, err := scanner.Collect(t.Context(), []scanner.Provider{broken, whole(inventory.Chromium)}, &to); err != nil {
		t.Fatal(err)
	}
	want := []string{"chromium complete", "github not-observable", "github not-observable"}
	if diff := cmp.Diff(want, statuses(to.Coverage)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, coverage := range to.Coverage[1:] {
		if coverage.Reason != "the key is empty" || coverage.Remedy == "" {
			t.Errorf("%s: reason %q, remedy %q", coverage.Source.Name, coverage.Reason, coverage.Remedy)
		}
	}
}

func TestAProviderThatCannotBeMadeIsDiagnosedAsLacking(t *testing.T) {
	t.Parallel()
	broken := scanner.Unavailable(inventory.GitHub, []inventory.Untrusted{"acme"}, errors.New("the key is empty"))
	diagnosis, err := broken.(scanner.Prober).Probe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := &scanner.Diagnosis{Checks: []scanner.Check{
		{Name: "acme", State: scanner.CheckLacking, Reason: "the key is empty", Remedy: "fix the configuration"},
	}}
	if diff := cmp.Diff(want, diagnosis); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if !diagnosis.Lacks() {
		t.Error("doctor would find nothing to put right")
	}
}

func TestWhatNobodyCanReadIsNothingToPutRight(t *testing.T) {
	t.Parallel()
	diagnosis := scanner.Diagnosis{Checks: []scanner.Check{{State: scanner.CheckReadable},
		{State: scanner.CheckUnavailable}}}
	if diagnosis.Lacks() {
		t.Error("something would be missing for ever")
	}
}

package report

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// The schema of CycloneDX 1.6 comes with the package @cyclonedx/cyclonedx-library, with those that
// it refers to.
func TestABillOfMaterialsFollowsItsSchema(t *testing.T) {
	t.Parallel()
	followsSchema(t, testkit.PublishedSchema(t, "@cyclonedx/cyclonedx-library", "res", "schema",
		"bom-1.6.SNAPSHOT.schema.json"), cycloneDXFormat)
}

func TestABillListsTheAppsThatAreThereAndSaysWhetherTheseAreAll(t *testing.T) {
	t.Parallel()
	type bill struct {
		SerialNumber string
		Components   []struct {
			Name, Version string
			Ref           string `json:"bom-ref"`
		}
		Compositions []struct{ Aggregate string }
	}
	read := func(r *Report) (b bill) {
		if err := json.Unmarshal([]byte(rendered(t, cycloneDXFormat, r)), &b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	r := few()
	first := read(r)
	got := make(map[string]string)
	for _, component := range first.Components {
		got[component.Name] = component.Version
		if component.Ref == "" {
			t.Errorf("%s has no reference", component.Name)
		}
	}
	if diff := cmp.Diff(map[string]string{"Page Clipper": "1.3", "Deployer": ""}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if again := read(few()); again.SerialNumber != first.SerialNumber {
		t.Error("the same scan is another bill")
	}
	reports := edges()
	reports["few"] = r
	for name, want := range map[string]string{
		"clean": "complete", "first-scan": "complete", "few": "incomplete", "everything-unread": "unknown",
		"nothing-found": "unknown",
	} {
		if got := read(reports[name]).Compositions[0].Aggregate; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestOnlyAnAddressOfTheWebIsReferredTo(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://clipper.example/a?b": "https://clipper.example/a?b", "http://clipper.example": "http://clipper.example",
		"javascript:alert(1)":                 "",
		"https://user:secret@clipper.example": "", "//clipper.example": "", "https://": "", "https://a b.example": "",
		"https://clipper.example/a b":    "https://clipper.example/a%20b",
		"https://clipper.example/\u202e": `https://clipper.example/%5Cu%7B202E%7D`, "file:///etc/passwd": "", "%zz": "",
	} {
		if got := webPage(inventory.Untrusted(address)); got != want {
			t.Errorf("%q is %q, want %q", address, got, want)
		}
	}
}

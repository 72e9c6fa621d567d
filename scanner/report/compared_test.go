package report

import (
	"bytes"
	"strings"
	"testing"

	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// compared has a policy of each outcome, with a name that tries to act.
func compared() *Compared {
	return NewCompared("1.0", &AllowlistRef{Path: "allowlist.toml", Digest: "abc"}, []ComparedPolicy{
		{
			Target: "chrome", Title: "Google Chrome", Places: []inventory.Untrusted{"/etc/a.json", "/etc/b.json"},
			Differences: []enforce.Difference{
				{Sort: enforce.OpenDefault, Text: "it permits every extension that it does not name"},
				{Sort: enforce.NotApproved, ID: "aaaa", Text: "the policy says allowed"},
				{Sort: enforce.Wider, ID: "bbbb", Name: "Notes\x1b[2J\u202e", Text: "it may use tabs"},
			},
			Remarks: []inventory.Untrusted{"settings for an update address are not compared"},
		},
		{Target: "edge", Title: "Microsoft Edge", Places: []inventory.Untrusted{"/etc/c.json"}, Differences: []enforce.Difference{},
			Remarks: []inventory.Untrusted{}},
	}, nil)
}

func TestAComparisonInEveryFormat(t *testing.T) {
	t.Parallel()
	for _, format := range ComparedFormats {
		var out bytes.Buffer
		if err := format.Write(&out, compared()); err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "testdata/compared."+format.Name+".golden", out.String())
	}
}

func TestAComparisonAsJSONFollowsItsSchema(t *testing.T) {
	t.Parallel()
	schema := compiled(t, ComparedSchema())
	for name, c := range map[string]*Compared{"two": compared(), "none": NewCompared("1.0", nil, nil, nil)} {
		var out strings.Builder
		if err := writeDocument(&out, c); err != nil {
			t.Fatal(err)
		}
		validate(t, schema, name, out.String())
	}
}

// Nothing compared is not the same as no difference.
func TestTheExitCodeOfAComparison(t *testing.T) {
	t.Parallel()
	same := []ComparedPolicy{compared().Policies[1]}
	for name, c := range map[string]struct {
		policies []ComparedPolicy
		unread   []UnreadPolicy
		want     int
	}{
		"the-same": {same, nil, ExitClean}, "different": {compared().Policies, nil, ExitFindings}, "nothing": {nil, nil, ExitIncomplete},
		"one-unread": {compared().Policies, []UnreadPolicy{{Target: "brave"}}, ExitIncomplete},
	} {
		if got := NewCompared("1.0", nil, c.policies, c.unread).ExitCode; got != c.want {
			t.Errorf("%s exits with %d, want %d", name, got, c.want)
		}
	}
}

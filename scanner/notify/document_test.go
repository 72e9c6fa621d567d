package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/scanner/internal/schema"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

func TestTheSchemaOfADigestSaysWhatIsWritten(t *testing.T) {
	t.Parallel()
	want, err := schema.Of(reflect.TypeFor[document](), "urn:guestlist:schema:1:digest", "What one scan says in short")
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "digest.schema.json", string(want))
	if !testkit.Updates() && !bytes.Equal(want, Schema()) {
		t.Error("digest.schema.json is not what the program embeds")
	}
}

func TestADigestIsWrittenInEveryContent(t *testing.T) {
	t.Parallel()
	for _, c := range contents {
		body, err := c.of(exampleDigest())
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, "testdata/digest."+c.name, string(body))
	}
}

func TestADigestOfAnySizeFitsItsLimitsAndCountsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	for _, n := range sizes {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			d := hugeDigest(n)
			body, err := asJSON(d, maxDigestBytes)
			if err != nil {
				t.Fatal(err)
			}
			if len(body) > maxDigestBytes {
				t.Errorf("the JSON has %d bytes", len(body))
			}
			var doc document
			if err := json.Unmarshal(body, &doc); err != nil {
				t.Fatal(err)
			}
			for _, p := range d.parts() {
				listed := len(*doc.list(p.name))
				if listed == 0 || listed+doc.LeftOut[p.name] != n {
					t.Errorf("%s: %d listed, %d left out, of %d", p.name, listed, doc.LeftOut[p.name], n)
				}
			}
			for name, test := range map[string]struct {
				text string
				most int
				item string // how each entry begins
			}{
				"text":     {asText(d), maxTextBytes, "  ["},
				"markdown": {asMarkdown(d), maxMarkdownBytes, "- "},
			} {
				if len(test.text) > test.most || !utf8.ValidString(test.text) {
					t.Errorf("the %s has %d bytes", name, len(test.text))
				}
				countsAll(t, test.text, test.item, 5*n)
			}
		})
	}
}

// countsAll checks that the entries of a text and those that it counts as left out are all.
func countsAll(t *testing.T, text, item string, all int) {
	t.Helper()
	counted := 0
	for line := range strings.SplitSeq(text, "\n") {
		left := 0
		if n, _ := fmt.Sscanf(strings.TrimSpace(line), "and %d more", &left); n == 1 {
			counted += left
		}
		if strings.HasPrefix(line, item) {
			counted++
		}
	}
	if counted != all {
		t.Errorf("%d of %d entries are listed or counted", counted, all)
	}
}

func TestADigestAsJSONFollowsItsSchema(t *testing.T) {
	t.Parallel()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("digest", parsed); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("digest")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Digest{exampleDigest(), cleanDigest(), hugeDigest(100), {}} {
		body, err := asJSON(d, maxDigestBytes)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(value); err != nil {
			t.Error(err)
		}
	}
}

func TestWhatIsOpenIsCountedOnce(t *testing.T) {
	t.Parallel()
	d := exampleDigest()
	for _, verdict := range []inventory.Untrusted{"2 new", "First report: 3 open: 2 critical, 1 high"} {
		d.Verdict[0] = verdict
		_, page, _ := strings.Cut(asHTML(d), "</title>") // which has it as well
		for _, text := range []string{asText(d), asMarkdown(d), page} {
			if n := strings.Count(text, "3 open: 2 critical, 1 high"); n != 1 {
				t.Errorf("%q: %d times in %q", verdict, n, text)
			}
		}
	}
}

func TestTextShowsNoCharacterThatActs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{asText(hugeDigest(25)), asMarkdown(hugeDigest(25))} {
		for _, r := range text {
			if r != '\n' && (r < 0x20 || r == 0x202E || r == 0x2028 || r >= 0x7F && r < 0xA0) {
				t.Fatalf("the text has %U", r)
			}
		}
	}
}

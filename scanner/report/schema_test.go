package report

import (
	"bytes"
	"reflect"
	"testing"

	"guestlist/scanner/internal/schema"
	"guestlist/scanner/testkit"
)

func TestTheSchemaFilesSayWhatIsWritten(t *testing.T) {
	for _, test := range []struct {
		file, id, title string
		typ             reflect.Type
		embedded        []byte
	}{
		{"report.schema.json", "urn:guestlist:schema:1:report", "A guestlist report", reflect.TypeFor[document](), Schema()},
		{"line.schema.json", "urn:guestlist:schema:1:report-line", "A line of a guestlist report as JSON Lines",
			reflect.TypeFor[line](), LineSchema()},
		{"show.schema.json", "urn:guestlist:schema:1:show", "What guestlist show shows", reflect.TypeFor[Shown](),
			ShownSchema()},
		{"risk.schema.json", "urn:guestlist:schema:1:risk", "What guestlist risk says", reflect.TypeFor[Weighed](),
			WeighedSchema()},
		{"lint.schema.json", "urn:guestlist:schema:1:lint", "What guestlist allow lint says", reflect.TypeFor[Lint](),
			LintSchema()},
		{"compare.schema.json", "urn:guestlist:schema:1:compare", "What guestlist allow compare says", reflect.TypeFor[Compared](),
			ComparedSchema()},
	} {
		want, err := schema.Of(test.typ, test.id, test.title)
		if err != nil {
			t.Fatal(err)
		}
		testkit.Golden(t, test.file, string(want))
		if !testkit.Updates() && !bytes.Equal(want, test.embedded) {
			t.Errorf("%s is not what the program embeds", test.file)
		}
	}
}

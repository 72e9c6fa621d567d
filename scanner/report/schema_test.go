package report

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"testing"

	"guestlist/scanner/internal/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTheSchemaFilesSayWhatIsWritten(t *testing.T) {
	for _, test := range []struct {
		file, id, title string
		typ             reflect.Type
		embedded        []byte
	}{
		{"report.schema.json", "urn:guestlist:schema:1:report", "A guestlist report", reflect.TypeFor[document](), Schema()},
		{"line.schema.json", "urn:guestlist:schema:1:report-line", "A line of a guestlist report as JSON Lines", reflect.TypeFor[line](), LineSchema()},
	} {
		want, err := schema.Of(test.typ, test.id, test.title)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(test.file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !bytes.Equal(want, test.embedded) {
			t.Errorf("%s is out of date: make golden", test.file)
		}
	}
}

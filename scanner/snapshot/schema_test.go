package snapshot

import (
	"bytes"
	"flag"
	"os"
	"reflect"
	"testing"

	"guestlist/scanner/internal/schema"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTheSchemaFileSaysWhatIsWritten(t *testing.T) {
	want, err := schema.Of(reflect.TypeFor[frame](), "urn:guestlist:schema:1:snapshot-line", "A line of a guestlist snapshot")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("schema.json", want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(want, Schema()) {
		t.Error("schema.json is out of date: make golden")
	}
}

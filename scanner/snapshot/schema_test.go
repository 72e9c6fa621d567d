package snapshot

import (
	"bytes"
	"reflect"
	"testing"

	"guestlist/scanner/internal/schema"
	"guestlist/scanner/testkit"
)

func TestTheSchemaFileSaysWhatIsWritten(t *testing.T) {
	want, err := schema.Of(reflect.TypeFor[frame](), "urn:guestlist:schema:1:snapshot-line",
		"A line of a guestlist snapshot")
	if err != nil {
		t.Fatal(err)
	}
	testkit.Golden(t, "schema.json", string(want))
	if !testkit.Updates() && !bytes.Equal(want, Schema()) {
		t.Error("schema.json is not what the program embeds")
	}
}

package lenient

import (
	"strings"
	"testing"
	"time"
)

func TestFieldsAreReadInAnyForm(t *testing.T) {
	t.Parallel()
	type entry struct {
		ID     Number  `json:"id"`
		Name   Text    `json:"name"`
		At     Moment  `json:"at"`
		Is     Answer  `json:"is"`
		List   Texts   `json:"list"`
		Levels Levels  `json:"levels"`
		Owner  Account `json:"owner"`
	}
	right := func(e entry) bool {
		return e.ID == 12 && e.Name == "a" && e.At.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) && e.Is.Is(true) &&
			strings.Join(e.List.Of, "+") == "x+y" && e.Levels.Of["a"] == "read" && e.Owner.Name() == "o"
	}
	nothing := func(e entry) bool {
		return e.ID == 0 && e.Name == "" && e.At.IsZero() && e.Is.Value == nil && !e.List.Known && !e.Levels.Known &&
			e.Owner.Name() == ""
	}
	tests := []struct {
		name string
		body string
		want func(entry) bool
	}{
		{"as documented", `{"id":12,"name":"a","at":"2026-01-02T03:04:05Z","is":true,"list":["x","y"],"levels":{"a":"read"},"owner":{"login":"o"}}`, right},
		{"as text", `{"id":"12","name":"a","at":"2026-01-02 03:04:05 UTC","is":"true","list":"x, y","levels":{"a":"read"},"owner":"o"}`, right},
		{"as numbers", `{"id":12.0,"name":"a","at":1767323045,"is":1,"list":["x",null,"y"],"levels":{"a":"read"},"owner":{"slug":"o"}}`, right},
		{"in milliseconds, with an offset, twice",
			`{"id":1,"id":12,"name":"a","at":1767323045000,"is":"1","list":["x","y"],"levels":{"a":"read"},"owner":{"login":"o"}}`, right},
		{"null", `{"id":null,"name":null,"at":null,"is":null,"list":null,"levels":null,"owner":null}`, nothing},
		{"of other kinds", `{"id":{},"name":[],"at":[1],"is":{},"list":{},"levels":[],"owner":[]}`, nothing},
		{"absent", `{}`, nothing},
		{"out of range", `{"id":1e99,"at":-5,"is":"perhaps"}`, nothing},
	}
	for _, test := range tests {
		var got entry
		if err := Unmarshal([]byte(test.body), &got); err != nil || !test.want(got) {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
	var got struct {
		Never  Moment `json:"never"`
		Absent Moment `json:"absent"`
	}
	if err := Unmarshal([]byte(`{"never":null}`), &got); err != nil || !got.Never.Null || got.Absent.Null {
		t.Errorf("null and absent: %+v, %v", got, err)
	}
	var strange Levels
	if err := Unmarshal([]byte(`{"a":null,"b":["x"],"c":1}`), &strange); err != nil || strange.Of["a"] != "unknown" ||
		strange.Of["b"] != "unknown" || strange.Of["c"] != "1" {
		t.Errorf("levels of other kinds: %v, %v", strange, err)
	}
}

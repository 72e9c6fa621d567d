package github

import (
	"strings"
	"testing"
	"time"
)

func TestFieldsAreReadInAnyForm(t *testing.T) {
	t.Parallel()
	type entry struct {
		ID     number  `json:"id"`
		Name   text    `json:"name"`
		At     moment  `json:"at"`
		Is     answer  `json:"is"`
		List   texts   `json:"list"`
		Levels levels  `json:"levels"`
		Owner  account `json:"owner"`
	}
	right := func(e entry) bool {
		return e.ID == 12 && e.Name == "a" && e.At.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) && e.Is.is(true) &&
			strings.Join(e.List.of, "+") == "x+y" && e.Levels.of["a"] == "read" && e.Owner.name() == "o"
	}
	nothing := func(e entry) bool {
		return e.ID == 0 && e.Name == "" && e.At.IsZero() && e.Is.value == nil && !e.List.known && !e.Levels.known &&
			e.Owner.name() == ""
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
		if err := unmarshal([]byte(test.body), &got); err != nil || !test.want(got) {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
	}
	var got struct {
		Never  moment `json:"never"`
		Absent moment `json:"absent"`
	}
	if err := unmarshal([]byte(`{"never":null}`), &got); err != nil || !got.Never.null || got.Absent.null {
		t.Errorf("null and absent: %+v, %v", got, err)
	}
	var strange levels
	if err := unmarshal([]byte(`{"a":null,"b":["x"],"c":1}`), &strange); err != nil || strange.of["a"] != "unknown" ||
		strange.of["b"] != "unknown" || strange.of["c"] != "1" {
		t.Errorf("levels of other kinds: %v, %v", strange, err)
	}
}

package snapshot

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/inventory"
)

func TestAnItemsLineIsWhatTheEncoderMakesOfIt(t *testing.T) {
	t.Parallel()
	for name, item := range oddItems() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, err := json.Marshal(frame{Item: &item}, encoding)
			if err != nil {
				t.Fatal(err)
			}
			if got := appendItem(nil, &item); string(got) != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// oddItems are an item with every field, for each field one that has only that, and texts and times
// of every sort.
func oddItems() map[string]inventory.Item {
	var full inventory.Item
	items := make(map[string]inventory.Item)
	fill(reflect.ValueOf(&full).Elem(), "", func(path string) {
		var single inventory.Item
		fill(reflect.ValueOf(&single).Elem(), path, func(string) {})
		single.Normalize()
		items["only"+path] = single
	})
	full.Normalize()
	items["full"] = full
	items["none"] = inventory.Item{Access: inventory.Access{Permissions: []inventory.Untrusted{},
		Hosts: []inventory.Untrusted{}}}
	for n, text := range []inventory.Untrusted{
		`"quoted" \ and / slashed`, "line\nfeed\tand\x01\x7f", "Ünïcode “…” 日本 🎉", "<b>&amp;</b>\u2028\u2029",
		"cut \xe2\x82", "}{][,:", " ",
	} {
		item := inventory.Item{App: inventory.App{ID: text, Name: text}, Holder: inventory.Holder{Unit: text}}
		item.Source.Name = text
		item.Access.Permissions, item.Access.Hosts = []inventory.Untrusted{text, "a" + text, "b"}, []inventory.Untrusted{text}
		item.Facts = map[string]inventory.Untrusted{"one": text, "a_two": "x", "three\n": text}
		item.Mark(inventory.MarkNote, inventory.MarkNative, text)
		items[fmt.Sprintf("text_%d", n)] = item
		item.Normalize()
		items[fmt.Sprintf("text_%d_normal", n)] = item
	}
	for n, at := range []time.Time{
		time.Unix(0, 0), time.Unix(1, 5e6), time.Unix(1_700_000_000, 120e6),
		time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC),
		time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC),
	} {
		items[fmt.Sprintf("time_%d", n)] = inventory.Item{Added: at.UTC(), Expires: at.UTC()}
	}
	return items
}

// fill sets the field at the path, every one for "", and reports each that can be set.
func fill(value reflect.Value, only string, visit func(path string)) { fillAt(value, "", only, visit) }

func fillAt(value reflect.Value, path, only string, visit func(path string)) {
	if value.Kind() == reflect.Struct && value.Type() != reflect.TypeFor[time.Time]() {
		for n := range value.NumField() {
			fillAt(value.Field(n), path+"_"+value.Type().Field(n).Name, only, visit)
		}
		return
	}
	if visit(path); only != "" && only != path {
		return
	}
	text := "the" + path
	switch of := value.Addr().Interface().(type) {
	case *time.Time:
		*of = time.Date(2026, 11, 25, 15, 4, 5, 0, time.UTC)
	case *map[string]inventory.Untrusted:
		*of = map[string]inventory.Untrusted{"b": inventory.Untrusted(text), "a": ""}
	case *[]inventory.Untrusted:
		*of = []inventory.Untrusted{inventory.Untrusted(text), "second"}
	case *[]inventory.Mark:
		*of = []inventory.Mark{{Class: "one", Name: "two", Detail: "three"}, {Class: "note", Name: "four"}}
	default:
		value.SetString(text) // panics where an item has a field of a new type, which then needs a case here
	}
}

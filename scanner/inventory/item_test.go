package inventory

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnItemInItsNormalFormCostsNothingToNormalize(t *testing.T) {
	normal := Item{
		State: StateEnabled, StateReasons: []Untrusted{"a", "b"}, Facts: map[string]Untrusted{"one": "1"},
		Marks:  []Mark{{MarkNote, "one", ""}, {MarkNote, "two", ""}},
		Access: Access{Permissions: []Untrusted{"a", "b"}, Hosts: []Untrusted{}},
	}
	want := normal
	if made := testing.AllocsPerRun(10, func() { normal.Normalize() }); made != 0 {
		t.Errorf("%v allocations", made)
	}
	if diff := cmp.Diff(want, normal); diff != "" {
		t.Error(diff)
	}
}

func TestNormalizingLeavesListsThatAreSharedAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, list := range map[string][]Untrusted{"order": {"b", "a"}, "twice": {"a", "a"}, "space": {" a", "b"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared := Item{
				Access: Access{Permissions: slices.Clone(list)}, Facts: map[string]Untrusted{"one": " 1", "two": "2"},
				Marks: []Mark{{MarkNote, "b", " x"}, {MarkNote, "a", ""}},
			}
			item := shared
			item.Normalize()
			if diff := cmp.Diff(list, shared.Access.Permissions); diff != "" {
				t.Errorf("the permissions changed: %s", diff)
			}
			if diff := cmp.Diff(map[string]Untrusted{"one": " 1", "two": "2"}, shared.Facts); diff != "" {
				t.Errorf("the facts changed: %s", diff)
			}
			if diff := cmp.Diff(map[string]Untrusted{"one": "1", "two": "2"}, item.Facts); diff != "" {
				t.Errorf("the facts are not normal: %s", diff)
			}
			if diff := cmp.Diff([]Mark{{MarkNote, "b", " x"}, {MarkNote, "a", ""}}, shared.Marks); diff != "" {
				t.Errorf("the marks changed: %s", diff)
			}
			if diff := cmp.Diff([]Mark{{MarkNote, "a", ""}, {MarkNote, "b", "x"}}, item.Marks); diff != "" {
				t.Errorf("the marks are not normal: %s", diff)
			}
		})
	}
}

package history

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// keepOne keeps a snapshot of some items in a new archive.
func keepOne(t *testing.T, items ...inventory.Item) (Archive, Kept) {
	t.Helper()
	archive := Archive{Dir: t.TempDir(), Policy: Policy{Last: 10, Weeks: 52, MaxBytes: 1 << 30}}
	path := filepath.Join(t.TempDir(), "scan.jsonl.gz")
	started := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	header := snapshot.Header{RunID: "r1", Started: started}
	writer, err := snapshot.Create(path, header)
	if err != nil {
		t.Fatal(err)
	}
	for n := range items {
		if err := writer.AddItem(&items[n]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := writer.Commit(started); err != nil {
		t.Fatal(err)
	}
	if err := archive.Keep(path, header, started); err != nil {
		t.Fatal(err)
	}
	list, err := archive.List()
	if err != nil || len(list) != 1 {
		t.Fatalf("List = %v, %v", list, err)
	}
	return archive, list[0]
}

func held(id, person, version inventory.Untrusted, state inventory.State) inventory.Item {
	return inventory.Item{
		Source: inventory.Source{Provider: inventory.Chromium, Host: "laptop-01", Name: person + "/chromium/Default"},
		Kind:   inventory.KindExtension, App: inventory.App{ID: id, Name: "Notes"}, Version: version, State: state,
		Holder: inventory.Holder{User: person},
	}
}

func TestTheAppsOfAKeptSnapshotAreListedOnce(t *testing.T) {
	t.Parallel()
	archive, kept := keepOne(t, held("aaaabbbbccccddddeeeeffffgggghhhh", "finance", "1.0", inventory.StateEnabled),
		held("aaaabbbbccccddddeeeeffffgggghhhh", "support", "1.1", inventory.StateEnabled),
		held("bbbbccccddddeeeeffffgggghhhhiiii", "support", "1.0", inventory.StateLeftover))
	for _, readsSnapshot := range []bool{true, false} {
		apps, err := archive.Apps(kept)
		if err != nil || len(apps) != 1 {
			t.Fatalf("Apps = %v, %v", apps, err)
		}
		if a := apps[0]; a.App.ID != "aaaabbbbccccddddeeeeffffgggghhhh" || a.Holders != 2 || len(a.Items()) != 2 || a.Items()[1].Version == "" {
			t.Errorf("the app is %+v", a)
		}
		if readsSnapshot { // the list beside it says the same
			if err := os.WriteFile(kept.Path, make([]byte, kept.Size), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(kept.Path+appsSuffix, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Apps(kept); err == nil {
		t.Error("a damaged list of a damaged snapshot says something")
	}
}

func TestAListOfAppsGoesWithItsSnapshot(t *testing.T) {
	t.Parallel()
	archive, kept := keepOne(t, held("aaaabbbbccccddddeeeeffffgggghhhh", "finance", "1.0", inventory.StateEnabled))
	if _, err := archive.Apps(kept); err != nil {
		t.Fatal(err)
	}
	list := kept.Path + appsSuffix
	if err := archive.Prune(kept.Time); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(list); err != nil {
		t.Errorf("the list of a snapshot that is there: %v", err)
	}
	if err := os.Remove(kept.Path); err != nil {
		t.Fatal(err)
	}
	if err := archive.Prune(kept.Time); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(list); !os.IsNotExist(err) {
		t.Errorf("the list of a snapshot that is gone: %v", err)
	}
}

package history

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
	"guestlist/scanner/testkit"
)

// benchUsers times benchApps is the size of each snapshot, and benchKept how many are kept: the
// last 10 and one a week for a year.
const (
	benchUsers, benchApps = 5_000, 10
	benchKept             = 62
)

// BenchmarkShow finds and traces an app of 50,000 items that everybody has, in 62 kept snapshots.
// Reported: the size of one in MB, what finding and tracing take in seconds, and the heap's peak.
func BenchmarkShow(b *testing.B) {
	path := b.TempDir() + "/scan.jsonl.gz"
	organization(b, path)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	paths := slices.Repeat([]string{path}, benchKept)
	fault := func(_ string, err error) { b.Fatal(err) }
	for b.Loop() {
		peak := testkit.WatchHeap()
		var found Found
		find := testkit.Took(func() { found = Find(ParseQuery("App 3"), paths[:1], fault) })
		if len(found.Subjects) != 1 {
			b.Fatal(found.Subjects)
		}
		var traced Traced
		trace := testkit.Took(func() { traced = Trace(found.Subjects[0], paths, fault) })
		if traced.NowCount != benchUsers || len(traced.Spans) != 1 {
			b.Fatalf("%d items, %d spans", traced.NowCount, len(traced.Spans))
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB-a-snapshot")
		b.ReportMetric(find.Seconds(), "s-find")
		b.ReportMetric(trace.Seconds(), "s-trace")
		b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MB")
	}
}

// organization writes a scan of the users' grants.
func organization(b *testing.B, path string) {
	google := inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example"}
	w, err := snapshot.Create(path, snapshot.Header{RunID: "run", Started: noon})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Abort()
	if err := w.AddCoverage(&inventory.Coverage{Source: google, Status: inventory.StatusComplete}); err != nil {
		b.Fatal(err)
	}
	const scopes = "https://www.googleapis.com/auth/"
	for user := range benchUsers {
		account := inventory.Textf("user-%05d@acme.example", user)
		for app := range benchApps {
			item := inventory.Item{
				Source: google.Join("grants").Join(account), Kind: inventory.KindOAuthGrant, State: inventory.StateEnabled,
				App: inventory.App{
					ID:   inventory.Textf("4300000%05d-%032x.apps.googleusercontent.com", app, app*7919),
					Name: inventory.Textf("App %d", app), Project: inventory.Textf("4300000%05d", app),
				},
				Holder: inventory.Holder{Account: account, AccountID: inventory.Textf("%021d", user*104729),
					Organization: "acme.example", Unit: "/Sales"},
				Access: inventory.Access{Permissions: []inventory.Untrusted{scopes + "calendar", scopes + "drive.file",
					scopes + "userinfo.email"}, Basis: inventory.BasisGranted},
				Facts: map[string]inventory.Untrusted{"client_type": "WEB", "anonymous": "false",
					"native_app": inventory.Untrusted(fmt.Sprint(app%2 == 0))},
			}
			if err := w.AddItem(&item); err != nil {
				b.Fatal(err)
			}
		}
	}
	if _, err := w.Commit(noon); err != nil {
		b.Fatal(err)
	}
}

package diff

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
	"guestlist/scanner/testkit"
)

// BenchmarkJudgeGrants judges an organization's grants, four to a user, as a first scan without an
// allowlist does: everything is a finding. Few apps have most of the users, and every hundredth
// grant (every tenth, at worst) is of an app that nobody else has.
func BenchmarkJudgeGrants(b *testing.B) {
	for _, size := range []struct{ users, lonely int }{{10_000, 100}, {100_000, 100}, {100_000, 10}} {
		users := size.users
		b.Run(fmt.Sprintf("%d_users/1_in_%d_alone", users, size.lonely), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "grants")
			writeGrants(b, path, users, size.lonely)
			for b.Loop() {
				benchJudge(b, path)
			}
			b.ReportMetric(float64(4*users*b.N)/b.Elapsed().Seconds(), "grants/s")
		})
	}
}

func benchJudge(b *testing.B, path string) {
	reader, err := snapshot.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer reader.Close()
	peak := testkit.WatchHeap()
	judgement, err := Judge(Input{Pairs: snapshot.Compare(nil, reader), Now: now})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MB")
	b.ReportMetric(float64(len(judgement.Findings)), "findings")
	held := 0
	for i := range judgement.Findings {
		held += len(judgement.Findings[i].Holders)
	}
	b.ReportMetric(float64(held), "listed-holders")
}

func writeGrants(b testing.TB, path string, users, lonely int) {
	b.Helper()
	w, err := snapshot.Create(path, snapshot.Header{RunID: "run", Started: now})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Abort()
	grants := inventory.Source{Provider: inventory.GoogleWorkspace}.Join("acme.example").Join("grants")
	if err := w.AddCoverage(&inventory.Coverage{Source: grants, Status: inventory.StatusComplete}); err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	popular := rand.NewZipf(random, 1.2, 8, 4_999)
	for user := range users {
		account := inventory.Textf("user-%07d@acme.example", user)
		for n := range 4 {
			app := int(popular.Uint64())
			if random.IntN(lonely) == 0 {
				app = 1_000_000 + 4*user + n
			}
			item := grantOf(string(account), fmt.Sprintf("%012d-client%026d.apps.googleusercontent.com", app, n),
				fmt.Sprintf("%012d", app), fmt.Sprintf("App %d", app),
				"openid", "https://www.googleapis.com/auth/drive.readonly", "https://www.googleapis.com/auth/calendar",
				"https://www.googleapis.com/auth/userinfo.email")
			if err := w.AddItem(&item); err != nil {
				b.Fatal(err)
			}
		}
	}
	if _, err := w.Commit(now); err != nil {
		b.Fatal(err)
	}
}

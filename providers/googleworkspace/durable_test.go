package googleworkspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/testkit"
)

func TestTwoScansAtOnceDoNotShareAStateFolder(t *testing.T) {
	t.Parallel()
	for _, incremental := range []bool{false, true} {
		t.Run(fmt.Sprint("incremental-", incremental), func(t *testing.T) {
			t.Parallel()
			org := googlefake.Generated{Size: 300, GrantsEach: 2}
			var calls atomic.Int64
			var reached, goOn sync.WaitGroup
			reached.Add(1)
			goOn.Add(1)
			first := newRig(t, org, googlefake.Options{Observe: func(googlefake.Exchange) {
				if calls.Add(1) == 100 {
					reached.Done()
					goOn.Wait()
				}
			}})
			config := first.config()
			config.Subject, config.StateDir, config.Workers = googletest.GeneratedAdmin, t.TempDir(), 1
			var whole *googletest.Found
			ended := make(chan error, 1)
			go func() {
				var added testkit.Sink
				_, err := first.provider(config).Collect(t.Context(), &added)
				whole = googletest.MemoryOf(&added)
				ended <- err
			}()
			reached.Wait()

			second := newRig(t, org, googlefake.Options{})
			beside := second.config()
			beside.Subject, beside.StateDir, beside.Incremental = googletest.GeneratedAdmin, config.StateDir, incremental
			got, coverage := second.collect(second.provider(beside))
			goOn.Done()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole.Text(t), got.Text(t)); diff != "" {
				t.Errorf("the two scans differ:\n%.1000s", diff)
			}
			grants := coverage["generated.example/grants"]
			if !strings.Contains(fmt.Sprint(grants.Details),
				"the state directory was left untouched: another scan is using it; this scan is a full one") ||
				grants.IsGap() || grants.Read != org.Size {
				t.Errorf("the second scan: %+v", grants)
			}

			beside.Incremental = true
			second.ResetCounts()
			_, coverage = second.collect(second.provider(beside))
			if details := fmt.Sprint(coverage["generated.example/grants"].Details); !strings.Contains(details,
				"are unchanged since the scan at") {
				t.Errorf("the first scan's state is no base for a later one: %s", details)
			}
			if calls := second.Server.Calls()["tokens.list"]; calls >= org.Size/2 {
				t.Errorf("%d users were read again of %d", calls, org.Size)
			}
		})
	}
}

func TestAStateDirectoryThatCannotBeMadeCostsOnlyWhatItKeeps(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, googlefake.Generated{Size: 3, GrantsEach: 1}, googlefake.Options{})
	config := r.config()
	config.Subject, config.StateDir = googletest.GeneratedAdmin, filepath.Join(file, "state")
	coverage, err := r.provider(config).Collect(t.Context(), &testkit.Sink{})
	if err != nil {
		t.Fatal(err)
	}
	grants := r.ByName(coverage)["generated.example/grants"]
	if grants.IsGap() || grants.Read != 3 || !strings.Contains(fmt.Sprint(grants.Details),
		"the state directory was left untouched: ") {
		t.Errorf("coverage %+v", grants)
	}
}

// A machine that loses its power may lose the end of any file, or a file.
func TestAStateFolderThatWasCutAnywhereCostsNoUser(t *testing.T) {
	t.Parallel()
	org := googlefake.Generated{Size: 1100, GrantsEach: 1}
	clean := newRig(t, org, googlefake.Options{})
	config := clean.config()
	config.Subject, config.Features = googletest.GeneratedAdmin, []api.Feature{api.Grants, api.Events}
	sink, _ := clean.collect(clean.provider(config))
	want := strings.Split(sink.Text(t), "\n")

	var cancel context.CancelFunc
	var calls atomic.Int64
	broken := newRig(t, org, googlefake.Options{Observe: func(googlefake.Exchange) {
		if calls.Add(1) == 700 {
			cancel()
		}
	}})
	config.Credential.KeyJSON, config.Endpoint, config.StateDir = broken.Server.ServiceAccountKey(), broken.Server.URL(), t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	cancel = stop
	if _, err := broken.provider(config).Collect(ctx, &testkit.Sink{}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}

	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 3))
	for round := range 12 {
		dir := filepath.Join(t.TempDir(), "state")
		copyState(t, dir, config.StateDir)
		harm := cutSomething(t, dice, filepath.Join(dir, "google-workspace", "run"))
		t.Run(fmt.Sprintf("round-%d-of-seed-%d-%s", round, seed, harm), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, org, googlefake.Options{})
			config := config
			config.Credential.KeyJSON, config.Endpoint, config.StateDir = r.Server.ServiceAccountKey(), r.Server.URL(), dir
			got, coverage := r.collect(r.provider(config))
			if diff := cmp.Diff(want, strings.Split(got.Text(t), "\n")); diff != "" {
				t.Errorf("the scan differs from one that was never interrupted (-want +got):\n%.1000s", diff)
			}
			if grants := coverage["generated.example/grants"]; grants.IsGap() || grants.Read != org.Size ||
				grants.Expected != org.Size {
				t.Errorf("grants: %+v", grants)
			}
		})
	}
}

// copyState copies a state folder, with its files' mode.
func copyState(t *testing.T, to, from string) {
	t.Helper()
	err := os.CopyFS(to, os.DirFS(from))
	if err == nil {
		err = filepath.WalkDir(to, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			return os.Chmod(path, 0o600)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// cutSomething takes the end of one file away, overwrites it with zeros, or removes the file. It
// returns what it did.
func cutSomething(t *testing.T, dice *rand.Rand, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no state to cut: %v", err)
	}
	path := files[dice.IntN(len(files))]
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := dice.IntN(len(text) + 1)
	name := filepath.Base(path)
	switch dice.IntN(4) {
	case 0:
		err = os.Remove(path)
		name += " is gone"
	case 1:
		clear(text[at:])
		err = os.WriteFile(path, text, 0o600)
		name += fmt.Sprintf(" is zero from byte %d on", at)
	default:
		err = os.WriteFile(path, text[:at], 0o600)
		name += fmt.Sprintf(" ends at byte %d", at)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/providers/chromium/chromiumtest"
	"guestlist/providers/fake/googlefake"
	"guestlist/scanner/report"
	"guestlist/scanner/testkit"
)

// BenchmarkScan is the whole command, baseline and report included, on a home of 20 profiles with
// 100 extensions and 5 MB of preferences each. The floor is one goroutine that reads the very same
// files and asks json.Valid of them. Reported: the ratio to it, the peak of the heap, and files
// opened.
func BenchmarkScan(b *testing.B) {
	home := b.TempDir()
	if err := chromiumtest.WriteHome(home, chromiumtest.Spec{Profiles: 20, Extensions: 100,
		PreferencesBytes: 5 << 20}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		floor := testkit.Took(func() { benchFloor(b, home) })
		var opened atomic.Int64
		peak := testkit.WatchHeap()
		took := testkit.Took(func() { benchScan(b, home, &opened) })
		b.ReportMetric(took.Seconds()/floor.Seconds(), "x-floor")
		b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MB")
		b.ReportMetric(float64(opened.Load()), "files-opened")
	}
}

// BenchmarkOrdinaryProfile is the whole command on one profile of ten extensions.
func BenchmarkOrdinaryProfile(b *testing.B) {
	home := b.TempDir()
	if err := chromiumtest.WriteHome(home, chromiumtest.Spec{Profiles: 1, Extensions: 10}); err != nil {
		b.Fatal(err)
	}
	var opened atomic.Int64
	for b.Loop() {
		benchScan(b, home, &opened)
	}
}

// BenchmarkScanWorkspace is the whole command on a Google Workspace without latency or limit: read,
// kept, judged twice (the second time against the first), rendered. The service runs in the same
// process, so its own memory counts as well. GUESTLIST_BENCH_LARGE adds 100,000 users.
func BenchmarkScanWorkspace(b *testing.B) {
	sizes := []int{1_000, 10_000}
	if os.Getenv("GUESTLIST_BENCH_LARGE") != "" {
		sizes = append(sizes, 100_000)
	}
	for _, users := range sizes {
		b.Run(fmt.Sprintf("%d_users", users), func(b *testing.B) {
			dir := b.TempDir()
			google, err := googlefake.New(googlefake.Generated{Size: users, GrantsEach: 4}, googlefake.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer google.Close()
			config := filepath.Join(dir, "guestlist.toml")
			text := "version = 1\n[google_workspace]\nsubject = 'user0000000@generated.example'\nkey = {env = 'KEY'}\n" +
				"rate_per_minute = 1000000\nendpoint = '" + google.URL() + "'\n"
			if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				peak := testkit.WatchHeap()
				took := testkit.Took(func() {
					for range 2 {
						benchWorkspace(b, dir, config, string(google.ServiceAccountKey()))
					}
				})
				b.ReportMetric(float64(2*users)/took.Seconds(), "users/s")
				b.ReportMetric(float64(peak())/(1<<20), "peak-heap-MB")
			}
		})
	}
}

func benchWorkspace(b *testing.B, dir, config, key string) {
	env := &Env{
		Args: []string{"scan", "google-workspace", "--config", config, "--quiet", "--output",
			"jsonl=" + filepath.Join(dir, "report.jsonl")},
		Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, OS: runtime.GOOS, Host: "server-01", SystemRoot: dir,
		Getenv: func(name string) string {
			return map[string]string{"GUESTLIST_STATE_DIR": filepath.Join(dir, "state"), "KEY": key}[name]
		},
	}
	if code := Run(context.Background(), env); code != report.ExitFindings {
		b.Fatalf("exit code %d", code)
	}
}

func benchScan(b *testing.B, home string, opened *atomic.Int64) {
	env := &Env{
		Args:   []string{"scan", "--home", home, "--quiet"},
		Stdout: io.Discard, Stderr: io.Discard, Now: time.Now, OS: runtime.GOOS, Host: "laptop-01", SystemRoot: home,
		Getenv: func(name string) string {
			if name == "GUESTLIST_STATE_DIR" {
				return filepath.Join(home, ".state")
			}
			return ""
		},
		Observe: func(string) { opened.Add(1) },
	}
	if code := Run(context.Background(), env); code != report.ExitFindings {
		b.Fatalf("exit code %d", code)
	}
}

func benchFloor(b *testing.B, home string) {
	err := filepath.WalkDir(filepath.Join(home, ".config"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "messages.json" {
			return err
		}
		content, err := os.ReadFile(path)
		if err == nil {
			json.Valid(content)
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkStart is whole processes, as people start them: what a scan of an ordinary home (one
// profile of ten extensions) takes beside a command that reads nothing. Reported: the median of
// each and their ratio.
func BenchmarkStart(b *testing.B) {
	const runs = 30
	dir := b.TempDir()
	program := filepath.Join(dir, "guestlist")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", program,
		"guestlist/cmd/guestlist").CombinedOutput(); err != nil {
		b.Fatalf("building: %v\n%s", err, out)
	}
	home := filepath.Join(dir, "home")
	if err := chromiumtest.WriteHome(home, chromiumtest.Spec{Profiles: 1, Extensions: 10}); err != nil {
		b.Fatal(err)
	}
	run := func(args ...string) time.Duration {
		command := exec.Command(program, args...)
		command.Env = []string{"HOME=" + home, "GUESTLIST_STATE_DIR=" + filepath.Join(dir, "state")}
		return testkit.Took(func() {
			var exit *exec.ExitError
			if err := command.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != report.ExitFindings) {
				b.Fatal(err)
			}
		})
	}
	for b.Loop() {
		var scans, versions []time.Duration
		for range runs {
			versions = append(versions, run("version"))
			scans = append(scans, run("scan", "--home", home, "--quiet"))
		}
		scan, version := median(scans), median(versions)
		b.ReportMetric(scan.Seconds()*1000, "scan-ms")
		b.ReportMetric(version.Seconds()*1000, "version-ms")
		b.ReportMetric(scan.Seconds()/version.Seconds(), "x-version")
	}
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

package googleworkspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/googlefake"
	"guestlist/providers/fake/googlefake/googletest"
	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/checkpoint"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

func TestAKilledScanGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	org := googlefake.Generated{Size: 1700, GrantsEach: 2}
	clean := newRig(t, org, googlefake.Options{})
	config := clean.config()
	config.Subject = googletest.GeneratedAdmin
	sink, _ := clean.collect(clean.provider(config))
	want := sink.Text(t)
	dice := rand.New(rand.NewPCG(1, 2))
	for round := range 8 {
		kill := int64(3 + dice.IntN(3400))
		t.Run(fmt.Sprintf("killed-after-%d-calls", kill), func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			var cancel context.CancelFunc
			r := newRig(t, org, googlefake.Options{Observe: func(googlefake.Exchange) {
				if calls.Add(1) == kill {
					cancel()
				}
			}})
			config := r.config()
			config.Subject, config.StateDir, config.Workers = googletest.GeneratedAdmin, t.TempDir(), 1+round%4
			ctx, stop := context.WithCancel(t.Context())
			cancel = stop
			if _, err := r.provider(config).Collect(ctx, &testkit.Sink{}); !errors.Is(err, context.Canceled) {
				t.Fatalf("the killed scan gives %v", err)
			}
			r.CheckState(config.StateDir)
			tearLastLine(t, filepath.Join(config.StateDir, "google-workspace", "run"))
			before := r.Server.Calls()["tokens.list"]
			r.ResetCounts()
			got, coverage := r.collect(r.provider(config))
			if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got.Text(t), "\n")); diff != "" {
				t.Errorf("the resumed scan differs from a whole one:\n%.2000s", diff)
			}
			again := r.Server.Calls()["tokens.list"]
			if before+again > 1700+config.Workers+1 {
				t.Errorf("%d users were read before the kill and %d after it, of 1700", before, again)
			}
			if before > 10 && !strings.Contains(fmt.Sprint(coverage["generated.example/grants"].Details),
				"resumed the scan interrupted") {
				t.Errorf("the coverage does not say that the scan was resumed: %+v", coverage["generated.example/grants"])
			}
			if _, err := os.Stat(filepath.Join(config.StateDir, "google-workspace", "run")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the finished scan left its checkpoint: %v", err)
			}
		})
	}
}

// killedHelper is what the process to be killed is told.
type killedHelper struct {
	Endpoint, StateDir string
	Key                []byte
}

// TestKilledHelper is the process that TestAKilledProcessLeavesACheckpointToGoOnFrom kills.
func TestKilledHelper(t *testing.T) {
	var given killedHelper
	text := os.Getenv("GUESTLIST_KILLED_HELPER")
	if text == "" {
		t.Skip("runs only as a process of another test")
	}
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		t.Fatal(err)
	}
	p, err := New(scanner.Env{}, Config{Connection: api.Connection{
		Subject: googletest.GeneratedAdmin, Credential: api.Credential{KeyJSON: given.Key}, RatePerMinute: -1, Workers: 4,
		Endpoint: given.Endpoint,
	}, StateDir: given.StateDir})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Collect(t.Context(), &testkit.Sink{})
	t.Fatalf("the scan ended before it was killed: %v", err)
}

// A process is killed at random: at a moment when every answer is held back, so that the counts are
// exact, and while it works.
func TestAKilledProcessLeavesACheckpointToGoOnFrom(t *testing.T) {
	t.Parallel()
	org := googlefake.Generated{Size: 1500, GrantsEach: 2}
	for round := range 6 {
		kill, held := int64(2+rand.IntN(2400)), round%2 == 0
		t.Run(fmt.Sprintf("killed-after-%d-calls-answers-held-back-%t", kill, held), func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			reached, dead := make(chan struct{}), make(chan struct{})
			r := newRig(t, org, googlefake.Options{Observe: func(googlefake.Exchange) {
				n := calls.Add(1)
				if n == kill {
					close(reached)
				}
				if n >= kill && held {
					<-dead // no answer leaves before the signal has arrived
				}
			}})
			config := r.config()
			config.Subject, config.StateDir = googletest.GeneratedAdmin, t.TempDir()
			text, err := json.Marshal(killedHelper{config.Endpoint, config.StateDir, config.Credential.KeyJSON})
			if err != nil {
				t.Fatal(err)
			}
			helper := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilledHelper$")
			helper.Env = append(os.Environ(), "GUESTLIST_KILLED_HELPER="+string(text))
			if err := helper.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- helper.Wait() }()
			select {
			case <-reached:
				helper.Process.Kill()
				<-ended
			case err := <-ended:
				t.Errorf("the process ended by itself: %v", err)
			}
			close(dead)
			r.CheckState(config.StateDir)
			r.Clock.Move(time.Since(r.Clock.Now()))
			before := r.Server.Calls()["tokens.list"]
			r.ResetCounts()
			got, coverage := r.collect(r.provider(config))
			if grants, passwords := org.Items(); len(got.Items) != grants+passwords || len(got.Accounts) != org.Size {
				t.Errorf("%d items, want %d", len(got.Items), grants+passwords)
			}
			const heldBack = 40 // users who were read and not yet written, at most
			if again := r.Server.Calls()["tokens.list"]; before+again > org.Size+config.Workers+heldBack ||
				coverage["generated.example/grants"].Read != org.Size {
				t.Errorf("%d users were read before the kill and %d after it, of %d", before, again, org.Size)
			}
		})
	}
}

// tearLastLine cuts a checkpoint file in the middle of a line, as a kill in the middle of a write
// does.
func tearLastLine(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "done-*.jsonl"))
	if err != nil || len(files) == 0 {
		return
	}
	info, err := os.Stat(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(files[0], info.Size()-7); err != nil {
		t.Fatal(err)
	}
}

func TestAScanWithoutAStateFolderLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	r.collect(r.provider(r.config()))
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 && runtime.GOOS != "windows" {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAnIncrementalScanEqualsAFullOne(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed-", seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 77))
			org := googlefake.NewOrg("C0random1", "random.example")
			for n := range 60 {
				org.AddUser(googlefake.User{Email: fmt.Sprintf("user%02d@random.example", n), Admin: n == 0, Unit: "/Sales"})
			}
			r := newRig(t, org, googlefake.Options{})
			config := r.config()
			config.Subject, config.StateDir = "user00@random.example", t.TempDir()
			config.Features = []api.Feature{api.Accounts, api.Grants, api.Events, api.Usage}
			config.Incremental = true
			added := 60
			for round := range 12 {
				for range dice.IntN(25) {
					r.Clock.Move(time.Duration(dice.IntN(40)) * time.Minute)
					added += change(dice, org, added, r.Clock.Now())
				}
				r.Clock.Move(checkpoint.Overlap - time.Hour) // later than any lag
				before := r.Server.Calls()["tokens.list"]
				got, coverage := r.collect(r.provider(config))
				read := r.Server.Calls()["tokens.list"] - before
				details := fmt.Sprint(coverage["random.example/grants"].Details)
				if wantFull := round == 0; strings.Contains(details, "full scan instead") != wantFull {
					t.Fatalf("round %d: %s", round, details)
				}
				if round > 0 && read >= len(org.Keys()) {
					t.Errorf("round %d: an incremental scan read %d of %d users", round, read, len(org.Keys()))
				}
				full := config
				full.StateDir, full.Incremental = "", false
				want, _ := r.collect(r.provider(full))
				if diff := cmp.Diff(strings.Split(want.Text(t), "\n"), strings.Split(got.Text(t), "\n")); diff != "" {
					t.Fatalf("round %d: the incremental scan differs (-full +incremental):\n%.3000s", round, diff)
				}
			}
		})
	}
}

// change does one random thing to an organization and returns how many users it added.
func change(dice *rand.Rand, org *googlefake.Org, serial int, now time.Time) int {
	keys := org.Keys()
	user := keys[1+dice.IntN(len(keys)-1)]
	app := fmt.Sprintf("%012d-app%029d.apps.googleusercontent.com", dice.IntN(6), dice.IntN(6))
	lag := time.Duration(dice.IntN(180)) * time.Minute
	switch dice.IntN(9) {
	case 0, 1, 2:
		org.Grant(user, googlefake.Grant{ClientID: app, Name: "App",
			Scopes: []string{"openid", fmt.Sprint("scope", dice.IntN(4))}}, now, lag)
	case 3, 4:
		org.Revoke(user, app, now, lag, false)
	case 5:
		org.Change(user, func(u *googlefake.User) {
			u.Suspended = !u.Suspended
			u.AnswersUnauthorized = u.Suspended && dice.IntN(2) == 0
		})
	case 6:
		org.Change(user, func(u *googlefake.User) {
			u.Enrolled = !u.Enrolled
			u.Unit = [...]string{"/Sales", "/IT"}[dice.IntN(2)]
		})
	case 7:
		if len(keys) > 20 {
			org.Delete(user)
		}
	case 8:
		org.AddUser(googlefake.User{Email: fmt.Sprintf("user%02d@random.example", serial), Unit: "/New"})
		return 1
	}
	return 0
}

func TestALateEventIsSeenWithinTheOverlap(t *testing.T) {
	t.Parallel()
	org := googlefake.Acme(googletest.Noon)
	r := newRig(t, org, googlefake.Options{})
	config := r.config()
	config.StateDir, config.Incremental = t.TempDir(), true
	r.collect(r.provider(config))
	// Granted an hour before the second scan, and in the log only five hours later.
	r.Clock.Move(24 * time.Hour)
	r.collect(r.provider(config))
	org.Grant("people@acme.example", googlefake.Grant{ClientID: "late", Name: "Late", Scopes: []string{"openid"}},
		r.Clock.Now().Add(-time.Hour), 5*time.Hour)
	r.Clock.Move(24 * time.Hour)
	sink, _ := r.collect(r.provider(config))
	if n := len(sink.Of("people@acme.example", inventory.KindOAuthGrant)); n != 3 {
		t.Errorf("%d grants, want 3 with the late one", n)
	}
}

func TestASilentRevocationIsSeenByTheCountOrTheRollingShare(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		features []api.Feature
		runs     int
	}{
		{"by-Google's-count-of-grants", []api.Feature{api.Grants, api.Events, api.Usage}, 5},
		{"by-the-rolling-share", []api.Feature{api.Grants, api.Events}, checkpoint.RollingShares + 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			org := googlefake.Acme(googletest.Noon)
			r := newRig(t, org, googlefake.Options{})
			config := r.config()
			config.StateDir, config.Incremental, config.Features = t.TempDir(), true, test.features
			r.collect(r.provider(config))
			org.Revoke("sales@acme.example", googlefake.AppLookalike, r.Clock.Now(), 0, true)
			for run := range test.runs {
				r.Clock.Move(24 * time.Hour)
				sink, coverage := r.collect(r.provider(config))
				if len(sink.Of("sales@acme.example", inventory.KindOAuthGrant)) == 2 {
					if run == 0 && test.runs == checkpoint.RollingShares+1 {
						return // its turn came at once
					}
					return
				}
				if !strings.Contains(fmt.Sprint(coverage["acme.example/grants"].Details), "are unchanged since the scan at") {
					t.Fatalf("run %d does not say that users are carried over: %+v", run, coverage["acme.example/grants"])
				}
			}
			t.Errorf("not seen in %d scans", test.runs)
		})
	}
}

func TestAnIncrementalScanThatCannotBuildOnTheLastOneIsFullAndSaysWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		before func(r *rig, c *Config) // between the first scan and the second
		says   string
	}{
		{"there-was-none", func(_ *rig, c *Config) { c.StateDir += "/elsewhere" }, "no finished scan to build on"},
		{"the-cursor-is-too-old", func(r *rig, _ *Config) { r.Clock.Move(checkpoint.MaxCursorAge + time.Hour) },
			"too old for the log to cover"},
		{"the-clock-went-back", func(r *rig, _ *Config) { r.Clock.Move(-time.Hour) }, "too old for the log to cover"},
		{"other-things-are-to-be-read", func(_ *rig, c *Config) { c.Units = []string{"/Finance"} },
			"the configuration has changed"},
		{"the-log-is-not-read", func(_ *rig, c *Config) { c.Features = []api.Feature{api.Grants, api.AppPasswords} },
			"the configuration has changed"},
		{"the-log-cannot-be-read", func(r *rig, _ *Config) { r.Server.Break(googlefake.Forbidden().On("activities.list")) }, "the token log could not be read"},
		{"the-last-scan-was-partial", func(r *rig, c *Config) {
			r.Server.Break(googlefake.Forbidden().On("activities.list"))
			r.collect(r.provider(*c))
			r.Server.Repair()
		}, "the last scan was partial: the token log could not be read"},
		{"the-last-scan-did-not-get-through", func(r *rig, c *Config) {
			r.Server.Break(googlefake.APIOff("admin.googleapis.com", "1").On("tokens.list"))
			r.collect(r.provider(*c))
			r.Server.Repair()
			r.Clock.Move(checkpoint.MaxCheckpointAge + time.Hour)
		}, "the last scan was partial"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
			config := r.config()
			config.StateDir, config.Incremental = t.TempDir(), true
			r.collect(r.provider(config))
			test.before(r, &config)
			r.ResetCounts()
			sink, coverage := r.collect(r.provider(config))
			details := fmt.Sprint(coverage["acme.example/grants"].Details)
			if !strings.Contains(details, "full scan instead of an incremental one") || !strings.Contains(details, test.says) {
				t.Errorf("got %s, want %q", details, test.says)
			}
			inside := 0
			for _, account := range sink.Accounts {
				if account.Facts[inventory.FactOutsideUnits] == "" {
					inside++
				}
			}
			if calls := r.Server.Calls()["tokens.list"]; calls < inside || inside == 0 {
				t.Errorf("%d calls for %d users", calls, inside)
			}
		})
	}
}

func TestALogWithTooManyEntriesLeavesOldDatesUnknownAndNothingUnseen(t *testing.T) {
	t.Parallel()
	org := googlefake.Acme(googletest.Noon)
	r := newRig(t, org, googlefake.Options{})
	config := r.config()
	config.StateDir, config.Incremental = t.TempDir(), true
	r.collect(r.provider(config))
	for n := range 1500 { // one page and a half
		org.Grant("people@acme.example", googlefake.Grant{ClientID: "busy", Name: "Busy", Scopes: []string{"openid"}},
			googletest.Noon.Add(time.Duration(n)*time.Second), 0)
	}
	org.Grant("sales@acme.example", googlefake.Grant{ClientID: "early", Name: "Early", Scopes: []string{"openid"}},
		googletest.Noon.Add(time.Millisecond), 0)
	r.Clock.Move(24 * time.Hour)
	p := r.provider(config)
	p.eventPages = 1
	sink, coverage := r.collect(p)
	if details := fmt.Sprint(coverage["acme.example/grants"].Details); !strings.Contains(details,
		"too many entries since the last scan") {
		t.Errorf("got %s", details)
	}
	if log := fmt.Sprint(coverage["acme.example/token-log"].Details); !strings.Contains(log,
		"entries since 2026-11-23T12:08:20Z; older grants have no known date") {
		t.Errorf("got %s", log)
	}
	sales := sink.Of("sales@acme.example", inventory.KindOAuthGrant)
	if len(sales) != 4 {
		t.Errorf("%d grants, want 4 with the one that the log did not get to", len(sales))
	}
}

func TestAnIncrementalScanSaysThatAppPasswordsAreOlder(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.StateDir, config.Incremental = t.TempDir(), true
	r.collect(r.provider(config))
	r.Clock.Move(24 * time.Hour)
	sink, coverage := r.collect(r.provider(config))
	if n := len(sink.Of(googletest.Victim, inventory.KindAppPassword)); n != 2 {
		t.Errorf("%d app passwords, want 2", n)
	}
	if details := fmt.Sprint(coverage["acme.example/app-passwords"].Details); !strings.Contains(details,
		"no log reports them") {
		t.Errorf("got %s", details)
	}
	r.CheckState(config.StateDir)
}

func TestAnInterruptedFullScanIsFinishedBeforeAnIncrementalOne(t *testing.T) {
	t.Parallel()
	r := newRig(t, googlefake.Acme(googletest.Noon), googlefake.Options{})
	config := r.config()
	config.StateDir = t.TempDir()
	r.collect(r.provider(config))
	r.Server.Break(googlefake.APIOff("admin.googleapis.com", "1").On("asps.list").After(4))
	r.collect(r.provider(config))
	r.Server.Repair()
	config.Incremental = true
	_, coverage := r.collect(r.provider(config))
	details := fmt.Sprint(coverage["acme.example/grants"].Details)
	if !strings.Contains(details, "the interrupted full scan comes first") ||
		!strings.Contains(details, "resumed the scan interrupted") {
		t.Errorf("got %s", details)
	}
}

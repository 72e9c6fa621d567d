package googletest

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/providers/fake/googlefake"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// Noon is when tests scan.
var Noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// People of the example organization, and the administrator of a generated one.
const (
	Admins         = "it@acme.example"
	Victim         = "finance@acme.example"
	GeneratedAdmin = "user0000000@generated.example"
)

// JSONType is Google's content type for JSON.
const JSONType = "application/json; charset=UTF-8"

// Found is what a scan added, by key.
type Found struct {
	Items    map[string]inventory.Item
	Accounts map[string]inventory.Account
	repeated []string // keys that were added twice
}

// MemoryOf sorts what a sink was given.
func MemoryOf(sink *testkit.Sink) *Found {
	m := &Found{Items: map[string]inventory.Item{}, Accounts: map[string]inventory.Account{}}
	for _, item := range sink.Items {
		if _, seen := m.Items[item.Key()]; seen {
			m.repeated = append(m.repeated, item.Key())
		}
		m.Items[item.Key()] = item
	}
	for _, account := range sink.Accounts {
		if _, seen := m.Accounts[account.Key()]; seen {
			m.repeated = append(m.repeated, account.Key())
		}
		m.Accounts[account.Key()] = account
	}
	return m
}

// Text is everything as JSON lines, in order.
func (m *Found) Text(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, item := range m.Items {
		line, err := json.Marshal(item, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	for _, account := range m.Accounts {
		line, err := json.Marshal(account, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// Of returns what an account holds of a kind, by app.
func (m *Found) Of(account string, kind inventory.Kind) []inventory.Item {
	var items []inventory.Item
	for _, item := range m.Items {
		if item.Holder.Account == inventory.Untrusted(account) && item.Kind == kind {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b inventory.Item) int { return strings.Compare(string(a.App.ID), string(b.App.ID)) })
	return items
}

// Rig is a fake organization with a clock, and everything a scan of it wrote or logged.
type Rig struct {
	T       *testing.T
	Server  *googlefake.Server
	Clock   *testkit.Clock
	Log     *lockedBuffer // every record of every level
	written *lockedBuffer // items, accounts, coverage, diagnoses and errors
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// New serves an organization until the test ends, and then checks that nothing written or logged
// holds a secret and that every call was a GET.
func New(t *testing.T, org googlefake.Organization, options googlefake.Options) *Rig {
	t.Helper()
	r := &Rig{T: t, Clock: testkit.NewClock(Noon), Log: &lockedBuffer{}, written: &lockedBuffer{}}
	options.Now = r.Clock.Now
	server, err := googlefake.New(org, options)
	if err != nil {
		t.Fatal(err)
	}
	r.Server = server
	t.Cleanup(func() {
		server.Close()
		r.CheckSecrets(r.Log.String(), "the log")
		r.CheckSecrets(r.written.String(), "an item, account, coverage, diagnosis or error")
		r.checkMethods()
	})
	return r
}

// CheckSecrets checks, in every test, that nothing written or logged holds a token, key or refresh
// token.
func (r *Rig) CheckSecrets(text, where string) {
	if secret := Leaked(text, r.Server.Secrets()); secret != "" {
		r.T.Errorf("%s holds the secret %.20s…", where, secret)
	}
}

// Leaked returns the first secret that a text holds, as it is or encoded in JSON.
func Leaked(text string, secrets []string) string {
	for _, secret := range secrets {
		escaped := strings.Trim(fmt.Sprintf("%q", secret), `"`)
		if strings.Contains(text, secret) || strings.Contains(text, escaped) {
			return secret
		}
	}
	return ""
}

// checkMethods checks, in every test, that only GET was sent, apart from sign-in.
func (r *Rig) checkMethods() {
	for method, n := range r.Server.Methods() {
		if method != http.MethodGet {
			r.T.Errorf("%s was sent %d times", method, n)
		}
	}
}

// ResetCounts resets the counts of calls.
func (r *Rig) ResetCounts() {
	r.checkMethods()
	r.Server.ResetCounts()
}

// Env is the outside world, whose clock moves only when someone waits.
func (r *Rig) Env() scanner.Env {
	return scanner.Env{
		OS: "linux", Now: r.Clock.Now, Sleep: r.Clock.Sleep, Getenv: func(string) string { return "" },
		Log: slog.New(slog.NewTextHandler(r.Log, &slog.HandlerOptions{Level: slog.Level(math.MinInt)})),
	}
}

// Keep adds a diagnosis to what is searched for secrets.
func (r *Rig) Keep(diagnosis *scanner.Diagnosis) { fmt.Fprintf(r.written, "%+v\n", *diagnosis) }

// ByName is the coverage by source name.
func (r *Rig) ByName(coverage []inventory.Coverage) map[string]inventory.Coverage {
	r.T.Helper()
	names := map[string]inventory.Coverage{}
	for n := range coverage {
		coverage[n].Normalize()
		json.MarshalWrite(r.written, coverage[n])
		name := string(coverage[n].Source.Name)
		if _, seen := names[name]; seen {
			r.T.Errorf("two coverages of %q", name)
		}
		names[name] = coverage[n]
	}
	return names
}

// Collect scans and returns what was found, with the coverage by source name.
func (r *Rig) Collect(p scanner.Provider) (*Found, map[string]inventory.Coverage) {
	r.T.Helper()
	var added testkit.Sink
	coverage, err := p.Collect(r.T.Context(), &added)
	if err != nil {
		r.T.Fatal(err)
	}
	sink := MemoryOf(&added)
	fmt.Fprintln(r.written, sink.Text(r.T))
	if len(sink.repeated) > 0 {
		r.T.Errorf("added twice: %q", sink.repeated)
	}
	return sink, r.ByName(coverage)
}

// CheckState looks for secrets and wide modes in everything on disk.
func (r *Rig) CheckState(dir string) {
	r.T.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			r.T.Errorf("%s has mode %v", path, info.Mode())
		}
		text, err := os.ReadFile(path)
		r.CheckSecrets(string(text), path)
		return err
	})
	if err != nil {
		r.T.Error(err)
	}
}

// Browser is an administrator who opens the consent page and agrees.
func Browser(t *testing.T) func(string) error {
	return func(page string) error {
		go func() {
			response, err := http.Get(page)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			io.Copy(io.Discard, response.Body)
		}()
		return nil
	}
}

// WriteFile makes a private file and returns its path.
func WriteFile(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Getenv is an environment of one variable.
func Getenv(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}

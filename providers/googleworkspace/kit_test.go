package googleworkspace

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

	"guestlist/internal/testkit"
	"guestlist/providers/fake/googlefake"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// noon is when tests scan.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// People of the example organization, and the administrator of a generated one.
const (
	admins         = "it@acme.example"
	victim         = "finance@acme.example"
	generatedAdmin = "user0000000@generated.example"
)

// jsonType is how Google calls JSON.
const jsonType = "application/json; charset=UTF-8"

// memory is what a scan added, by key.
type memory struct {
	items    map[string]inventory.Item
	accounts map[string]inventory.Account
	repeated []string // keys that were added twice
}

// memoryOf sorts what a sink was given.
func memoryOf(sink *testkit.Sink) *memory {
	m := &memory{items: map[string]inventory.Item{}, accounts: map[string]inventory.Account{}}
	for _, item := range sink.Items {
		if _, seen := m.items[item.Key()]; seen {
			m.repeated = append(m.repeated, item.Key())
		}
		m.items[item.Key()] = item
	}
	for _, account := range sink.Accounts {
		if _, seen := m.accounts[account.Key()]; seen {
			m.repeated = append(m.repeated, account.Key())
		}
		m.accounts[account.Key()] = account
	}
	return m
}

// text is everything as JSON lines, in order.
func (m *memory) text(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, item := range m.items {
		line, err := json.Marshal(item, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	for _, account := range m.accounts {
		line, err := json.Marshal(account, json.Deterministic(true))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// of returns what an account holds of a kind, by app.
func (m *memory) of(account string, kind inventory.Kind) []inventory.Item {
	var items []inventory.Item
	for _, item := range m.items {
		if item.Holder.Account == inventory.Untrusted(account) && item.Kind == kind {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b inventory.Item) int { return strings.Compare(string(a.App.ID), string(b.App.ID)) })
	return items
}

// kit is a fake organization with a clock, and everything a scan of it wrote or logged.
type kit struct {
	t       *testing.T
	server  *googlefake.Server
	clock   *testkit.Clock
	log     *lockedBuffer // every record of every level
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

// newKit serves an organization until the test ends, and then looks for secrets in all that was written or logged, and for calls that
// were no GET.
func newKit(t *testing.T, org googlefake.Organization, options googlefake.Options) *kit {
	t.Helper()
	r := &kit{t: t, clock: testkit.NewClock(noon), log: &lockedBuffer{}, written: &lockedBuffer{}}
	options.Now = r.clock.Now
	server, err := googlefake.New(org, options)
	if err != nil {
		t.Fatal(err)
	}
	r.server = server
	t.Cleanup(func() {
		server.Close()
		r.checkSecrets(r.log.String(), "the log")
		r.checkSecrets(r.written.String(), "an item, account, coverage, diagnosis or error")
		r.checkMethods()
	})
	return r
}

// checkSecrets is the grep of every test: nothing written or logged holds a token, key or refresh token.
func (r *kit) checkSecrets(text, where string) {
	if secret := leaked(text, r.server.Secrets()); secret != "" {
		r.t.Errorf("%s holds the secret %.20s…", where, secret)
	}
}

// leaked returns the first secret that a text holds, as it is or inside a JSON text.
func leaked(text string, secrets []string) string {
	for _, secret := range secrets {
		escaped := strings.Trim(fmt.Sprintf("%q", secret), `"`)
		if strings.Contains(text, secret) || strings.Contains(text, escaped) {
			return secret
		}
	}
	return ""
}

// checkMethods is the count of every test: sign-in apart, nothing but GET was sent.
func (r *kit) checkMethods() {
	for method, n := range r.server.Methods() {
		if method != http.MethodGet {
			r.t.Errorf("%s was sent %d times", method, n)
		}
	}
}

// resetCounts starts the counts of calls anew.
func (r *kit) resetCounts() {
	r.checkMethods()
	r.server.ResetCounts()
}

// env is the outside world, whose clock moves only when somebody waits.
func (r *kit) env() scanner.Env {
	return scanner.Env{
		OS: "linux", Now: r.clock.Now, Sleep: r.clock.Sleep, Getenv: func(string) string { return "" },
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.Level(math.MinInt)})),
	}
}

// keep puts a diagnosis among what is searched for secrets.
func (r *kit) keep(diagnosis *scanner.Diagnosis) { fmt.Fprintf(r.written, "%+v\n", *diagnosis) }

// byName is the coverage by source name.
func (r *kit) byName(coverage []inventory.Coverage) map[string]inventory.Coverage {
	r.t.Helper()
	names := map[string]inventory.Coverage{}
	for n := range coverage {
		coverage[n].Normalize()
		json.MarshalWrite(r.written, coverage[n])
		name := string(coverage[n].Source.Name)
		if _, seen := names[name]; seen {
			r.t.Errorf("two coverages of %q", name)
		}
		names[name] = coverage[n]
	}
	return names
}

// collect scans and returns what was found, with the coverage by source name.
func (r *kit) collect(p scanner.Provider) (*memory, map[string]inventory.Coverage) {
	r.t.Helper()
	var added testkit.Sink
	coverage, err := p.Collect(r.t.Context(), &added)
	if err != nil {
		r.t.Fatal(err)
	}
	sink := memoryOf(&added)
	fmt.Fprintln(r.written, sink.text(r.t))
	if len(sink.repeated) > 0 {
		r.t.Errorf("added twice: %q", sink.repeated)
	}
	return sink, r.byName(coverage)
}

// checkState looks for secrets and wide modes in everything on disk.
func (r *kit) checkState(dir string) {
	r.t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			r.t.Errorf("%s has mode %v", path, info.Mode())
		}
		text, err := os.ReadFile(path)
		r.checkSecrets(string(text), path)
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
}

// browser is an administrator who opens the consent page and agrees.
func browser(t *testing.T) func(string) error {
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

// writeFile makes a private file and returns its path.
func writeFile(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// getenv is an environment of one variable.
func getenv(name, value string) func(string) string {
	return func(asked string) string {
		if asked == name {
			return value
		}
		return ""
	}
}

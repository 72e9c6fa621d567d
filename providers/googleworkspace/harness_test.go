package googleworkspace

import (
	"bytes"
	"fmt"
	"log/slog"
	"math"
	"net/http"
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

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const admins = "it@acme.example"

// memory is what a scan added, by key.
type memory struct {
	items    map[string]inventory.Item
	accounts map[string]inventory.Account
	repeated []string // keys that were added twice
}

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

// rig is a fake organization with a clock, and everything a scan of it wrote or logged.
type rig struct {
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

func newRig(t *testing.T, org googlefake.Organization, options googlefake.Options) *rig {
	t.Helper()
	r := &rig{t: t, clock: testkit.NewClock(noon), log: &lockedBuffer{}, written: &lockedBuffer{}}
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
func (r *rig) checkSecrets(text, where string) {
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
func (r *rig) checkMethods() {
	for method, n := range r.server.Methods() {
		if method != http.MethodGet {
			r.t.Errorf("%s was sent %d times", method, n)
		}
	}
}

// resetCounts starts the counts of calls anew.
func (r *rig) resetCounts() {
	r.checkMethods()
	r.server.ResetCounts()
}

func (r *rig) env() scanner.Env {
	return scanner.Env{
		OS: "linux", Now: r.clock.Now, Sleep: r.clock.Sleep, Getenv: func(string) string { return "" },
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.Level(math.MinInt)})),
	}
}

// config is a configuration that signs in with the service account's key.
func (r *rig) config() Config {
	return Config{Connection: Connection{
		Subject: admins, Credential: Credential{KeyJSON: r.server.ServiceAccountKey()},
		RatePerMinute: -1, Workers: 4, Endpoint: r.server.URL(),
	}}
}

func (r *rig) provider(config Config) *Provider {
	r.t.Helper()
	p, err := New(r.env(), config)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func (r *rig) chrome(config Config) *ChromeProvider {
	r.t.Helper()
	p, err := NewChrome(r.env(), config.Connection)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

// collect scans and returns what was found, with the coverage by source name.
func (r *rig) collect(p scanner.Provider) (*memory, map[string]inventory.Coverage) {
	r.t.Helper()
	var added testkit.Sink
	coverage, err := p.Collect(r.t.Context(), &added)
	if err != nil {
		r.t.Fatal(err)
	}
	sink := memoryOf(&added)
	fmt.Fprintln(r.written, sink.text(r.t))
	if scan, ok := p.(*Provider); ok && scan.config.StateDir != "" {
		r.checkState(scan.config.StateDir)
	}
	if len(sink.repeated) > 0 {
		r.t.Errorf("added twice: %q", sink.repeated)
	}
	return sink, r.byName(coverage)
}

// keep puts a diagnosis among what is searched for secrets.
func (r *rig) keep(diagnosis *scanner.Diagnosis) { fmt.Fprintf(r.written, "%+v\n", *diagnosis) }

func (r *rig) byName(coverage []inventory.Coverage) map[string]inventory.Coverage {
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

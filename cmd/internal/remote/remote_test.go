package remote_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aead.dev/minisign"

	"guestlist/allowlist"
	"guestlist/allowlist/pin"
	"guestlist/cmd/internal/remote"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

const list = "version = 1\n"

// rig is a server whose answers can be changed, and a fetcher with a clock.
type rig struct {
	remote.Fetcher
	server *httptest.Server
	now    time.Time

	mu       sync.Mutex
	answers  map[string]http.HandlerFunc
	requests int
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{now: now, answers: map[string]http.HandlerFunc{}}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		r.requests++
		answer := r.answers[request.URL.Path]
		r.mu.Unlock()
		if answer == nil {
			answer = http.NotFound
		}
		answer(w, request)
	}))
	t.Cleanup(r.server.Close)
	r.Fetcher = remote.Fetcher{Dir: filepath.Join(t.TempDir(), "lists"), Now: func() time.Time { return r.now }}
	return r
}

func (r *rig) serve(path string, answer http.HandlerFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[path] = answer
}

func (r *rig) asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests
}

func text(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(content)) }
}

func (r *rig) include(p pin.Pin) allowlist.Include {
	return allowlist.Include{URL: r.server.URL + "/base.toml", Pin: p, MaxAge: 30}
}

func digestOf(t *testing.T, content string) pin.Pin {
	t.Helper()
	sum := sha256.Sum256([]byte(content))
	p, err := pin.Digest(hex.EncodeToString(sum[:]))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// signer is a key pair that the test made.
type signer struct {
	pin     pin.Pin
	private minisign.PrivateKey
}

func newSigner(t *testing.T) signer {
	t.Helper()
	public, private, err := minisign.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pin.Minisign([]string{public.String()})
	if err != nil {
		t.Fatal(err)
	}
	return signer{p, private}
}

// publish serves a list with its signature.
func (r *rig) publish(by signer, content string) {
	r.serve("/base.toml", text(content))
	r.serve("/base.toml.minisig", text(string(minisign.Sign(by.private, []byte(content)))))
}

func TestADigestIsFetchedOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.serve("/base.toml", text(list))
	include := r.include(digestOf(t, list))
	for range 2 {
		got, err := r.Fetch(t.Context(), include)
		if err != nil || string(got.Data) != list || got.Stale != nil {
			t.Fatalf("Fetch = %q, %v, %v", got.Data, got.Stale, err)
		}
		r.now = r.now.AddDate(1, 0, 0)
		r.server.Close()
	}
	if r.asked() != 1 {
		t.Errorf("%d requests", r.asked())
	}
}

func TestASignedListIsAskedForAgainAfterAnHour(t *testing.T) {
	t.Parallel()
	r, key := newRig(t), newSigner(t)
	include := r.include(key.pin)
	for _, step := range []struct {
		publish string
		after   time.Duration
		want    string
	}{{list, 0, list}, {list + "# newer\n", 59 * time.Minute, list}, {list + "# newest\n", 2 * time.Minute, list + "# newest\n"}} {
		r.publish(key, step.publish)
		r.now = r.now.Add(step.after)
		got, err := r.Fetch(t.Context(), include)
		if err != nil || string(got.Data) != step.want || got.Stale != nil {
			t.Fatalf("after %v: %q, %v, %v; want %q", step.after, got.Data, got.Stale, err, step.want)
		}
	}
}

// faults are what can be wrong with a server, and what is said about it.
var faults = []struct {
	name, want string
	breaks     func(r *rig)
}{
	{"it-is-gone", `could not be fetched: the server answered "404 Not Found"`, func(r *rig) { r.serve("/base.toml", nil) }},
	{"it-does-not-answer", "could not be fetched: ", func(r *rig) { r.server.Close() }},
	{"it-is-too-slow", "could not be fetched: no whole answer within 50ms", func(r *rig) {
		r.Timeout = 50 * time.Millisecond
		r.serve("/base.toml", func(w http.ResponseWriter, request *http.Request) {
			w.Write([]byte(list))
			w.(http.Flusher).Flush()
			<-request.Context().Done()
		})
	}},
	{"it-sends-too-much", "could not be fetched: it is larger than the limit of 4096 KiB", func(r *rig) {
		r.serve("/base.toml", func(w http.ResponseWriter, _ *http.Request) {
			block := []byte(strings.Repeat("#", 1<<16))
			for range 2 * allowlist.MaxFileBytes / len(block) {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		})
	}},
	{"it-redirects-to-another-host", `could not be fetched: it redirects to "https://evil.example": name that address instead`, func(r *rig) {
		r.serve("/base.toml", func(w http.ResponseWriter, request *http.Request) {
			http.Redirect(w, request, "https://evil.example/base.toml", http.StatusFound)
		})
	}},
	{"it-redirects-for-ever", "could not be fetched: it redirects more than 3 times", func(r *rig) {
		r.serve("/base.toml", func(w http.ResponseWriter, request *http.Request) {
			http.Redirect(w, request, "/base.toml", http.StatusFound)
		})
	}},
	{"its-list-was-changed", "is not what was pinned: its signature is wrong", func(r *rig) {
		r.serve("/base.toml", text(list+"[[allow]]\n"))
	}},
	{"its-signature-is-gone", `has no signature at .minisig: the server answered "404 Not Found"`, func(r *rig) {
		r.serve("/base.toml.minisig", nil)
	}},
	{"its-signature-is-huge", "has no signature at .minisig: it is larger than the limit of 16 KiB", func(r *rig) {
		r.serve("/base.toml.minisig", text(strings.Repeat("x", 1<<20)))
	}},
	{"a-page-of-a-hotel", "is not what was pinned: its signature is wrong", func(r *rig) {
		r.serve("/base.toml", text("<html>Sign in to the network</html>"))
	}},
}

func TestWhatIsWrongWithAServerIsSaid(t *testing.T) {
	t.Parallel()
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			r, key := newRig(t), newSigner(t)
			r.publish(key, list)
			fault.breaks(r)
			if _, err := r.Fetch(t.Context(), r.include(key.pin)); err == nil || !strings.HasPrefix(err.Error(), fault.want) {
				t.Errorf("Fetch = %v\nwant   %s", err, fault.want)
			}
		})
	}
}

func TestTheLastGoodCopyIsUsedUntilItIsTooOld(t *testing.T) {
	t.Parallel()
	for _, fault := range faults {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			r, key := newRig(t), newSigner(t)
			r.publish(key, list)
			if _, err := r.Fetch(t.Context(), r.include(key.pin)); err != nil {
				t.Fatal(err)
			}
			fault.breaks(r)
			r.now = now.AddDate(0, 0, 30)
			got, err := r.Fetch(t.Context(), r.include(key.pin))
			if err != nil || string(got.Data) != list || !got.Fetched.Equal(now) {
				t.Fatalf("Fetch = %q of %v, %v", got.Data, got.Fetched, err)
			}
			if got.Stale == nil || !strings.HasPrefix(got.Stale.Error(), fault.want) {
				t.Errorf("the copy is used because %v\nwant %s", got.Stale, fault.want)
			}
			r.now = now.AddDate(0, 0, 30).Add(time.Second)
			_, err = r.Fetch(t.Context(), r.include(key.pin))
			if err == nil || !strings.Contains(err.Error(), "; the last good copy is from 2026-11-23, older than max_age 30d allows") {
				t.Errorf("a copy that is too old: %v", err)
			}
		})
	}
}

// The kept copy is as foreign as the answer: another pin, or a changed file, makes it useless.
func TestAKeptCopyIsCheckedAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(t *testing.T, r *rig, include *allowlist.Include)
	}{
		{"another-pin", func(t *testing.T, _ *rig, include *allowlist.Include) { include.Pin = newSigner(t).pin }},
		{"changed-on-disk", func(t *testing.T, r *rig, _ *allowlist.Include) {
			files, _ := filepath.Glob(filepath.Join(r.Dir, "*.json"))
			if len(files) != 1 {
				t.Fatalf("%d copies", len(files))
			}
			kept, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(kept), `"data":"dm`, `"data":"dn`, 1)
			if changed == string(kept) {
				t.Fatalf("nothing to change in %s", kept)
			}
			if err := os.WriteFile(files[0], []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, key := newRig(t), newSigner(t)
			r.publish(key, list)
			include := r.include(key.pin)
			if _, err := r.Fetch(t.Context(), include); err != nil {
				t.Fatal(err)
			}
			test.change(t, r, &include)
			r.server.Close()
			if got, err := r.Fetch(t.Context(), include); err == nil {
				t.Errorf("the copy %q is used", got.Data)
			}
		})
	}
}

func TestAnInterruptedFetchUsesNoCopy(t *testing.T) {
	t.Parallel()
	r, key := newRig(t), newSigner(t)
	r.publish(key, list)
	if _, err := r.Fetch(t.Context(), r.include(key.pin)); err != nil {
		t.Fatal(err)
	}
	r.now = now.Add(2 * time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Fetch(ctx, r.include(key.pin)); err == nil {
		t.Error("it went on")
	}
}

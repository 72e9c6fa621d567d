package notify

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"guestlist/scanner/testkit"
)

var (
	newSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("a signing secret of 32 bytes, ok"))
	oldSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte("the old signing secret, 32 bytes"))
)

// received is what a server got.
type received struct {
	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func (r *received) ServeHTTP(_ http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.bodies = append(r.requests, request), append(r.bodies, string(body))
}

func TestAWebhookIsSignedWithTheSecretsThatAreConfigured(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ secret, old string }{
		"unsigned": {"", ""},
		"signed":   {newSecret, ""},
		"replaced": {newSecret, oldSecret},
		"bare":     {strings.TrimPrefix(newSecret, "whsec_"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := &received{}
			server := httptest.NewServer(got)
			defer server.Close()
			channel := made(t, webhookKind, secrets(map[string]string{
				"url": server.URL + "/hooks/s3cret", "secret": test.secret, "old_secret": test.old}))
			m := prepared(t, channel, exampleDigest())[0]
			for range 2 { // as after a crash
				out := outside()
				out.Now = time.Now // the library looks at the clock
				if err := channel.Deliver(t.Context(), out, m); err != nil {
					t.Fatal(err)
				}
			}
			got.mu.Lock()
			defer got.mu.Unlock()
			for i, request := range got.requests {
				if got.bodies[i] != testkit.ReadFile(t, "testdata/digest.digest") {
					t.Errorf("the body is %q", got.bodies[i])
				}
				if request.Header.Get("webhook-id") != m.ID || request.Header.Get("Content-Type") != "application/json" {
					t.Errorf("the headers are %v", request.Header)
				}
				for secret, signed := range map[string]bool{newSecret: test.secret != "", oldSecret: test.old != ""} {
					verifier, err := standardwebhooks.NewWebhook(secret)
					if err != nil {
						t.Fatal(err)
					}
					if err := verifier.Verify([]byte(got.bodies[i]), request.Header); (err == nil) != signed {
						t.Errorf("verified with %q: %v", secret[6:10], err)
					}
				}
			}
		})
	}
}

func TestASigningSecretThatIsNoneIsRefusedWithoutShowingIt(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"whsec_", "whsec_c2hvcnQ=", "hunter2hunter2hunter2hunter2", "whsec_" + strings.Repeat("A", 200)} {
		channel := made(t, webhookKind, secrets(map[string]string{"url": "https://hooks.acme.example/s3cret", "secret": secret}))
		m := prepared(t, channel, exampleDigest())[0]
		for _, err := range []error{channel.Check(t.Context(), outside()), channel.Deliver(t.Context(), outside(), m)} {
			if err == nil || !strings.Contains(err.Error(), "secret must be whsec_") || strings.Contains(err.Error(), secret) && secret != "whsec_" {
				t.Errorf("%q: %v", secret, err)
			}
		}
	}
}

func TestAWebhookGoesToAnHTTPSAddressOrToThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://hooks.acme.example/s3cret", "ftp://hooks.acme.example/s3cret", "s3cret", "", "https://",
		"http://127.0.0.1.evil.example/s3cret", "http://localhost.evil.example/s3cret"} {
		channel := made(t, webhookKind, secrets(map[string]string{"url": address}))
		err := channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0])
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

package notify

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAHeartbeatIsAskedForAgainAndItsErrorsHoldNoSecret(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, r.Method+" "+r.URL.String())
		if len(asked) != 2 {
			http.Error(w, "no check "+r.URL.String(), http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	out := &Outside{Now: time.Now}
	address := server.URL + "/ping/placeholder-secret?status=up"
	if err := Ping(t.Context(), out, address, "/fail"); err != nil {
		t.Error(err)
	}
	err := Ping(t.Context(), out, address, "")
	if err == nil || strings.Contains(err.Error(), "placeholder-secret") || !strings.Contains(err.Error(), "answered 404") {
		t.Errorf("the error: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := "GET /ping/placeholder-secret/fail?status=up"
	if len(asked) != 4 || asked[0] != want || asked[1] != want || asked[2] != "GET /ping/placeholder-secret?status=up" {
		t.Errorf("asked %q", asked)
	}
	for _, wrong := range []string{"", "beat.example/placeholder-secret", "http://beat.example/placeholder-secret", "%zz"} {
		if err := Ping(t.Context(), out, wrong, ""); err == nil || strings.Contains(err.Error(), "placeholder-secret") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

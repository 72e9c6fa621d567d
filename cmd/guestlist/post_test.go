//go:build unix

package main_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"guestlist/scanner/report"
)

// mailbox is a receiver of posts on this machine. One that knows messages by their ID keeps each
// once.
type mailbox struct {
	mu       sync.Mutex
	receipt  string
	knowsIDs bool
	seen     map[string]bool
	messages []string
}

func (b *mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender was killed: nothing arrived
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	id := r.URL.Query().Get("requestId")
	if !b.knowsIDs || !b.seen[id] {
		b.messages = append(b.messages, string(body))
	}
	b.seen[id] = true
	io.WriteString(w, b.receipt)
}

func (b *mailbox) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	messages := b.messages
	b.messages = nil
	return messages
}

// guest makes the machine's browser have one extension that stays and one of a round.
func (m *machine) guest(round int) {
	m.t.Helper()
	profile := filepath.Join(m.home, ".config", "chromium", "Default")
	write := func(path, text string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			m.t.Fatal(err)
		}
	}
	if err := os.RemoveAll(filepath.Join(profile, "Extensions")); err != nil {
		m.t.Fatal(err)
	}
	var settings []string
	for id, name := range map[string]string{strings.Repeat("a", 32): "Resident", guestID(round): guestName(round)} {
		manifest := fmt.Sprintf(`{"name":%q,"version":"1.0","manifest_version":3,"permissions":["tabs"]}`, name)
		write(filepath.Join(profile, "Extensions", id, "1.0_0", "manifest.json"), manifest)
		settings = append(settings, fmt.Sprintf(`%q:{"location":1,"from_webstore":true,"path":"%s/1.0_0","manifest":%s}`, id, id,
			manifest))
	}
	write(filepath.Join(profile, "Preferences"), `{"extensions":{"settings":{`+strings.Join(settings, ",")+`}}}`)
}

func guestName(round int) string { return fmt.Sprintf("Guest %04d", round) }

// guestID is an ID of the letters that browsers use.
func guestID(round int) string {
	digits := strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprintf("%08d", round))
	return strings.Repeat("p", 24) + digits
}

// told counts how often messages name a guest as new: in the list of what needs a person.
func told(messages []string, round int, marked bool) int {
	count := 0
	for _, message := range messages {
		if strings.Contains(message, guestName(round)) && strings.Contains(message, "This may repeat") == marked {
			count++
		}
	}
	return count
}

// A process that is killed at any moment of collecting, keeping and posting loses no message, and
// sends one twice only where the receiver cannot know it, and then says so.
func TestAKillAtAnyMomentOfPostingLosesNothing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	boxes := map[string]*mailbox{
		"plain":      {receipt: "ok", seen: map[string]bool{}},
		"idempotent": {receipt: `{"name":"spaces/a/messages/b"}`, knowsIDs: true, seen: map[string]bool{}},
	}
	kinds := map[string]string{"plain": "slack", "idempotent": "google-chat"}
	config := "version = 1\n"
	for name, box := range boxes {
		server := httptest.NewServer(box)
		t.Cleanup(server.Close)
		config += fmt.Sprintf("[[post]]\nname = %q\nkind = %q\nurl = { file = %q }\n", name, kinds[name], name+".url")
		if err := os.WriteFile(filepath.Join(m.temporary, name+".url"), []byte(server.URL+"/hook"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(m.temporary, "guestlist.toml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := []string{"scan", "--quiet", "--post", "--config", path}
	m.guest(0)
	begin := time.Now()
	if first := m.run(command...); first.code != report.ExitFindings || first.stderr.Len() > 0 {
		t.Fatalf("exit code %d\n%s", first.code, &first.stderr)
	}
	within := time.Since(begin)
	for name, box := range boxes {
		if messages := box.take(); told(messages, 0, false) != 1 {
			t.Fatalf("%s: %q", name, messages)
		}
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	kills, repeated, ended := rounds(t), 0, 0
	for round, killed := 1, 0; killed < kills; round++ {
		m.guest(round)
		process, wait := m.start(command...)
		moment := time.NewTimer(time.Duration(random.Int64N(int64(within))))
		<-moment.C
		process.Signal(syscall.SIGKILL) // it may have ended by now
		switch r := wait(); {
		case r.signal == syscall.SIGKILL:
			killed++
		case r.code == report.ExitFindings:
			ended++
			within = within * 4 / 5 // the machine is less busy now
		default:
			t.Fatalf("kill %d: exit code %d\n%s", round, r.code, &r.stderr)
		}
		within = within * 11 / 10
		next := m.run(command...)
		if next.code != report.ExitFindings {
			t.Fatalf("kill %d: the next run: exit code %d\n%s", round, next.code, &next.stderr)
		}
		said := strings.Count(next.stderr.String(), "may arrive twice")
		for name, box := range boxes {
			messages := box.take()
			plain, marked := told(messages, round, false), told(messages, round, true)
			switch {
			case plain+marked == 0:
				t.Fatalf("kill %d: %s lost the message: %q", round, name, messages)
			case plain > 1, marked > 1, box.knowsIDs && plain+marked > 1, marked > 0 && said == 0:
				t.Fatalf("kill %d: %s: %d messages and %d that may repeat one; said %d times\n%q", round, name, plain, marked, said,
					messages)
			case plain+marked > 1:
				repeated++
			}
		}
		if waiting, err := filepath.Glob(filepath.Join(m.state, "post", "*", "0*.json*")); err != nil || len(waiting) > 0 {
			t.Fatalf("kill %d: left %q, %v", round, waiting, err)
		}
		if err := m.checkBaseline(); err != nil {
			t.Fatalf("kill %d: %v", round, err)
		}
		m.sweepKilled()
	}
	t.Logf("%d kills, and %d too late: nothing lost, %d messages sent twice and said to be", kills, ended, repeated)
}

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/report"
	"guestlist/scanner/testkit"
)

// cronJob is a machine on which guestlist runs every hour, and the network to its channel.
type cronJob struct {
	t     *testing.T
	dir   string
	clock *testkit.Clock
	// transport is the network, if it is not the job itself, and secrets further variables.
	transport http.RoundTripper
	secrets   map[string]string

	mu       sync.Mutex
	down     bool
	received []string // what the channel got: the hour, and what it was told
}

func newCronJob(t *testing.T, config string) *cronJob {
	job := &cronJob{t: t, dir: t.TempDir(), clock: testkit.NewClock(time.Date(2026, 11, 23, 0, 5, 0, 0, time.UTC))}
	job.write("config/guestlist/guestlist.toml", config)
	return job
}

// RoundTrip is the network.
func (job *cronJob) RoundTrip(request *http.Request) (*http.Response, error) {
	job.mu.Lock()
	defer job.mu.Unlock()
	if job.down {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("network is unreachable")}
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var digest struct {
		Occasion                   string
		Verdict                    []string
		Act, Changes, Unread, Gone []struct{ Title, Why string }
	}
	if err := json.Unmarshal(body, &digest); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s %s: %s", job.clock.Now().Format("15h"), digest.Occasion, digest.Verdict[0])
	for _, line := range digest.Act {
		text += " | act " + line.Title
	}
	for _, line := range digest.Unread {
		text += " | unread " + line.Title
	}
	for _, line := range append(digest.Changes, digest.Gone...) {
		text += fmt.Sprintf(" | %s: %s", line.Title, line.Why)
	}
	job.received = append(job.received, text)
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: request}, nil
}

func (job *cronJob) write(name, content string) {
	job.t.Helper()
	path := filepath.Join(job.dir, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		job.t.Fatal(err)
	}
}

const chromiumProfile = "home/.config/chromium/Default/"

// install makes the browser have these extensions; the first letter of a name makes its ID.
func (job *cronJob) install(names ...string) {
	job.t.Helper()
	if err := os.RemoveAll(filepath.Join(job.dir, filepath.FromSlash(chromiumProfile+"Extensions"))); err != nil {
		job.t.Fatal(err)
	}
	var settings []string
	for _, name := range names {
		id := strings.Repeat(strings.ToLower(name[:1]), 32)
		manifest := fmt.Sprintf(`{"name":%q,"version":"1.0","manifest_version":3,"permissions":["tabs"]}`, name)
		job.write(chromiumProfile+"Extensions/"+id+"/1.0_0/manifest.json", manifest)
		settings = append(settings, fmt.Sprintf(`%q:{"location":1,"from_webstore":true,"path":"%s/1.0_0","manifest":%s}`, id, id,
			manifest))
	}
	job.write(chromiumProfile+"Preferences", `{"extensions":{"settings":{`+strings.Join(settings, ",")+`}}}`)
}

// run is one run of the job. It returns the exit code and what cron would mail.
func (job *cronJob) run(args ...string) (code int, mail string) {
	var output bytes.Buffer // of one stream after the other: the report ends before posting begins
	variables := map[string]string{"XDG_CONFIG_HOME": filepath.Join(job.dir, "config"),
		"GUESTLIST_STATE_DIR": filepath.Join(job.dir, "state"), "HOOK": "https://hooks.example/secret", "TMPDIR": job.dir}
	env := &Env{Args: args, Stdout: &output, Stderr: &output, Getenv: func(name string) string { return variables[name] },
		Now: job.clock.Now, Sleep: job.clock.Sleep, OS: "linux", Host: "laptop-01", Home: filepath.Join(job.dir, "home"),
		User: "ada", SystemRoot: job.dir, Transport: job, Width: 80, Height: 24}
	maps.Copy(variables, job.secrets)
	if job.transport != nil {
		env.Transport = job.transport
	}
	return Run(context.Background(), env), output.String()
}

func TestADayOfCronPostsExactlyWhatIsNews(t *testing.T) {
	t.Parallel()
	job := newCronJob(t, `version = 1
[[post]]
name = "team"
kind = "webhook"
url = { env = "HOOK" }
`)
	job.install("Acme Tabs")
	codes, mails := map[int]int{}, map[int]string{}
	for hour := range 24 {
		switch hour {
		case 3:
			job.install("Acme Tabs", "Bargain Lens")
		case 8:
			job.down = true
		case 9:
			job.install("Acme Tabs", "Bargain Lens", "Coupon Finder")
		case 10:
			job.install("Bargain Lens", "Coupon Finder")
		case 11:
			job.write(chromiumProfile+"Preferences", `{"extensions":`)
		case 13: // five runs later
			job.down = false
		case 15:
			job.install("Bargain Lens", "Coupon Finder")
		case 18: // and back within the hour
			job.install("Bargain Lens", "Coupon Finder", "Dark Reader")
			job.install("Bargain Lens", "Coupon Finder")
		case 20:
			job.install("Acme Tabs", "Bargain Lens", "Coupon Finder")
		}
		codes[hour], mails[hour] = job.run("scan", "--quiet", "--when", "changes", "--only", "removed", "--post",
			"--output", "table="+filepath.Join(job.dir, "report.txt"))
		// The clock goes on to the next hour, whatever the run took.
		job.clock.Move(time.Date(2026, 11, 23, hour+1, 5, 0, 0, time.UTC).Sub(job.clock.Now()))
	}
	want := []string{
		"00h first: First report: 1 open: 1 high | act Acme Tabs",
		"03h news: 1 new, worse or back: 1 high | act Bargain Lens",
		"13h news: 1 new, worse or back: 1 high | act Coupon Finder",
		"13h news: 1 no longer open | Acme Tabs: it is gone",
		"13h news: 1 source could not be read | unread ada/chromium/Default",
		"15h news: 1 change | ada/chromium/Default: read again",
		"20h news: 1 new, worse or back: 1 high | act Acme Tabs",
	}
	if diff := cmp.Diff(want, job.received); diff != "" {
		t.Errorf("posts (-want +received):\n%s", diff)
	}
	for hour := range 24 {
		code := report.ExitFindings
		if hour >= 11 && hour < 15 {
			code = report.ExitIncomplete
		}
		if codes[hour] != code {
			t.Errorf("%02dh: exit code %d, want %d\n%s", hour, codes[hour], code, mails[hour])
		}
		waits := hour >= 9 && hour < 13
		if waits != strings.Contains(mails[hour], "hooks.example") || strings.Contains(mails[hour], "secret") ||
			!waits && mails[hour] != "" {
			t.Errorf("%02dh: cron would mail:\n%s", hour, mails[hour])
		}
	}
}

package cli

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"guestlist/scanner/report"
)

// A run is killed between any two steps of collecting, reporting, writing messages, keeping the
// baseline and sending. The next run then has told each channel everything, and what the receiver
// got twice says so.
func TestAKillBetweenAnyTwoStepsOfAScanThatPostsLosesNothing(t *testing.T) {
	t.Parallel()
	kills := 0
	for step := 1; ; step++ {
		job := newCronJob(t, "version = 1\n"+
			"[[post]]\nname = \"chat\"\nkind = \"slack\"\nurl = { env = \"HOOK\" }\n"+
			"[[post]]\nname = \"log\"\nkind = \"file\"\npath = \"log.jsonl\"\nappend = true\n")
		var mu sync.Mutex
		var chat []string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var body bytes.Buffer
			if _, err := body.ReadFrom(r.Body); err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			chat = append(chat, body.String())
			w.Write([]byte("ok"))
		}))
		job.install("Acme Tabs")
		job.process(server.URL, 0)
		job.install("Acme Tabs", "Bargain Lens")
		killed, _ := job.process(server.URL, step)
		code, stderr := job.process(server.URL, 0)
		server.Close()
		if code != report.ExitFindings {
			t.Fatalf("step %d: the next run: exit code %d\n%s", step, code, stderr)
		}
		file, err := os.ReadFile(filepath.Join(job.dir, "config", "guestlist", "log.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for name, messages := range map[string][]string{"chat": chat, "log": strings.Split(strings.TrimSpace(string(file)), "\n")} {
			plain, marked := 0, 0
			for _, message := range messages {
				switch {
				case !strings.Contains(message, "Bargain Lens"):
				case strings.Contains(message, "This may repeat"):
					marked++
				default:
					plain++
				}
			}
			if plain+marked == 0 || plain > 1 || marked > 1 || marked > 0 && !strings.Contains(stderr, "posting to "+name) {
				t.Errorf("step %d: %s got it %d times, and %d times as a repetition\n%s", step, name, plain, marked, stderr)
			}
		}
		waiting, err := filepath.Glob(filepath.Join(job.dir, "state", "post", "*", "0*.json*"))
		if err != nil || len(waiting) > 0 {
			t.Errorf("step %d: left %q, %v", step, waiting, err)
		}
		if killed == report.ExitFindings {
			break
		}
		kills++
	}
	if kills < 15 {
		t.Errorf("only %d steps", kills)
	}
	t.Logf("killed at each of %d steps", kills)
}

// process runs the program, as a process that is killed at a step; 0: at none.
func (job *cronJob) process(hook string, step int) (code int, stderr string) {
	job.t.Helper()
	self, err := os.Executable()
	if err != nil {
		job.t.Fatal(err)
	}
	program := filepath.Join(job.dir, "guestlist")
	if err := os.Symlink(self, program); err != nil && !errors.Is(err, os.ErrExist) {
		job.t.Skipf("this system has no links: %v", err)
	}
	cmd := exec.Command(program, "scan", "--quiet", "--post")
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.Env = []string{"HOME=" + filepath.Join(job.dir, "home"), "XDG_CONFIG_HOME=" + filepath.Join(job.dir, "config"),
		"GUESTLIST_STATE_DIR=" + filepath.Join(job.dir, "state"), "TMPDIR=" + job.dir, "HOOK=" + hook + "/secret",
		fmt.Sprintf("TEST_KILL_STEP=%d", step)}
	err = cmd.Run()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		job.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), said.String()
}

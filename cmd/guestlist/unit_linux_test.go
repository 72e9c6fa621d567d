package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/cmd/internal/schedule"
	"guestlist/scanner/testkit"
)

// A unit that forbids what the program does would only fail on somebody else's machine. Everything
// that it does here, from the fork of a helper to the lookup of a name, is compared with what the
// service may do.
func TestTheProgramDoesNothingThatItsServiceForbids(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"strace", "systemd-analyze"} {
		if _, err := exec.LookPath(tool); err != nil {
			testkit.Unavailable(t, err.Error())
		}
	}
	m := newMachine(t)
	m.install(5)
	job := schedule.Job{Name: "guestlist", Program: m.program, System: true}
	files, err := schedule.KindNamed("systemd").Files(&job)
	if err != nil {
		t.Fatal(err)
	}
	calls, families := allowedCalls(t, directive(files[0].Text, "SystemCallFilter")), strings.Fields(directive(files[0].Text, "RestrictAddressFamilies"))

	config := filepath.Join(m.in, "guestlist.toml")
	testkit.WriteFile(t, config, `version = 1
[[github]]
api = "http://127.0.0.1:9"
organizations = ["acme"]
token = { command = ["sh", "-c", "echo token"] }
[google_workspace]
subject = "it@acme.example"
key = { file = "none.json" }
`)
	for name, args := range map[string][]string{
		"scan": {"scan", "--exclusive", "--timeout", "1h", "--config", config, "--output", "table", "--output", "json=" + m.in + "/report.json"},
		"demo": {"demo"}, // it asks servers, and serves them
		"show": {"show", "Sample extension 1"},
	} {
		trace := filepath.Join(m.in, name+".trace")
		cmd := m.command(args...)
		path, err := exec.LookPath("strace")
		if err != nil {
			t.Fatal(err)
		}
		cmd.Path, cmd.Args = path, append([]string{"strace", "-f", "-o", trace, m.program}, args...)
		if out, err := cmd.CombinedOutput(); err != nil && !strings.Contains(err.Error(), "exit status") {
			t.Fatalf("%v\n%s", err, out)
		}
		text := testkit.ReadFile(t, trace)
		used := map[string]bool{}
		for _, call := range tracedCall.FindAllStringSubmatch(text, -1) {
			used[call[1]] = true
		}
		for call := range used {
			if !slices.Contains(calls, call) {
				t.Errorf("%s calls %s, and the service may not", name, call)
			}
		}
		for _, family := range tracedFamily.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(families, family[1]) {
				t.Errorf("%s opens a socket of %s, and the service may not", name, family[1])
			}
		}
		if len(used) < 20 {
			t.Errorf("%s: only %d calls were seen:\n%.500s", name, len(used), text)
		}
	}
}

var (
	tracedCall   = regexp.MustCompile(`(?m)^\d+ +(?:<\.\.\. )?([a-z_0-9]+)(?:\(| resumed)`)
	tracedFamily = regexp.MustCompile(`\bsocket\((AF_[A-Z0-9]+)`)
)

// allowedCalls are the system calls of a set of systemd's, and of the sets in it.
func allowedCalls(t *testing.T, set string) []string {
	t.Helper()
	cmd := exec.Command("systemd-analyze", "--no-pager", "syscall-filter", set)
	cmd.Env = append(os.Environ(), "SYSTEMD_COLORS=0")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var calls []string
	for line := range strings.Lines(string(out)) {
		switch word := strings.TrimSpace(line); {
		case word == "" || word == set || strings.HasPrefix(word, "#"):
		case strings.HasPrefix(word, "@"):
			calls = append(calls, allowedCalls(t, word)...)
		default:
			calls = append(calls, word)
		}
	}
	return calls
}

// directive is the value of a directive of a unit.
func directive(unit, name string) string {
	_, rest, _ := strings.Cut(unit, "\n"+name+"=")
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

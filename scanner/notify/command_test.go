package notify

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/testkit"
)

// shellCommand is a command channel that runs a script of the shell.
func shellCommand(t *testing.T, script string, arguments ...string) *command {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the scripts are for a Unix shell")
	}
	s := secrets(nil)
	s.Lists["command"] = append([]string{"/bin/sh", "-c", script, "sh"}, arguments...)
	s.Lists["environment"] = []string{"LOGGER_TOKEN"}
	return made(t, commandKind, s).(*command)
}

func TestACommandGetsTheMessageAndOnlyTheEnvironmentThatItNeeds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	channel := shellCommand(t, `cat > "$1/stdin"; env > "$1/env"; printf %s "$2" > "$1/argument"`, dir, "$(id); x")
	out := outside()
	out.Getenv = func(name string) string {
		return map[string]string{"PATH": "/usr/bin:/bin", "GITHUB_TOKEN": "gh-s3cret", "LOGGER_TOKEN": "passed"}[name]
	}
	if err := channel.Check(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	m := prepared(t, channel, exampleDigest())[0]
	if err := channel.Deliver(t.Context(), out, m); err != nil {
		t.Fatal(err)
	}
	if got := testkit.ReadFile(t, filepath.Join(dir, "stdin")); got != string(m.Body) {
		t.Errorf("stdin: %q", got)
	}
	if got := testkit.ReadFile(t, filepath.Join(dir, "argument")); got != "$(id); x" {
		t.Errorf("the argument: %q", got)
	}
	env := testkit.ReadFile(t, filepath.Join(dir, "env"))
	for _, want := range []string{"GUESTLIST_MESSAGE_ID=" + m.ID, "GUESTLIST_CHANNEL=ops", "GUESTLIST_OCCASION=news",
		"GUESTLIST_CONTENT_TYPE=application/json", "LOGGER_TOKEN=passed", "PATH=/usr/bin:/bin"} {
		if !strings.Contains(env, want+"\n") {
			t.Errorf("%s is missing in %q", want, env)
		}
	}
	if strings.Contains(env, "s3cret") {
		t.Errorf("the environment has a secret: %q", env)
	}
}

func TestHowACommandEndsDecidesWhetherItIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		want   Failure
	}{
		"temporary":      {"echo queue is full >&2; exit 75", Failure{Status: 75, Detail: "queue is full", Temporary: true}},
		"lasting":        {"echo 'no such list' >&2; exit 1", Failure{Status: 1, Detail: "no such list"}},
		"silent":         {"exit 3", Failure{Status: 3, Detail: "exit status 3"}},
		"killed":         {"kill -9 $$", Failure{Detail: "signal: killed"}},
		"endless-stderr": {"yes bad >&2 & head -c 100000 /dev/zero >&2; kill $!; exit 1", Failure{Status: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channel := shellCommand(t, test.script)
			f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]))
			test.want.Host = "/bin/sh"
			if name == "endless-stderr" {
				if len(f.Detail) == 0 || len(f.Detail) > maxDetailBytes*3+40 {
					t.Errorf("its words have %d bytes", len(f.Detail))
				}
				f.Detail = ""
			}
			if *f != test.want {
				t.Errorf("%+v, want %+v", *f, test.want)
			}
		})
	}
}

func TestWhatACommandWasGivenIsNotQuoted(t *testing.T) {
	t.Parallel()
	channel := shellCommand(t, `echo "denied: $LOGGER_TOKEN" >&2; exit 1`)
	out := outside()
	out.Getenv = func(name string) string { return map[string]string{"LOGGER_TOKEN": "s3cret-token"}[name] }
	f := failureOf(t, channel.Deliver(t.Context(), out, prepared(t, channel, exampleDigest())[0]))
	if f.Detail != "denied: …" {
		t.Errorf("%+v", *f)
	}
}

func TestACommandThatReadsNothingOrLeavesSomethingRunningHasTakenTheMessage(t *testing.T) {
	t.Parallel()
	for _, script := range []string{"exit 0", "exec 0<&-; exit 0", "sleep 30 & exit 0"} {
		channel := shellCommand(t, script)
		d := exampleDigest()
		d.Document = make([]byte, 1<<20)
		channel.content = contentNamed("report")
		if err := channel.Deliver(t.Context(), outside(), prepared(t, channel, d)[0]); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	}
}

func TestACommandThatHangsIsKilled(t *testing.T) {
	t.Parallel()
	channel := shellCommand(t, "sleep 600")
	channel.time = 50 * time.Millisecond
	f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]))
	want := Failure{Host: "/bin/sh", Detail: "it did not finish within 50ms and was killed", Temporary: true, Unsure: true}
	if *f != want {
		t.Errorf("%+v", *f)
	}
}

func TestACommandIsKilledWithAllThatItStarted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "pid")
	channel := shellCommand(t, `sleep 600 & echo $! > "$1/pid.new"; mv "$1/pid.new" "$1/pid"; wait`, dir)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for _, err := os.Stat(file); err != nil && ctx.Err() == nil; _, err = os.Stat(file) {
			<-time.After(5 * time.Millisecond) // until it has started what it starts
		}
		cancel()
	}()
	f := failureOf(t, channel.Deliver(ctx, outside(), prepared(t, channel, exampleDigest())[0]))
	if want := (Failure{Host: "/bin/sh", Detail: "it was interrupted", Temporary: true, Unsure: true}); *f != want {
		t.Errorf("%+v", *f)
	}
	pid := strings.TrimSpace(testkit.ReadFile(t, file))
	for t.Context().Err() == nil { // a test that takes too long shows it
		state, _ := exec.Command("ps", "-o", "stat=", "-p", pid).Output()
		if text := strings.TrimSpace(string(state)); text == "" || strings.HasPrefix(text, "Z") {
			break
		}
	}
}

func TestACommandThatIsNotThereIsALastingFailure(t *testing.T) {
	t.Parallel()
	s := secrets(nil)
	s.Lists["command"] = []string{filepath.Join(t.TempDir(), "missing")}
	channel := made(t, commandKind, s)
	for _, err := range []error{channel.Check(t.Context(), outside()),
		channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0])} {
		f := failureOf(t, err)
		if f.Temporary || !strings.Contains(f.Detail.String(), "it cannot be run: ") || strings.Contains(f.Detail.String(), os.TempDir()) {
			t.Errorf("%+v", *f)
		}
	}
	for _, bad := range []map[string][]string{{}, {"command": {""}}, {"command": {"true"}, "environment": {"A=B"}}} {
		if _, err := newCommand(Settings{Lists: bad}); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"guestlist/scanner/report"
	"guestlist/scanner/testkit"
)

// privately runs a shell script with file systems of its own, which are gone when it ends. It prints lines
// that begin with "== " for what it did.
func (m *machine) privately(script string) string {
	m.t.Helper()
	const prelude = `set -u
scan() { name=$1; shift; "$GUESTLIST" scan "$@" >out 2>err; echo "== $name: $?"; sed "s/^/$name: /" out err; }
`
	cmd := m.command()
	cmd.Env = append(cmd.Env, "GUESTLIST="+m.program)
	args := []string{"unshare", "--mount", "--propagation", "private"}
	if os.Geteuid() != 0 {
		args = []string{"unshare", "--map-root-user", "--mount"}
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		testkit.Unavailable(m.t, "unshare is not installed")
	}
	if exec.Command(path, append(args[1:], "mount", "-t", "tmpfs", "tmpfs", m.temporary)...).Run() != nil {
		m.t.Skip("this system lets the test mount nothing")
	}
	cmd.Path, cmd.Args = path, append(args, "sh", "-c", prelude+script)
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// says checks that lines of an output match, in any order.
func says(t *testing.T, out string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile("(?m)" + pattern).MatchString(out) {
			t.Errorf("no line matches %s in:\n%s", pattern, out)
		}
	}
}

func TestAFullDiskCostsTheRunAndNothingElse(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install(20)
	out := m.privately(`
mount -t tmpfs -o size=512k tmpfs "$GUESTLIST_STATE_DIR"
mkdir small; mount -t tmpfs -o size=64k tmpfs small
fill() { cat /dev/zero >"$1/filler" 2>/dev/null || :; }
list() { (cd "$1" && find . -type f ! -name filler ! -name '*.lock' -exec sha256sum {} + | sort); }

scan first
list "$GUESTLIST_STATE_DIR" >before
fill "$GUESTLIST_STATE_DIR"
scan full-state
list "$GUESTLIST_STATE_DIR" | diff before - && echo "== the state is as it was"
rm "$GUESTLIST_STATE_DIR/filler"

echo old >small/report.json; fill small; list small >before
scan full-output --output json=small/report.json
list small | diff before - && echo "== the report is as it was"
TMPDIR=$PWD/small scan full-temporary --save none
list small | diff before - && echo "== nothing is left"
scan full-save --save small/snapshot.jsonl
list small | diff before - && echo "== nothing is left there either"
"$GUESTLIST" scan >/dev/full 2>err; echo "== full-stdout: $?"; sed 's/^/full-stdout: /' err

scan room-again
`)
	says(t, out, "^== first: 3", "^== full-state: 1", "^full-state: guestlist: error: writing the snapshot: .*: the disk is full$",
		"^full-state: guestlist: hint: free space there, ", "^== the state is as it was$",
		"^== full-output: 1", `^full-output: guestlist: error: writing the json report to "small/report.json": the disk is full$`,
		"^== the report is as it was$",
		"^== full-temporary: 1", "^full-temporary: guestlist: error: writing the snapshot: .*small.*: the disk is full$", "^== nothing is left$",
		"^== full-save: 1", `^full-save: guestlist: error: writing the snapshot to "small/snapshot.jsonl": the disk is full$`,
		"^== nothing is left there either$",
		"^== full-stdout: 1", "^full-stdout: guestlist: error: writing the table report to stdout: no space left on device$",
		"^== room-again: 3", "^room-again: No change since")
}

func TestAScanWorksWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install(20)
	out := m.privately(`
mkdir empty; mount -t tmpfs tmpfs empty; mkdir empty/tmp empty/state; mount -o remount,ro empty
export TMPDIR=$PWD/empty/tmp
scan with-state
GUESTLIST_STATE_DIR=$PWD/empty/state scan without
GUESTLIST_STATE_DIR=$PWD/empty/state scan quiet --quiet --exclusive --timeout 1h
GUESTLIST_STATE_DIR=$PWD/empty/none/state TMPDIR=$PWD/empty/none scan nowhere --save none --baseline none --output tsv
scan read-only-output --output json=empty/report.json
scan no-directory --output json=none/report.json
scan a-directory --output json=empty
mount --bind "$GUESTLIST_STATE_DIR" "$GUESTLIST_STATE_DIR"; mount -o remount,bind,ro "$GUESTLIST_STATE_DIR"
scan read-only-state
`)
	says(t, out, "^== with-state: 3", "^== without: 3", "^without: guestlist: warning: nothing is compared to an earlier scan, .*read-only",
		"^== quiet: 3", "^== nowhere: 3", "^== read-only-output: 2",
		`^read-only-output: guestlist: error: --output "empty/report.json" cannot be written: the file system is mounted read-only$`,
		"^== no-directory: 2", "^== a-directory: 2", `^a-directory: guestlist: error: --output "empty" is a directory$`,
		"^== read-only-state: 3", "^read-only-state: guestlist: warning: this scan is compared to the last one but not kept for the next: ")
	if regexp.MustCompile("(?m)^quiet: guestlist: ").MatchString(out) {
		t.Errorf("a quiet scan says something on stderr:\n%s", out)
	}
}

// A container may run as any number, and set no variable at all.
func TestAScanNeedsNeitherAnAccountNorAnEnvironment(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a program as somebody else")
	}
	m := newMachine(t)
	m.install(3)
	const nobodys = 64_321
	if err := exec.Command("chown", "-R", fmt.Sprint(nobodys), filepath.Dir(m.home)).Run(); err != nil {
		t.Fatal(err)
	}
	for parent := filepath.Dir(m.home); parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		if err := os.Chmod(parent, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		env  []string
		args []string
		code int
		says string
	}{
		"nothing-set": {nil, []string{"--home", m.home}, report.ExitFindings, "there is no state directory"},
		"no-home":     {[]string{"GUESTLIST_STATE_DIR=" + m.state}, []string{"--home", m.home}, report.ExitFindings, ""},
		"no-account":  {[]string{"HOME=" + m.home, "GUESTLIST_STATE_DIR=" + m.state}, nil, report.ExitFindings, ""},
		"a-service": {[]string{"STATE_DIRECTORY=" + m.state, "CONFIGURATION_DIRECTORY=" + m.temporary}, nil, report.ExitIncomplete,
			"no browser profile was found"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(m.program, append([]string{"scan"}, c.args...)...)
			cmd.Env, cmd.Dir = append([]string{}, c.env...), "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobodys, Gid: nobodys}}
			out, err := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != c.code || strings.Contains(string(out), "error") ||
				!strings.Contains(string(out), c.says) {
				t.Errorf("exit code %d, %v\n%s", code, err, out)
			}
		})
	}
}

// The reader of a pipe goes away, as head does: what it did not read was not delivered.
func TestAClosedPipeIsAFailedRunAndKeepsTheBaseline(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install(100)
	if first := m.run("scan", "--quiet"); first.code != report.ExitFindings {
		t.Fatalf("exit code %d\n%s", first.code, &first.stderr)
	}
	before := m.baselines()
	cmd := m.command("scan", "--output", "json", "--all")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := output.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	output.Close()
	cmd.Wait() // how it ended is in its state
	if code := cmd.ProcessState.ExitCode(); code != report.ExitFailed ||
		stderr.String() != "guestlist: error: writing the json report to stdout: broken pipe\n" {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
	if after := m.baselines(); after != before {
		t.Errorf("the baseline changed: %s, was %s", after, before)
	}
	if err := m.checkNoPending(); err != nil {
		t.Error(err)
	}
}

// baselines are the files of the state directory's baselines, by their content.
func (m *machine) baselines() string {
	m.t.Helper()
	paths, err := filepath.Glob(filepath.Join(m.state, "snapshots", "*.baseline-*"))
	if err != nil || len(paths) != 1 {
		m.t.Fatalf("%q, %v", paths, err)
	}
	return testkit.ReadFile(m.t, paths[0])
}

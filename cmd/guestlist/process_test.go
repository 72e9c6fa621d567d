//go:build unix

package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"guestlist/providers/chromium/chromiumtest"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
)

// rounds is how often processes are run side by side, and how often one is ended at a random
// moment: a sample, or what GUESTLIST_TEST_ROUNDS says.
func rounds(t *testing.T) int {
	t.Helper()
	value := os.Getenv("GUESTLIST_TEST_ROUNDS")
	if value == "" {
		return 10
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// machine is a place for the program to run in.
type machine struct {
	t                          *testing.T
	program                    string
	home, state, temporary, in string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir := t.TempDir()
	m := &machine{t: t, program: filepath.Join(dir, "guestlist")}
	for name, path := range map[string]*string{"home": &m.home, "state": &m.state, "tmp": &m.temporary, "in": &m.in} {
		*path = filepath.Join(dir, name)
		if err := os.Mkdir(*path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if output, err := exec.Command("go", "build", "-o", m.program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return m
}

// install gives the home a browser with so many extensions.
func (m *machine) install(extensions int) {
	m.t.Helper()
	if err := errors.Join(os.RemoveAll(m.home), chromiumtest.WriteHome(m.home,
		chromiumtest.Spec{Profiles: 3, Extensions: extensions})); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) command(args ...string) *exec.Cmd {
	cmd := exec.Command(m.program, args...)
	cmd.Dir = m.in
	cmd.Env = []string{"HOME=" + m.home, "TMPDIR=" + m.temporary, "GUESTLIST_STATE_DIR=" + m.state,
		"PATH=" + os.Getenv("PATH")}
	return cmd
}

// result is what a process left.
type result struct {
	code           int
	signal         syscall.Signal
	stdout, stderr bytes.Buffer
}

// start starts a process; wait returns what it left.
func (m *machine) start(args ...string) (process *os.Process, wait func() *result) {
	m.t.Helper()
	r := &result{}
	cmd := m.command(args...)
	cmd.Stdout, cmd.Stderr = &r.stdout, &r.stderr
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	return cmd.Process, func() *result {
		cmd.Wait() // how it ended is in its state
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		r.code = status.ExitStatus()
		if status.Signaled() {
			r.signal = status.Signal()
		}
		return r
	}
}

func (m *machine) run(args ...string) *result {
	m.t.Helper()
	_, wait := m.start(args...)
	return wait()
}

// checkBaseline checks that there is one baseline, and that it is whole.
func (m *machine) checkBaseline() error {
	names, err := filepath.Glob(filepath.Join(m.state, "snapshots", "*.jsonl.gz"))
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return strings.Contains(name, ".pending.") })
	if len(names) != 1 {
		return fmt.Errorf("baselines: %q", names)
	}
	return snapshot.Verify(names[0])
}

// checkNoPending checks that no snapshot waits to be a baseline, and that none was set aside.
func (m *machine) checkNoPending() error {
	left, err := filepath.Glob(filepath.Join(m.state, "snapshots", "*[gd]-*"))
	pending, _ := filepath.Glob(filepath.Join(m.state, "snapshots", "*.pending.*"))
	if left = append(left, pending...); len(left) > 0 {
		err = errors.Join(err, fmt.Errorf("left in the state directory: %q", left))
	}
	return err
}

// checkOutside checks that nothing is left outside the state directory but whole files of the names
// that were asked for.
func (m *machine) checkOutside() error {
	var failed error
	for _, dir := range []string{m.temporary, m.in} {
		entries, err := os.ReadDir(dir)
		failed = errors.Join(failed, err)
		for _, entry := range entries {
			path := filepath.Join(dir, entry.Name())
			content, err := os.ReadFile(path)
			failed = errors.Join(failed, err)
			switch {
			case dir == m.in && entry.Name() == "report.json" && json.Valid(content):
			case dir == m.in && entry.Name() == "saved.jsonl.gz" && snapshot.Verify(path) == nil:
			default:
				failed = errors.Join(failed, fmt.Errorf("left: %s (%d bytes)", path, len(content)))
			}
		}
	}
	return failed
}

// Two scans of the same places at once: neither fails, the change is reported by exactly one, and
// the baseline is whole.
func TestScansAtTheSameTimeDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install(3)
	m.run("scan")
	pairs := rounds(t)
	for n := range pairs {
		m.install(3 + (n+1)%2)
		var results [2]*result
		var both sync.WaitGroup
		for i := range results {
			_, wait := m.start("scan", "--output", "jsonl")
			both.Go(func() { results[i] = wait() })
		}
		both.Wait()
		told := 0
		for _, r := range results {
			if r.code != report.ExitFindings || strings.Contains(r.stderr.String(), "warning") {
				t.Fatalf("pair %d: exit code %d, signal %d\n%s", n, r.code, r.signal, &r.stderr)
			}
			if strings.Contains(r.stdout.String(), `"change":"new"`) ||
				strings.Contains(r.stdout.String(), `"change":"removed"`) {
				told++
			}
		}
		if told != 1 {
			t.Fatalf("pair %d: the change was reported by %d of the two", n, told)
		}
		if err := errors.Join(m.checkBaseline(), m.checkNoPending(), m.checkOutside()); err != nil {
			t.Fatalf("pair %d: %v", n, err)
		}
	}
	t.Logf("%d pairs: no failure, no lost baseline", pairs)
}

// A process that is ended at any moment leaves nothing outside the state directory, and the next
// scan is right.
func TestAnEndAtAnyMomentLeavesNothing(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	commands := [][]string{
		{"scan", "--output", "json=report.json"},
		{"scan", "--output", "json=report.json", "--save", "saved.jsonl.gz"},
		{"scan", "--save", "none"},
		{"check"},
		{"demo"},
	}
	m.install(3)
	longest := make([]time.Duration, len(commands))
	for n, command := range commands {
		begin := time.Now()
		m.run(command...)
		longest[n] = time.Since(begin)
	}
	signals := []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	counts := map[string]int{}
	ends := rounds(t)
	for n, ended := 0, 0; ended < ends; n++ {
		command, signal, within := commands[n%len(commands)], signals[n%len(signals)], &longest[n%len(commands)]
		process, wait := m.start(command...)
		moment := time.NewTimer(time.Duration(random.Int64N(int64(*within))))
		<-moment.C
		process.Signal(signal) // it may have ended by now
		r := wait()
		at := fmt.Sprintf("end %d, %s by %s", n, strings.Join(command, " "), signal)
		switch {
		case r.signal == signal && (signal == syscall.SIGKILL || r.stdout.Len()+r.stderr.Len() == 0):
			counts[signal.String()+": by the signal"]++ // before the program could wish for something else
		case r.signal == 0 && r.code == report.ExitFailed &&
			strings.Contains(r.stderr.String(), "guestlist: error: interrupted"):
			counts[signal.String()+": interrupted"]++
		case r.signal == 0 && (r.code == report.ExitFindings || r.code == report.ExitClean && command[0] == "demo"):
			counts[signal.String()+": had ended, not counted"]++
			ended--
			*within = *within * 4 / 5 // the machine is less busy now
		default:
			t.Fatalf("%s: exit code %d, signal %d\n%s", at, r.code, r.signal, &r.stderr)
		}
		ended++
		*within = *within * 11 / 10
		err := m.checkOutside()
		if signal != syscall.SIGKILL {
			err = errors.Join(err, m.checkNoPending())
		}
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		m.sweepKilled()
		if next := m.run("scan"); next.code != report.ExitFindings || strings.Contains(next.stderr.String(), "warning") ||
			strings.Contains(next.stdout.String(), "new") {
			t.Fatalf("%s: the next scan: exit code %d\n%s%s", at, next.code, &next.stdout, &next.stderr)
		}
		if err := m.checkBaseline(); err != nil {
			t.Fatalf("%s: %v", at, err)
		}
	}
	t.Logf("%d ends: nothing left, every next scan right: %v", ends, counts)
}

// Whoever starts a program with nohup wants it to outlive the terminal.
func TestAnIgnoredHangupStaysIgnored(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install(3)
	cmd := m.command()
	// The shell says when it ignores the signal.
	cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", `trap "" HUP; echo; exec "$0" scan`, m.program}
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
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		io.Copy(io.Discard, output)
		cmd.Wait() // how it ended is in its state
	}()
	for again := time.NewTicker(time.Millisecond); ; {
		select {
		case <-again.C:
			cmd.Process.Signal(syscall.SIGHUP) // it may have ended by now
			continue
		case <-ended:
			again.Stop()
		}
		break
	}
	if code := cmd.ProcessState.ExitCode(); code != report.ExitFindings {
		t.Errorf("exit code %d", code)
	}
}

// sweepKilled removes what a killed run leaves in the state directory until a day has passed.
func (m *machine) sweepKilled() {
	m.t.Helper()
	pending, err := filepath.Glob(filepath.Join(m.state, "snapshots", "*.pending.*"))
	if err != nil {
		m.t.Fatal(err)
	}
	for _, path := range append(pending, filepath.Join(m.state, "work")) {
		if err := os.RemoveAll(path); err != nil {
			m.t.Fatal(err)
		}
	}
}

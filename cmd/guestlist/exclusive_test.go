//go:build unix

package main_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"guestlist/scanner/report"
)

// A run that writes more than a pipe holds goes on for as long as nobody reads it.
func TestTwoScheduledRunsDoNotOverlapAndADeadOneKeepsNoOneOut(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install(100)
	scan := []string{"scan", "--exclusive", "--quiet", "--output", "json", "--all", "--baseline", "none", "--save", "none"}
	first := m.command(scan...)
	output, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := output.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}

	second := m.run(scan...)
	says := fmt.Sprintf("guestlist: error: an exclusive scan of the same places is running: guestlist (process %d, since ", first.Process.Pid)
	if second.code != report.ExitFailed || second.stdout.Len() > 0 || !strings.HasPrefix(second.stderr.String(), says) {
		t.Errorf("beside a running one: exit code %d, %d bytes\n%s", second.code, second.stdout.Len(), &second.stderr)
	}
	other := m.run("scan", "--exclusive", "--quiet", "--baseline-name", "nightly")
	if other.code != report.ExitFindings {
		t.Errorf("of another name: exit code %d\n%s", other.code, &other.stderr)
	}

	// Killed, it can release nothing by itself.
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, output)
	first.Wait() // how it ended is known
	locks, err := filepath.Glob(filepath.Join(m.state, "snapshots", "*.run-scheduled.lock"))
	if err != nil || len(locks) != 1 {
		t.Fatalf("locks: %q, %v", locks, err)
	}
	next := m.run(scan...)
	if next.code != report.ExitFindings || next.stderr.Len() > 0 {
		t.Errorf("after a killed one: exit code %d\n%s", next.code, &next.stderr)
	}

	// Its number may belong to another process by now, such as this one.
	claim := fmt.Sprintf("guestlist (process %d, since 2026-11-23T09:00:00Z)\n", os.Getpid())
	if err := os.WriteFile(locks[0], []byte(claim), 0o600); err != nil {
		t.Fatal(err)
	}
	next = m.run(scan...)
	if next.code != report.ExitFindings || next.stderr.Len() > 0 {
		t.Errorf("after one whose number is another's: exit code %d\n%s", next.code, &next.stderr)
	}
}

// A scan by hand neither waits for a scheduled one nor keeps it out.
func TestAScanByHandGoesOnBesideAnExclusiveOne(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.install(100)
	byHand := m.command("scan", "--baseline", "none", "--save", "none", "--output", "json", "--all")
	output, err := byHand.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := byHand.Start(); err != nil {
		t.Fatal(err)
	}
	defer byHand.Wait()
	defer byHand.Process.Kill()
	if _, err := output.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	if scheduled := m.run("scan", "--exclusive", "--quiet", "--save", "none", "--baseline", "none"); scheduled.code != report.ExitFindings {
		t.Errorf("exit code %d\n%s", scheduled.code, &scheduled.stderr)
	}
}

package cli

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run guestlist as a program of its own, on a fixed day and host.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"guestlist": scriptMain})
}

func scriptMain() {
	env := processEnv()
	env.Host = "laptop-01"
	env.User = "finance"
	env.Now = func() time.Time { return demoNow }
	if day := os.Getenv("TEST_DAY"); day != "" {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			panic(err)
		}
		env.Now = func() time.Time { return at }
	}
	if ahead := os.Getenv("TEST_CLOCK"); ahead != "" {
		by, err := time.ParseDuration(ahead)
		if err != nil {
			panic(err)
		}
		env.Now = func() time.Time { return demoNow.Add(by) }
	}
	// Waits take no time: they move the clock.
	var slept atomic.Int64
	today := env.Now
	env.Now = func() time.Time { return today().Add(time.Duration(slept.Load())) }
	env.Sleep = func(ctx context.Context, wait time.Duration) error {
		slept.Add(int64(wait))
		return ctx.Err()
	}
	if step, err := strconv.Atoi(os.Getenv("TEST_KILL_STEP")); err == nil {
		env.Step = killAt(int64(step))
	}
	if root := os.Getenv("TEST_SYSTEM_ROOT"); root != "" {
		env.SystemRoot = root
	}
	env.StdoutTerminal = os.Getenv("TEST_TERMINAL") != ""
	if height, err := strconv.Atoi(os.Getenv("TEST_HEIGHT")); err == nil {
		env.Height = height
	}
	env.OpenBrowser = visit
	if path := os.Getenv("TEST_TRANSCRIPT"); path != "" {
		transcript, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		env.Stdout, env.Stderr = io.MultiWriter(env.Stdout, transcript), io.MultiWriter(env.Stderr, transcript)
	}
	os.Exit(Run(context.Background(), env))
}

// killAt ends the process at once, without any cleanup, at the step with that number.
func killAt(step int64) func(string) {
	var done atomic.Int64
	return func(string) {
		if done.Add(1) != step {
			return
		}
		if me, err := os.FindProcess(os.Getpid()); err == nil {
			me.Kill()
		}
		select {} // until that has happened
	}
}

// visit is a browser whose person agrees to everything: it follows redirects to the end.
func visit(url string) error {
	answer, err := http.Get(url)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// TestScripts runs one script for each behaviour: testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       testkit.Updates(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("GUESTLIST_STATE_DIR", filepath.Join(env.WorkDir, "state"))
			env.Setenv("ESCAPE", "\x1b[31mred")
			env.Setenv("LINES", "one\ntwo")
			env.Setenv("TEST_TRANSCRIPT", filepath.Join(env.WorkDir, transcriptName))
			started := newVendors(env.WorkDir)
			env.Values[vendorsKey] = started
			env.Defer(func() {
				if err := started.leaks(); err != nil {
					env.T().Fatal(err)
				}
			})
			return os.MkdirAll(filepath.Join(env.WorkDir, "home"), 0o755)
		},
		Condition: func(condition string) (bool, error) {
			if condition == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", condition)
		},
		Cmds: scriptCommands(),
	})
}

func scriptCommands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	commands := map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"exits":  scriptExits,
		"logged": scriptLogged,
		"repeat": scriptRepeat,
		"socket": scriptSocket,
	}
	maps.Copy(commands, vendorCommands)
	maps.Copy(commands, receiverCommands)
	maps.Copy(commands, listCommands)
	return commands
}

// readMaybeGzip reads a file, and through gzip where its name ends in .gz.
func readMaybeGzip(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if !strings.HasSuffix(path, ".gz") {
		return io.ReadAll(file)
	}
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, nil // a killed scan's, ended before its first byte
	}
	text, _ := io.ReadAll(unzipped) // what is there counts
	return text, nil
}

// scriptExits runs a program and checks its exit code: exits CODE PROGRAM ARGS...
func scriptExits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		status := err.Error() // "exit status 3"
		if _, scanErr := fmt.Sscanf(status, "exit status %d", &code); scanErr != nil {
			ts.Fatalf("%s: %v", strings.Join(args[1:], " "), err)
		}
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// scriptLogged checks that all of stderr is JSON logs, and that a line matches: logged PATTERN
func scriptLogged(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: logged PATTERN")
	}
	text := ts.ReadFile("stderr")
	for line := range strings.Lines(text) {
		ts.Check(checkRecord(line))
	}
	if !regexp.MustCompile(args[0]).MatchString(text) {
		ts.Fatalf("no line matches %s in:\n%s", args[0], text)
	}
}

// checkRecord reports what is wrong with a line of JSON logs.
func checkRecord(line string) error {
	var record map[string]any
	if err := json.Unmarshal([]byte(line), &record); err != nil {
		return fmt.Errorf("%q: %w", line, err)
	}
	level, _ := record["level"].(string)
	message, _ := record["msg"].(string)
	written, _ := record["time"].(string)
	if _, err := time.Parse(time.RFC3339Nano, written); err != nil {
		return fmt.Errorf("%q: %w", line, err)
	}
	if !slices.Contains([]string{"DEBUG", "INFO", "WARN", "ERROR"}, level) || message == "" {
		return fmt.Errorf("%q: level %q, message %q", line, level, message)
	}
	for key, value := range record {
		if text, isText := value.(string); isText && inventory.Untrusted(text).String() != text {
			return fmt.Errorf("%q: %s acts on its reader", line, key)
		}
	}
	return nil
}

// scriptRepeat writes a file of a text many times over: repeat FILE COUNT TEXT
func scriptRepeat(ts *testscript.TestScript, _ bool, args []string) {
	var count int
	if len(args) != 3 {
		ts.Fatalf("usage: repeat FILE COUNT TEXT")
	}
	if _, err := fmt.Sscan(args[1], &count); err != nil {
		ts.Fatalf("count: %v", err)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Repeat(args[2], count)), 0o600))
}

// scriptSocket makes a file that is no regular file: socket FILE
func scriptSocket(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("unix", ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
}

package cli

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the golden files anew")

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
	if root := os.Getenv("TEST_SYSTEM_ROOT"); root != "" {
		env.SystemRoot = root
	}
	env.StdoutTerminal = os.Getenv("TEST_TERMINAL") != ""
	os.Exit(Run(context.Background(), env))
}

// TestScripts runs one script for each behaviour: testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("GUESTLIST_STATE_DIR", filepath.Join(env.WorkDir, "state"))
			return os.MkdirAll(filepath.Join(env.WorkDir, "home"), 0o755)
		},
		Condition: func(condition string) (bool, error) {
			if condition == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", condition)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":  scriptExits,
			"repeat": scriptRepeat,
			"socket": scriptSocket,
		},
	})
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

package cli

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"guestlist/allowlist"
	"guestlist/providers"
	"guestlist/providers/fake"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
	"guestlist/scanner/snapshot"
	"guestlist/testdata/profiles"
)

//go:embed demodata
var demoAllowlist embed.FS

// demoNow is the day of the demo, so that its approvals expire on cue.
var demoNow = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func newDemo(env *Env) *cobra.Command {
	var options scanOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show a whole scan of made-up data: no configuration, no credentials",
		Long: `demo scans shipped profiles that real browsers wrote, and ` + fake.Organizations + `
that it serves on loopback sockets; compares them with a sample allowlist and
with a scan of a week before; and reports. Every kind of finding appears.

Everything in it is made up: there is nothing to do about what it reports, and its links lead
nowhere. It works in a temporary directory, reads nothing of this machine, and exits with 0.`,
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error { return env.demo(cmd.Context(), options) },
	}
	options.addOutputFlags(cmd)
	return cmd
}

// demo is a scan of the embedded homes: the same pipeline, in a world of its own.
func (env *Env) demo(ctx context.Context, o scanOptions) error {
	dir, remove, err := env.workDir("demo")
	if err != nil {
		return runError(err)
	}
	defer remove()
	if err := profiles.Extract(dir); err != nil {
		return runError(fmt.Errorf("unpacking the shipped profiles: %w", err))
	}
	world := env.demoWorld(dir)
	o.save = filepath.Join(dir, "now.jsonl")
	o.baseline = filepath.Join(dir, "earlier.jsonl")
	if err := world.demoBaseline(ctx, dir, o); err != nil {
		return err
	}
	run, err := world.prepareWithout(&o)
	if err != nil {
		return err
	}
	run.baselineName = "the demo's scan of last week"
	run.hintLines = 2
	if run.allowlist, err = loadDemoAllowlist(); err != nil {
		return runError(fmt.Errorf("reading the sample allowlist: %w", err))
	}
	list, end, err := world.demoSources(filepath.Join(dir, "homes"), false)
	if err != nil {
		return runError(err)
	}
	defer end()
	err = run.scan(ctx, list, demoScope(list))
	var code reported
	if err != nil && !errors.As(err, &code) {
		return err
	}
	if !o.quiet {
		env.hint("a scan would have exited with %d (%s)", int(code), codeWords[int(code)])
		env.hint("all of it is made up: nothing to do, and its links lead nowhere")
	}
	return nil
}

// loadDemoAllowlist reads the embedded allowlist and its feed under the names they have in their
// directory.
func loadDemoAllowlist() (*allowlist.List, error) {
	files, err := fs.Sub(demoAllowlist, "demodata")
	if err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(files, allowlistName)
	if err != nil {
		return nil, err
	}
	return allowlist.Parse("demo/"+allowlistName, text, func(path string) ([]byte, time.Time, error) {
		feed, err := fs.ReadFile(files, path)
		return feed, demoNow, err
	})
}

var codeWords = map[int]string{
	report.ExitClean:      "clean, and everything was read",
	report.ExitFindings:   "findings at or above --fail-on",
	report.ExitIncomplete: "something could not be read",
}

// demoWorld is an Env in which nothing of this machine is visible.
func (env *Env) demoWorld(dir string) *Env {
	world := *env
	world.OS, world.Host, world.Home = "linux", "laptop-01", ""
	world.Now = func() time.Time { return demoNow }
	world.SystemRoot = filepath.Join(dir, "system")
	world.Getenv = func(name string) string {
		if slices.Contains([]string{"NO_COLOR", "TERM", "LESS", "LV"}, name) || slices.Contains(pagerVariables, name) {
			return env.Getenv(name)
		}
		return ""
	}
	return &world
}

// demoBaseline scans the homes as they were a week earlier.
func (env *Env) demoBaseline(ctx context.Context, dir string, o scanOptions) error {
	earlier := *env
	earlier.Now = func() time.Time { return demoNow.AddDate(0, 0, -7) }
	run, err := earlier.prepareWithout(&o)
	if err != nil {
		return err
	}
	list, end, err := earlier.demoSources(filepath.Join(dir, "earlier"), true)
	if err != nil {
		return runError(err)
	}
	defer end()
	return run.collect(ctx, list, demoScope(list), func(header snapshot.Header) (*snapshot.Writer, error) {
		return snapshot.Create(o.baseline, header)
	})
}

// demoSources returns the embedded homes in a directory, and the organizations as they are or were.
// end stops their servers.
func (env *Env) demoSources(dir string, earlier bool) (list []scanner.Provider, end func() error, err error) {
	var homes []scanner.Home
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the shipped profiles: %w", err)
	}
	for _, entry := range entries {
		homes = append(homes, scanner.Home{Dir: filepath.Join(dir, entry.Name()), User: clean(entry.Name())})
	}
	organizations, err := fake.Start(demoNow, env.Now(), earlier)
	if err != nil {
		return nil, nil, fmt.Errorf("serving the example organizations: %w", err)
	}
	providerEnv := env.providerEnv(homes, nil, false, false)
	configured, err := organizations.Providers(providerEnv, dir+"-state") // goes with everything else
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("reading the example organizations: %w", err), organizations.Close())
	}
	return append(providers.All(providerEnv), configured...), organizations.Close, nil
}

// demoScope says that both scans looked at the same homes: one week apart, in two directories.
func demoScope(list []scanner.Provider) snapshot.Scope {
	scope := snapshot.Scope{Homes: []inventory.Untrusted{"demo"}}
	for _, p := range list {
		scope.Providers = append(scope.Providers, p.Name())
	}
	return scope
}

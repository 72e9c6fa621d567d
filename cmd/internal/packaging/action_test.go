//go:build unix

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/chromium/chromiumtest"
)

// The steps of the action run as a runner runs them: in a shell, with GitHub's variables.

const actionDir = "../../../.github/actions/guestlist"

// runner is a machine that runs a workflow.
type runner struct {
	t    *testing.T
	dir  string
	path string // where programs are
	env  map[string]string
}

func newRunner(t *testing.T) *runner {
	t.Helper()
	action, err := filepath.Abs(actionDir)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return &runner{t: t, dir: dir, path: os.Getenv("PATH"), env: map[string]string{
		"RUNNER_TEMP": filepath.Join(dir, "temp"), "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
		"GITHUB_ACTION_PATH": action, "GITHUB_SERVER_URL": "https://github.example", "ACTION_REPOSITORY": "acme/guestlist",
		"GITHUB_OUTPUT": filepath.Join(dir, "output"), "GITHUB_PATH": filepath.Join(dir, "path"),
		"GITHUB_STEP_SUMMARY": filepath.Join(dir, "summary"), "GUESTLIST_STATE_DIR": filepath.Join(dir, "state"),
		"INPUT_VERSION": "", "INPUT_SHA256": "", "INPUT_ARGS": "", "INPUT_CONFIG": "", "INPUT_ALLOWLIST": "",
		"INPUT_FAIL_ON": "low", "HOME": filepath.Join(dir, "home"), "TMPDIR": dir,
	}}
}

// step runs a step and returns what it prints and its exit code.
func (r *runner) step(script string) (output string, code int) {
	r.t.Helper()
	command := exec.CommandContext(r.t.Context(), filepath.Join(actionDir, script))
	command.Env = []string{"PATH=" + r.path}
	for name, value := range r.env {
		command.Env = append(command.Env, name+"="+value)
	}
	content, err := command.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		r.t.Fatal(err)
	}
	return string(content), command.ProcessState.ExitCode()
}

// written is what a step wrote to one of GitHub's files; empty if it wrote nothing.
func (r *runner) written(variable string) string {
	r.t.Helper()
	content, err := os.ReadFile(r.env[variable])
	if err != nil && !os.IsNotExist(err) {
		r.t.Fatal(err)
	}
	return string(content)
}

// outputs are the outputs of the steps so far.
func (r *runner) outputs() map[string]string {
	outputs := map[string]string{}
	for line := range strings.Lines(r.written("GITHUB_OUTPUT")) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		outputs[name] = value
	}
	return outputs
}

func TestTheActionScansAndShowsTheReportWhereGitHubLooksForIt(t *testing.T) {
	t.Parallel()
	r := newRunner(t)
	r.env["PROGRAM"] = filepath.Join(r.dir, "guestlist")
	goBuild(t, nil, "-tags=grpcnotrace", "-o", r.env["PROGRAM"], "guestlist/cmd/guestlist")
	home, allowlist := filepath.Join(r.dir, "some home"), filepath.Join(r.dir, "the allowlist.toml")
	if err := errors.Join(chromiumtest.WriteHome(home, chromiumtest.Spec{Extensions: 2}),
		os.WriteFile(allowlist, []byte("version = 1\n"), 0o600),
		os.Symlink(home, filepath.Join(r.dir, "home"))); err != nil {
		t.Fatal(err)
	}
	r.env["INPUT_ALLOWLIST"] = allowlist
	r.env["INPUT_ARGS"] = "chromium\n--baseline none  --config none\n"

	printed, code := r.step("scan.sh")
	if code != 3 || !strings.Contains(printed, "::error") {
		t.Errorf("exit code %d, want 3 and annotations:\n%s", code, printed)
	}
	outputs := r.outputs()
	reports := filepath.Join(r.env["RUNNER_TEMP"], "guestlist", "reports")
	if diff := cmp.Diff(map[string]string{"exit-code": "3", "sarif": filepath.Join(reports, "guestlist.sarif"),
		"report": filepath.Join(reports, "guestlist.json")}, outputs); diff != "" {
		t.Errorf("the outputs (-want +got):\n%s", diff)
	}
	for _, name := range []string{"sarif", "report"} {
		if content, err := os.ReadFile(outputs[name]); err != nil || !json.Valid(content) {
			t.Errorf("%s is no JSON (%v)", name, err)
		}
	}
	const verdict = "### guestlist: 2 not approved.\n"
	if summary := r.written("GITHUB_STEP_SUMMARY"); !strings.HasPrefix(summary, verdict) {
		t.Errorf("the summary is %q", summary)
	}

	r.env["INPUT_FAIL_ON"] = "never"
	if printed, code := r.step("scan.sh"); code != 0 {
		t.Errorf("exit code %d with fail-on never:\n%s", code, printed)
	}
	if summary := r.written("GITHUB_STEP_SUMMARY"); strings.Count(summary, verdict) != 2 {
		t.Errorf("the summaries of both scans are %q", summary)
	}

	// Wrong use is a failure of the step; of the last run, no file is passed off as its report.
	r.env["INPUT_ARGS"] = "nothing-of-the-kind"
	os.Remove(r.env["GITHUB_OUTPUT"])
	if printed, code := r.step("scan.sh"); code != 2 {
		t.Errorf("exit code %d, want 2:\n%s", code, printed)
	}
	if diff := cmp.Diff(map[string]string{"exit-code": "2"}, r.outputs()); diff != "" {
		t.Errorf("the outputs (-want +got):\n%s", diff)
	}
}

func TestTheActionInstallsNothingButTheRightRelease(t *testing.T) {
	t.Parallel()
	archive := releaseArchive(t)
	sum := sha256.Sum256(archive)
	right := hex.EncodeToString(sum[:])
	wrong := strings.Repeat("0", len(right))
	const name = "guestlist_1.2.3_linux_amd64.tar.gz"
	list := func(sum string) map[string]string {
		return map[string]string{name: string(archive), "SHA256SUMS": wrong + "  other.tar.gz\n" + sum + "  " + name + "\n"}
	}
	for title, test := range map[string]struct {
		release map[string]string
		change  map[string]string
		code    int
		want    string
	}{
		"right":            {list(right), nil, 0, "guestlist v1.2.3\n"},
		"pinned":           {map[string]string{name: string(archive)}, map[string]string{"INPUT_SHA256": right}, 0, "guestlist v1.2.3\n"},
		"wrong-checksum":   {list(wrong), nil, 1, name + " does not have the checksum that it must have; it is not installed"},
		"wrong-pin":        {list(right), map[string]string{"INPUT_SHA256": wrong}, 1, "it is not installed"},
		"malformed-pin":    {list(right), map[string]string{"INPUT_SHA256": "abc"}, 1, "sha256 must be 64 digits"},
		"not-in-the-list":  {map[string]string{name: string(archive), "SHA256SUMS": right + "  other\n"}, nil, 1, "does not list " + name},
		"no-list":          {map[string]string{name: string(archive)}, nil, 1, "release v1.2.3 has no SHA256SUMS"},
		"no-release":       {nil, nil, 1, "release v1.2.3 has no " + name},
		"no-version":       {list(right), map[string]string{"INPUT_VERSION": "latest"}, 1, "version must be a release such as v1.2.3, is 'latest'"},
		"path-for-version": {list(right), map[string]string{"INPUT_VERSION": "v1.2.3/../x"}, 1, "version must be a release"},
		"other-system":     {list(right), map[string]string{"RUNNER_OS": "Plan9"}, 1, "there is no release for Plan9"},
		"other-processor":  {list(right), map[string]string{"RUNNER_ARCH": "ARM"}, 1, "there is no release for ARM"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t)
			r.env["INPUT_VERSION"] = "v1.2.3"
			for name, value := range test.change {
				r.env[name] = value
			}
			r.serve(test.release)
			printed, code := r.step("install.sh")
			if code != test.code || !strings.Contains(printed, test.want) {
				t.Errorf("exit code %d, want %d and %q:\n%s", code, test.code, test.want, printed)
			}
			bin := filepath.Join(r.env["RUNNER_TEMP"], "guestlist", "bin")
			want := map[string]string{}
			path := ""
			if test.code == 0 {
				want["program"], path = filepath.Join(bin, "guestlist"), bin+"\n"
			}
			if diff := cmp.Diff(want, r.outputs()); diff != "" || r.written("GITHUB_PATH") != path {
				t.Errorf("the path is %q, the outputs (-want +got):\n%s", r.written("GITHUB_PATH"), diff)
			}
			if _, err := os.Stat(filepath.Join(bin, "guestlist")); (err == nil) != (test.code == 0) {
				t.Errorf("is it installed? %v", err)
			}
		})
	}
}

// serve puts a curl in front of the machine's own that knows one release.
func (r *runner) serve(release map[string]string) {
	r.t.Helper()
	const base = "https://github.example/acme/guestlist/releases/download/v1.2.3/"
	served := filepath.Join(r.dir, "served")
	for name, content := range release {
		if err := writeAll(served, map[string]string{name: content}); err != nil {
			r.t.Fatal(err)
		}
	}
	stub := "#!/bin/sh\nwhile [ $# -gt 1 ]; do [ \"$1\" != --output ] || to=$2; shift; done\n" +
		"case \"$1\" in " + base + "*) exec cp \"" + served + "/${1#" + base + "}\" \"$to\" ;; esac\nexit 22\n"
	programs := filepath.Join(r.dir, "programs")
	if err := writeAll(programs, map[string]string{"curl": stub}); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(programs, "curl"), 0o700); err != nil {
		r.t.Fatal(err)
	}
	r.path = programs + string(filepath.ListSeparator) + r.path
}

// releaseArchive is an archive with a program that knows nothing but its version.
func releaseArchive(t *testing.T) []byte {
	t.Helper()
	var archive bytes.Buffer
	compressed := gzip.NewWriter(&archive)
	writer := tar.NewWriter(compressed)
	program := []byte("#!/bin/sh\necho guestlist v1.2.3\n")
	if err := writer.WriteHeader(&tar.Header{Name: "guestlist", Mode: 0o755, Size: int64(len(program))}); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(writer.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()
}

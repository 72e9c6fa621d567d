package schedule_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"guestlist/cmd/internal/schedule"
	"guestlist/scanner/testkit"
)

func TestSystemdUnitsAreThoseOfTheGoldenFiles(t *testing.T) {
	t.Parallel()
	for name, job := range systemdJobs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, file := range filesOf(t, "systemd", &job) {
				testkit.Golden(t, filepath.Join("testdata", name+filepath.Ext(file.Name)), file.Text)
			}
		})
	}
}

// systemdJobs are the kinds of service that there are.
func systemdJobs() map[string]schedule.Job {
	plain := schedule.Job{
		Name: "guestlist", Program: "/usr/bin/guestlist", Args: []string{"scan", "--quiet"},
		When: schedule.When{Hour: 6, Minute: 30}, Spread: 15 * time.Minute, Limit: 13 * time.Hour,
	}
	system, account, homes := plain, plain, plain
	system.System = true
	account.System, account.Account = true, "guestlist"
	account.Writes = []string{"/srv/reports"}
	account.Credentials = []schedule.Credential{{Name: "slack", Path: "/etc/guestlist/secrets/slack"}}
	homes.System, homes.Homes, homes.Args = true, true, []string{"scan", "--all-users", "--quiet"}
	homes.When = schedule.When{Days: []time.Weekday{time.Monday, time.Thursday}, Hour: 5}
	return map[string]schedule.Job{"user": plain, "system": system, "system-account": account, "system-homes": homes}
}

// exposure is the most that systemd may find exposed in a service, from 0 to 100: what is stated here
// is an upper bound of what "systemd-analyze security" calculates, times ten.
var exposure = map[string]string{"system": "15", "system-account": "15", "system-homes": "23"}

func TestSystemdFindsNothingWrongWithTheUnitsAndLittleExposed(t *testing.T) {
	t.Parallel()
	analyze := analyzer(t)
	for name, job := range systemdJobs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			job.Program = program(t, dir, "guestlist")
			service := writeUnits(t, dir, &job)
			analyze(t, "verify", service)
			if bound, stated := exposure[name]; stated {
				out := analyze(t, "security", "--offline=true", "--threshold="+bound, service)
				t.Logf("%s", lastLine(out))
			}
		})
	}
}

// What systemd calls executable is the file that it would run, so a path that it reads differently
// from how it was written is found.
func TestSystemdFindsAProgramWhateverItsPathHolds(t *testing.T) {
	t.Parallel()
	analyze := analyzer(t)
	for name, path := range map[string]string{
		"a-space": "my programs/guestlist", "a-percent-sign": "100%/%h/guestlist", "a-dollar-sign": "$HOME/${x}/guestlist",
		"a-semicolon": "a ; b/guestlist", "a-hash": "#1/guestlist", "other-letters": "überall/日本/guestlist",
		"an-at-sign": "@-+!|/guestlist",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			job := systemdJobs()["system"]
			job.Program = program(t, dir, filepath.FromSlash(path))
			analyze(t, "verify", writeUnits(t, dir, &job))
			job.Program += "-missing"
			if out, err := exec.Command("systemd-analyze", "verify", writeUnits(t, t.TempDir(), &job)).CombinedOutput(); err == nil {
				t.Errorf("a program that is not there was not missed:\n%s", out)
			}
		})
	}
}

func TestATimerElapsesWhenItShould(t *testing.T) {
	t.Parallel()
	analyze := analyzer(t)
	for name, c := range map[string]struct {
		every, at string
		want      []string // after Sunday, 1 March 2026, 12:00
	}{
		"every-day":     {"day", "", []string{"Mon 2026-03-02 06:30:00", "Tue 2026-03-03 06:30:00"}},
		"later-today":   {"daily", "18:05", []string{"Sun 2026-03-01 18:05:00", "Mon 2026-03-02 18:05:00"}},
		"every-hour":    {"hour", ":07", []string{"Sun 2026-03-01 12:07:00", "Sun 2026-03-01 13:07:00"}},
		"every-week":    {"week", "", []string{"Mon 2026-03-02 06:30:00", "Mon 2026-03-09 06:30:00"}},
		"every-sunday":  {"sunday", "11:59", []string{"Sun 2026-03-08 11:59:00", "Sun 2026-03-15 11:59:00"}},
		"every-weekday": {"weekday", "0:00", []string{"Mon 2026-03-02 00:00:00", "Tue 2026-03-03 00:00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			when, err := schedule.ParseWhen(c.every, c.at)
			if err != nil {
				t.Fatal(err)
			}
			job := systemdJobs()["system"]
			job.When = when
			calendar := valueOf(t, filesOf(t, "systemd", &job)[1].Text, "OnCalendar")
			out := analyze(t, "calendar", "--base-time=2026-03-01 12:00:00", "--iterations=2", calendar)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q does not elapse at %s:\n%s", calendar, want, out)
				}
			}
		})
	}
}

// analyzer returns a function that runs systemd-analyze, which must find nothing wrong.
func analyzer(t *testing.T) func(t *testing.T, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		testkit.Unavailable(t, err.Error())
	}
	return func(t *testing.T, args ...string) string {
		t.Helper()
		command := exec.Command("systemd-analyze", args...)
		command.Env = append(os.Environ(), "TZ=UTC", "SYSTEMD_COLORS=0")
		out, err := command.CombinedOutput()
		if err != nil || args[0] == "verify" && strings.Contains(string(out), "guestlist") {
			t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
}

// program makes an executable file below a directory.
func program(t *testing.T, dir, path string) string {
	t.Helper()
	full := filepath.Join(dir, path)
	testkit.WriteFile(t, full, "#!/bin/sh\n")
	if err := os.Chmod(full, 0o755); err != nil {
		t.Fatal(err)
	}
	return full
}

// writeUnits writes the units of a job and returns the path of the service.
func writeUnits(t *testing.T, dir string, job *schedule.Job) string {
	t.Helper()
	for _, file := range filesOf(t, "systemd", job) {
		testkit.WriteFile(t, filepath.Join(dir, file.Name), file.Text)
	}
	return filepath.Join(dir, job.Name+".service")
}

func filesOf(t *testing.T, kind string, job *schedule.Job) []schedule.File {
	t.Helper()
	files, err := schedule.KindNamed(kind).Files(job)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !schedule.IsOurs(file.Bytes()) {
			t.Errorf("%s does not say who wrote it", file.Name)
		}
	}
	return files
}

// valueOf returns the value of a directive.
func valueOf(t *testing.T, unit, directive string) string {
	t.Helper()
	_, rest, found := strings.Cut(unit, "\n"+directive+"=")
	if !found {
		t.Fatalf("no %s in:\n%s", directive, unit)
	}
	value, _, _ := strings.Cut(rest, "\n")
	return value
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

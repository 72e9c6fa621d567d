package schedule_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/cmd/internal/schedule"
)

// machine is where a person installs a schedule.
var machine = schedule.Machine{Root: "/", Home: "/home/finance", ConfigHome: "/home/finance/.config", UserID: "501", Temp: "/tmp"}

func TestASchedulerIsToldOnlyWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	plist := filepath.FromSlash("/home/finance/Library/LaunchAgents/guestlist.plist")
	ours := string(filesOf(t, "launchd", job())[0].Bytes())
	older := strings.ReplaceAll(ours, "--quiet", "--debug")
	task := "<Description>" + schedule.Marker + "</Description>"
	passing := filepath.FromSlash("/tmp/guestlist.xml")
	create := []string{"write " + passing, "schtasks /Create /TN guestlist /XML " + passing + " /F", "remove " + passing}
	for name, c := range map[string]struct {
		kind            string
		file            string // of the scheduler; "" if there is none
		answer          string // "" if it does not know the job
		install, remove []string
	}{
		"launchd-knows-nothing": {"launchd", "", "", []string{"write " + plist, "launchctl bootstrap gui/501 " + plist}, nil},
		"launchd-has-it": {"launchd", ours, "guestlist = {", nil,
			[]string{"launchctl bootout gui/501/guestlist", "remove " + plist}},
		"launchd-has-an-older-one": {"launchd", older, "guestlist = {",
			[]string{"write " + plist, "launchctl bootout gui/501/guestlist", "launchctl bootstrap gui/501 " + plist},
			[]string{"launchctl bootout gui/501/guestlist", "remove " + plist}},
		"launchd-did-not-load-it":  {"launchd", ours, "", []string{"launchctl bootstrap gui/501 " + plist}, []string{"remove " + plist}},
		"launchd-has-anothers":     {"launchd", "<plist/>", "guestlist = {", []string{"error"}, []string{"error"}},
		"launchd-has-it-elsewhere": {"launchd", "", "guestlist = {", []string{"error"}, nil},
		"no-task":                  {"task-scheduler", "", "", create, nil},
		"a-task":                   {"task-scheduler", "", task, create, []string{"schtasks /Delete /TN guestlist /F"}},
		"a-task-in-utf16": {"task-scheduler", "", strings.Join(strings.Split(task, ""), "\x00"), create,
			[]string{"schtasks /Delete /TN guestlist /F"}},
		"anothers-task": {"task-scheduler", "", "<Task/>", []string{"error"}, []string{"error"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := schedule.KindNamed(c.kind)
			found := schedule.Found{Files: map[string][]byte{}, Answer: schedule.Answer{OK: c.answer != "", Output: []byte(c.answer)}}
			if c.file != "" {
				found.Files[plist] = []byte(c.file)
			}
			if diff := cmp.Diff(c.install, steps(kind.Install(job(), machine, found))); diff != "" {
				t.Errorf("install: %s", diff)
			}
			if diff := cmp.Diff(c.remove, steps(kind.Remove(job(), machine, found))); diff != "" {
				t.Errorf("remove: %s", diff)
			}
		})
	}
}

// steps are actions in words.
func steps(actions []schedule.Action, err error) []string {
	if err != nil {
		return []string{"error"}
	}
	var words []string
	for _, action := range actions {
		switch {
		case action.Write != "":
			words = append(words, "write "+action.Write)
		case action.Remove != "":
			words = append(words, "remove "+action.Remove)
		default:
			words = append(words, strings.Join(action.Run, " "))
		}
	}
	return words
}

func job() *schedule.Job {
	job := systemdJobs()["user"]
	return &job
}

func TestWhatNoSchedulerCanHoldIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*schedule.Job){
		"a-relative-program":     func(j *schedule.Job) { j.Program = "guestlist" },
		"a-line-break":           func(j *schedule.Job) { j.Args = []string{"scan", "a\nb"} },
		"an-escape":              func(j *schedule.Job) { j.Program = "/a\x1b[0m" },
		"no-text":                func(j *schedule.Job) { j.Args = []string{"\xff"} },
		"a-directory-with-a-nul": func(j *schedule.Job) { j.Writes = []string{"/a\x00b"} },
		"a-name-with-a-slash":    func(j *schedule.Job) { j.Name = "../guestlist" },
		"a-long-name":            func(j *schedule.Job) { j.Name = strings.Repeat("a", 65) },
		"a-spread-of-a-day":      func(j *schedule.Job) { j.Spread = 24 * 3600e9 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range schedule.Kinds {
				job := job()
				spoil(job)
				if files, err := kind.Files(job); err == nil {
					t.Errorf("%s: %v", kind.Name, files)
				}
			}
		})
	}
}

func TestEverySystemHasAUsualScheduler(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, system := range []string{"linux", "darwin", "windows", "freebsd", "plan9"} {
		got[system] = schedule.UsualKind(system).Name
	}
	want := map[string]string{"linux": "systemd", "darwin": "launchd", "windows": "task-scheduler", "freebsd": "crontab", "plan9": "systemd"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWordsForHowOftenAreReadInBothForms(t *testing.T) {
	t.Parallel()
	for a, b := range map[string]string{"day": "daily", "hour": "hourly", "week": "weekly", "weekday": "weekdays"} {
		if !schedule.IsOften(a) || !schedule.IsOften(b) || fmt.Sprint(whenOf(t, a, "")) != fmt.Sprint(whenOf(t, b, "")) {
			t.Errorf("%s is not %s", a, b)
		}
	}
	if schedule.IsOften("") || schedule.IsOften("month") {
		t.Error("a word that is none is taken")
	}
}

package schedule_test

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"
	"howett.net/plist"

	"guestlist/cmd/internal/schedule"
	"guestlist/scanner/testkit"
)

// words are arguments that some format could read as something else.
var words = []string{
	"scan", "--quiet", "a b", "", "it's", `say "yes"`, `back\slash`, `end\`, `\\"`, "50%", "%h", "%%", "$HOME", "${HOME}", "$$",
	"`id`", "$(id)", ";", "a;b", "&", "<b>&amp;</b>", "]]>", "#", "~", "*", "\u2028", "überall", "日本", "!", "'%'", "-", "=", "@x", "+", "a=b",
}

func TestEveryFormatHoldsTheArgumentsAsTheyAre(t *testing.T) {
	t.Parallel()
	for name, read := range map[string]func(*testing.T, string) []string{
		"systemd": systemdArguments, "launchd": launchdArguments, "crontab": shellArguments,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := systemdJobs()["user"]
			job.Program, job.Args = program(t, t.TempDir(), "a 1% $x/guestlist"), words
			got := read(t, filesOf(t, name, &job)[0].Text)
			if diff := cmp.Diff(append([]string{job.Program}, words...), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// systemdArguments reads ExecStart= as systemd.syntax(7) and systemd.service(5) say.
func systemdArguments(t *testing.T, unit string) []string {
	var list []string
	line := valueOf(t, unit, "ExecStart")
	quoted, word, started := false, strings.Builder{}, false
	for n := 0; n < len(line); n++ {
		switch c := line[n]; {
		case c == '"':
			quoted, started = !quoted, true
		case c == '\\':
			n++
			if line[n] != '"' && line[n] != '\\' {
				t.Errorf("an escape that was not needed: \\%c", line[n])
			}
			word.WriteByte(line[n])
		case c == ' ' && !quoted:
			list, started = append(list, word.String()), false
			word.Reset()
		case c == '%':
			n++
			if line[n] != '%' {
				t.Errorf("a specifier: %%%c", line[n])
			}
			word.WriteByte('%')
		case c == '$' && len(list) > 0:
			n++
			if line[n] != '$' {
				t.Errorf("a variable: $%c", line[n])
			}
			word.WriteByte('$')
		case strings.ContainsRune("';#*`&<>~", rune(c)) && !quoted:
			t.Errorf("%q is not quoted in %s", c, line)
		default:
			word.WriteByte(c)
			started = true
		}
	}
	if started || quoted {
		list = append(list, word.String())
	}
	return list
}

// agent is what launchd reads, by another reader of property lists than the one that wrote it.
type agent struct {
	Label                              string
	ProgramArguments                   []string
	StartCalendarInterval              []map[string]int
	ProcessType                        string
	Umask                              int
	EnvironmentVariables               map[string]string
	StandardOutPath, StandardErrorPath string
}

func readAgent(t *testing.T, text string) agent {
	t.Helper()
	var got agent
	if format, err := plist.Unmarshal([]byte(text), &got); err != nil || format != plist.XMLFormat {
		t.Fatalf("format %d: %v\n%s", format, err, text)
	}
	var all map[string]any
	if _, err := plist.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	for key := range all {
		if !strings.Contains(fmt.Sprintf("%+v", got), key+":") {
			t.Errorf("launchd's %s is not read back", key)
		}
	}
	return got
}

func launchdArguments(t *testing.T, text string) []string { return readAgent(t, text).ProgramArguments }

func TestAPropertyListHoldsAllThatLaunchdNeeds(t *testing.T) {
	t.Parallel()
	job := systemdJobs()["system-homes"]
	job.Spread, job.Log = 0, "/Library/Logs/<guest>.log"
	got := readAgent(t, filesOf(t, "launchd", &job)[0].Text)
	want := agent{Label: "guestlist", ProgramArguments: []string{"/usr/bin/guestlist", "scan", "--all-users", "--quiet"},
		StartCalendarInterval: []map[string]int{{"Weekday": 1, "Hour": 5, "Minute": 0}, {"Weekday": 4, "Hour": 5, "Minute": 0}},
		ProcessType:           "Background", Umask: 0o077, EnvironmentVariables: map[string]string{"HOME": "/var/root"},
		StandardOutPath: job.Log, StandardErrorPath: job.Log}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for every, want := range map[string][]map[string]int{
		"hour": {{"Minute": 30}}, "day": {{"Hour": 6, "Minute": 30}}, "sunday": {{"Weekday": 0, "Hour": 6, "Minute": 30}},
	} {
		job.When = whenOf(t, every, "")
		if diff := cmp.Diff(want, readAgent(t, filesOf(t, "launchd", &job)[0].Text).StartCalendarInterval); diff != "" {
			t.Errorf("%s: %s", every, diff)
		}
	}
}

// shellArguments runs the command of a crontab's line with the shell. A percent sign is read
// differently by different versions of cron, so there must be none.
func shellArguments(t *testing.T, text string) []string {
	if runtime.GOOS == "windows" {
		t.Skip("no shell of its own")
	}
	_, command := cronLine(t, text)
	if strings.ContainsAny(command, "%") {
		t.Errorf("cron reads the percent sign of: %s", command)
	}
	first := strings.Fields(command)[0]
	path, err := exec.Command("/bin/sh", "-c", "set -- "+command+`; printf '%s' "$1"`).Output()
	if err != nil {
		t.Fatalf("%s: %v", first, err)
	}
	testkit.WriteFile(t, string(path), "#!/bin/sh\nprintf '%s\\0' \"$0\" \"$@\"\n")
	out, err := exec.Command("/bin/sh", "-c", command).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// cronLine returns the fields and the command of the one line that is no comment.
func cronLine(t *testing.T, text string) (fields, command string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 6)
		if command != "" || len(parts) != 6 {
			t.Fatalf("not one line:\n%s", text)
		}
		fields, command = strings.Join(parts[:5], " "), parts[5]
	}
	return fields, command
}

func TestCronRunsAJobWhenItShould(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) // a Sunday
	for name, c := range map[string]struct {
		every, at string
		want      []string
	}{
		"every-day":     {"day", "", []string{"Mon 2 06:30", "Tue 3 06:30"}},
		"every-hour":    {"hour", ":07", []string{"Sun 1 12:07", "Sun 1 13:07"}},
		"every-week":    {"week", "", []string{"Mon 2 06:30", "Mon 9 06:30"}},
		"every-sunday":  {"sunday", "11:59", []string{"Sun 8 11:59", "Sun 15 11:59"}},
		"every-weekday": {"weekday", "0:00", []string{"Mon 2 00:00", "Tue 3 00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			job := systemdJobs()["user"]
			job.When, job.Spread = whenOf(t, c.every, c.at), 0
			fields, _ := cronLine(t, filesOf(t, "crontab", &job)[0].Text)
			parsed, err := cron.ParseStandard(fields)
			if err != nil {
				t.Fatalf("%q: %v", fields, err)
			}
			at := noon
			for _, want := range c.want {
				if at = parsed.Next(at); at.Format("Mon 2 15:04") != want {
					t.Errorf("%q runs at %s, want %s", fields, at, want)
				}
			}
		})
	}
}

// Machines with the same schedule do not all begin at once, and one machine does not change its mind.
func TestATimeIsMovedByTheMachinesOwnPartOfTheSpread(t *testing.T) {
	t.Parallel()
	minutes := map[string]bool{}
	job := systemdJobs()["user"]
	job.When, job.Spread = whenOf(t, "monday", "23:50"), 30*time.Minute
	for n := range 100 {
		job.Seed = fmt.Sprintf("laptop-%02d/finance", n)
		fields, _ := cronLine(t, filesOf(t, "crontab", &job)[0].Text)
		if again, _ := cronLine(t, filesOf(t, "crontab", &job)[0].Text); again != fields {
			t.Errorf("%q, then %q", fields, again)
		}
		minutes[fields] = true
		parsed, err := cron.ParseStandard(fields)
		if err != nil {
			t.Fatal(err)
		}
		monday := time.Date(2026, time.March, 2, 23, 50, 0, 0, time.UTC)
		if next := parsed.Next(monday.Add(-time.Minute)); next.Before(monday) || next.After(monday.Add(job.Spread)) {
			t.Errorf("%q runs at %s", fields, next)
		}
	}
	if len(minutes) < 20 {
		t.Errorf("100 machines begin at only %d different times", len(minutes))
	}
}

func TestACommandThatCronWouldCutOffIsRefused(t *testing.T) {
	t.Parallel()
	job := systemdJobs()["user"]
	job.Args = []string{"scan", "--save", "/" + strings.Repeat("x", 1000)}
	if files, err := schedule.KindNamed("crontab").Files(&job); err == nil {
		t.Errorf("written: %v", files)
	}
}

// What Microsoft's "Task Scheduler Schema" says of the elements that are used: the children of a
// sequence in their order, and the others in any. Children that are not used are left out.
var taskSchema = map[string]struct {
	sequence bool
	children []string
}{
	"Task":             {false, []string{"RegistrationInfo", "Triggers", "Settings", "Principals", "Actions"}},
	"RegistrationInfo": {false, []string{"Description"}},
	"Triggers":         {false, []string{"CalendarTrigger"}},
	"CalendarTrigger": {true, []string{"Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit",
		"RandomDelay", "ScheduleByDay", "ScheduleByWeek"}},
	"Repetition":     {false, []string{"Interval", "Duration", "StopAtDurationEnd"}},
	"ScheduleByDay":  {true, []string{"DaysInterval"}},
	"ScheduleByWeek": {false, []string{"WeeksInterval", "DaysOfWeek"}},
	"DaysOfWeek":     {false, []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}},
	"Principals":     {true, []string{"Principal"}},
	"Principal":      {false, []string{"UserId", "LogonType", "GroupId", "DisplayName", "RunLevel"}},
	"Settings": {false, []string{"MultipleInstancesPolicy", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries",
		"StartWhenAvailable", "ExecutionTimeLimit", "Priority"}},
	"Actions": {false, []string{"Exec"}},
	"Exec":    {false, []string{"Command", "Arguments", "WorkingDirectory"}},
}

// taskValues are the forms of the values of elements.
var taskValues = map[string]*regexp.Regexp{
	"StartBoundary":              regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`),
	"Interval":                   isoDuration,
	"Duration":                   isoDuration,
	"RandomDelay":                isoDuration,
	"ExecutionTimeLimit":         isoDuration,
	"DaysInterval":               regexp.MustCompile(`^[1-9]\d*$`),
	"WeeksInterval":              regexp.MustCompile(`^[1-9]\d*$`),
	"UserId":                     regexp.MustCompile(`^S-1-\d+(-\d+)+$`),
	"LogonType":                  regexp.MustCompile(`^(S4U|Password|InteractiveToken|InteractiveTokenOrPassword)$`),
	"RunLevel":                   regexp.MustCompile(`^(LeastPrivilege|HighestAvailable)$`),
	"MultipleInstancesPolicy":    regexp.MustCompile(`^(Parallel|Queue|IgnoreNew|StopExisting)$`),
	"DisallowStartIfOnBatteries": regexp.MustCompile(`^(true|false)$`),
	"StopIfGoingOnBatteries":     regexp.MustCompile(`^(true|false)$`),
	"StartWhenAvailable":         regexp.MustCompile(`^(true|false)$`),
	"Priority":                   regexp.MustCompile(`^(10|\d)$`),
}

var isoDuration = regexp.MustCompile(`^P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$`)

// element is any element.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

// checkTask compares an element with the schema.
func (e *element) checkTask(t *testing.T) {
	name := e.XMLName.Local
	if e.XMLName.Space != "http://schemas.microsoft.com/windows/2004/02/mit/task" {
		t.Errorf("%s is in %q", name, e.XMLName.Space)
	}
	rule, last := taskSchema[name], -1
	for _, child := range e.Children {
		place := slices.Index(rule.children, child.XMLName.Local)
		if place < 0 || rule.sequence && place < last {
			t.Errorf("%s in %s is not at its place", child.XMLName.Local, name)
		}
		last = place
		child.checkTask(t)
	}
	if form := taskValues[name]; form != nil && !form.MatchString(e.Text) {
		t.Errorf("%s is %q", name, e.Text)
	}
}

// find returns the text of the only element at a path.
func (e *element) find(t *testing.T, path ...string) string {
	t.Helper()
	for _, name := range path {
		n := slices.IndexFunc(e.Children, func(child element) bool { return child.XMLName.Local == name })
		if n < 0 {
			t.Fatalf("no %s", name)
		}
		e = &e.Children[n]
	}
	return e.Text
}

func readTask(t *testing.T, file schedule.File) *element {
	t.Helper()
	var task element
	if err := xml.Unmarshal([]byte(file.Text), &task); err != nil || task.XMLName.Local != "Task" {
		t.Fatalf("%v:\n%s", err, file.Text)
	}
	task.checkTask(t)
	return &task
}

func TestATaskIsAsMicrosoftsSchemaWantsIt(t *testing.T) {
	t.Parallel()
	for name, job := range systemdJobs() {
		for _, every := range []string{"hour", "day", "weekday", "sunday"} {
			t.Run(name+"-every-"+every, func(t *testing.T) {
				t.Parallel()
				job := job
				job.When, job.UserID = whenOf(t, every, ""), "S-1-5-21-1-2-3-1001"
				job.Program = `C:\Program Files\guestlist\guestlist.exe`
				file := filesOf(t, "task-scheduler", &job)[0]
				task := readTask(t, file)
				if got := task.find(t, "Actions", "Exec", "Command"); got != job.Program {
					t.Errorf("program %q", got)
				}
				if strings.ContainsFunc(file.Text, func(r rune) bool { return r > '~' }) {
					t.Error("the text depends on its encoding")
				}
			})
		}
	}
	job := systemdJobs()["user"]
	job.Program, job.Args = `C:\Büro\guestlist.exe`, []string{"scan", "--save", `C:\my files\`, "<&>"}
	file := filesOf(t, "task-scheduler", &job)[0]
	task := readTask(t, file)
	if got, want := task.find(t, "Actions", "Exec", "Arguments"), `scan --save "C:\my files\\" <&>`; got != want {
		t.Errorf("arguments %s, want %s", got, want)
	}
	if got := task.find(t, "Actions", "Exec", "Command"); got != job.Program {
		t.Errorf("program %q", got)
	}
	testkit.Golden(t, filepath.Join("testdata", "user.xml"), file.Text)
	if got := fromUTF16(t, file.Bytes()); got != file.Text {
		t.Errorf("the file holds %q", got)
	}
}

// The rules are those of "Parsing C++ command-line arguments" in Microsoft's documentation, read
// backwards.
func TestArgumentsAreQuotedAsWindowsProgramsSplitThem(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]string{
		"scan": `scan`, "": `""`, "a b": `"a b"`, `C:\x\y`: `C:\x\y`, `C:\a b`: `"C:\a b"`, `C:\a b\`: `"C:\a b\\"`,
		`a"b`: `"a\"b"`, `a\"b`: `"a\\\"b"`, `a\\b c`: `"a\\b c"`, `"`: `"\""`, `\`: `\`, "a\\\\\" ": `"a\\\\\" "`,
	} {
		job := systemdJobs()["user"]
		job.Args = []string{"x", argument}
		got := readTask(t, filesOf(t, "task-scheduler", &job)[0]).find(t, "Actions", "Exec", "Arguments")
		if got != "x "+want {
			t.Errorf("%s becomes %s, want %s", argument, got, "x "+want)
		}
	}
}

func TestWhatTaskSchedulerWouldReplaceIsRefused(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{"%TEMP%", "a%b c%d", "$(Arg0)"} {
		job := systemdJobs()["user"]
		job.Args = []string{argument}
		if _, err := schedule.KindNamed("task-scheduler").Files(&job); err == nil {
			t.Errorf("%s was written", argument)
		}
	}
	job := systemdJobs()["user"]
	job.Args = []string{"100%", "$x"}
	filesOf(t, "task-scheduler", &job)
}

func fromUTF16(t *testing.T, content []byte) string {
	t.Helper()
	if !bytes.HasPrefix(content, []byte{0xFF, 0xFE}) || len(content)%2 != 0 {
		t.Fatalf("not UTF-16: % x", content[:4])
	}
	var units []uint16
	for n := 2; n < len(content); n += 2 {
		units = append(units, binary.LittleEndian.Uint16(content[n:]))
	}
	return string(utf16.Decode(units))
}

func whenOf(t *testing.T, every, at string) schedule.When {
	t.Helper()
	when, err := schedule.ParseWhen(every, at)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

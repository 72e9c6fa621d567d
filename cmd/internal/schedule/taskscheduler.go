package schedule

import (
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// taskNamespace and taskVersion are of the schema of Windows 7 and later.
const (
	taskNamespace = "http://schemas.microsoft.com/windows/2004/02/mit/task"
	taskVersion   = "1.2"
)

// The accounts of a task of the system, by their well-known security identifiers: one reads every
// home, the other has no more rights than any user.
const (
	localSystem  = "S-1-5-18"
	localService = "S-1-5-19"
)

// taskStart is the day from which a task runs: any in the past. 2024 began on a Monday.
var taskStart = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

// task is a task as Microsoft's Task Scheduler Schema defines it. Where the schema has a sequence,
// the fields are in its order.
type task struct {
	XMLName     xml.Name      `xml:"Task"`
	Namespace   string        `xml:"xmlns,attr"`
	Version     string        `xml:"version,attr"`
	Description string        `xml:"RegistrationInfo>Description"`
	Trigger     taskTrigger   `xml:"Triggers>CalendarTrigger"`
	Principal   taskPrincipal `xml:"Principals>Principal"`
	Settings    taskSettings  `xml:"Settings"`
	Actions     taskActions   `xml:"Actions"`
}

type taskTrigger struct {
	Start       string          `xml:"StartBoundary"`
	Repetition  *taskRepetition `xml:"Repetition"`
	RandomDelay string          `xml:"RandomDelay,omitempty"`
	ByDay       *taskByDay      `xml:"ScheduleByDay"`
	ByWeek      *taskByWeek     `xml:"ScheduleByWeek"`
}

type taskRepetition struct {
	Interval string `xml:"Interval"`
	Duration string `xml:"Duration"`
}

type taskByDay struct {
	Interval int `xml:"DaysInterval"`
}

type taskByWeek struct {
	Interval int      `xml:"WeeksInterval"`
	Days     taskDays `xml:"DaysOfWeek"`
}

// taskDays are empty elements, named for days.
type taskDays []time.Weekday

// MarshalXML implements [xml.Marshaler].
func (d taskDays) MarshalXML(encoder *xml.Encoder, start xml.StartElement) error {
	if err := encoder.EncodeToken(start); err != nil {
		return err
	}
	for _, day := range d {
		empty := xml.StartElement{Name: xml.Name{Local: day.String()}}
		if err := errors.Join(encoder.EncodeToken(empty), encoder.EncodeToken(empty.End())); err != nil {
			return err
		}
	}
	return encoder.EncodeToken(start.End())
}

type taskPrincipal struct {
	ID        string `xml:"id,attr"`
	UserID    string `xml:"UserId,omitempty"`
	LogonType string `xml:"LogonType,omitempty"`
	RunLevel  string `xml:"RunLevel,omitempty"`
}

type taskSettings struct {
	Instances      string `xml:"MultipleInstancesPolicy"`
	NotOnBatteries bool   `xml:"DisallowStartIfOnBatteries"`
	StopOnBattery  bool   `xml:"StopIfGoingOnBatteries"`
	CatchUp        bool   `xml:"StartWhenAvailable"`
	TimeLimit      string `xml:"ExecutionTimeLimit,omitempty"`
	Priority       int    `xml:"Priority"`
}

type taskActions struct {
	Context   string `xml:"Context,attr"`
	Command   string `xml:"Exec>Command"`
	Arguments string `xml:"Exec>Arguments,omitempty"`
}

// backgroundPriority is the priority of tasks that nobody waits for.
const backgroundPriority = 7

// taskScheduler writes a task for "schtasks /Create /XML". Like Task Scheduler's own exports the
// file is in UTF-16; its text is plain ASCII.
func taskScheduler(j *Job) ([]File, error) {
	arguments := composeWindows(j.Args)
	if err := literalInTask(j.Program, arguments); err != nil {
		return nil, err
	}
	principal := taskPrincipal{ID: "Author", UserID: j.UserID, LogonType: "InteractiveToken", RunLevel: "LeastPrivilege"}
	if j.System {
		principal = taskPrincipal{ID: "Author", UserID: localService}
		if j.Homes {
			principal.UserID = localSystem
		}
	}
	text, err := xml.MarshalIndent(task{
		Namespace: taskNamespace, Version: taskVersion, Description: markerText, Trigger: j.trigger(), Principal: principal,
		Settings: taskSettings{Instances: "IgnoreNew", CatchUp: true, TimeLimit: isoDuration(j.Limit),
			Priority: backgroundPriority},
		Actions: taskActions{Context: principal.ID, Command: j.Program, Arguments: arguments},
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	return []File{{Name: j.Name + ".xml", Text: "<?xml version=\"1.0\"?>\n" + asciiXML(string(text)) + "\n", wide: true}}, nil
}

// trigger is when the task runs.
func (j *Job) trigger() taskTrigger {
	at := taskStart.Add(time.Duration(j.When.Hour)*time.Hour + time.Duration(j.When.Minute)*time.Minute)
	trigger := taskTrigger{Start: at.Format("2006-01-02T15:04:05"), RandomDelay: isoDuration(j.Spread)}
	switch {
	case j.When.Hourly:
		trigger.Repetition = &taskRepetition{Interval: "PT1H", Duration: "P1D"}
		trigger.ByDay = &taskByDay{1}
	case len(j.When.Days) == 0:
		trigger.ByDay = &taskByDay{1}
	default:
		trigger.ByWeek = &taskByWeek{1, j.When.Days}
	}
	return trigger
}

// isoDuration is a length of time as ISO 8601 writes it; "" for none.
func isoDuration(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	text := "PT"
	for _, unit := range []struct {
		length time.Duration
		letter string
	}{{time.Hour, "H"}, {time.Minute, "M"}, {time.Second, "S"}} {
		if n := d / unit.length; n > 0 {
			text += fmt.Sprint(int64(n)) + unit.letter
			d %= unit.length
		}
	}
	if text == "PT" {
		return "PT1S"
	}
	return text
}

// replacedInTask is what Task Scheduler replaces: an environment variable, and an argument of the
// task. It has no way to write either literally.
var replacedInTask = regexp.MustCompile(`%[^%]+%|\$\(`)

func literalInTask(texts ...string) error {
	for _, text := range texts {
		if found := replacedInTask.FindString(text); found != "" {
			return fmt.Errorf("%q in %q is something that Task Scheduler replaces, and cannot be kept from it",
				inventory.Untrusted(found), inventory.Untrusted(text))
		}
	}
	if strings.Contains(texts[0], `"`) {
		return errors.New("the path of a program holds no quotes on Windows")
	}
	return nil
}

// composeWindows is a list of arguments as Windows programs split it again: backslashes are literal,
// unless quotes follow.
func composeWindows(args []string) string {
	var words []string
	for _, word := range args {
		if word != "" && !strings.ContainsAny(word, " \t\"") {
			words = append(words, word)
			continue
		}
		var quoted strings.Builder
		backslashes := 0
		for n := range len(word) {
			switch word[n] {
			case '\\':
				backslashes++
			case '"':
				quoted.WriteString(strings.Repeat(`\`, backslashes+1))
				backslashes = 0
			default:
				backslashes = 0
			}
			quoted.WriteByte(word[n])
		}
		words = append(words, `"`+quoted.String()+strings.Repeat(`\`, backslashes)+`"`)
	}
	return strings.Join(words, " ")
}

// asciiXML writes every other character as a reference, so that the text is the same in each
// encoding that Windows may take it for.
func asciiXML(text string) string {
	var ascii strings.Builder
	for _, r := range text {
		if r < 0x80 {
			ascii.WriteRune(r)
		} else {
			fmt.Fprintf(&ascii, "&#x%X;", r)
		}
	}
	return ascii.String()
}

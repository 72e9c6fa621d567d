package schedule

import (
	"path/filepath"
	"slices"
)

// Kind is a scheduler: how its files are written, where they belong, and what it has to be told.
type Kind struct {
	Name, About string
	// Systems are the operating systems that have it, as Go names them; Usual are those where it is
	// what people use.
	Systems, Usual []string

	files func(*Job) ([]File, error)
	// dir is where the files belong; "" if the scheduler keeps a copy of them itself.
	dir func(*Job, Machine) string
	// ask is the command that says what the scheduler has of the job; may be nil.
	ask func(*Job, Machine) []string
	// install and remove return what is to be done, after and before the files are written.
	install, remove func(*change) ([]Action, error)
}

// Kinds lists all schedulers.
var Kinds = []*Kind{
	{
		Name: "systemd", About: "a service and a timer, for Linux", Systems: []string{"linux"}, Usual: []string{"linux"},
		files: systemd, dir: systemdDir, install: startTimer, remove: stopTimer,
	}, {
		Name: "launchd", About: "a property list, for macOS", Systems: []string{"darwin"}, Usual: []string{"darwin"},
		files: launchd, dir: launchdDir, ask: askLaunchd, install: loadAgent, remove: unloadAgent,
	}, {
		Name: "task-scheduler", About: "a task, for Windows", Systems: []string{"windows"}, Usual: []string{"windows"},
		files: taskScheduler, dir: nowhere, ask: askTask, install: createTask, remove: deleteTask,
	}, {
		Name: "crontab", About: "a line for cron, for every Unix",
		Systems: []string{"linux", "darwin", "freebsd", "openbsd", "netbsd", "dragonfly"},
		Usual:   []string{"freebsd", "openbsd", "netbsd", "dragonfly"},
		files:   crontab, dir: cronDir, ask: askCrontab, install: addLines, remove: removeLines,
	},
}

// KindNamed returns the scheduler of a name, or nil.
func KindNamed(name string) *Kind {
	for _, kind := range Kinds {
		if kind.Name == name {
			return kind
		}
	}
	return nil
}

// UsualKind returns the scheduler that an operating system comes with.
func UsualKind(os string) *Kind {
	for _, kind := range Kinds {
		if slices.Contains(kind.Usual, os) {
			return kind
		}
	}
	return Kinds[0]
}

// Files returns the job in the format of the scheduler.
func (k *Kind) Files(j *Job) ([]File, error) {
	if err := j.check(); err != nil {
		return nil, err
	}
	return k.files(j)
}

// Machine is where a job is installed.
type Machine struct {
	Root       string // where absolute paths begin
	Home       string
	ConfigHome string // the directory of a person's configuration
	UserID     string // the number of a person's account
	Temp       string // a directory for files that a command reads
}

func systemdDir(j *Job, m Machine) string {
	if j.System {
		return filepath.Join(m.Root, "etc", "systemd", "system")
	}
	return filepath.Join(m.ConfigHome, "systemd", "user")
}

func launchdDir(j *Job, m Machine) string {
	if j.System {
		return filepath.Join(m.Root, "Library", "LaunchDaemons")
	}
	return filepath.Join(m.Home, "Library", "LaunchAgents")
}

// cronDir is where a job of the system has a file of its own. A person's crontab is edited.
func cronDir(j *Job, m Machine) string {
	if j.System {
		return filepath.Join(m.Root, "etc", "cron.d")
	}
	return ""
}

func nowhere(*Job, Machine) string { return "" }

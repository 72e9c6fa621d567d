package schedule

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"guestlist/scanner/inventory"
)

// Found is what a machine has of a job before it is installed or removed.
type Found struct {
	Files  map[string][]byte // by path: see [Kind.Looks]
	Answer Answer            // to the command of [Kind.Looks]
}

// Answer is how a command ended, and what it wrote.
type Answer struct {
	OK                bool
	Output, Complaint []byte
}

// Action is a step of installing or removing a job: exactly one of Write, Remove and Run is set.
type Action struct {
	Write   string // the path of a file
	Content []byte
	Remove  string // the path of a file
	Run     []string
	Input   []byte // of the command
	// MayFail is set for a command whose failure only means that there was nothing to do.
	MayFail bool
	// Passing is set for files that are there only while the other steps are done.
	Passing bool
}

// change is a job that is being installed or removed.
type change struct {
	job     *Job
	machine Machine
	found   Found
	files   []File
	paths   []string // of the files; nil if the scheduler keeps them
	changed bool     // at least one of the files was there with another content
}

// Looks says what has to be found out before a job is installed or removed: which files to read, and
// which command to run, if any.
func (k *Kind) Looks(j *Job, m Machine) (paths, command []string, err error) {
	files, err := k.Files(j)
	if err != nil {
		return nil, nil, err
	}
	if k.ask != nil {
		command = k.ask(j, m)
	}
	return k.paths(files, j, m), command, nil
}

func (k *Kind) paths(files []File, j *Job, m Machine) []string {
	dir := k.dir(j, m)
	if dir == "" {
		return nil
	}
	var paths []string
	for _, file := range files {
		paths = append(paths, filepath.Join(dir, file.Name))
	}
	return paths
}

// Install returns the steps that install a job. They can be taken again at any time.
func (k *Kind) Install(j *Job, m Machine, found Found) ([]Action, error) {
	c, err := k.change(j, m, found)
	if err != nil {
		return nil, err
	}
	var actions []Action
	for n, path := range c.paths {
		content := c.files[n].Bytes()
		if before, exists := found.Files[path]; !exists || !bytes.Equal(before, content) {
			actions, c.changed = append(actions, Action{Write: path, Content: content}), c.changed || exists
		}
	}
	more, err := k.install(c)
	return append(actions, more...), err
}

// Remove returns the steps that remove a job; none if there is nothing of it.
func (k *Kind) Remove(j *Job, m Machine, found Found) ([]Action, error) {
	c, err := k.change(j, m, found)
	if err != nil {
		return nil, err
	}
	if len(c.paths) > 0 && len(found.Files) == 0 {
		return nil, nil
	}
	return k.remove(c)
}

// change refuses to touch files that a person wrote.
func (k *Kind) change(j *Job, m Machine, found Found) (*change, error) {
	files, err := k.Files(j)
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(found.Files)) {
		if !IsOurs(found.Files[path]) {
			return nil, fmt.Errorf("%q was not written by guestlist schedule, and is left alone", inventory.Untrusted(path))
		}
	}
	return &change{job: j, machine: m, found: found, files: files, paths: k.paths(files, j, m)}, nil
}

// removals are the steps that remove the files that are there.
func (c *change) removals() []Action {
	var actions []Action
	for _, path := range c.paths {
		if _, exists := c.found.Files[path]; exists {
			actions = append(actions, Action{Remove: path})
		}
	}
	return actions
}

func (c *change) systemctl(args ...string) Action {
	command := []string{"systemctl"}
	if !c.job.System {
		command = append(command, "--user")
	}
	return Action{Run: append(command, args...)}
}

// startTimer lets systemd read the units and starts the timer. One that runs with another time is
// started anew.
func startTimer(c *change) ([]Action, error) {
	timer := c.job.Name + ".timer"
	actions := []Action{c.systemctl("daemon-reload"), c.systemctl("enable", "--now", timer)}
	if c.changed {
		actions = append(actions, c.systemctl("restart", timer))
	}
	return actions, nil
}

// stopTimer also removes what systemd remembers of the timer, and of how the last run ended.
func stopTimer(c *change) ([]Action, error) {
	timer := c.job.Name + ".timer"
	forget, reset := c.systemctl("clean", "--what=state", timer), c.systemctl("reset-failed", c.job.Name+".service")
	forget.MayFail, reset.MayFail = true, true
	actions := append([]Action{c.systemctl("disable", "--now", timer), forget}, c.removals()...)
	return append(actions, c.systemctl("daemon-reload"), reset), nil
}

// domain is where launchd keeps a job: the system, or the session of a person.
func (j *Job) domain(m Machine) string {
	if j.System {
		return "system"
	}
	return "gui/" + m.UserID
}

func askLaunchd(j *Job, m Machine) []string {
	return []string{"launchctl", "print", j.domain(m) + "/" + j.Name}
}

func loadAgent(c *change) ([]Action, error) {
	var actions []Action
	switch loaded := c.found.Answer.OK; {
	case loaded && len(c.found.Files) == 0:
		return nil, fmt.Errorf("launchd has another job called %q, which is left alone", c.job.Name)
	case loaded && !c.changed:
		return nil, nil
	case loaded:
		actions = append(actions, c.bootout())
	}
	return append(actions, Action{Run: []string{"launchctl", "bootstrap", c.job.domain(c.machine), c.paths[0]}}), nil
}

func unloadAgent(c *change) ([]Action, error) {
	var actions []Action
	if c.found.Answer.OK {
		actions = append(actions, c.bootout())
	}
	return append(actions, c.removals()...), nil
}

func (c *change) bootout() Action {
	return Action{Run: []string{"launchctl", "bootout", c.job.domain(c.machine) + "/" + c.job.Name}}
}

func askTask(j *Job, _ Machine) []string {
	return []string{"schtasks", "/Query", "/TN", j.Name, "/XML"}
}

// createTask replaces a task of guestlist's. schtasks reads it from a file.
func createTask(c *change) ([]Action, error) {
	if err := c.taskIsOurs(); err != nil {
		return nil, err
	}
	path := filepath.Join(c.machine.Temp, c.files[0].Name)
	return []Action{
		{Write: path, Content: c.files[0].Bytes(), Passing: true},
		{Run: []string{"schtasks", "/Create", "/TN", c.job.Name, "/XML", path, "/F"}},
		{Remove: path, Passing: true},
	}, nil
}

func deleteTask(c *change) ([]Action, error) {
	if !c.found.Answer.OK {
		return nil, nil
	}
	if err := c.taskIsOurs(); err != nil {
		return nil, err
	}
	return []Action{{Run: []string{"schtasks", "/Delete", "/TN", c.job.Name, "/F"}}}, nil
}

func (c *change) taskIsOurs() error {
	if c.found.Answer.OK && !IsOurs(c.found.Answer.Output) {
		return fmt.Errorf("the task %q was not written by guestlist schedule, and is left alone", c.job.Name)
	}
	return nil
}

// askCrontab asks for a person's crontab. A job of the system has a file of its own.
func askCrontab(j *Job, _ Machine) []string {
	if j.System {
		return nil
	}
	return []string{"crontab", "-l"}
}

func addLines(c *change) ([]Action, error) {
	if c.job.System {
		return nil, nil // cron looks for new files by itself
	}
	return c.editLines(c.files[0].Text)
}

func removeLines(c *change) ([]Action, error) {
	if c.job.System {
		return c.removals(), nil
	}
	return c.editLines("")
}

// editLines replaces the lines of the job in the crontab. A crontab that would be empty is removed.
func (c *change) editLines(lines string) ([]Action, error) {
	old, err := crontabOf(c.found.Answer)
	if err != nil {
		return nil, err
	}
	edited, err := editCrontab(old, c.job.Name, lines)
	switch {
	case err != nil || bytes.Equal(old, edited):
		return nil, err
	case len(edited) == 0:
		return []Action{{Run: []string{"crontab", "-r"}}}, nil
	}
	return []Action{{Run: []string{"crontab", "-"}, Input: edited}}, nil
}

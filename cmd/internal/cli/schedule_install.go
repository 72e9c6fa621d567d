package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/cmd/internal/schedule"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

const (
	// schedulerTime is how long a scheduler's own command may take.
	schedulerTime = time.Minute
	// maxScheduleBytes bounds what is read of a file that a schedule would replace.
	maxScheduleBytes = 1 << 20
)

// changeSchedule installs or removes a schedule, and says each step. What is there already is looked
// at before anything is changed.
func (env *Env) changeSchedule(ctx context.Context, o *scheduleOptions, kind *schedule.Kind, job *schedule.Job) error {
	if !slices.Contains(kind.Systems, env.OS) {
		return usageError(fmt.Errorf("%s is no scheduler of this system", kind.Name), "without --install it is printed")
	}
	machine, err := env.machine(job)
	if err != nil {
		return err
	}
	found, err := env.findSchedule(ctx, kind, job, machine)
	if err != nil {
		return err
	}
	plan := kind.Install
	if o.remove {
		plan = kind.Remove
	}
	actions, err := plan(job, machine, found)
	if err != nil {
		return usageError(err, "--name NAME gives the schedule another name")
	}
	switch {
	case len(actions) > 0:
	case o.remove:
		return env.printf("nothing to do: it is not installed\n")
	default:
		return env.printf("nothing to do: it is installed\n")
	}
	for _, action := range actions {
		if err := env.act(ctx, action, o.dryRun); err != nil {
			return err
		}
	}
	if o.install && !o.dryRun && kind.Name == schedule.Kinds[0].Name && !job.System {
		env.hint("it runs only while you are signed in, unless you say: loginctl enable-linger")
	}
	return nil
}

func (env *Env) machine(job *schedule.Job) (schedule.Machine, error) {
	if !job.System && env.Home == "" && env.OS != "windows" {
		return schedule.Machine{}, usageError(errors.New("there is no home directory, and a person's schedule is kept there"),
			"set HOME, or schedule for the machine with --system")
	}
	config := env.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) {
		config = filepath.Join(env.Home, ".config")
	}
	return schedule.Machine{Root: env.SystemRoot, Home: env.Home, ConfigHome: config, UserID: env.UserID,
		Temp: os.TempDir()}, nil
}

// findSchedule looks at what a machine has of a schedule.
func (env *Env) findSchedule(ctx context.Context, kind *schedule.Kind, job *schedule.Job,
	machine schedule.Machine) (schedule.Found, error) {
	paths, command, err := kind.Looks(job, machine)
	if err != nil {
		return schedule.Found{}, usageError(err)
	}
	found := schedule.Found{Files: map[string][]byte{}}
	for _, path := range paths {
		content, err := readSmall(path)
		switch {
		case err == nil:
			found.Files[path] = content
		case !errors.Is(err, fs.ErrNotExist):
			return schedule.Found{}, runError(fmt.Errorf("reading %q: %w", inventory.Untrusted(path), errors.Unwrap(err)))
		}
	}
	if command != nil {
		found.Answer, err = env.ask(ctx, command, nil)
	}
	return found, err
}

func readSmall(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxScheduleBytes))
}

// ask runs a command of a scheduler in the C locale. It is an error only if it could not be run.
func (env *Env) ask(ctx context.Context, command []string, input []byte) (schedule.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, schedulerTime)
	defer cancel()
	var output, complaint bytes.Buffer
	run := exec.CommandContext(ctx, command[0], command[1:]...)
	run.Env = append(os.Environ(), "LC_ALL=C")
	run.Stdin, run.Stdout, run.Stderr = bytes.NewReader(input), &output, &complaint
	err := run.Run()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) || ctx.Err() != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return schedule.Answer{}, runError(fmt.Errorf("%s is not installed", command[0]), "--kind names another scheduler")
		}
		return schedule.Answer{}, runError(fmt.Errorf("running %s: %w", command[0], cmp.Or(ctx.Err(), err)))
	}
	return schedule.Answer{OK: err == nil, Output: output.Bytes(), Complaint: complaint.Bytes()}, nil
}

// act takes a step and says so.
func (env *Env) act(ctx context.Context, action schedule.Action, dry bool) error {
	if dry {
		return env.sayStep(action, tense{"would write", "would remove", "would run"})
	}
	var err error
	switch {
	case action.Write != "":
		err = writeUnit(action)
	case action.Remove != "":
		err = os.Remove(action.Remove)
	default:
		err = env.command(ctx, action)
	}
	if err != nil {
		return runError(err)
	}
	return env.sayStep(action, tense{"wrote", "removed", "ran"})
}

// tense are the words for what was done, or would be.
type tense struct{ write, remove, run string }

func (env *Env) sayStep(action schedule.Action, words tense) error {
	switch {
	case action.Passing:
		return nil
	case action.Write != "":
		return env.printf("%s %v\n", words.write, inventory.Untrusted(action.Write))
	case action.Remove != "":
		return env.printf("%s %v\n", words.remove, inventory.Untrusted(action.Remove))
	}
	return env.printf("%s %v\n", words.run, inventory.Untrusted(strings.Join(action.Run, " ")))
}

func writeUnit(action schedule.Action) error {
	if err := os.MkdirAll(filepath.Dir(action.Write), 0o755); err != nil {
		return fmt.Errorf("making the directory of %q: %w", inventory.Untrusted(action.Write), errors.Unwrap(err))
	}
	err := atomicfile.WriteFile(action.Write, action.Content, atomicfile.Options{Mode: scheduleMode})
	if err != nil {
		return fmt.Errorf("writing %q: %w", inventory.Untrusted(action.Write), withoutPath(err))
	}
	return nil
}

// command runs a step's command, which must succeed.
func (env *Env) command(ctx context.Context, action schedule.Action) error {
	answer, err := env.ask(ctx, action.Run, action.Input)
	if err != nil || answer.OK || action.MayFail {
		return err
	}
	complaint := bytes.TrimSpace(append(answer.Complaint, answer.Output...))
	return fmt.Errorf("%s failed: %v", strings.Join(action.Run, " "), inventory.Clean(string(complaint), inventory.MaxIDBytes))
}

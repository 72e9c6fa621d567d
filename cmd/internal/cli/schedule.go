package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/schedule"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

// scheduleOptions are the flags and arguments of schedule.
type scheduleOptions struct {
	kind, every, at string
	randomDelay     time.Duration
	system, user    bool
	name, account   string
	program         string
	credentials     []string
	dir             string
	install, remove bool
	dryRun          bool
	command         []string // what is run: a command of guestlist with its arguments
}

const (
	// defaultSpread is how much later than asked a scheduled run may begin.
	defaultSpread = 15 * time.Minute
	// runLimit is when a scheduler ends a run that hangs, if its command has no limit of its own.
	runLimit = 24 * time.Hour
	// limitMargin is how much later than its own limit it ends a run that has one.
	limitMargin = 30 * time.Minute
)

// scheduledCommand is what is run if nothing else is asked for. A Workspace of 100,000 users takes
// less than two hours at Google's pace.
var scheduledCommand = []string{"scan", "--post=any", "--quiet", "--when", "changes", "--timeout", "6h"}

func newSchedule(env *Env) *cobra.Command {
	o := scheduleOptions{name: schedule.DefaultName, randomDelay: defaultSpread}
	cmd := &cobra.Command{
		Use:   "schedule [-- COMMAND [ARGUMENT...]]",
		Short: "Print what makes this machine scan regularly: systemd, launchd, Task Scheduler or cron",
		Long: `schedule prints a schedule for guestlist in the format of this system's scheduler, to be
reviewed. --install puts it in its place and starts it, --remove removes it; both say what they
did, and can be repeated. Files and entries that a person wrote are never touched.

COMMAND is what is run, with its arguments; without one it is "` + strings.Join(scheduledCommand, " ") + `". It is checked now, so
that a mistake does not wait for the night. Paths in it must be absolute.

As root the schedule is for the machine, otherwise for yourself; --system and --user say so.
The service of the system reads no home directories, unless COMMAND has --all-users, --home or
--profile-dir; it then runs as root with the right to read and no other.`,
		Example: `  guestlist schedule
  guestlist schedule --every weekday --at 07:15 --install
  guestlist schedule --remove
  guestlist schedule --system -- scan --all-users --quiet
  guestlist schedule --kind crontab --every hour -- scan --quiet --when changes`,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.setCommand(cmd, args); err != nil {
				return err
			}
			return env.schedule(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.kind, "kind", "", "write for this `SCHEDULER`: "+strings.Join(scheduleKinds().words, ", ")+
		" (default: this system's own)")
	flags.StringVar(&o.every, "every", "day", "run every `PERIOD`: "+strings.Join(periods().words, ", "))
	flags.StringVar(&o.at, "at", "", "run at this local `TIME`: HH:MM, or :MM of every hour (default: "+schedule.DefaultAt+")")
	flags.DurationVar(&o.randomDelay, "random-delay", defaultSpread,
		"begin up to `TIME` later, so that not every machine begins at once; 0 is for never")
	flags.BoolVar(&o.system, "system", false, "schedule for the machine (default for root)")
	flags.BoolVar(&o.user, "user", false, "schedule for yourself (default for everyone else)")
	flags.StringVar(&o.name, "name", o.name, "call the unit, task or entry `NAME`, so that there can be several")
	flags.StringVar(&o.account, "account", "", "run the system's systemd service as `USER` (default: one that exists only during a run)")
	flags.StringArrayVar(&o.credentials, "credential", nil,
		"let the system's systemd service read the secret `NAME=FILE` as $CREDENTIALS_DIRECTORY/NAME (repeatable)")
	flags.StringVar(&o.program, "program", "", "run guestlist at this `PATH` (default: this one's)")
	flags.BoolVar(&o.install, "install", false, "install the schedule on this machine, or replace it")
	flags.BoolVar(&o.remove, "remove", false, "remove the schedule from this machine")
	flags.BoolVar(&o.dryRun, "dry-run", false, "say what --install or --remove would do, and do nothing")
	flags.StringVar(&o.dir, "print-dir", "", "write the files to the directory `DIR` instead of printing them")
	return cmd
}

// setCommand takes what is to be run from behind the dashes.
func (o *scheduleOptions) setCommand(cmd *cobra.Command, args []string) error {
	dash := cmd.ArgsLenAtDash()
	switch {
	case dash > 0 || dash < 0 && len(args) > 0:
		return usageError(fmt.Errorf("%q stands before --, and what is to be run comes after it", inventory.Untrusted(args[0])),
			"guestlist schedule -- "+strings.Join(scheduledCommand, " "))
	case len(args) == 0:
		o.command = scheduledCommand
	default:
		o.command = args
	}
	return nil
}

func (env *Env) schedule(ctx context.Context, o scheduleOptions) error {
	kind, job, err := env.scheduledJob(&o)
	if err != nil {
		return err
	}
	if o.install || o.remove {
		return env.changeSchedule(ctx, &o, kind, job)
	}
	files, err := kind.Files(job)
	if err != nil {
		return usageError(err)
	}
	if o.dir != "" {
		return writeSchedule(o.dir, files)
	}
	for n, file := range files {
		if len(files) > 1 {
			if err := env.printf("%s# %s\n", strings.Repeat("\n", min(n, 1)), file.Name); err != nil {
				return err
			}
		}
		if err := env.printf("%s", file.Text); err != nil {
			return err
		}
	}
	return nil
}

func (env *Env) printf(format string, args ...any) error {
	if _, err := fmt.Fprintf(env.Stdout, format, args...); err != nil {
		return runError(fmt.Errorf("writing to stdout: %w", err))
	}
	return nil
}

// scheduleMode is the mode of a scheduler's files, which hold no secret.
const scheduleMode = 0o644

// writeSchedule writes files that are to be packaged.
func writeSchedule(dir string, files []schedule.File) error {
	if err := isDirectory("--print-dir", dir); err != nil {
		return err
	}
	for _, file := range files {
		path := filepath.Join(dir, file.Name)
		if err := atomicfile.WriteFile(path, file.Bytes(), atomicfile.Options{Mode: scheduleMode}); err != nil {
			return runError(fmt.Errorf("writing %q: %w", inventory.Untrusted(path), withoutPath(err)))
		}
	}
	return nil
}

// scheduledJob checks everything and says what is to be run, and by what.
func (env *Env) scheduledJob(o *scheduleOptions) (*schedule.Kind, *schedule.Job, error) {
	kind := schedule.UsualKind(env.OS)
	if o.kind != "" {
		if err := scheduleKinds().check("--kind: ", o.kind); err != nil {
			return nil, nil, err
		}
		kind = schedule.KindNamed(o.kind)
	}
	if !schedule.IsOften(o.every) {
		return nil, nil, periods().check("--every: ", o.every)
	}
	when, err := schedule.ParseWhen(o.every, o.at)
	if err != nil {
		return nil, nil, usageError(fmt.Errorf("--at %w, is %q", err, inventory.Untrusted(o.at)))
	}
	if err := o.contradiction(); err != nil {
		return nil, nil, err
	}
	if err := schedule.CheckName(o.name); err != nil {
		return nil, nil, usageError(fmt.Errorf("--name %w, is %q", err, inventory.Untrusted(o.name)))
	}
	job := &schedule.Job{
		Name: o.name, Program: cmp.Or(o.program, env.Program), Args: o.command, When: when, Spread: o.randomDelay,
		Seed: env.Host + "/" + env.User, System: o.system || env.Root && !o.user, Account: o.account, Limit: runLimit,
	}
	switch {
	case env.OS == "windows" && !job.System:
		job.UserID = env.UserID
	case env.OS == "darwin" && job.System:
		job.Log = "/Library/Logs/" + o.name + ".log"
	case env.OS == "darwin" && env.Home != "":
		job.Log = filepath.Join(env.Home, "Library", "Logs", o.name+".log")
	}
	if job.Credentials, err = parseCredentials(o.credentials); err != nil {
		return nil, nil, err
	}
	return kind, job, env.checkCommand(job)
}

// contradiction refuses flags that exclude each other.
func (o *scheduleOptions) contradiction() error {
	for _, row := range []struct {
		a, b  string
		given bool
	}{
		{"--system", "--user", o.system && o.user},
		{"--install", "--remove", o.install && o.remove},
		{"--print-dir", "--install", o.dir != "" && o.install},
		{"--print-dir", "--remove", o.dir != "" && o.remove},
	} {
		if row.given {
			return usageError(fmt.Errorf("%s and %s exclude each other", row.a, row.b), "leave one of them out")
		}
	}
	if o.dryRun && !o.install && !o.remove {
		return usageError(errors.New("--dry-run is for --install and --remove: nothing else changes anything"), "leave it out")
	}
	return nil
}

// parseCredentials reads NAME=FILE.
func parseCredentials(values []string) ([]schedule.Credential, error) {
	var list []schedule.Credential
	for _, value := range values {
		name, path, _ := strings.Cut(value, "=")
		if schedule.CheckName(name) != nil || !filepath.IsAbs(path) {
			return nil, usageError(fmt.Errorf("--credential: %q is not NAME=FILE with an absolute path", inventory.Untrusted(value)),
				"--credential slack=/etc/guestlist/slack.secret")
		}
		list = append(list, schedule.Credential{Name: name, Path: path})
	}
	return list, nil
}

// checkCommand refuses what guestlist would refuse when it is run, and takes from it what the job
// must be allowed.
func (env *Env) checkCommand(job *schedule.Job) error {
	root := newRoot(env)
	cmd, rest, err := root.Find(job.Args)
	if err == nil && cmd == root {
		err = noneOf(root, job.Args, nil)
	}
	if err != nil {
		return err
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return cmd.FlagErrorFunc()(cmd, err)
	}
	if err := notEmpty(cmd, cmd.Flags().Args()); err != nil {
		return err
	}
	if cmd.Name() == "scan" {
		for _, name := range cmd.Flags().Args() {
			if err := sourceWords().check("", name); err != nil {
				return err
			}
		}
	}
	for _, flag := range pathFlags {
		if cmd.Flags().Lookup(flag.name) == nil {
			continue
		}
		if err := flag.apply(job, valuesOf(cmd, flag.name)); err != nil {
			return err
		}
	}
	if all, err := cmd.Flags().GetBool("all-users"); err == nil && all {
		job.Homes = true
	}
	if flag := cmd.Flags().Lookup("timeout"); flag != nil && flag.Changed {
		if limit, ok := flag.Value.(*timeLimit); ok {
			job.Limit = time.Duration(*limit) + limitMargin
		}
	}
	return nil
}

// pathFlags are the flags of scheduled commands that name files, and what they do with them.
var pathFlags = []pathFlag{
	{name: "output", format: true, writes: true},
	{name: "save", writes: true},
	{name: "allowlist"},
	{name: "config"},
	{name: "baseline"},
	{name: "home", homes: true},
	{name: "profile-dir", homes: true},
}

type pathFlag struct {
	name                  string
	format, writes, homes bool // a format stands before the path; it is written; it is of a person
}

// apply refuses relative paths, whose meaning depends on where a scheduler starts programs, and
// takes note of the others.
func (f pathFlag) apply(job *schedule.Job, values []string) error {
	for _, path := range values {
		if f.format {
			_, path, _ = strings.Cut(path, "=")
		}
		switch {
		case path == "" || path == none || path == "-":
			continue
		case !filepath.IsAbs(path):
			return usageError(fmt.Errorf("--%s %q must be an absolute path: a scheduler starts programs in a directory of its own",
				f.name, inventory.Untrusted(path)))
		case f.homes:
			job.Homes = true
		}
		if dir := filepath.Dir(path); f.writes && !slices.Contains(job.Writes, dir) {
			job.Writes = append(job.Writes, dir)
		}
	}
	return nil
}

// valuesOf returns the values of a flag that were given.
func valuesOf(cmd *cobra.Command, name string) []string {
	if list, err := cmd.Flags().GetStringArray(name); err == nil {
		return list
	}
	if value, err := cmd.Flags().GetString(name); err == nil {
		return []string{value}
	}
	return nil
}

func scheduleKinds() vocabulary {
	v := vocabulary{one: "a scheduler", all: "schedulers", others: map[string]string{
		"cron": "crontab", "plist": "launchd", "timer": "systemd", "windows": "task-scheduler", "schtasks": "task-scheduler",
	}}
	for _, kind := range schedule.Kinds {
		v.words, v.about = append(v.words, kind.Name), append(v.about, kind.About)
	}
	return v
}

func periods() vocabulary {
	v := vocabulary{one: "a period", all: "periods"}
	v.words, v.about = schedule.Often()
	return v
}

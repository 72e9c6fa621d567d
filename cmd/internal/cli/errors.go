package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"guestlist/scanner/report"
)

// failure is an error that knows its exit code and what to do next. The type is private on purpose:
// an error of another package that happens to carry an exit code must not decide ours.
type failure struct {
	code  int
	err   error
	hints []string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// usageError returns an error for wrong usage, configuration or allowlist: nothing was scanned.
func usageError(err error, hints ...string) error {
	return &failure{code: report.ExitUsage, err: err, hints: hints}
}

// runError returns an error for a run without a result to trust.
func runError(err error, hints ...string) error {
	return &failure{code: report.ExitFailed, err: err, hints: hints}
}

// reported ends a command with the report's exit code and nothing more to say.
type reported int

func (r reported) Error() string { return fmt.Sprintf("exit code %d", int(r)) }

// exitCode returns the exit code of the process, and writes the error if there is one.
func (env *Env) exitCode(err error) int {
	var code reported
	var failed *failure
	switch {
	case err == nil:
		return report.ExitClean
	case errors.As(err, &code):
		return int(code)
	case !errors.As(err, &failed):
		failed = &failure{code: report.ExitUsage, err: err, hints: []string{"guestlist --help"}}
	}
	env.say(anError, failed.err.Error(), slog.Int("exit_code", failed.code))
	for _, hint := range failed.hints {
		env.hint("%s", hint)
	}
	return failed.code
}

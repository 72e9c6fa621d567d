package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"guestlist/scanner/report"
)

// pagerVariables name the program that shows what is longer than the screen: its name, and
// arguments that are split at spaces. None is run if neither is set, or if it would only copy.
var pagerVariables = []string{"GUESTLIST_PAGER", "PAGER"}

func (env *Env) pager() []string {
	if env.Getenv("TERM") == "dumb" {
		return nil
	}
	for _, variable := range pagerVariables {
		if words := strings.Fields(env.Getenv(variable)); len(words) > 0 {
			if words[0] == "cat" {
				return nil
			}
			return words
		}
	}
	return nil
}

func addNoPagerFlag(flags *pflag.FlagSet, unwanted *bool) {
	flags.BoolVar(unwanted, "no-pager", false, "do not show a long report in $GUESTLIST_PAGER or $PAGER")
}

// pagedFormats are the formats that people read.
var pagedFormats = map[string]bool{"table": true, "plain": true}

// mayPage reports whether the output is for a person at a terminal who has a pager.
func (p *pipeline) mayPage(o output) bool {
	return o.path == "" && pagedFormats[o.format.Name] && p.env.hasPager(p.options.noPager)
}

// hasPager reports whether stdout is the terminal of a person who has a pager and wants it.
func (env *Env) hasPager(unwanted bool) bool {
	return env.StdoutTerminal && !unwanted && env.pager() != nil
}

// isLong reports whether a text is longer than the screen.
func (env *Env) isLong(text []byte) bool { return bytes.Count(text, []byte("\n")) >= env.Height }

// renderPaged renders the report, and keeps it for the pager if it is longer than the screen: a
// pager may be open for hours, and nothing should wait for it.
func (p *pipeline) renderPaged(r *report.Report, renderer report.Renderer) error {
	var text bytes.Buffer
	if err := renderer.Render(&text, r); err != nil {
		return err
	}
	if !p.env.isLong(text.Bytes()) {
		_, err := p.env.Stdout.Write(text.Bytes())
		return err
	}
	p.paged = &text
	return nil
}

// page shows what was kept for the pager, and waits until the person closes it.
func (p *pipeline) page() error {
	if p.paged == nil {
		return nil
	}
	return p.env.runPager(p.paged.Bytes(), p.warn)
}

// runPager shows a text in the person's pager, and prints it, with a warning, if that cannot be run.
func (env *Env) runPager(text []byte, warn func(format string, args ...any)) error {
	words := env.pager()
	command := exec.Command(words[0], words[1:]...)
	command.Env = env.pagerEnviron(command.Environ())
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(text), env.Stdout, env.Stderr
	err := command.Run()
	if failed := (*exec.Error)(nil); errors.As(err, &failed) || errors.Is(err, fs.ErrNotExist) ||
		errors.Is(err, fs.ErrPermission) {
		warn("the pager cannot be run: %v", err)
		_, err = env.Stdout.Write(text)
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) ||
		errors.Is(err, syscall.EPIPE) { // leaving it early is not an error
		return nil
	}
	if err != nil {
		return runError(fmt.Errorf("writing the report to stdout: %w", err))
	}
	return nil
}

// pagerEnviron sets pagers that need it to show colours and to leave the text on the screen.
func (env *Env) pagerEnviron(environ []string) []string {
	for _, each := range []struct{ name, value string }{{"LESS", "FRX"}, {"LV", "-c"}} {
		if env.Getenv(each.name) == "" {
			environ = append(environ, each.name+"="+each.value)
		}
	}
	return environ
}

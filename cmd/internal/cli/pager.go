package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"

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

// pagedFormats are the formats that people read.
var pagedFormats = map[string]bool{"table": true, "plain": true}

// mayPage reports whether the output is for a person at a terminal who has a pager.
func (p *pipeline) mayPage(o output) bool {
	return p.env.StdoutTerminal && o.path == "" && !p.options.noPager && pagedFormats[o.format.Name] &&
		p.env.pager() != nil
}

// renderPaged renders the report, and keeps it for the pager if it is longer than the screen: a
// pager may be open for hours, and nothing should wait for it.
func (p *pipeline) renderPaged(r *report.Report, renderer report.Renderer) error {
	var text bytes.Buffer
	if err := renderer.Render(&text, r); err != nil {
		return err
	}
	if bytes.Count(text.Bytes(), []byte("\n")) < p.env.Height {
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
	words := p.env.pager()
	command := exec.Command(words[0], words[1:]...)
	command.Env = p.env.pagerEnviron(command.Environ())
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(p.paged.Bytes()), p.env.Stdout, p.env.Stderr
	err := command.Run()
	if failed := (*exec.Error)(nil); errors.As(err, &failed) || errors.Is(err, fs.ErrNotExist) ||
		errors.Is(err, fs.ErrPermission) {
		p.warn("the pager cannot be run: %v", err)
		_, err = io.Copy(p.env.Stdout, p.paged)
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

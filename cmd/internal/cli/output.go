package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

// output is one --output: a format and where it goes ("" is stdout).
type output struct {
	format report.Format
	path   string
}

// parseOutputs reads FORMAT[=PATH] and refuses two reports in one place.
func parseOutputs(values []string) ([]output, error) {
	if len(values) == 0 {
		return []output{{format: report.Formats[0]}}, nil
	}
	var outputs []output
	places := make(map[string]bool)
	for _, value := range values {
		name, path, hasPath := strings.Cut(value, "=")
		format, known := report.FormatNamed(name)
		if !known {
			if strict.Nearest("o"+value, []string{"output"}) != "" { // -output: pflag reads -o and the value "utput"
				return nil, usageError(fmt.Errorf("-o: %q is not a format", inventory.Untrusted(name)),
					strict.DidYouMean("--output"))
			}
			if format, file, ok := strings.Cut(value, ":"); ok && formatWords().check("", format) == nil {
				return nil, usageError(fmt.Errorf("--output: %q is not FORMAT=PATH", inventory.Untrusted(value)),
					strict.DidYouMean("--output "+format+"="+file))
			}
			if meant, ok := strings.CutPrefix(filepath.Ext(name), "."); ok && formatWords().nearest(meant) != "" &&
				!hasPath { // a file alone
				return nil, usageError(fmt.Errorf("--output: %q names a file and no format", inventory.Untrusted(name)),
					strict.DidYouMean("--output "+formatWords().nearest(meant)+"="+name))
			}
			return nil, formatWords().check("--output: ", name)
		}
		if hasPath && path == "" {
			return nil, usageError(fmt.Errorf("--output: no path after %q", inventory.Untrusted(value)),
				"--output "+name+"=report."+name)
		}
		if path == "-" {
			path = ""
		}
		place := path
		if path != "" {
			place = filepath.Clean(path)
		}
		if places[place] {
			return nil, usageError(fmt.Errorf("--output: two reports would go to %s", orStdout(path)),
				"give each its own path: --output json=report.json")
		}
		places[place] = true
		outputs = append(outputs, output{format, path})
	}
	return outputs, nil
}

func formatWords() vocabulary {
	words := vocabulary{one: "a format", all: "formats", others: make(map[string]string)}
	for _, format := range report.Formats {
		words.words, words.about = append(words.words, format.Name), append(words.about, format.About)
		for _, other := range format.Also {
			words.others[other] = format.Name
		}
	}
	return words
}

func orStdout(path string) string {
	if path == "" {
		return "stdout"
	}
	return fmt.Sprintf("%q", path)
}

// writeReports renders the report once for each output: first the files, then stdout, unless there
// is to be nothing on it. A failure is reported after all were tried.
func (p *pipeline) writeReports(r *report.Report, style report.Style) error {
	var failed error
	for _, o := range p.outputs {
		if err := p.writeReport(r, o, style); err != nil && failed == nil {
			failed = runError(fmt.Errorf("writing the %s report to %s: %w", o.format.Name, orStdout(o.path), withoutPath(err)))
		}
	}
	return failed
}

func (p *pipeline) writeReport(r *report.Report, o output, style report.Style) error {
	if o.path == "" && !r.IsWorth(report.When(p.options.when)) {
		return nil
	}
	style.Terminal = style.Terminal && o.path == ""
	style.Color = style.Color && o.path == ""
	renderer := o.format.New(style)
	switch {
	case p.mayPage(o):
		return p.renderPaged(r, renderer)
	case o.path == "":
		return renderer.Render(p.env.Stdout, r)
	}
	return p.env.writeFile(o.path, func(w io.Writer) error { return renderer.Render(w, r) })
}

// writeFile writes the file as a whole, in pieces of a useful size, unless the command is asked to
// end before.
func (env *Env) writeFile(path string, write func(io.Writer) error) error {
	file, err := atomicfile.Create(path, atomicfile.Options{})
	if err != nil {
		return err
	}
	defer file.Close()
	buffered := bufio.NewWriter(&stoppable{file, env.stopped})
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return file.Commit()
}

// withoutPath is an error of a file or stream without its path, which was named already.
func withoutPath(err error) error {
	if failed := (*atomicfile.Error)(nil); errors.As(err, &failed) {
		return failed.Err
	}
	if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
		return failed.Err
	}
	return err
}

// maxAgain is how long a command is repeated in a report, in bytes.
const maxAgain = 40

var plainArgument = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// lookFlags are the flags that change how a report looks, or what is said beside it, but not what
// it is about: there is no need to type them again to see more. True: a value follows.
var lookFlags = map[string]bool{
	"--color": true, "--output": true, "-o": true, "--details": false, "--wide": false, "--quiet": false, "-q": false,
	"--no-pager": false, "--debug": false, "--when": true, "--post": false, "--require-post": false,
	"--" + logFormatFlag: true,
}

// again is the running command to be typed again, without what it does not need; empty if it is too
// long, or if a shell would need quotes.
func (env *Env) again() string {
	words := []string{"guestlist"}
	isValue := false // of a flag that is left out
	for _, argument := range env.Args {
		name, _, joined := strings.Cut(argument, "=")
		takesValue, looks := lookFlags[name]
		switch {
		case isValue:
			isValue = false
		case looks:
			isValue = takesValue && !joined
		case !plainArgument.MatchString(argument):
			return ""
		default:
			words = append(words, argument)
		}
	}
	if text := strings.Join(words, " "); len(text) <= maxAgain {
		return text
	}
	return ""
}

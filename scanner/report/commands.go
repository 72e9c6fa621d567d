package report

import (
	"bytes"
	"io"
	"strings"
	"unicode"
)

// inertLines writes lines of text so that none is a workflow command in the log of a job: the
// runner takes lines that begin with two colons, after any space, and lines with "##[" anywhere. No
// text of ours does either, so it must be a foreign name, which wrapping may put at the start of a
// line.
type inertLines struct {
	w     io.Writer
	begun []byte // of a line that is not complete yet
}

// Write implements [io.Writer]. The caller must end with a complete line.
func (l *inertLines) Write(text []byte) (int, error) {
	rest := text
	for {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		l.begun = append(l.begun, line...)
		if !whole {
			return len(text), nil
		}
		if _, err := io.WriteString(l.w, withoutCommand(string(l.begun))+"\n"); err != nil {
			return 0, err
		}
		l.begun, rest = l.begun[:0], after
	}
}

// withoutCommand returns a line with the characters escaped that would make it a command.
func withoutCommand(line string) string {
	line = strings.ReplaceAll(line, "##[", `#\u{0023}[`)
	text := strings.TrimLeftFunc(line, unicode.IsSpace)
	if strings.HasPrefix(text, "::") {
		return line[:len(line)-len(text)] + `\u{003A}` + text[1:]
	}
	return line
}

// Package strict reads TOML files that people write by hand, and refuses everything it does not
// know: an unknown key, an empty string or a value of another type is a [Problem] with file, line
// and a hint. All of them are reported at once.
//
// The TOML library reports lines for its own errors only, so this package indexes the line of every
// key, table and array element. Keys keep their case. It follows TOML 1.0, with the newlines and
// trailing commas in inline tables of 1.1.
package strict

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"guestlist/scanner/inventory"
)

// Words is the vocabulary of a kind of file.
type Words struct {
	// Keys lists what each part of the file may hold; "" is the file itself.
	Keys map[string][]string
	// OtherNames maps words that people write instead of a key to the key.
	OtherNames map[string]string
}

// File is one file that is being read, with the problems found in it.
type File struct {
	Name  inventory.Untrusted // in messages
	Words *Words

	lines    *lineIndex
	problems []Problem
}

// Report adds a problem at a line. The format's operands must be harmless on a terminal.
func (f *File) Report(line int, hint, format string, args ...any) {
	if f.lines != nil {
		line = min(line, f.lines.count)
	}
	f.problems = append(f.problems, Problem{
		Position: Position{File: f.Name, Line: max(line, 1)}, Message: fmt.Sprintf(format, args...), Hint: hint,
	})
}

// Count is the number of problems that were reported.
func (f *File) Count() int { return len(f.problems) }

// Add adds problems of another file that this one names.
func (f *File) Add(problems []Problem) { f.problems = append(f.problems, problems...) }

// Err returns everything that was reported, as a *[Problems], or nil.
func (f *File) Err() error {
	if len(f.problems) == 0 {
		return nil
	}
	Sort(f.problems)
	return &Problems{Problems: f.problems}
}

// LineAt is the line of a place (see [Join]) or of the nearest one around it.
func (f *File) LineAt(path string) int { return f.lines.line(path) }

var byteOrderMark = []byte("\xEF\xBB\xBF")

// WithoutMark returns data without a byte order mark at its beginning.
func WithoutMark(data []byte) []byte { return bytes.TrimPrefix(data, byteOrderMark) }

// Decode reads the file's content, of at most limit bytes; false if it is longer or not valid TOML.
func (f *File) Decode(data []byte, limit int) (*Table, bool) {
	data = WithoutMark(data)
	f.lines = &lineIndex{count: max(1, bytes.Count(data, []byte("\n"))+1)}
	switch {
	case len(data) > limit:
		f.Report(1, "", "the file is larger than the limit of %d MiB", limit>>20)
		return nil, false
	case !utf8.Valid(data):
		f.Report(lineOfInvalid(data), "save the file as UTF-8", "the file is not UTF-8")
		return nil, false
	}
	f.lines = indexLines(string(data))
	if f.lines.deep > 0 {
		f.Report(f.lines.deep, "", "arrays and tables are nested more than %d levels deep", maxNesting)
		return nil, false
	}
	var root map[string]any
	_, err := toml.Decode(string(data), &root)
	if err == nil {
		return &Table{Values: root, file: f}, true
	}
	line, message := 1, err.Error()
	if parse, ok := errors.AsType[toml.ParseError](err); ok {
		line, message = parse.Position.Line, parse.Message
	}
	f.Report(line, "", "%s", inventory.Untrusted("this is not TOML: "+strings.TrimSuffix(message, ".")))
	return nil, false
}

// Version checks the key "version" of a file against the newest version that is supported, and
// reports whether the rest can be understood at all.
func (f *File) Version(root *Table, newest int64) bool {
	value, found := root.Values["version"]
	number, isNumber := value.(int64)
	switch {
	case !found:
		hint := fmt.Sprintf("begin the file with version = %d", newest)
		for key := range root.Values {
			if strings.EqualFold(key, "version") {
				hint = DidYouMean("version")
			}
		}
		f.Report(1, hint, "the file has no version")
	case !isNumber:
		f.Report(root.Line("version"), fmt.Sprintf("write version = %d", newest), "version must be a number")
	case number > newest:
		f.Report(root.Line("version"), "update guestlist",
			"version %d is newer than this version of guestlist supports (%d)", number, newest)
		return false
	case number < 1:
		f.Report(root.Line("version"), fmt.Sprintf("write version = %d", newest), "there is no version %d", number)
	}
	return true
}

func lineOfInvalid(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

package localprofile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

// StructureError is a document with the right syntax, but not in the shape that the browser writes.
type StructureError struct {
	What   string
	Offset int64
}

func (e *StructureError) Error() string { return fmt.Sprintf("%s, at byte %d", e.What, e.Offset) }

// namedError says what was being done, and to which file or directory, when err came.
type namedError struct {
	what string
	err  error
}

func (e *namedError) Error() string { return e.what + ": " + e.err.Error() }
func (e *namedError) Unwrap() error { return e.err }

// Doing wraps an error with what was being done.
func Doing(err error, format string, args ...any) error {
	return &namedError{what: fmt.Sprintf(format, args...), err: err}
}

// ErrNoFolder: something else is where a directory should be.
var ErrNoFolder = errors.New("it is not a directory")

// ErrEmpty: a file has no content, and no browser writes such files.
var ErrEmpty = errors.New("the file is empty")

// Wording is what differs in the sentences about one family of browsers.
type Wording struct {
	Writer string // who writes the files: "a browser"
	Remove string // where a profile is removed: "in the browser"
}

// Explain makes the coverage of a source that could not be read. File is the file's name, if a file
// is at fault.
func (w Wording) Explain(source inventory.Source, file string, err error) inventory.Coverage {
	what := ""
	if named := (*namedError)(nil); errors.As(err, &named) {
		what = named.what
		if err == error(named) {
			err = named.err // if there are several faults, none is left out
		}
	}
	reason, remedy := w.Describe(err)
	if what != "" {
		reason = inventory.Untrusted(what) + ": " + reason
	}
	if file != "" {
		reason = inventory.Untrusted(file) + ": " + reason
	}
	return inventory.Coverage{Source: source, Status: inventory.StatusNotObservable, Reason: reason, Remedy: remedy}
}

// Describe says in words what is wrong with a file of a profile, and what to do.
func (w Wording) Describe(err error) (reason, remedy inventory.Untrusted) {
	const rewrite = "start the browser with this profile once, so that it writes the file again, and scan again"
	syntax, structure := (*jsontext.SyntacticError)(nil), (*StructureError)(nil)
	switch {
	case errors.Is(err, ErrEmpty):
		return "the file is empty", rewrite
	case errors.Is(err, io.ErrUnexpectedEOF):
		if errors.As(err, &syntax) {
			return inventory.Textf("truncated at byte %d", syntax.ByteOffset), rewrite
		}
		return "truncated", rewrite
	case errors.As(err, &syntax):
		return inventory.Textf("not JSON at byte %d: %v", syntax.ByteOffset, syntax.Err), rewrite
	case errors.As(err, &structure):
		return inventory.Untrusted("not what " + w.Writer + " writes: " + structure.Error()), rewrite
	case errors.Is(err, fs.ErrPermission):
		return inventory.Untrusted(Words(err)), "run as the user who owns the profile, or as root with --all-users"
	case errors.Is(err, fs.ErrNotExist):
		return inventory.Untrusted(Words(err)), inventory.Untrusted("start the browser with this profile once, or remove the profile " + w.Remove)
	case errors.Is(err, ErrTooLarge):
		return inventory.Untrusted(err.Error()), "browsers do not write files this large: find out what did"
	case isLate(err):
		return inventory.Untrusted(Words(err)), "check the disk or the network file system that it is on"
	case isEscape(err):
		return inventory.Untrusted(Words(err)), "links out of a profile are not followed: name the directory it leads to with --profile-dir"
	}
	return inventory.Untrusted(Words(err)), ""
}

// Words says what is wrong with a file, the same on every system and without repeating its path.
func Words(err error) string {
	if late := (*LateError)(nil); errors.As(err, &late) {
		return late.Error()
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, fs.ErrNotExist):
		return "it is missing"
	case isEscape(err):
		return "a link that leads out of the profile"
	case errors.Is(err, syscall.ELOOP), strings.Contains(err.Error(), "too many"):
		return "a link that leads back to itself"
	case errors.Is(err, ErrNotRegular):
		return "not a regular file"
	case errors.Is(err, zip.ErrFormat):
		return "it is not a zip file, or it is damaged"
	}
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

func isLate(err error) bool {
	late := (*LateError)(nil)
	return errors.As(err, &late)
}

// isEscape reports whether os.Root refused to leave its directory. The error has no name.
func isEscape(err error) bool { return strings.Contains(err.Error(), "path escapes from parent") }

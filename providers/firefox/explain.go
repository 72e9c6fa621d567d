package firefox

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/profilefs"
	"guestlist/scanner/inventory"
)

// structureError is a document of the right syntax, but not of the shape that the browser writes.
type structureError struct {
	what   string
	offset int64
}

func (e *structureError) Error() string { return fmt.Sprintf("%s, at byte %d", e.what, e.offset) }

// namedError says what was being done, and to which file or folder, when err came.
type namedError struct {
	what string
	err  error
}

func (e *namedError) Error() string { return e.what + ": " + e.err.Error() }
func (e *namedError) Unwrap() error { return e.err }

// doing wraps an error with what was being done.
func doing(err error, format string, args ...any) error {
	return &namedError{what: fmt.Sprintf(format, args...), err: err}
}

var errEmpty = errors.New("the file is empty")

// explain makes the coverage of a source that could not be read. File is the file's name, if it is about one.
func explain(source inventory.Source, file string, err error) inventory.Coverage {
	reason, remedy := describe(err)
	if named := (*namedError)(nil); errors.As(err, &named) {
		reason = inventory.Untrusted(named.what) + ": " + reason
	}
	if file != "" {
		reason = inventory.Untrusted(file) + ": " + reason
	}
	return inventory.Coverage{Source: source, Status: inventory.StatusNotObservable, Reason: reason, Remedy: remedy}
}

// describe says in words what is wrong with a file of a profile, and what to do.
func describe(err error) (reason, remedy inventory.Untrusted) {
	const rewrite = "start the browser with this profile once, so that it writes the file again, and scan again"
	syntax, structure := (*jsontext.SyntacticError)(nil), (*structureError)(nil)
	switch {
	case errors.Is(err, errEmpty):
		return "the file is empty", rewrite
	case errors.Is(err, io.ErrUnexpectedEOF):
		if errors.As(err, &syntax) {
			return inventory.Untrusted(fmt.Sprintf("cut off at byte %d, in the middle of the document", syntax.ByteOffset)), rewrite
		}
		return "cut off in the middle of the document", rewrite
	case errors.As(err, &syntax):
		return inventory.Untrusted(fmt.Sprintf("not JSON at byte %d: %v", syntax.ByteOffset, syntax.Err)), rewrite
	case errors.As(err, &structure):
		return inventory.Untrusted("not what the browser writes: " + structure.Error()), rewrite
	case errors.Is(err, fs.ErrPermission):
		_, remedy := profilefs.Explain(err)
		return inventory.Untrusted(words(err)), remedy
	case errors.Is(err, fs.ErrNotExist):
		return inventory.Untrusted(words(err)), "start the browser with this profile once, or remove the profile in about:profiles"
	case errors.Is(err, profilefs.ErrTooLarge):
		return profilefs.Explain(err)
	case isEscape(err):
		return inventory.Untrusted(words(err)), "links out of a profile are not followed: name the folder it leads to with --profile-dir"
	}
	return inventory.Untrusted(words(err)), ""
}

// words says what is wrong with a file, the same on every system and without repeating its path.
func words(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "permission denied"
	case errors.Is(err, fs.ErrNotExist):
		return "it is missing"
	case isEscape(err):
		return "a link that leads out of the profile"
	case errors.Is(err, syscall.ELOOP), strings.Contains(err.Error(), "too many"):
		return "a link that leads back to itself"
	case errors.Is(err, profilefs.ErrNotRegular):
		return "not a regular file"
	case errors.Is(err, zip.ErrFormat):
		return "it is not a zip file, or a damaged one"
	}
	if pathError := (*fs.PathError)(nil); errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// isEscape reports whether os.Root refused to leave its folder. The error has no name.
func isEscape(err error) bool { return strings.Contains(err.Error(), "path escapes from parent") }

// isMissing reports whether a file or a folder on the way to it does not exist.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// details collects the single faults of a source, within the limit of a coverage.
type details struct {
	list []inventory.Untrusted
	more int
}

func (d *details) add(format string, args ...any) {
	if len(d.list) >= inventory.MaxCoverageDetails-1 {
		d.more++
		return
	}
	d.list = append(d.list, inventory.Untrusted(fmt.Sprintf(format, args...)))
}

func (d *details) count() int { return len(d.list) + d.more }

// all returns the details; the last one counts those that had no room.
func (d *details) all() []inventory.Untrusted {
	if d.more == 0 {
		return d.list
	}
	return append(d.list, inventory.Untrusted(fmt.Sprintf("and %d more", d.more)))
}

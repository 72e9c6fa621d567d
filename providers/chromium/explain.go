package chromium

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/profilefs"
	"guestlist/scanner/inventory"
)

// structureError is a document that is JSON but not of the shape that a browser writes.
type structureError struct {
	what   string
	offset int64
}

func (e *structureError) Error() string { return fmt.Sprintf("%s, at byte %d", e.what, e.offset) }

var errEmpty = errors.New("the file is empty")

// explain makes the coverage of a source that could not be read. File is the file's name, if it is about one.
func explain(source inventory.Source, file string, err error) inventory.Coverage {
	reason, remedy := describe(err)
	if file != "" {
		reason = inventory.Untrusted(file) + ": " + reason
	}
	return inventory.Coverage{Source: source, Status: inventory.StatusNotObservable, Reason: reason, Remedy: remedy}
}

// describe says in words what is wrong with a file, and what to do.
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
		return inventory.Untrusted("not what a browser writes: " + structure.Error()), rewrite
	case errors.Is(err, fs.ErrPermission):
		_, remedy := profilefs.Explain(err)
		return inventory.Untrusted(err.Error()), remedy
	case errors.Is(err, fs.ErrNotExist):
		return inventory.Untrusted(err.Error()), "start the browser with this profile once, or name the right directory"
	case errors.Is(err, profilefs.ErrTooLarge):
		return profilefs.Explain(err)
	}
	return inventory.Untrusted(err.Error()), "a link that leads out of a profile is not followed: name the folder it leads to with --profile-dir"
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

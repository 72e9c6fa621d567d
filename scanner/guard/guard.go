// Package guard contains bugs. A panic that reaches the top of a goroutine ends the whole process,
// with the exit code that means wrong usage; so every goroutine that reads foreign input runs below
// [Do], which turns a panic into an ordinary error.
package guard

import (
	"fmt"
	"path"
	"runtime"
	"runtime/debug"
	"strings"

	"guestlist/scanner/inventory"
)

// ours is the prefix of the names of our functions.
const ours = "guestlist/"

// PanicError is a bug that some input triggered.
type PanicError struct {
	Fault inventory.Untrusted // what the panic said
	Where string              // the nearest place in our code: "chromium/item.go:120"; may be empty
	Stack []byte
}

func (e *PanicError) Error() string {
	text := fmt.Sprintf("this is a bug in guestlist, please report it: %s", e.Fault)
	if e.Where != "" {
		text += " (" + e.Where + ")"
	}
	return text
}

// Do calls work and returns its error, or a panic in it as a [PanicError].
func Do(work func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = &PanicError{
				Fault: inventory.Clean(fmt.Sprint(fault), inventory.MaxNameBytes), Where: where(), Stack: debug.Stack(),
			}
		}
	}()
	return work()
}

// Go is [Do] for an errgroup: group.Go(guard.Go(work)).
func Go(work func() error) func() error {
	return func() error { return Do(work) }
}

// where finds the nearest caller below the panic that is our code.
func where() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(0, callers)])
	for panicked, more := false, true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if panicked && strings.HasPrefix(frame.Function, ours) {
			dir, file := path.Split(frame.File)
			return fmt.Sprintf("%s/%s:%d", path.Base(dir), file, frame.Line)
		}
		panicked = panicked || frame.Function == "runtime.gopanic"
	}
	return ""
}

package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// namedFile is a file that the user named, and by what: a flag or a variable; empty for an
// argument.
type namedFile struct{ by, path string }

func (f namedFile) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %q", f.by, inventory.Untrusted(f.path)))
}

// fault explains why the file cannot be used. Anything wrong with a file that the user named is
// wrong usage, however it was named: nothing was scanned.
func (f namedFile) fault(err error, hints ...string) error {
	var format *snapshot.FormatError
	var path *fs.PathError
	info, statErr := os.Stat(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usageError(fmt.Errorf("%v: there is no such file", f), hints...)
	case statErr == nil && info.IsDir():
		return usageError(fmt.Errorf("%v is a directory", f), hints...)
	case errors.Is(err, fs.ErrPermission):
		return usageError(fmt.Errorf("%v cannot be read: permission denied", f), hints...)
	case errors.As(err, &format):
		return usageError(fmt.Errorf("%s%w", f.prefix(), err), formatHints(format)...)
	case errors.As(err, &path):
		return usageError(fmt.Errorf("%v cannot be read: %w", f, path.Err), hints...)
	}
	return usageError(fmt.Errorf("%s%w", f.prefix(), err), hints...)
}

func (f namedFile) prefix() string {
	if f.by == "" {
		return ""
	}
	return f.by + ": "
}

func formatHints(err *snapshot.FormatError) []string {
	if errors.Is(err, snapshot.ErrNotSnapshot) {
		return []string{"a snapshot is what guestlist scan --save FILE writes"}
	}
	return nil
}

// open opens a snapshot that the user named.
func (f namedFile) open() (*snapshot.Reader, error) {
	reader, err := snapshot.Open(f.path)
	if err != nil {
		return nil, f.fault(err)
	}
	return reader, nil
}

// inputs are the files that a command with these flags reads.
func (env *Env) inputs(o *scanOptions) []namedFile {
	var files []namedFile
	if path := cmp.Or(o.allowlist, env.findAllowlist()); path != "" && !o.purpose.proposal {
		files = append(files, namedFile{"the allowlist", path})
	}
	if o.baseline != "" && o.baseline != none {
		files = append(files, namedFile{"--baseline", o.baseline})
	}
	if file := env.configFile(o.config); file.path != "" {
		files = append(files, namedFile{"the configuration", file.path})
	}
	return files
}

// checkPlaces refuses, before anything is read, places that are not writable, that two outputs
// share, or that the command reads from.
func checkPlaces(outputs []output, save string, inputs []namedFile) error {
	var places []namedFile
	for _, o := range outputs {
		if o.path != "" {
			places = append(places, namedFile{"--output", o.path})
		}
	}
	if save != "" && save != none {
		places = append(places, namedFile{"--save", save})
	}
	for n, place := range places {
		for _, other := range places[:n] {
			if samePlace(place.path, other.path) {
				return usageError(fmt.Errorf("%s and %s would both write %q", other.by, place.by,
					inventory.Untrusted(place.path)), "give each its own path")
			}
		}
		for _, input := range inputs {
			if samePlace(place.path, input.path) {
				return usageError(fmt.Errorf("%v would replace %s", place, strings.TrimSpace(input.by+" that is read")),
					"give it another path")
			}
		}
		if err := place.checkWritable(); err != nil {
			return err
		}
	}
	return nil
}

// samePlace reports whether two paths name the same file, whether or not it exists. A device may
// take several outputs.
func samePlace(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB) && infoA.Mode().IsRegular()
	}
	return filepath.Clean(a) == filepath.Clean(b)
}

// checkWritable reports whether the file can be written, without touching it.
func (f namedFile) checkWritable() error {
	err := atomicfile.Check(f.path, atomicfile.Options{})
	if err == nil {
		return nil
	}
	if info, statErr := os.Stat(f.path); statErr == nil && info.IsDir() {
		return usageError(fmt.Errorf("%v is a directory", f), "name a file in it")
	}
	return usageError(fmt.Errorf("%v cannot be written: %w", f, withoutPath(err)), writeHint(f.path, err))
}

func writeHint(target string, err error) string {
	dir := inventory.Untrusted(filepath.Dir(target))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Sprintf("make the directory %q first", dir)
	}
	return fmt.Sprintf("choose a directory that you may write to, instead of %q", dir)
}

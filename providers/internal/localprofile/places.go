package localprofile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Base is a folder below a home from which an operating system counts its application data.
type Base int

const (
	InHome         Base = iota // the home itself: snap and flatpak keep a home of their own for each application
	InConfig                   // Linux: $XDG_CONFIG_HOME or ~/.config
	InChromeConfig             // Linux: the same, or $CHROME_CONFIG_HOME
	InData                     // Linux: $XDG_DATA_HOME or ~/.local/share
	InLocalData                // Windows: %LOCALAPPDATA% or AppData\Local
	InRoamingData              // Windows: %APPDATA% or AppData\Roaming
	InSupport                  // macOS: ~/Library/Application Support
)

// bases says where each base usually is below a home, and which variables of the environment move it.
var bases = map[Base]struct {
	usual     string
	variables []string
}{
	InHome:         {"", nil},
	InConfig:       {".config", []string{"XDG_CONFIG_HOME"}},
	InChromeConfig: {".config", []string{"XDG_CONFIG_HOME", "CHROME_CONFIG_HOME"}},
	InData:         {".local/share", []string{"XDG_DATA_HOME"}},
	InLocalData:    {"AppData/Local", []string{"LOCALAPPDATA"}},
	InRoamingData:  {"AppData/Roaming", []string{"APPDATA"}},
	InSupport:      {"Library/Application Support", nil},
}

// Operating systems, as runtime.GOOS names them.
const (
	Linux   = "linux"
	MacOS   = "darwin"
	Windows = "windows"
)

// Where is a directory in which a browser may keep its profiles.
type Where struct {
	OS   string
	Base Base
	Path string // below the base, with "/"; one folder may hold a "*"
}

// Row is a row of a provider's table of places.
type Row interface{ Where() Where }

// Found is a directory that exists where a row says.
type Found[R Row] struct {
	Row    R
	Dir    string
	User   inventory.Untrusted
	linked bool // found through a link that leads elsewhere than its name says
}

// Find returns the directories of all homes where a row of the table says that a browser keeps its profiles. One that stands where
// its name says goes before one that a link points to, so that nobody's link takes another's place. What could not be followed is told
// to fault, with the row it is about, or with nil for the home as a whole.
func Find[R Row](env scanner.Env, rows []R, fault func(user inventory.Untrusted, row *R, err error)) []Found[R] {
	var found []Found[R]
	for _, in := range lookInto(env, rows) {
		found = append(found, in.found...)
		for _, f := range in.faults {
			fault(f.user, f.row, f.err)
		}
	}
	direct := slices.DeleteFunc(slices.Clone(found), func(f Found[R]) bool { return f.linked })
	linked := slices.DeleteFunc(found, func(f Found[R]) bool { return !f.linked })
	return slices.Concat(direct, linked)
}

// inHome is what was found in one home, and what could not be followed there.
type inHome[R Row] struct {
	found  []Found[R]
	faults []placeFault[R]
}

type placeFault[R Row] struct {
	user inventory.Untrusted
	row  *R
	err  error
}

// lookInto looks into every home, several at a time. One that does not answer costs only itself.
func lookInto[R Row](env scanner.Env, rows []R) []inHome[R] {
	homes := make([]inHome[R], len(env.Homes))
	var group errgroup.Group
	group.SetLimit(homesAtOnce)
	for n, home := range env.Homes {
		group.Go(func() error {
			in, err := within(context.Background(), env, homeLimit, func() (in inHome[R], _ error) {
				in.found = findIn(env, home, rows, func(user inventory.Untrusted, row *R, err error) {
					in.faults = append(in.faults, placeFault[R]{user, row, err})
				})
				return in, nil
			})
			if err != nil {
				err = Doing(err, "looking for browsers in %q", inventory.Untrusted(home.Dir))
				in = inHome[R]{faults: []placeFault[R]{{home.User, nil, err}}}
			}
			homes[n] = in
			return nil
		})
	}
	group.Wait() // no error is returned
	return homes
}

func findIn[R Row](env scanner.Env, home scanner.Home, rows []R, fault func(inventory.Untrusted, *R, error)) []Found[R] {
	var found []Found[R]
	var denied []inventory.Untrusted
	real, _ := filepath.EvalSymlinks(home.Dir)
	for _, row := range rows {
		where := row.Where()
		if !Applies(env, home, where.OS) {
			continue
		}
		for _, dir := range Expand(env, home, where) {
			info, err := os.Stat(dir)
			switch {
			case err == nil && info.IsDir():
				found = append(found, Found[R]{Row: row, Dir: dir, User: home.User, linked: isLinked(dir, home.Dir, real)})
			case err == nil:
				fault(home.User, &row, Doing(ErrNoFolder, "opening %q", inventory.Untrusted(dir)))
			case errors.Is(err, fs.ErrPermission):
				denied = append(denied, inventory.Untrusted(dir))
			case err != nil && IsLink(dir):
				fault(home.User, &row, Doing(err, "following the link %q", inventory.Untrusted(dir)))
			}
		}
	}
	if len(denied) > 0 {
		fault(home.User, nil, Doing(fs.ErrPermission, "looking for browsers in %q", denied[0]))
	}
	return found
}

// Longest returns the row whose path a directory's path ends like; the longest such path decides. False: none does.
func Longest[R Row](rows []R, dir string) (row R, ok bool) {
	parts := strings.Split(filepath.ToSlash(dir), "/")
	longest := 0
	for _, candidate := range rows {
		want := strings.Split(candidate.Where().Path, "/")
		if len(want) > len(parts) || len(want) <= longest {
			continue
		}
		tail := parts[len(parts)-len(want):]
		if slices.EqualFunc(want, tail, func(pattern, part string) bool { ok, _ := path.Match(pattern, part); return ok }) {
			row, ok, longest = candidate, true, len(want)
		}
	}
	return row, ok
}

// Holds reports whether a directory has any of the names, with "/", in it.
func Holds(dir string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		return err == nil
	})
}

// Claims remembers which folders have been taken, whichever name they were found under.
type Claims struct{ taken []fs.FileInfo }

// Take claims a folder. It is false for one that has been claimed before.
func (c *Claims) Take(info fs.FileInfo) bool {
	if c.IsTaken(info) {
		return false
	}
	c.taken = append(c.taken, info)
	return true
}

// IsTaken reports whether a folder has been claimed.
func (c *Claims) IsTaken(info fs.FileInfo) bool {
	return slices.ContainsFunc(c.taken, func(other fs.FileInfo) bool { return os.SameFile(info, other) })
}

// Applies reports whether the places of an operating system are looked at in a home.
func Applies(env scanner.Env, home scanner.Home, system string) bool {
	return home.AnyOS || system == layoutOf(env.OS)
}

// layoutOf returns the system whose places apply. The BSDs follow Linux.
func layoutOf(system string) string {
	if system == MacOS || system == Windows {
		return system
	}
	return Linux
}

// Expand returns where a place may be in a home, whether it is there or not.
func Expand(env scanner.Env, home scanner.Home, where Where) []string {
	var dirs []string
	for _, root := range Roots(env, home, where.Base) {
		dirs = append(dirs, expandPath(root, strings.Split(where.Path, "/"))...)
	}
	return dirs
}

// Roots returns the directories that a base may be in a home. The environment speaks for the user's own home only. The usual folder
// comes first and is always read, because a browser started without the variable keeps its profiles there.
func Roots(env scanner.Env, home scanner.Home, base Base) []string {
	at := bases[base]
	roots := []string{filepath.Join(home.Dir, filepath.FromSlash(at.usual))}
	if home.Own && env.Getenv != nil {
		for _, name := range at.variables {
			if dir := env.Getenv(name); filepath.IsAbs(dir) && !slices.Contains(roots, filepath.Clean(dir)) {
				roots = append(roots, filepath.Clean(dir))
			}
		}
	}
	return roots
}

// expandPath joins a path of a table, looking up a part that holds "*".
func expandPath(dir string, parts []string) []string {
	for n, part := range parts {
		if !strings.Contains(part, "*") {
			dir = filepath.Join(dir, part)
			continue
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return nil
		}
		var found []string
		for _, entry := range entries {
			if ok, _ := path.Match(part, entry.Name()); ok {
				found = append(found, expandPath(filepath.Join(dir, entry.Name()), parts[n+1:])...)
			}
		}
		return found
	}
	return []string{dir}
}

// isLinked reports whether dir lies elsewhere than below the home it was found in.
func isLinked(dir, home, realHome string) bool {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return true
	}
	below, err := filepath.Rel(home, dir)
	return err != nil || real != filepath.Join(realHome, below)
}

// IsLink reports whether a path is a symbolic link, wherever it leads.
func IsLink(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

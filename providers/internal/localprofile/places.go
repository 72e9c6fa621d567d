package localprofile

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/scanner"
)

// Base is a directory of a home in which an operating system keeps application data.
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

// bases says where each base usually is below a home, and which environment variables move it.
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
	Path string // below the base, with "/"; one directory may hold a "*"
}

// Longest returns the row whose path is the end of a directory's path; the longest such path wins.
// It is false if there is none.
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

// Roots returns the directories that a base may be in a home. The environment applies to the user's
// own home only. The usual directory comes first and is always read, because a browser started
// without the variable keeps its profiles there.
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

// IsLink reports whether a path is a symbolic link, wherever it leads.
func IsLink(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// BrowserNames lists the browsers of rows, for manuals. Every way to install one has the same name,
// with the way in brackets.
func BrowserNames[Row any](rows []Row, nameOf func(Row) string) []string {
	var names []string
	for _, row := range rows {
		name, _, _ := strings.Cut(nameOf(row), " (")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

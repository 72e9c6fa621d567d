package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// homes are the home directories to read: the user's own, those that were named, or everyone's.
func (env *Env) homes(o *scanOptions) ([]scanner.Home, error) {
	for _, dir := range o.profileDirs {
		if err := isDirectory("--profile-dir", dir); err != nil {
			return nil, err
		}
	}
	switch {
	case o.allUsers:
		return env.allHomes()
	case len(o.homes) > 0:
		return namedHomes(o.homes)
	case len(o.profileDirs) > 0 || env.Home == "":
		return nil, nil
	}
	return []scanner.Home{{Dir: env.Home, User: clean(env.User), Own: true}}, nil
}

func namedHomes(dirs []string) ([]scanner.Home, error) {
	var homes []scanner.Home
	for _, dir := range dirs {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return nil, usageError(fmt.Errorf("--home %q: %w", inventory.Untrusted(dir), err))
		}
		if err := isDirectory("--home", dir); err != nil {
			return nil, err
		}
		name := filepath.Base(absolute)
		if slices.ContainsFunc(homes, func(h scanner.Home) bool { return h.User == clean(name) }) {
			name = filepath.ToSlash(absolute) // two homes of one name: tell them apart by their paths
		}
		homes = append(homes, scanner.Home{Dir: absolute, User: clean(name), AnyOS: true})
	}
	return homes, nil
}

// isDirectory refuses a named path that is not a directory.
func isDirectory(flag, dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return usageError(fmt.Errorf("%s %q: there is no such directory", flag, inventory.Untrusted(dir)))
	case err != nil:
		return usageError(fmt.Errorf("%s %q cannot be read: %w", flag, inventory.Untrusted(dir), errors.Unwrap(err)))
	case !info.IsDir():
		return usageError(fmt.Errorf("%s %q is not a directory", flag, inventory.Untrusted(dir)))
	}
	return nil
}

// allHomes lists everyone's home: those of the password file, and the directories where the system
// puts homes.
func (env *Env) allHomes() ([]scanner.Home, error) {
	if !env.Root && env.OS != "windows" {
		return nil, usageError(errors.New("--all-users needs root: other people's homes are not readable"),
			"sudo guestlist scan --all-users")
	}
	homes := env.passwordFileHomes()
	parents := map[string][]string{"linux": {"home"}, "darwin": {"Users"}, "windows": {"Users"}}[env.OS]
	for _, parent := range parents {
		dir := filepath.Join(env.SystemRoot, parent)
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // a machine without that directory has its homes elsewhere
		}
		for _, entry := range entries {
			homes = append(homes, scanner.Home{Dir: filepath.Join(dir, entry.Name()), User: clean(entry.Name())})
		}
	}
	return distinctHomes(homes), nil
}

// passwordFileHomes reads /etc/passwd; accounts without a home of their own (/, /nonexistent,
// system directories) are left out by distinctHomes or by having no browsers.
func (env *Env) passwordFileHomes() []scanner.Home {
	file, err := os.Open(filepath.Join(env.SystemRoot, "etc", "passwd"))
	if err != nil {
		return nil
	}
	defer file.Close()
	var homes []scanner.Home
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) >= 6 && fields[5] != "/" && filepath.IsAbs(fields[5]) {
			homes = append(homes, scanner.Home{Dir: filepath.Join(env.SystemRoot, fields[5]), User: clean(fields[0])})
		}
	}
	return homes
}

// distinctHomes keeps only directories, and of homes that are the same directory only the first.
func distinctHomes(homes []scanner.Home) []scanner.Home {
	var kept []scanner.Home
	var infos []os.FileInfo
	for _, home := range homes {
		info, err := os.Stat(home.Dir)
		if err != nil || !info.IsDir() {
			continue
		}
		if slices.ContainsFunc(infos, func(seen os.FileInfo) bool { return os.SameFile(seen, info) }) {
			continue
		}
		infos = append(infos, info)
		kept = append(kept, home)
	}
	return kept
}

func clean(text string) inventory.Untrusted { return inventory.Clean(text, inventory.MaxNameBytes) }

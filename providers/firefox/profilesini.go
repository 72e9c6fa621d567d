package firefox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf16"

	"guestlist/providers/internal/localprofile"
)

const (
	profilesFile = "profiles.ini"
	installsFile = "installs.ini"

	maxProfilesFile = 1 << 20 // bytes
)

// listed is one profile that profiles.ini or installs.ini names.
type listed struct {
	name     string // for people; empty when only an installation names it
	path     string
	relative bool // to the directory of the file
}

// isInHome reports whether the path begins at the user's home: "~/...".
func (l listed) isInHome() bool { return !l.relative && strings.HasPrefix(l.path, "~/") }

// readProfiles reads profiles.ini and installs.ini. A missing file names nothing; if a file cannot
// be read, the error says so and the other one's profiles are returned anyway.
func readProfiles(dir *localprofile.Dir) ([]listed, error) {
	var found []listed
	var faults []error
	for _, name := range []string{profilesFile, installsFile} {
		data, err := dir.Read(name, maxProfilesFile, nil)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			faults = append(faults, localprofile.Doing(err, "%s", name))
		default:
			profiles, err := parseProfiles(data)
			if err != nil {
				faults = append(faults, localprofile.Doing(err, "%s", name))
			}
			found = append(found, profiles...)
		}
	}
	return withoutRepeats(found), errors.Join(faults...)
}

// decoded returns the text of a file of sections: Firefox reads UTF-16 too, when a byte order mark
// says so (nsINIParser.cpp).
func decoded(data []byte) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(data, []byte("\xFF\xFE")); ok && len(rest)%2 == 0 {
		units := make([]uint16, len(rest)/2)
		for n := range units {
			units[n] = binary.LittleEndian.Uint16(rest[2*n:])
		}
		data = []byte(string(utf16.Decode(units)))
	}
	data = trimMark(data)
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("it holds NUL bytes, so it is not text")
	}
	return data, nil
}

// parseProfiles reads the sections of a profiles.ini or installs.ini as Firefox does (nsINIParser):
// [section] and key=value lines, "#" and ";" begin a comment. A section with a Path is a profile; a
// Default of an installation is a path too.
func parseProfiles(data []byte) ([]listed, error) {
	data, err := decoded(data)
	if err != nil {
		return nil, err
	}
	var found []listed
	section := map[string]string{}
	name := ""
	end := func() {
		if strings.HasPrefix(name, "Profile") && section["Path"] != "" {
			found = append(found, listed{name: section["Name"], path: section["Path"],
				relative: isRelative(section["IsRelative"], section["Path"])})
		} else if path := section["Default"]; path != "" && !strings.HasPrefix(name, "Profile") && name != "General" {
			found = append(found, listed{path: path, relative: isRelative("", path)})
		}
		clear(section)
	}
	sections := 0
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			end()
			sections++
			name = strings.TrimSuffix(line[1:], "]")
		default:
			if key, value, ok := strings.Cut(line, "="); ok {
				section[strings.TrimSpace(key)] = strings.TrimSpace(value)
			}
		}
		if len(found) > maxProfiles {
			return found, fmt.Errorf("more than %d profiles", maxProfiles)
		}
	}
	end()
	if sections == 0 && len(bytes.TrimSpace(data)) > 0 {
		return nil, errors.New("it has no sections")
	}
	return found, nil
}

// isRelative reports whether a path is relative to the directory of its file. Firefox believes the
// member IsRelative (nsToolkitProfileService.cpp); if that says neither, the path decides.
func isRelative(said, path string) bool {
	switch said {
	case "1":
		return true
	case "0":
		return false
	}
	return !localprofile.IsAbsolute(path) && !strings.HasPrefix(path, "~")
}

// withoutRepeats keeps the first mention of each path: the one of profiles.ini, which has the name.
func withoutRepeats(all []listed) []listed {
	seen := map[string]bool{}
	var kept []listed
	for _, one := range all {
		if !seen[one.path] {
			seen[one.path] = true
			kept = append(kept, one)
		}
	}
	return kept
}

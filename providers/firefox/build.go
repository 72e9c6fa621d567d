package firefox

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"guestlist/providers/internal/localprofile"
)

// The browser records in each profile where the program is that last ran with it, and a file beside
// the program says when it was built. A profile can say anything, but it cannot change the
// program's own file, so only that file is believed.

const (
	applicationFile = "application.ini"
	maxBuildFile    = 64 << 10 // bytes
)

// builtLayout is how a build's number spells the time of the build, in UTC.
const builtLayout = "20060102150405"

// esrFolders are where Debian installs the one build of Firefox under another name than Mozilla's
// that is known to have studies.
var esrFolders = []string{"/usr/lib/firefox-esr", "/usr/lib64/firefox-esr"}

// program returns the directory of the program that last ran with the profile, or "" if the profile
// does not say.
func (s *scan) program() string {
	data, err := s.root.Read(compatibilityFile, maxBuildFile, nil)
	if err != nil {
		return ""
	}
	return localprofile.Slashes(valueOf(data, "LastPlatformDir"))
}

// built returns when the program that last ran with the profile was built. It is unknown for a
// program on another machine.
func (s *scan) built() (time.Time, bool) {
	at := s.program()
	if !localprofile.IsAbsolute(at) || s.isCopied() {
		return time.Time{}, false
	}
	dir, err := s.provider.system.Open(at)
	if err != nil {
		return time.Time{}, false
	}
	defer dir.Close()
	data, err := dir.Read(applicationFile, maxBuildFile, nil)
	if err != nil {
		return time.Time{}, false
	}
	built, err := time.Parse(builtLayout, valueOf(data, "BuildID"))
	return built, err == nil
}

// givesStudies reports whether the build grants normandyAddonStudy to any add-on, as builds of
// Firefox under another name do (Extension.sys.mjs, MOZ_APP_NAME). If the program is unknown, it
// may be one of these.
func (s *scan) givesStudies() bool {
	if s.product.policy != firefox.policy {
		return false
	}
	at := s.program()
	if at == "" || slices.Contains(strings.Split(at, "/"), path.Base(esrFolders[0])) {
		return true
	}
	return !s.isCopied() && slices.ContainsFunc(esrFolders, func(folder string) bool {
		dir, err := s.provider.system.Open(folder)
		if err == nil {
			dir.Close()
		}
		return !errors.Is(err, fs.ErrNotExist)
	})
}

// isCopied reports whether the profile comes from another machine, so that nothing on this one says
// anything about it.
func (s *scan) isCopied() bool {
	homes := s.homes()
	return len(homes) == 0 || homes[0].AnyOS
}

// valueOf returns the value of a key in a file of sections, whichever section it is in, or "" if
// there is none.
func valueOf(data []byte, key string) string {
	for line := range strings.Lines(string(trimMark(data))) {
		if name, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

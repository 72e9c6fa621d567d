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

// The browser notes in each profile where the program lies that ran with it last, and beside the
// program stands when that was built. A profile can say what it likes; what the program's own file
// says it cannot change, so that only that is believed.

const (
	applicationFile = "application.ini"
	maxBuildFile    = 64 << 10 // bytes
)

// builtLayout is how a build's number spells the moment at which it was made, in UTC.
const builtLayout = "20060102150405"

// esrFolders are where Debian installs the one build of Firefox under another name than Mozilla's
// that is known to have studies.
var esrFolders = []string{"/usr/lib/firefox-esr", "/usr/lib64/firefox-esr"}

// program returns the folder of the program that ran with the profile last, "" where the profile
// does not say.
func (s *scan) program() string {
	data, err := s.root.Read(compatibilityFile, maxBuildFile, nil)
	if err != nil {
		return ""
	}
	return localprofile.Slashes(valueOf(data, "LastPlatformDir"))
}

// built returns when the program that ran with the profile last was built. It is not known of a
// program of another machine.
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

// givesStudies reports whether the build gives normandyAddonStudy to any add-on, as those of
// Firefox do that are called otherwise (Extension.sys.mjs, MOZ_APP_NAME). Where the program is not
// known it may be such a one.
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

// isCopied reports whether the profile comes from another machine, so that nothing of this one says
// anything about it.
func (s *scan) isCopied() bool {
	homes := s.homes()
	return len(homes) == 0 || homes[0].AnyOS
}

// valueOf returns what a file of sections says for a key, in whichever section it is; "" where it
// does not.
func valueOf(data []byte, key string) string {
	for line := range strings.Lines(string(trimMark(data))) {
		if name, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(name) == key {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

package firefox

import (
	"regexp"
	"strconv"

	"guestlist/providers/internal/localprofile"
)

// Scopes, as the browser numbers its places of installation (AddonManager.sys.mjs).
const (
	scopeUser   = 2
	scopeSystem = 8
	allScopes   = 15
)

// scopesSetting names the places that the browser looks at, besides the profile.
const scopesSetting = "extensions.enabledScopes"

const (
	userPrefsFile = "user.js"
	maxPrefs      = 16 << 20 // bytes
)

// enabledScopes is that setting in a file of settings, the only one that is read there.
var enabledScopes = regexp.MustCompile(
	`(?m)^[ \t]*user_pref\([ \t]*["']extensions\.enabledScopes["'][ \t]*,[ \t]*(-?[0-9]+)[ \t]*\)`,
)

// scopes returns which places the browser looks at. What cannot be read restricts nothing.
func (s *scan) scopes() int {
	scopes := allScopes
	for _, name := range []string{prefsFile, userPrefsFile} { // user.js is read last, at each start
		data, err := s.root.Read(name, maxPrefs, nil)
		if isMissing(err) {
			continue
		}
		if err != nil {
			reason := localprofile.Words(err)
			s.addOnce("%s: %s; whether it restricts where add-ons are taken in is not known", name, reason)
			return allScopes
		}
		found := enabledScopes.FindAllSubmatch(data, -1)
		if len(found) == 0 {
			continue
		}
		if said, err := strconv.Atoi(string(found[len(found)-1][1])); err == nil {
			scopes = said
		}
	}
	return scopes
}

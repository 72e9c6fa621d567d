package chromium

import (
	"bytes"

	"guestlist/providers/internal/localprofile"
)

const (
	localStateFile  = "Local State"
	maxLocalState   = 32 << 20 // bytes
	maxKnownProfile = 10_000   // profiles in one Local State
)

// localProfile is what Local State says about a profile.
type localProfile struct {
	name    string // as the browser shows it
	account string // e-mail address signed in
}

// readLocalState reads the profiles that a user data directory's Local State lists, by directory.
func readLocalState(dir *localprofile.Dir) (map[string]localProfile, error) {
	data, err := dir.Read(localStateFile, maxLocalState, nil)
	if err != nil {
		return nil, err
	}
	return parseLocalState(data)
}

func parseLocalState(data []byte) (map[string]localProfile, error) {
	r := newReader()
	r.reset(bytes.NewReader(withoutMark(data)))
	profiles := map[string]localProfile{}
	err := r.document(func(name string) error {
		if name != "profile" {
			return r.skip()
		}
		_, err := r.object(func(name string) error {
			if name != "info_cache" {
				return r.skip()
			}
			_, err := r.object(func(folder string) error {
				if len(profiles) >= maxKnownProfile {
					return r.skip()
				}
				var known localProfile
				_, err := r.object(func(name string) error {
					switch name {
					case "name":
						return r.text(&known.name)
					case "user_name":
						return r.text(&known.account)
					}
					return r.skip()
				})
				profiles[folder] = known
				return err
			})
			return err
		})
		return err
	})
	return profiles, err
}

var byteOrderMark = []byte("\xEF\xBB\xBF")

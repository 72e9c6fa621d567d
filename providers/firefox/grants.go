package firefox

import (
	"guestlist/providers/internal/localprofile"
)

const (
	grantsFile = "extension-preferences.json"
	maxGrants  = 16 << 20 // bytes
)

// readGrants reads extension-preferences.json: what each add-on was granted beyond its install
// prompt, by ID. In it are optional permissions, the sites that a version 3 manifest asks for
// (granted when it is installed, Firefox 127 and later), and under "internal:" the answers of
// about:addons, such as running in private windows. (Seen with Firefox ESR 153.)
func readGrants(dir *localprofile.Dir) (map[string]permissions, []addonFault, error) {
	data, err := dir.Read(grantsFile, maxGrants, nil)
	if err != nil {
		return nil, nil, err
	}
	return parseGrants(data)
}

func parseGrants(data []byte) (map[string]permissions, []addonFault, error) {
	dec := newDecoder(data)
	grants := map[string]permissions{}
	var faults []addonFault
	err := members(dec, "the whole document", func(id string) error {
		f, read := &fields{}, permissions{}
		err := f.read(dec, grantsFile, &read)
		for _, what := range f.faults {
			faults = append(faults, addonFault{id: id, what: what})
		}
		grants[id] = read
		return err
	})
	if err == nil {
		err = localprofile.EndOfJSON(dec)
	}
	return grants, faults, err
}

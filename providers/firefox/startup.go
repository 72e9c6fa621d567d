package firefox

import (
	"guestlist/providers/internal/localprofile"
)

const startupFile = "addonStartup.json.lz4"

// started is what addonStartup.json.lz4 says of one add-on: the browser starts from this file,
// before it reads extensions.json.
type started struct {
	id, location, folder string
	Enabled              *bool  `json:"enabled"`
	Version              string `json:"version"`
	Path                 string `json:"path"` // relative to folder, or absolute
	RootURI              string `json:"rootURI"`
	Type                 string `json:"type"`
	SignedState          *int64 `json:"signedState"`
}

// startupKey names an add-on in one place of installation.
type startupKey struct{ location, id string }

func readStartup(dir *localprofile.Dir) (map[startupKey]started, error) {
	packed, err := dir.Read(startupFile, maxStartup, nil)
	if err != nil {
		return nil, err
	}
	data, err := unpackMozLz4(packed)
	if err != nil {
		return nil, err
	}
	return parseStartup(data)
}

// parseStartup reads the unpacked file: {location: {path, addons: {id: {enabled, path, rootURI,
// version, type}}}}.
func parseStartup(data []byte) (map[startupKey]started, error) {
	dec := newDecoder(data)
	states := map[startupKey]started{}
	err := members(dec, "the whole document", func(location string) error {
		folder := ""
		f := &fields{}
		var found []started
		if dec.PeekKind() != '{' {
			return dec.SkipValue()
		}
		err := members(dec, location, func(name string) error {
			switch {
			case name == "path":
				return f.read(dec, name, &folder)
			case name == "addons" && dec.PeekKind() == '{':
				return members(dec, name, func(id string) error {
					state := started{}
					err := f.read(dec, id, &state)
					state.id, state.location = id, location
					found = append(found, state)
					return err
				})
			}
			return dec.SkipValue()
		})
		for _, state := range found {
			state.folder = folder
			states[startupKey{location, state.id}] = state
		}
		return err
	})
	if err == nil {
		err = localprofile.EndOfJSON(dec)
	}
	return states, err
}

// at is where the add-on's files are, as far as the state says.
func (s *started) at() string {
	switch {
	case s.Path == "" || localprofile.IsAbsolute(s.Path) || s.folder == "":
		return s.Path
	default:
		return s.folder + "/" + s.Path
	}
}

package firefox

import (
	"slices"
	"strconv"
	"strings"

	"guestlist/providers/internal/localprofile"
)

const startupFile = "addonStartup.json.lz4"

// started is what addonStartup.json.lz4 says about one add-on: the browser starts from this file,
// before it reads extensions.json.
type started struct {
	id, location, folder string
	Enabled              *bool  `json:"enabled"`
	Version              string `json:"version"`
	Path                 string `json:"path"` // relative to directory, or absolute
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

// lagsBehind reports whether the state is of an earlier version than the list. The browser writes
// the list at once when it updates an add-on, and what it starts from some seconds later; and when
// it updates while it still looks for add-ons that were put into its places, it brings the state of
// the version before back until its next start (XPIDatabase.sys.mjs, processFileChanges).
func (s *started) lagsBehind(a *addon) bool {
	before, isPlain := plainVersion(s.Version)
	after, isPlainToo := plainVersion(a.version)
	return isPlain && isPlainToo && slices.Compare(before, after) < 0
}

// plainVersion returns the numbers of a version that has nothing else, without zeros at its end.
func plainVersion(version string) ([]uint64, bool) {
	var numbers []uint64
	for part := range strings.SplitSeq(version, ".") {
		number, err := strconv.ParseUint(part, 10, 64)
		if err != nil {
			return nil, false
		}
		numbers = append(numbers, number)
	}
	for len(numbers) > 0 && numbers[len(numbers)-1] == 0 {
		numbers = numbers[:len(numbers)-1]
	}
	return numbers, true
}

package firefox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"guestlist/providers/internal/localprofile"
)

// grantStore is where Nightly keeps the grants instead: a store of the library rkv in its "safe
// mode", one file that is always rewritten as a whole (ExtensionPermissions.sys.mjs; observed with
// ESR 153 switched over to it). Nightly removes extension-preferences.json once it has taken it
// over.
const grantStore = "extension-store-permissions/data.safe.bin"

// Of rkv's value types, the one that grants are: text.
const rkvText = 7

// grantKey begins the keys of the store that are followed by an add-on's ID; others, such as
// "_version", are the store's own.
const grantKey = "id-"

func readGrantStore(dir *localprofile.Dir) (map[string]permissions, []addonFault, error) {
	data, err := dir.Read(grantStore, maxGrants, nil)
	if err != nil {
		return nil, nil, err
	}
	return parseGrantStore(data)
}

// parseGrantStore reads the store's file (rkv's impl_safe, bincode 1; all numbers little-endian):
// the count of databases in eight bytes, and for each a byte that says whether it has a name, the
// name, four bytes of flags, the count of entries in eight bytes, and for each its key and value.
// Names, keys and values are their length in eight bytes and that many bytes; a value begins with
// its type. A count is believed only as far as entries follow.
func parseGrantStore(data []byte) (map[string]permissions, []addonFault, error) {
	if len(data) == 0 {
		return nil, nil, localprofile.ErrEmpty
	}
	r := &storeReader{rest: data}
	grants := map[string]permissions{}
	var faults []addonFault
	for databases := r.count(); databases > 0 && r.err == nil; databases-- {
		if named := r.take(1); len(named) == 1 && named[0] == 1 {
			r.text()
		}
		r.take(4)
		for entries := r.count(); entries > 0 && r.err == nil; entries-- {
			id, isGrant := strings.CutPrefix(string(r.text()), grantKey)
			value := r.text()
			if r.err != nil || !isGrant {
				continue
			}
			read, wrong := parseStoredGrant(value)
			grants[id] = read
			for _, what := range wrong {
				faults = append(faults, addonFault{id: id, what: what})
			}
		}
	}
	switch {
	case r.err != nil:
		return nil, nil, r.err
	case len(r.rest) > 0:
		return nil, nil, fmt.Errorf("%d bytes follow its end", len(r.rest))
	}
	return grants, faults, nil
}

// parseStoredGrant reads a value of the store: text that holds the same JSON as an entry of
// extension-preferences.json.
func parseStoredGrant(value []byte) (permissions, []string) {
	if len(value) == 0 || value[0] != rkvText {
		return permissions{}, []string{"its value is not text"}
	}
	r := &storeReader{rest: value[1:]}
	text := r.text()
	if r.err != nil || len(r.rest) > 0 {
		return permissions{}, []string{"its value has another length than it declares"}
	}
	f, read, dec := &fields{}, permissions{}, newDecoder(text)
	if err := f.read(dec, "the value", &read); err != nil || localprofile.EndOfJSON(dec) != nil {
		return permissions{}, []string{"its value is not JSON"}
	}
	return read, f.faults
}

// storeReader reads the parts of a store's file. After an error it returns nothing more.
type storeReader struct {
	rest []byte
	err  error
}

var errStoreEnds = errors.New("truncated: it declares more than it holds")

func (r *storeReader) count() uint64 {
	number := r.take(8)
	if r.err != nil {
		return 0
	}
	return binary.LittleEndian.Uint64(number)
}

func (r *storeReader) text() []byte { return r.take(r.count()) }

func (r *storeReader) take(size uint64) []byte {
	if r.err == nil && size > uint64(len(r.rest)) {
		r.err = errStoreEnds
	}
	if r.err != nil {
		return nil
	}
	taken := r.rest[:size]
	r.rest = r.rest[size:]
	return taken
}

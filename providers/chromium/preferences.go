package chromium

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
)

const (
	preferencesFile       = "Preferences"
	securePreferencesFile = "Secure Preferences"
	maxPreferences        = 128 << 20 // bytes; real ones stay below 50 MB
	maxEntries            = 20_000    // extensions in one profile
)

// preferences is what one or both preference files of a profile say.
type preferences struct {
	entries   map[string]*entry // by extension ID
	email     string            // of the first account signed in
	name      string            // the profile's name
	lastRun   string            // the version of the browser that last wrote the file
	developer *bool             // developer mode of the extensions page
	faults    []string          // values of a wrong type
	more      int               // further ones
}

// preferences reads the preference file with the given name.
func (r *reader) preferences(source io.Reader, file string) (*preferences, error) {
	r.reset(source)
	found := &preferences{entries: map[string]*entry{}}
	err := r.document(func(name string) error {
		switch name {
		case "extensions":
			return r.mustBeObject(func(name string) error {
				switch name {
				case "settings", "opsettings":
					return r.mustBeObject(func(id string) error { return r.setting(found.entries, id, file) })
				case "last_chrome_version":
					return r.optionalText(&found.lastRun)
				case "ui":
					return r.developerMode(&found.developer)
				}
				return r.skip()
			})
		case "account_info":
			return r.accounts(&found.email)
		case "profile":
			_, err := r.object(func(name string) error {
				if name == "name" {
					return r.optionalText(&found.name)
				}
				return r.skip()
			})
			return err
		}
		return r.skip()
	})
	found.faults, found.more = slices.Clone(r.faults), r.more
	return found, err
}

// mustBeObject reads an object without which the document says nothing. No browser writes null in
// its place.
func (r *reader) mustBeObject(member func(name string) error) error {
	kind, offset := r.dec.PeekKind(), r.dec.InputOffset()
	if kind == 'n' {
		r.fault("null where an object is expected")
	}
	if kind == '{' || kind == 'n' || kind == 0 {
		_, err := r.object(member)
		return err
	}
	if err := r.skip(); err != nil {
		return err
	}
	return &localprofile.StructureError{
		What:   strings.Join(r.path, ".") + " is " + localprofile.KindName(kind) + " where an object is expected",
		Offset: offset,
	}
}

func (r *reader) accounts(email *string) error {
	_, err := r.array(func() error {
		_, err := r.object(func(name string) error {
			if name == "email" && *email == "" {
				return r.optionalText(email)
			}
			return r.skip()
		})
		return err
	})
	return err
}

// developerMode reads the switch of the extensions page.
func (r *reader) developerMode(into **bool) error {
	_, err := r.object(func(name string) error {
		if name == "developer_mode" {
			return r.boolean(into)
		}
		return r.skip()
	})
	return err
}

// setting reads the entry of one extension. The browser also ignores what is not under an
// extension's ID or has no location; but if it looks like an entry anyway, it may be a damaged one.
func (r *reader) setting(entries map[string]*entry, name, file string) error {
	id, ok := cleanID(name)
	if ok && len(entries) >= maxEntries {
		r.fault("more extensions than the limit")
		return r.skip()
	}
	e := &entry{origin: file}
	isNull, faults := r.dec.PeekKind() == 'n', r.faultCount()
	_, err := e.read(r)
	switch {
	case err != nil:
		return err
	case !ok && !(e.isInstalled() && len(name) == idLength):
		return nil
	case !ok:
		r.fault("an extension whose name is not an ID")
		return nil
	case isNull:
		r.fault("null where an object is expected")
	case (e.location == nil) != (e.path == nil) && !e.wasUninstalled() && r.faultCount() == faults:
		r.fault("an entry with a location or a path, but not both")
	}
	entries[id] = e.with(entries[id])
	return nil
}

// merge adds what Secure Preferences says to what Preferences says. On Windows and macOS the
// browser reads its settings from Secure Preferences, on Linux from Preferences.
func (p *preferences) merge(secure *preferences) {
	for id, e := range secure.entries {
		p.entries[id] = e.with(p.entries[id])
	}
	if p.developer == nil || isTrue(secure.developer) {
		p.developer = cmp.Or(secure.developer, p.developer)
	}
	p.lastRun = cmp.Or(p.lastRun, secure.lastRun)
	if p.email == "" {
		p.email = secure.email
	}
	p.faults = append(p.faults, secure.faults...)
	p.more += secure.more
}

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

// entry is what the settings say of one extension.
type entry struct {
	location      *int64
	state         *int64 // absent since Chromium 136
	reasons       []int64
	bits          bool    // the reasons are one number, as before Chromium 136
	path          *string // "" is the folder Extensions itself
	fromWebstore  *bool
	creationFlags *int64

	active, granted, runtime *grant
	withheld                 *bool
	incognito, fileAccess    *bool
	byDefault, byOEM         *bool

	// Times are microseconds since 1601-01-01 UTC.
	installed, updated, launched, oldInstalled *int64

	store          *storeInfo
	safeBrowsing   *int64 // blacklist_state
	telemetry      *int64 // extension_telemetry_service_blocklist_state
	omaha          *int64 // omaha_blocklist_state
	oldBlocklisted *bool  // blacklist
	manifest       *manifest
	pending        *entry // idle_install_info: an update that waits for the extension to be idle

	origin string   // the file it stands in
	twins  []*entry // what else the profile says of the same extension
}

// grant is one set of permissions as the settings hold it.
type grant struct{ api, explicit, scriptable, manifest []string }

// storeInfo is cws-info: the Web Store's own word on an extension.
type storeInfo struct {
	present, live, unpublishedLongAgo, noPrivacyPractice *bool
	violation                                            *int64
}

// Bits of creation_flags that matter here (extensions/common/extension.h).
const oldBookmarkApp = 1 << 4

// isInstalled reports whether the browser counts the entry as an extension, by the rules of
// ExtensionPrefs::GetInstalledInfoHelper. The others are what is left of one: acknowledgements and
// verdicts. Chromium 156 removes an entry whole when its extension goes.
func (e *entry) isInstalled() bool {
	return e.location != nil && e.path != nil && !(e.creationFlags != nil && *e.creationFlags&oldBookmarkApp != 0)
}

// wasUninstalled reports the mark of older browsers that the user removed what a program had
// installed. Current ones do not know it, so it counts only where no files lie.
func (e *entry) wasUninstalled() bool {
	const externalUninstalled = 2
	return e.state != nil && *e.state == externalUninstalled
}

// where is the entry's path, "" where it has none.
func (e *entry) where() string {
	if e.path == nil {
		return ""
	}
	return *e.path
}

func (e *entry) hasReason(reason int64) bool { return slices.Contains(e.reasons, reason) }

// at is the entry's location, 0 where it has none.
func (e *entry) at() int64 {
	if e.location == nil {
		return 0
	}
	return *e.location
}

// preferences reads one preference file, of that name.
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

// mustBeObject reads an object without which the document tells nothing. No browser writes null in
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
	return &localprofile.StructureError{What: strings.Join(r.path, ".") + " is " + localprofile.KindName(kind) + " where an object is expected", Offset: offset}
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

// setting reads the entry of one extension. What is not under an extension's ID, or lacks its
// place, is nothing to the browser either; but where it looks like an entry all the same, it may be
// one that was damaged.
func (r *reader) setting(entries map[string]*entry, name, file string) error {
	id, ok := cleanID(name)
	if ok && len(entries) >= maxEntries {
		r.fault("more extensions than the limit")
		return r.skip()
	}
	e := &entry{origin: file}
	isNull, faults := r.dec.PeekKind() == 'n', r.faultCount()
	_, err := r.entry(e)
	switch {
	case err != nil:
		return err
	case !ok && !(e.isInstalled() && len(name) == idLength):
		return nil
	case !ok:
		r.fault("an extension under what is no ID")
		return nil
	case isNull:
		r.fault("null where an object is expected")
	case (e.location == nil) != (e.path == nil) && !e.wasUninstalled() && r.faultCount() == faults:
		r.fault("an entry with a location or a path, but not both")
	}
	entries[id] = e.with(entries[id])
	return nil
}

// with joins two entries of one ID, the better one first. Other may be nil. Of two, a browser
// believes one, and which depends on the system; see [scan.item].
func (e *entry) with(other *entry) *entry {
	if other == nil {
		return e
	}
	first, second := e, other
	if !e.isBetterThan(other) {
		first, second = other, e
	}
	first.twins = append(append(first.twins, second), second.twins...)
	second.twins = nil
	return first
}

// isBetterThan decides between two entries of one ID: one that counts as installed before one that
// does not, then the one that was updated last, then the later one read.
func (e *entry) isBetterThan(other *entry) bool {
	if e.isInstalled() != other.isInstalled() {
		return e.isInstalled()
	}
	return valueOf(e.updated) >= valueOf(other.updated)
}

// merge adds what Secure Preferences says to what Preferences says. On Windows and macOS the
// browser reads its settings in Secure Preferences, on Linux in Preferences.
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

func (r *reader) entry(e *entry) (bool, error) {
	return r.object(func(name string) error {
		switch name {
		case "location":
			return r.number(&e.location)
		case "state":
			return r.number(&e.state)
		case "disable_reasons":
			return r.reasons(e)
		case "path":
			return r.pointer(&e.path)
		case "from_webstore":
			return r.boolean(&e.fromWebstore)
		case "creation_flags":
			return r.number(&e.creationFlags)
		case "active_permissions":
			return r.grant(&e.active)
		case "granted_permissions":
			return r.grant(&e.granted)
		case "runtime_granted_permissions":
			return r.grant(&e.runtime)
		case "withholding_permissions":
			return r.boolean(&e.withheld)
		case "incognito":
			return r.boolean(&e.incognito)
		case "newAllowFileAccess":
			return r.boolean(&e.fileAccess)
		case "was_installed_by_default":
			return r.boolean(&e.byDefault)
		case "was_installed_by_oem":
			return r.boolean(&e.byOEM)
		case "first_install_time":
			return r.number(&e.installed)
		case "install_time":
			return r.number(&e.oldInstalled)
		case "last_update_time":
			return r.number(&e.updated)
		case "last_launch_time":
			return r.number(&e.launched)
		case "blacklist_state":
			return r.verdict(&e.safeBrowsing)
		case "extension_telemetry_service_blocklist_state":
			return r.verdict(&e.telemetry)
		case "omaha_blocklist_state":
			return r.verdict(&e.omaha)
		case "blacklist":
			return r.boolean(&e.oldBlocklisted)
		case "cws-info":
			return r.storeInfo(&e.store)
		case "manifest":
			return r.inlined(&e.manifest)
		case "idle_install_info":
			pending := &entry{}
			ok, err := r.entry(pending)
			if ok {
				e.pending = pending
			}
			return err
		}
		return r.skip()
	})
}

// reasons reads why an extension is disabled: a list of numbers, before Chromium 136 one number
// with a bit for each, which Chromium 156 no longer reads. The last member of that name counts.
// What is no whole number is no reason to the browser, which then runs the extension
// (ExtensionPrefs::ReadDisableReasonsFromPrefs).
func (r *reader) reasons(e *entry) error {
	e.reasons, e.bits = nil, false
	switch r.dec.PeekKind() {
	case '[':
		_, err := r.array(func() error {
			reason, err := r.strictNumber()
			if reason != nil {
				e.reasons = append(e.reasons, *reason)
			}
			return err
		})
		return err
	case '0':
		bits, err := r.strictNumber()
		if bits == nil || *bits < 0 {
			return err
		}
		e.bits = true
		for bit := range 63 {
			if *bits&(1<<bit) != 0 {
				e.reasons = append(e.reasons, 1<<bit)
			}
		}
		return err
	case 'n':
		return r.skip()
	}
	return r.wrong('[')
}

// verdict reads the number of a verdict. One that is text is none to the browser, which then runs
// the extension.
func (r *reader) verdict(into **int64) error {
	number, err := r.strictNumber()
	if number != nil {
		*into = number
	}
	return err
}

func (r *reader) grant(into **grant) error {
	read := &grant{}
	ok, err := r.object(func(name string) error {
		switch name {
		case "api":
			return r.permissions(&read.api)
		case "explicit_host":
			return r.texts(&read.explicit)
		case "scriptable_host":
			return r.texts(&read.scriptable)
		case "manifest_permissions":
			return r.permissions(&read.manifest)
		}
		return r.skip()
	})
	if ok {
		*into = read
	}
	return err
}

func (r *reader) storeInfo(into **storeInfo) error {
	read := &storeInfo{}
	ok, err := r.object(func(name string) error {
		switch name {
		case "is-present":
			return r.boolean(&read.present)
		case "is-live":
			return r.boolean(&read.live)
		case "violation-type":
			return r.number(&read.violation)
		case "unpublished-long-ago":
			return r.boolean(&read.unpublishedLongAgo)
		case "no-privacy-practice":
			return r.boolean(&read.noPrivacyPractice)
		}
		return r.skip()
	})
	if ok {
		*into = read
	}
	return err
}

// permissions reads a list of permissions, in which some are objects: {"fileSystem": ["write"]} is
// "fileSystem" and "fileSystem.write".
func (r *reader) permissions(into *[]string) error {
	_, err := r.array(func() error {
		if r.dec.PeekKind() != '{' {
			var name string
			err := r.text(&name)
			if name != "" {
				*into = append(*into, name)
			}
			return err
		}
		_, err := r.object(func(name string) error {
			*into = append(*into, name)
			if r.dec.PeekKind() != '[' {
				return r.skip()
			}
			_, err := r.array(func() error {
				var argument string
				err := r.optionalText(&argument)
				if argument != "" {
					*into = append(*into, name+"."+argument)
				}
				return err
			})
			return err
		})
		return err
	})
	return err
}

// optionalText reads a string that nothing depends on: another type is no fault.
func (r *reader) optionalText(into *string) error {
	if r.dec.PeekKind() == '"' {
		return r.text(into)
	}
	return r.skip()
}

// present notes that there is a value other than null and false.
func (r *reader) present(into *bool) error {
	switch r.dec.PeekKind() {
	case 'n', 'f':
	default:
		*into = true
	}
	return r.skip()
}

func valueOf(number *int64) int64 {
	if number == nil {
		return 0
	}
	return *number
}

func isTrue(b *bool) bool { return b != nil && *b }

func isFalse(b *bool) bool { return b != nil && !*b }

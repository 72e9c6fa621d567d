package chromium

import "slices"

// entry is what the settings say about one extension.
type entry struct {
	location      *int64
	state         *int64 // absent since Chromium 136
	reasons       []int64
	bits          bool    // the reasons are one number, as before Chromium 136
	path          *string // "" means the Extensions directory itself
	creationFlags *int64

	active, granted, runtime *grant
	withheld                 *bool
	incognito, fileAccess    *bool
	byDefault, byOEM         *bool
	verdicts

	// Times are microseconds since 1601-01-01 UTC.
	installed, updated, launched, oldInstalled *int64

	manifest *manifest
	onDisk   *manifest // of a pending update
	pending  *entry    // idle_install_info: an update that waits for the extension to be idle

	origin  string   // the file it is in
	browser string   // the key of the browser whose profile it is in
	twins   []*entry // what else the profile says about the same extension
}

// grant is one set of permissions as the settings hold it.
type grant struct{ api, explicit, scriptable, manifest []string }

// Bits of creation_flags that matter here (extensions/common/extension.h).
const oldBookmarkApp = 1 << 4

// isInstalled reports whether the browser counts the entry as an extension, by the rules of
// ExtensionPrefs::GetInstalledInfoHelper. The others are remains of one: acknowledgements and
// verdicts. Chromium 156 removes the whole entry together with its extension.
func (e *entry) isInstalled() bool {
	return e.location != nil && e.path != nil && !(e.creationFlags != nil && *e.creationFlags&oldBookmarkApp != 0)
}

// wasUninstalled reports the mark with which older browsers recorded that the user had removed what
// a program had installed. Current ones do not know it, so it counts only if there are no files.
func (e *entry) wasUninstalled() bool {
	const externalUninstalled = 2
	return e.state != nil && *e.state == externalUninstalled
}

// manifests returns the known manifests of an entry, which may be nil.
func (e *entry) manifests() []*manifest {
	if e == nil {
		return nil
	}
	return slices.DeleteFunc([]*manifest{e.manifest, e.onDisk}, func(m *manifest) bool { return m == nil })
}

// where is the entry's path, or "" if it has none.
func (e *entry) where() string {
	if e.path == nil {
		return ""
	}
	return *e.path
}

func (e *entry) hasReason(reason int64) bool { return slices.Contains(e.reasons, reason) }

// at is the entry's location, or 0 if it has none.
func (e *entry) at() int64 {
	if e.location == nil {
		return 0
	}
	return *e.location
}

// read reads the next entry. It reports whether it is an object.
func (e *entry) read(r *reader) (bool, error) {
	return r.object(func(name string) error {
		switch name {
		case "location":
			return r.number(&e.location)
		case "state":
			return r.number(&e.state)
		case "disable_reasons":
			return e.readReasons(r)
		case "path":
			return r.pointer(&e.path)
		case "creation_flags":
			return r.number(&e.creationFlags)
		case "active_permissions":
			return readGrant(r, &e.active)
		case "granted_permissions":
			return readGrant(r, &e.granted)
		case "runtime_granted_permissions":
			return readGrant(r, &e.runtime)
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
		case "manifest":
			return r.inlined(&e.manifest)
		case "idle_install_info":
			pending := &entry{}
			ok, err := pending.read(r)
			if ok {
				e.pending = pending
			}
			return err
		}
		return e.verdicts.member(r, name)
	})
}

// readReasons reads why an extension is disabled: a list of numbers, before Chromium 136 one number
// with a bit for each, which Chromium 156 no longer reads. The last member of that name counts. The
// browser ignores a reason that is not a whole number, and then runs the extension
// (ExtensionPrefs::ReadDisableReasonsFromPrefs).
func (e *entry) readReasons(r *reader) error {
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

func readGrant(r *reader, into **grant) error {
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

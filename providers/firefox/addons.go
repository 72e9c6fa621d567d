package firefox

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

const (
	extensionsFile = "extensions.json"
	maxExtensions  = 64 << 20 // bytes; with hundreds of add-ons it stays below 10 MB
	maxAddons      = 10_000
)

// addon is what guestlist needs from one entry of extensions.json. A nil pointer is a member that
// is absent or null.
type addon struct {
	id, version, kind, location string
	path, rootURI               string
	descriptor                  string // what path was before Firefox 60
	updateURL, sourceURI        string
	blocklistURL, incognito     string
	manifestVersion             *int64
	visible, active, hidden     *bool
	disabled                    []inventory.Untrusted // reasons from the four flags
	foreignInstall              *bool
	installed, updated, signed  int64 // milliseconds since 1970
	signedState, blocklistState *int64
	granted                     *permissions // nil: the kind has none, or the browser did not say
	isOld                       bool         // written by a browser from before Firefox 60
	optional                    permissions
	requested                   permissions
	locale                      defaultLocale
	locales                     jsontext.Value // what it says in other languages: an array of localized
	telemetry                   telemetry
}

type permissions struct {
	Permissions []string `json:"permissions"`
	Origins     []string `json:"origins"`
	Data        []string `json:"data_collection"`
}

type defaultLocale struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Creator     string `json:"creator"`
	HomepageURL string `json:"homepageURL"`
}

// telemetry is installTelemetryInfo: how the add-on was installed, as the browser saw it.
type telemetry struct {
	Source string `json:"source"`
	Method string `json:"method"`
}

// addonFault says which part of an entry could not be understood.
type addonFault struct {
	id   string // may be empty
	what string
}

// parseExtensions reads extensions.json. An error is a document that cannot be trusted as a whole;
// a fault costs one entry's member, or the entry if it has no ID.
func parseExtensions(source io.Reader) ([]*addon, []addonFault, error) {
	dec := jsontext.NewDecoder(source, localprofile.JSONOptions...)
	var addons []*addon
	var faults []addonFault
	listed := false
	err := members(dec, "the whole document", func(name string) error {
		if name != "addons" {
			return dec.SkipValue()
		}
		listed = true
		return elements(dec, "addons", func() error {
			value, err := dec.ReadValue()
			if err != nil {
				return err
			}
			if len(addons)+len(faults) >= maxAddons {
				return &localprofile.StructureError{What: fmt.Sprintf("more than %d add-ons", maxAddons), Offset: dec.InputOffset()}
			}
			read, wrong := parseAddon(value)
			for _, what := range wrong {
				id := ""
				if read != nil {
					id = read.id
				}
				faults = append(faults, addonFault{id: id, what: what})
			}
			if read != nil {
				addons = append(addons, read)
			}
			return nil
		})
	})
	if err == nil {
		err = localprofile.EndOfJSON(dec)
	}
	if err == nil && !listed {
		err = &localprofile.StructureError{What: "it has no addons", Offset: dec.InputOffset()}
	}
	return addons, faults, err
}

// parseAddon reads one entry; it returns nil for one without an ID.
func parseAddon(value jsontext.Value) (*addon, []string) {
	if value.Kind() != '{' {
		return nil, []string{"an entry of addons is " + localprofile.KindName(value.Kind()) + " where an object is expected"}
	}
	read, f := &addon{}, &fields{}
	dec := newDecoder(value)
	flags := [len(disablers)]*bool{}
	if err := members(dec, "the entry", func(name string) error { return read.member(dec, f, name, &flags) }); err != nil {
		return nil, []string{err.Error()} // cannot happen: the value has been checked
	}
	if read.id == "" {
		return nil, append(f.faults, "an entry of addons has no id")
	}
	if read.path == "" && read.descriptor != "" {
		read.path, read.isOld = read.descriptor, true
	}
	if read.location == "" {
		f.faults = append(f.faults, "location: it is missing, so where the browser finds the add-on is not known")
	}
	if read.path == "" && !strings.HasPrefix(read.location, "app-builtin") {
		f.faults = append(f.faults, "path: it is missing, so where its files are is not known")
	}
	for n, flag := range flags {
		if flag != nil && *flag {
			read.disabled = append(read.disabled, disablers[n].reason)
		}
	}
	return read, f.faults
}

// disablers are the members that keep an add-on off, and what they mean (XPIDatabase.sys.mjs).
var disablers = [...]struct {
	member string
	reason inventory.Untrusted
}{
	{"userDisabled", "user action"},
	{"appDisabled", "turned off by the browser: blocked, unsigned or incompatible"},
	{"softDisabled", "turned off by the browser: soft-blocked, or declined by the user when it was installed"},
	{"embedderDisabled", "turned off by the application that embeds the browser"},
	{"pendingUninstall", "removed by the user, and kept until that can no longer be undone"},
}

func (a *addon) member(dec *jsontext.Decoder, f *fields, name string, flags *[len(disablers)]*bool) error {
	for n, disabler := range disablers {
		if name == disabler.member {
			return f.read(dec, name, &flags[n])
		}
	}
	if place := a.place(name); place != nil {
		return f.read(dec, name, place)
	}
	return dec.SkipValue()
}

// place is where a member of an entry is kept; nil if it is not needed.
func (a *addon) place(name string) any {
	switch name {
	case "id":
		return &a.id
	case "version":
		return &a.version
	case "type":
		return &a.kind
	case "location":
		return &a.location
	case "path":
		return &a.path
	case "descriptor":
		return &a.descriptor
	case "rootURI":
		return &a.rootURI
	case "updateURL":
		return &a.updateURL
	case "sourceURI":
		return &a.sourceURI
	case "blocklistURL":
		return &a.blocklistURL
	case "incognito":
		return &a.incognito
	case "manifestVersion":
		return &a.manifestVersion
	case "visible":
		return &a.visible
	case "active":
		return &a.active
	case "hidden":
		return &a.hidden
	case "foreignInstall":
		return &a.foreignInstall
	case "installDate":
		return &a.installed
	case "updateDate":
		return &a.updated
	case "signedDate":
		return &a.signed
	case "signedState":
		return &a.signedState
	case "blocklistState":
		return &a.blocklistState
	case "userPermissions":
		return &a.granted
	case "optionalPermissions":
		return &a.optional
	case "requestedPermissions":
		return &a.requested
	case "defaultLocale":
		return &a.locale
	case "locales":
		return &a.locales
	case "installTelemetryInfo":
		return &a.telemetry
	}
	return nil
}

func isTrue(value *bool) bool  { return value != nil && *value }
func isFalse(value *bool) bool { return value != nil && !*value }

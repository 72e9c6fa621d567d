package chromium

import (
	"fmt"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// Where an extension came from, as the settings number it (extensions/common/mojom/manifest.mojom).
const (
	atInternal           = 1
	atExternalPref       = 2
	atExternalRegistry   = 3
	atUnpacked           = 4
	atComponent          = 5
	atExternalDownload   = 6
	atPolicyDownload     = 7
	atCommandLine        = 8
	atPolicy             = 9
	atExternalComponent  = 10
	reasonMorePermission = 2
)

var locationNames = map[int64]string{
	atInternal:          "internal",
	atExternalPref:      "external preference",
	atExternalRegistry:  "external registry",
	atUnpacked:          "unpacked",
	atComponent:         "component",
	atExternalDownload:  "external download",
	atPolicyDownload:    "policy download",
	atCommandLine:       "command line",
	atPolicy:            "policy",
	atExternalComponent: "external component",
}

// disableReasons names the reasons of extensions/browser/disable_reason.h. A number without a name is reported as a number.
var disableReasons = map[int64]string{
	1:                    "user action",
	reasonMorePermission: "permissions increase: waits for consent",
	1 << 2:               "reload",
	1 << 3:               "unsupported requirement",
	1 << 4:               "sideloaded, not yet accepted",
	1 << 5:               "unknown, from sync",
	1 << 7:               "not verified",
	1 << 9:               "on the browser's list of unwanted extensions",
	1 << 10:              "corrupted",
	1 << 11:              "installed from another device",
	1 << 13:              "installed by a program, not yet accepted",
	1 << 14:              "update required by policy",
	1 << 15:              "waits for a custodian's approval",
	1 << 16:              "blocked by policy",
	1 << 20:              "reinstall",
	1 << 21:              "not on the browser's list of known extensions",
	1 << 22:              "unpublished, and policy wants published ones",
	1 << 23:              "manifest version no longer supported",
	1 << 24:              "developer mode is off",
}

// isComponent reports whether the item is part of the browser.
func (e *entry) isComponent() bool { return e.at() == atComponent || e.at() == atExternalComponent }

// isUnpacked reports whether the item is loaded from a folder outside the profile.
func (e *entry) isUnpacked() bool { return e.at() == atUnpacked || e.at() == atCommandLine }

// isInstalledPackage reports whether the item's files must lie below the profile's Extensions folder.
func (e *entry) isInstalledPackage() bool {
	switch e.at() {
	case atInternal, atExternalPref, atExternalRegistry, atExternalDownload, atPolicyDownload, atPolicy:
		return true
	}
	return false
}

// stateOf says whether the extension is on. Since Chromium 136 the reasons alone decide; older profiles have a state beside them.
func (e *entry) stateOf() (inventory.State, []inventory.Untrusted) {
	const off, on = 0, 1
	var reasons []inventory.Untrusted
	for _, reason := range e.reasons {
		name, ok := disableReasons[reason]
		if !ok {
			name = fmt.Sprintf("reason %d", reason)
		}
		reasons = append(reasons, inventory.Untrusted(name))
	}
	switch {
	case e.isMalware():
		return inventory.StateDisabled, append(reasons, "blocked by the browser as malware")
	case e.reasonsUnknown:
		return inventory.StateUnknown, append(reasons, "the profile's reasons cannot be read")
	case len(reasons) > 0 && e.state != nil && *e.state == on:
		return inventory.StateUnknown, append(reasons, "the profile calls it both on and off")
	case len(reasons) > 0:
		return inventory.StateDisabled, reasons
	case e.state == nil || *e.state == on:
		return inventory.StateEnabled, nil
	case *e.state == off:
		return inventory.StateDisabled, nil
	}
	return inventory.StateUnknown, []inventory.Untrusted{inventory.Untrusted(fmt.Sprintf("state %d", *e.state))}
}

// originOf says how the extension came in. Browser is the browser's key, m its manifest, which may be nil.
func (e *entry) originOf(browser string, m *manifest) inventory.Origin {
	switch e.at() {
	case atInternal:
		if isTrue(e.fromWebstore) || m != nil && isOwnStore(browser, m.updateURL) {
			return inventory.OriginStore
		}
		return inventory.OriginSideload
	case atExternalPref, atExternalRegistry, atExternalDownload:
		return inventory.OriginSideload
	case atUnpacked, atCommandLine:
		return inventory.OriginUnpacked
	case atPolicyDownload, atPolicy:
		return inventory.OriginPolicy
	case atComponent, atExternalComponent:
		return inventory.OriginBuiltin
	}
	return inventory.OriginUnknown
}

// isOwnStore reports whether an update address is that of the browser's own store.
func isOwnStore(browser, updateURL string) bool {
	for _, store := range storeUpdateURLs {
		if strings.HasPrefix(browser, store.keyPrefix) && strings.HasPrefix(updateURL, store.updateURL) {
			return true
		}
	}
	return false
}

func (e *entry) locationName() string {
	if name, ok := locationNames[e.at()]; ok {
		return name
	}
	return fmt.Sprint(e.at())
}

// chromeTime turns microseconds since 1601-01-01 UTC into a time. Anything outside 1970 to 9999 is unknown.
func chromeTime(micros *int64) time.Time {
	const epoch = 11_644_473_600 // seconds from 1601 to 1970
	if micros == nil || *micros <= epoch*1_000_000 {
		return time.Time{}
	}
	t := time.UnixMicro(*micros - epoch*1_000_000).UTC()
	if t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

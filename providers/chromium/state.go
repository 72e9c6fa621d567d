package chromium

import (
	"fmt"
	"strconv"
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

// disableReasons names the reasons of extensions/browser/disable_reason.h. A number without a name
// is reported as a number: 1<<7 (known disabled), 1<<12, 1<<17, 1<<18 and 1<<21 (ash keep-list) are
// retired.
var disableReasons = map[int64]string{
	1:                    "user action",
	reasonMorePermission: "permissions increase: waits for consent",
	1 << 2:               "reload",
	1 << 3:               "unsupported requirement",
	1 << 4:               "sideloaded, not yet accepted",
	1 << 5:               "unknown, from sync",
	1 << 8:               "not verified",
	1 << 9:               "on the browser's list of unwanted extensions",
	1 << 10:              "corrupted",
	1 << 11:              "installed from another device",
	1 << 13:              "installed by a program, not yet accepted",
	1 << 14:              "update required by policy",
	1 << 15:              "waits for a custodian's approval",
	1 << 16:              "blocked by policy",
	1 << 19:              "reinstall",
	1 << 20:              "not on the browser's list of known extensions",
	1 << 22:              "unpublished, and policy wants published ones",
	1 << 23:              "manifest version no longer supported",
	1 << 24:              "developer mode is off",
	1 << 26:              "blocked by a cloud policy check",
}

// claimsComponent reports whether the entry says that the item is part of the browser.
func (e *entry) claimsComponent() bool { return e.at() == atComponent || e.at() == atExternalComponent }

// isUnpacked reports whether the item is loaded from a directory outside the profile.
func (e *entry) isUnpacked() bool { return e.at() == atUnpacked || e.at() == atCommandLine }

// isInstalledPackage reports whether the item's files must be below the profile's Extensions
// directory.
func (e *entry) isInstalledPackage() bool {
	switch e.at() {
	case atInternal, atExternalPref, atExternalRegistry, atExternalDownload, atPolicyDownload, atPolicy:
		return true
	}
	return false
}

// stateOf says whether the extension is on. Only the reasons decide: since Chromium 136 there is no
// state any more, what is left of it is not updated, and before that no browser turned an extension
// off without a reason. Reasons in the form of one number count only for those older browsers.
// lastRun is the version of the browser.
func (e *entry) stateOf(lastRun string) (inventory.State, []inventory.Untrusted) {
	const on = 1
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
	case len(reasons) == 0:
		return inventory.StateEnabled, nil
	case e.state != nil && *e.state == on && knowsState(lastRun):
		return inventory.StateUnknown, append(reasons, "the profile calls it both on and off")
	case e.bits && !knowsState(lastRun):
		return inventory.StateUnknown, append(reasons, "written as only browsers before 136 read it")
	}
	return inventory.StateDisabled, reasons
}

// waitsForConsent reports whether the extension is off until someone agrees to an update that asks
// for more. Reasons that the browser ignores do not keep it off.
func (e *entry) waitsForConsent(lastRun string) bool {
	state, _ := e.stateOf(lastRun)
	return e.hasReason(reasonMorePermission) && state == inventory.StateDisabled
}

// knowsState reports whether a browser of that version goes by the state and not by the reasons.
func knowsState(version string) bool {
	const lastWithState = 135
	major, _, _ := strings.Cut(version, ".")
	number, err := strconv.Atoi(major)
	return err == nil && number <= lastWithState
}

// originOf says how the extension was installed. browser is the browser's key; the manifests are
// the settings' copy and the one on disk, each of which may be nil.
func (e *entry) originOf(browser string, manifests ...*manifest) inventory.Origin {
	switch e.at() {
	case atInternal:
		if e.isFromStore(browser, manifests) {
			return inventory.OriginStore
		}
		return inventory.OriginSideload
	case atExternalPref, atExternalRegistry, atExternalDownload:
		if isTrue(e.byDefault) && e.isFromStore(browser, manifests) {
			return inventory.OriginStore // the browser itself fetches it from its store for every new profile
		}
		return inventory.OriginSideload
	case atUnpacked, atCommandLine:
		return inventory.OriginUnpacked
	case atPolicyDownload, atPolicy:
		return inventory.OriginPolicy
	}
	return inventory.OriginUnknown
}

// isFromStore reports whether a store delivered the extension. The settings claim so, and so may
// the manifest of a browser with a store of its own; but an extension that is updated from an
// address other than a store's came from there. A manifest without an address says nothing.
func (e *entry) isFromStore(browser string, manifests []*manifest) bool {
	claimed := isTrue(e.fromWebstore)
	for _, m := range manifests {
		if m == nil || m.updateURL == "" {
			continue
		}
		keyPrefix, isStore := storeOf(m.updateURL)
		if !isStore {
			return false
		}
		claimed = claimed || keyPrefix != "" && strings.HasPrefix(browser, keyPrefix)
	}
	return claimed
}

// storeOf finds an update address in storeUpdateURLs: it returns the beginning of the keys of the
// browsers whose store it is, "" for the Web Store.
func storeOf(updateURL string) (keyPrefix string, isStore bool) {
	for _, store := range storeUpdateURLs {
		if strings.HasPrefix(updateURL, store.updateURL) {
			return store.keyPrefix, true
		}
	}
	return "", false
}

func (e *entry) locationName() string {
	if name, ok := locationNames[e.at()]; ok {
		return name
	}
	return fmt.Sprint(e.at())
}

// chromeTime converts microseconds since 1601-01-01 UTC to a time. Anything outside 1970 to 9999 is
// unknown.
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

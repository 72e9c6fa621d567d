package firefox

import (
	"slices"

	"guestlist/scanner/inventory"
)

// stateOf says whether the add-on is active now, and if not, why. If two lists disagree, the one
// that starts it counts.
func (s *scan) stateOf(a *addon) (inventory.State, []inventory.Untrusted) {
	state, isStarted := s.startup[startupKey{a.location, a.id}]
	switch {
	case isStarted && isTrue(state.Enabled), isTrue(a.active):
		return inventory.StateEnabled, nil
	case a.active == nil:
		return inventory.StateUnknown, a.disabled
	case isFalse(a.visible) && s.shown[a.id]:
		return inventory.StateDisabled, append(slices.Clone(a.disabled), "hidden by another copy of the same add-on")
	case len(a.disabled) > 0:
		return inventory.StateDisabled, a.disabled
	case isStarted:
		return inventory.StateDisabled, []inventory.Untrusted{"the browser gives no reason"}
	}
	return inventory.StateUnknown, []inventory.Untrusted{"off, without a reason"}
}

// markVerdicts adds what the browser's maker says about the add-on: its signature and its
// blocklist.
func (a *addon) markVerdicts(item *inventory.Item, standing standing) {
	if a.signedState != nil {
		switch state := *a.signedState; {
		case state == signedMissing:
			item.Mark(inventory.MarkVendor, inventory.MarkUnsigned, "")
		case state == signedUnknown:
			item.Mark(inventory.MarkVendor, inventory.MarkUnsigned, "its signature is not one that the browser knows")
		case state == signedBroken:
			item.Mark(inventory.MarkVendor, inventory.MarkBrokenSignature, "")
		case state < signedBroken:
			item.Mark(inventory.MarkVendor, inventory.MarkUnsigned, inventory.Textf("signing state %d", state))
		case (state == signedSystem || state == signedPrivileged) && standing != builtin:
			item.Mark(inventory.MarkNote, inventory.MarkPrivileged, "signed to use the browser's own interfaces")
		}
	}
	if a.blocklistState == nil || *a.blocklistState == 0 {
		return
	}
	detail := inventory.Untrusted(a.blocklistURL)
	switch *a.blocklistState { // nsIBlocklistService; 3 and above are from older browsers
	case 1:
		item.Mark(inventory.MarkVendor, inventory.MarkSoftBlocked, detail)
	case 2:
		item.Mark(inventory.MarkVendor, inventory.MarkBlocklisted, detail)
	case 4, 5:
		item.Mark(inventory.MarkVendor, inventory.MarkVulnerable, detail)
	default:
		item.Mark(inventory.MarkVendor, inventory.MarkBlocklisted,
			inventory.Textf("blocklist state %d", *a.blocklistState))
	}
}

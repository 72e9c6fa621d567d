package chromium

import (
	"fmt"

	"guestlist/scanner/inventory"
)

// couldNotAsk is the number of an extension of which the server could not be asked: no verdict.
const couldNotAsk = 5

// Two spellings of one verdict (extensions/browser/blocklist_state.h, blocklist_extension_prefs.cc): blacklist_state and
// extension_telemetry_service_blocklist_state hold a number, omaha_blocklist_state holds a bit for each.
var (
	blocklistNumbers = map[int64]inventory.MarkName{
		1: inventory.MarkMalware, 2: inventory.MarkVulnerable, 3: inventory.MarkPolicyViolation, 4: inventory.MarkUnwanted,
	}
	blocklistBits = map[int64]inventory.MarkName{
		1: inventory.MarkMalware, 2: inventory.MarkVulnerable, 4: inventory.MarkPolicyViolation, 8: inventory.MarkUnwanted,
	}
	// violations are the values of cws-info's violation-type. 4 is "unknown": no verdict.
	violations = map[int64]inventory.MarkName{
		1: inventory.MarkMalware, 2: inventory.MarkPolicyViolation, 3: inventory.MarkMinorViolation,
	}
)

// markVerdicts adds what the store and the browser's lists say. No cws-info at all is unknown, and no mark.
func (e *entry) markVerdicts(item *inventory.Item) {
	vendor := func(name inventory.MarkName, detail string) {
		item.Mark(inventory.MarkVendor, name, inventory.Untrusted(detail))
	}
	for key, state := range map[string]*int64{
		"blacklist_state": e.safeBrowsing, "extension_telemetry_service_blocklist_state": e.telemetry,
	} {
		if value := valueOf(state); value > 0 && value != couldNotAsk {
			name, ok := blocklistNumbers[value]
			if !ok {
				name = inventory.MarkBlocklisted
			}
			vendor(name, fmt.Sprintf("%s %d", key, value))
		}
	}
	for rest, bit := valueOf(e.omaha), int64(1); rest > 0; bit <<= 1 {
		if rest&bit != 0 {
			name, ok := blocklistBits[bit]
			if !ok {
				name = inventory.MarkBlocklisted
			}
			vendor(name, fmt.Sprintf("omaha_blocklist_state %d", valueOf(e.omaha)))
			rest &^= bit
		}
	}
	if isTrue(e.oldBlocklisted) {
		vendor(inventory.MarkBlocklisted, "blacklist")
	}
	e.markStore(item, vendor)
}

func (e *entry) markStore(item *inventory.Item, vendor func(name inventory.MarkName, detail string)) {
	if e.store == nil {
		return
	}
	if name, ok := violations[valueOf(e.store.violation)]; ok {
		vendor(name, fmt.Sprintf("the Web Store's verdict: violation-type %d", *e.store.violation))
	}
	switch {
	case isTrue(e.store.present) && isFalse(e.store.live):
		vendor(inventory.MarkDelisted, "no longer offered by the Web Store")
	case isFalse(e.store.present) && isTrue(e.fromWebstore):
		vendor(inventory.MarkDelisted, "no longer in the Web Store")
	}
	if isTrue(e.store.unpublishedLongAgo) {
		vendor(inventory.MarkUnpublished, "")
	}
	if isTrue(e.store.noPrivacyPractice) {
		item.Mark(inventory.MarkNote, inventory.MarkNoPrivacyDetails, "")
	}
}

// isMalware reports whether the browser refuses to load the extension. Of the verdicts only this one does so without a disable
// reason.
func (e *entry) isMalware() bool {
	const malware = 1
	return valueOf(e.safeBrowsing) == malware || valueOf(e.telemetry) == malware || valueOf(e.omaha)&malware != 0
}

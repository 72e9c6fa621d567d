package chromium

import (
	"fmt"

	"guestlist/scanner/inventory"
)

// couldNotAsk is the number for an extension about which the server could not be asked: no verdict.
const couldNotAsk = 5

// Two spellings of one verdict (extensions/browser/blocklist_state.h,
// blocklist_extension_prefs.cc): blacklist_state and extension_telemetry_service_blocklist_state
// hold a number, omaha_blocklist_state holds a bit for each.
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

// verdicts are what the store and the browser's lists say about an extension, as its entry holds
// it.
type verdicts struct {
	store          *storeInfo
	safeBrowsing   *int64 // blacklist_state
	telemetry      *int64 // extension_telemetry_service_blocklist_state
	omaha          *int64 // omaha_blocklist_state
	oldBlocklisted *bool  // blacklist
	fromWebstore   *bool
}

// storeInfo is cws-info: the Web Store's own verdict on an extension.
type storeInfo struct {
	present, live, unpublishedLongAgo, noPrivacyPractice *bool
	violation                                            *int64
}

// member reads a member of an entry, if it is one of these.
func (v *verdicts) member(r *reader, name string) error {
	switch name {
	case "blacklist_state":
		return readVerdict(r, &v.safeBrowsing)
	case "extension_telemetry_service_blocklist_state":
		return readVerdict(r, &v.telemetry)
	case "omaha_blocklist_state":
		return readVerdict(r, &v.omaha)
	case "blacklist":
		return r.boolean(&v.oldBlocklisted)
	case "cws-info":
		return readStoreInfo(r, &v.store)
	case "from_webstore":
		return r.boolean(&v.fromWebstore)
	}
	return r.skip()
}

// readVerdict reads the number of a verdict. The browser ignores one that is a string, and then
// runs the extension.
func readVerdict(r *reader, into **int64) error {
	number, err := r.strictNumber()
	if number != nil {
		*into = number
	}
	return err
}

func readStoreInfo(r *reader, into **storeInfo) error {
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

// markVerdicts adds what the store and the browser's lists say. No cws-info at all means unknown,
// and adds no mark.
func (v *verdicts) markVerdicts(item *inventory.Item) {
	vendor := func(name inventory.MarkName, detail string) {
		item.Mark(inventory.MarkVendor, name, inventory.Untrusted(detail))
	}
	for key, state := range map[string]*int64{
		"blacklist_state": v.safeBrowsing, "extension_telemetry_service_blocklist_state": v.telemetry,
	} {
		if value := valueOf(state); value > 0 && value != couldNotAsk {
			name, ok := blocklistNumbers[value]
			if !ok {
				name = inventory.MarkBlocklisted
			}
			vendor(name, fmt.Sprintf("%s %d", key, value))
		}
	}
	for rest, bit := valueOf(v.omaha), int64(1); rest > 0; bit <<= 1 {
		if rest&bit != 0 {
			name, ok := blocklistBits[bit]
			if !ok {
				name = inventory.MarkBlocklisted
			}
			vendor(name, fmt.Sprintf("omaha_blocklist_state %d", valueOf(v.omaha)))
			rest &^= bit
		}
	}
	if isTrue(v.oldBlocklisted) {
		vendor(inventory.MarkBlocklisted, "blacklist")
	}
	v.markStore(item, vendor)
}

func (v *verdicts) markStore(item *inventory.Item, vendor func(name inventory.MarkName, detail string)) {
	if v.store == nil {
		return
	}
	if name, ok := violations[valueOf(v.store.violation)]; ok {
		vendor(name, fmt.Sprintf("the Web Store's verdict: violation-type %d", *v.store.violation))
	}
	switch {
	case isTrue(v.store.present) && isFalse(v.store.live):
		vendor(inventory.MarkDelisted, "no longer offered by the Web Store")
	case isFalse(v.store.present) && isTrue(v.fromWebstore):
		vendor(inventory.MarkDelisted, "no longer in the Web Store")
	}
	if isTrue(v.store.unpublishedLongAgo) {
		vendor(inventory.MarkUnpublished, "")
	}
	if isTrue(v.store.noPrivacyPractice) {
		item.Mark(inventory.MarkNote, inventory.MarkNoPrivacyDetails, "")
	}
}

// isMalware reports whether the browser refuses to load the extension. Of the verdicts only this
// one does so without a disable reason.
func (v *verdicts) isMalware() bool {
	const malware = 1
	return valueOf(v.safeBrowsing) == malware || valueOf(v.telemetry) == malware || valueOf(v.omaha)&malware != 0
}

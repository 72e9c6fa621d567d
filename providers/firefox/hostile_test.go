package firefox

import (
	"encoding/json"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

// What an add-on calls itself travels as it is, within its limit, and shows harmless when it is
// printed.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	const mean = "\x1b[2J\x1b[31mTrusted\r\nApproved by IT \u202eexe.txt\u2066 \u200b=cmd|' /C calc'!A1 <b>&amp; |`*_"
	text := func(value string) string { encoded, _ := json.Marshal(value); return string(encoded) } // strings always encode
	long := strings.Repeat(mean, 1<<20/len(mean)+1)
	h := newHome(t)
	h.writeProfile()
	h.write(firefoxDir+profilesFile, "[Profile0]\nName=\x1b[31mWork\u202e\nIsRelative=1\nPath=work.default\n")
	h.write(profileDir+extensionsFile, `{"addons":[`+
		`{"id":`+text(mean)+`,"version":`+text(long)+`,"location":"app-profile","active":true,"path":`+text("/x/extensions/"+mean)+`,
		"defaultLocale":{"name":`+text(long)+`,"creator":`+text(mean)+`,"description":`+text(long)+`},
		"userPermissions":{"permissions":[`+text(mean)+`,`+text(long)+`],"origins":[`+text(long)+`]}},`+
		`{"id":"b@acme.example","version":7,"location":`+text(mean)+`},`+entry+`]}`)
	items, coverage := h.collect()
	if len(items) != 3 || coverage[0].Status != inventory.StatusPartial {
		t.Fatalf("%d items, coverage %+v", len(items), coverage[0])
	}
	for _, item := range items {
		encoded, err := json.Marshal(item)
		if err != nil || len(encoded) > 32<<10 {
			t.Errorf("a record of %d bytes, %v", len(encoded), err)
		}
		for _, shown := range []string{item.App.ID.String(), item.App.Name.String(), item.App.Publisher.String(), item.Holder.ProfileName.String(), item.Version.String()} {
			if strings.ContainsAny(shown, "\x1b\r\n\u202e\u2066\u200b") {
				t.Errorf("%q acts on a terminal", shown)
			}
		}
		if item.Holder.ProfileName != "\x1b[31mWork\u202e" {
			t.Errorf("the profile is called %q", item.Holder.ProfileName)
		}
	}
}

func TestTimesAndNumbersBeyondMeaning(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.writeProfile()
	h.write(profileDir+extensionsFile, withEntry(`"installDate":-5,"updateDate":9007199254740993000,"signedDate":1795467905901,"signedState":99,"manifestVersion":2`))
	items, coverage := h.collect()
	if len(items) != 1 || coverage[0].Status != inventory.StatusComplete {
		t.Fatalf("%d items, coverage %+v", len(items), coverage[0])
	}
	if !items[0].Added.IsZero() || !items[0].Updated.IsZero() {
		t.Errorf("times are %v and %v, want none", items[0].Added, items[0].Updated)
	}
	if got := items[0].Facts["signed_at"]; got != "2026-11-23T21:05:05Z" {
		t.Errorf("signed at %q", got)
	}
}

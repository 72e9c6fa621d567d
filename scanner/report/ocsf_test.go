package report

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/diff"
)

// The framework's own schema comes with no package that can be had here, so this is a list of what
// the files of https://github.com/ocsf/ocsf-schema say of the class Detection Finding and of its
// objects, as of 1.3: the attributes that guestlist writes, which of them are required, their types
// and the numbers that they may have. An attribute that is not listed is refused.
type ocsfObject map[string]ocsfAttribute

type ocsfAttribute struct {
	required bool
	is       string     // string, integer, strings; empty: an object or a list of them
	numbers  []float64  // which an integer may have; nil is any
	object   ocsfObject // nil takes anything
	list     bool
}

var (
	aText    = ocsfAttribute{is: "string"}
	mustText = ocsfAttribute{is: "string", required: true}
	oneOf    = func(allowed ...float64) ocsfAttribute {
		return ocsfAttribute{is: "integer", required: true, numbers: allowed}
	}
)

var detectionFinding = ocsfObject{
	"activity_id": oneOf(0, 1, 2, 3, 99), "activity_name": aText, "category_uid": oneOf(2), "category_name": aText,
	"class_uid":  oneOf(2004),
	"class_name": aText, "type_uid": oneOf(200400, 200401, 200402, 200403, 200499), "type_name": aText, "time": oneOf(),
	"severity_id": oneOf(0, 1, 2, 3, 4, 5, 6, 99), "severity": aText, "message": aText, "risk_level": aText,
	"status":        aText,
	"status_id":     {is: "integer", numbers: []float64{0, 1, 2, 3, 4, 5, 6, 99}},
	"risk_level_id": {is: "integer", numbers: []float64{0, 1, 2, 3, 4, 99}},
	"metadata": {required: true, object: ocsfObject{
		"version": mustText, "correlation_uid": aText,
		"product": {required: true, object: ocsfObject{"name": mustText, "vendor_name": aText, "version": aText}},
	}},
	"finding_info": {required: true, object: ocsfObject{
		"uid": mustText, "title": aText, "desc": aText, "types": {is: "strings"},
		"analytic": {object: ocsfObject{"name": aText, "uid": aText, "type": aText, "type_id": oneOf(0, 1, 2, 3, 4, 99)}},
	}},
	"resources": {list: true, object: ocsfObject{
		"uid": aText, "name": aText, "type": aText, "version": aText,
		"owner": {object: ocsfObject{"name": aText, "uid": aText}},
	}},
	"remediation": {object: ocsfObject{"desc": mustText}},
	"unmapped":    {},
}

// captions are the names that belong to a number.
var captions = map[string]map[float64]string{
	"severity":      {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical"},
	"activity_name": {1: "Create", 2: "Update", 3: "Close"},
	"status":        {1: "New", 4: "Resolved"}, "risk_level": {0: "Info", 1: "Low", 2: "Medium", 3: "High", 4: "Critical"},
}

// areOCSFEvents: every line is an event of the class.
func areOCSFEvents(t *testing.T, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Errorf("%v in %.300q", err, line)
			continue
		}
		detectionFinding.holds(t, "event", event)
		if event["type_uid"] != event["class_uid"].(float64)*100+event["activity_id"].(float64) {
			t.Errorf("type %v of class %v and activity %v", event["type_uid"], event["class_uid"], event["activity_id"])
		}
		for name, byNumber := range captions {
			number := strings.TrimSuffix(name, "_name") + "_id"
			if id, is := event[number].(float64); is && byNumber[id] != "" && byNumber[id] != event[name] {
				t.Errorf("%s %v is called %v", number, id, event[name])
			}
		}
	}
}

func (o ocsfObject) holds(t *testing.T, path string, value map[string]any) {
	t.Helper()
	for name, attribute := range o {
		if _, is := value[name]; attribute.required && !is {
			t.Errorf("%s has no %s", path, name)
		}
	}
	for name, each := range value {
		attribute, known := o[name]
		if !known {
			t.Errorf("%s has no attribute %s", path, name)
			continue
		}
		attribute.holds(t, path+"."+name, each)
	}
}

func (a ocsfAttribute) holds(t *testing.T, path string, value any) {
	t.Helper()
	ok := true
	switch a.is {
	case "string":
		_, ok = value.(string)
	case "strings":
		var list []any
		list, ok = value.([]any)
		ok = ok && !slices.ContainsFunc(list, func(each any) bool { _, is := each.(string); return !is })
	case "integer":
		var n float64
		n, ok = value.(float64)
		ok = ok && n == math.Trunc(n) && (a.numbers == nil || slices.Contains(a.numbers, n))
	default:
		list := []any{value}
		if a.list {
			list, ok = value.([]any)
		}
		for _, each := range list {
			object, is := each.(map[string]any)
			ok = ok && is
			if a.object != nil {
				a.object.holds(t, path, object)
			}
		}
	}
	if !ok {
		t.Errorf("%s is %v", path, value)
	}
}

func TestEachFindingIsADetectionFinding(t *testing.T) {
	t.Parallel()
	out := rendered(t, ocsfFormat, few())
	areOCSFEvents(t, out)
	areOCSFEvents(t, rendered(t, ocsfFormat, organizations()))
	var got []string
	for line := range strings.Lines(out) {
		var event struct {
			TypeName    string `json:"type_name"`
			Severity    string
			Status      string
			FindingInfo struct{ Title string } `json:"finding_info"`
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join([]string{event.TypeName, event.Severity, event.Status, event.FindingInfo.Title},
			" | "))
	}
	want := []string{
		"Detection Finding: Update | Critical |  | Page Clipper: more access than approved",
		"Detection Finding: Create | Medium | New | Deployer: not approved",
		"Detection Finding: Update | Medium |  | ada/chromium/Default/x: could not be read",
		"Detection Finding: Close | Informational | Resolved | App goneaaaaaaaaaaaaaaaaaaaaaaaaaaaa: gone since the last scan",
		"Detection Finding: Update | Informational |  | Old App: nothing matches this entry",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestInAFirstScanEveryFindingIsCreated(t *testing.T) {
	t.Parallel()
	for change, want := range map[diff.Rule][2]int{"": {ocsfCreate, ocsfUpdate}, diff.New: {ocsfCreate, ocsfCreate},
		diff.Changed: {ocsfCreate, ocsfUpdate}, diff.Removed: {ocsfClose, ocsfClose}} {
		first, _ := ocsfActivity(change, true)
		later, _ := ocsfActivity(change, false)
		if got := [2]int{first, later}; got != want {
			t.Errorf("%q: %v, want %v", change, got, want)
		}
	}
}

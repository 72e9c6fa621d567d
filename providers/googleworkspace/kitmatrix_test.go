package googleworkspace

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"guestlist/providers/fake/googlefake"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// matrixCall is one of Google's calls, and the member of its answer that is its list.
type matrixCall struct {
	name, list string
	perUser    bool
	paged      bool
	// nothing: an empty object is an answer here. An empty list of settings has no kind, and a log without one adds dates only.
	nothing bool
	source  string
}

// matrixFault is a wrong answer in place of the right one, or the right one changed.
type matrixFault struct {
	name  string
	fault func(call matrixCall) *googlefake.Fault // nil: does not apply
	fine  func(call matrixCall) bool              // the answer is a right one for this call
	most  int                                     // calls of that name; 0 is the usual limit
}

func instead(status int, contentType, body string) func(matrixCall) *googlefake.Fault {
	return func(matrixCall) *googlefake.Fault { return googlefake.Instead(status, contentType, body) }
}

func changed(applies func(matrixCall) bool, edit func(call matrixCall, answer map[string]any)) func(matrixCall) *googlefake.Fault {
	return func(call matrixCall) *googlefake.Fault {
		if !applies(call) {
			return nil
		}
		return googlefake.Changed(func(answer map[string]any) { edit(call, answer) })
	}
}

func isPaged(call matrixCall) bool   { return call.paged }
func isList(call matrixCall) bool    { return call.list != "" }
func isPerUser(call matrixCall) bool { return call.perUser }

func entriesOf(answer map[string]any, call matrixCall) []any {
	list, _ := answer[call.list].([]any)
	return list
}

func matrixFaults() []matrixFault {
	var pages atomic.Int64
	isNothing := func(call matrixCall) bool { return call.nothing }
	return []matrixFault{
		{name: "null", fault: instead(200, jsonType, "null")},
		{name: "empty-object", fault: instead(200, jsonType, "{}"), fine: isNothing},
		{name: "empty-array", fault: instead(200, jsonType, "[]")},
		{name: "a-text", fault: instead(200, jsonType, `"users"`)},
		{name: "no-body", fault: instead(200, jsonType, "")},
		{name: "error-with-200", fault: instead(200, jsonType, `{"error":{"code":404,"message":"Resource Not Found: userKey","errors":[{"reason":"notFound"}]}}`)},
		{name: "null-error", fault: instead(200, jsonType, `{"error":null}`)},
		{name: "204", fault: instead(204, "", "")},
		{name: "206", fault: instead(206, jsonType, `{"kind":"admin#directory#tokenList"}`)},
		{name: "wrong-kind", fault: instead(200, jsonType, `{"kind":"calendar#events","items":[]}`)},
		{name: "html", fault: instead(200, "text/html", "<!DOCTYPE html><title>Sign in</title>")},
		{name: "html-called-json", fault: instead(200, jsonType, "<!DOCTYPE html><title>Sign in</title>")},
		{name: "html-404", fault: instead(404, "text/html", "<html><title>Error 404 (Not Found)!!1</title></html>")},
		{name: "a-redirect-to-nowhere", fault: instead(302, "text/html", "")},
		{name: "truncated", fault: func(matrixCall) *googlefake.Fault { return googlefake.Truncated() }},
		{name: "list-of-null", fault: changed(isList, func(call matrixCall, answer map[string]any) { answer[call.list] = nil })},
		{name: "list-is-an-object", fault: changed(isList, func(call matrixCall, answer map[string]any) { answer[call.list] = map[string]any{} })},
		{name: "entry-of-null", fault: changed(isList, func(call matrixCall, answer map[string]any) {
			answer[call.list] = append(slices.Clone(entriesOf(answer, call)), nil)
		}), fine: func(call matrixCall) bool { return call.name == "customerUsageReports.get" }},
		{name: "only-null-entries", fault: changed(isList, func(call matrixCall, answer map[string]any) { answer[call.list] = []any{nil, nil} }),
			fine: func(call matrixCall) bool { return call.name == "customerUsageReports.get" }},
		{name: "empty-entries", fault: changed(isList, func(call matrixCall, answer map[string]any) { answer[call.list] = []any{map[string]any{}} }),
			fine: func(call matrixCall) bool { return call.source == "acme.example/usage" || call.nothing }},
		{name: "entry-without-id", fault: changed(isList, func(call matrixCall, answer map[string]any) {
			for _, entry := range entriesOf(answer, call) {
				object := entry.(map[string]any)
				for _, name := range []string{"id", "clientId", "codeId", "appId", "profilePermanentId", "profileId", "email", "deviceId", "machine"} {
					delete(object, name)
				}
			}
		}), fine: func(call matrixCall) bool {
			return call.source == "acme.example/usage" || call.nothing
		}},
		{name: "user-without-address", fault: changed(func(call matrixCall) bool { return call.name == "users.list" },
			func(call matrixCall, answer map[string]any) {
				for n, entry := range entriesOf(answer, call) {
					if n%3 == 0 {
						delete(entry.(map[string]any), "primaryEmail")
					}
				}
			})},
		{name: "entries-of-another-user", fault: changed(isPerUser, func(call matrixCall, answer map[string]any) {
			for _, entry := range entriesOf(answer, call) {
				entry.(map[string]any)["userKey"] = "999999999999999999999"
			}
		})},
		{name: "page-loop", fault: changed(isPaged, func(_ matrixCall, answer map[string]any) { answer["nextPageToken"] = "again" }), most: 60},
		{name: "pages-for-ever", fault: changed(isPaged, func(_ matrixCall, answer map[string]any) {
			answer["nextPageToken"] = fmt.Sprint("page", pages.Add(1))
		}), most: 400},
		{name: "empty-pages-for-ever", fault: changed(isPaged, func(call matrixCall, answer map[string]any) {
			delete(answer, call.list)
			answer["nextPageToken"] = fmt.Sprint("page", pages.Add(1))
		}), most: 400},
		{name: "500", fault: func(matrixCall) *googlefake.Fault { return googlefake.ServerError() }},
		{name: "503", fault: func(matrixCall) *googlefake.Fault { return googlefake.BackendError() }},
		{name: "503-retry-after-0", fault: func(matrixCall) *googlefake.Fault { return googlefake.BackendError().RetryAfter("0") }},
		{name: "429-retry-after-0", fault: func(matrixCall) *googlefake.Fault { return googlefake.RateLimited(0).RetryAfter("0") }},
		{name: "429-retry-after-past", fault: func(matrixCall) *googlefake.Fault {
			return googlefake.RateLimited(0).RetryAfter(noon.Add(-time.Hour).Format(http.TimeFormat))
		}},
		{name: "503-retry-after-past", fault: func(matrixCall) *googlefake.Fault {
			return googlefake.BackendError().RetryAfter(noon.Add(-time.Hour).Format(http.TimeFormat))
		}},
		{name: "403", fault: func(matrixCall) *googlefake.Fault { return googlefake.Forbidden() }},
		{name: "401", fault: func(matrixCall) *googlefake.Fault { return googlefake.Unauthorized() }},
		{name: "404", fault: func(matrixCall) *googlefake.Fault { return googlefake.NotFound() }, fine: func(call matrixCall) bool {
			return call.name == "apps.chrome.get" // not in the store
		}},
		{name: "reset", fault: func(matrixCall) *googlefake.Fault { return googlefake.Reset() }},
	}
}

// matrixWait is how long a scan may wait for a service that answers nothing useful.
const matrixWait = 5 * time.Minute

// checkNothingLost holds that every item and account of a clean scan was seen, or its source is not complete.
func (r *kit) checkNothingLost(whole, sink *memory, coverage map[string]inventory.Coverage) {
	r.t.Helper()
	for key, item := range whole.items {
		if _, seen := sink.items[key]; !seen && isComplete(coverage, item.Source) {
			r.t.Errorf("%s of %s is missing from a source that is complete", item.App.ID, item.Source.Name)
		}
	}
	for key, account := range whole.accounts {
		if _, seen := sink.accounts[key]; !seen && isComplete(coverage, account.Source) {
			r.t.Errorf("the account %s is missing from a source that is complete", account.Login)
		}
	}
	for key := range sink.items {
		if _, seen := whole.items[key]; !seen && !strings.Contains(string(sink.items[key].Source.Name), "not listed") {
			r.t.Errorf("%s is nobody's", key)
		}
	}
}

// isComplete reports whether the coverage that speaks for a source calls it complete.
func isComplete(coverage map[string]inventory.Coverage, source inventory.Source) bool {
	for {
		if found, ok := coverage[string(source.Name)]; ok {
			return found.Status == inventory.StatusComplete
		}
		parent, ok := source.Parent()
		if !ok {
			return false
		}
		source = parent
	}
}

// gapsOf returns the names of the sources at or below one that are not complete for anything but suspension.
func gapsOf(coverage map[string]inventory.Coverage, source string) []string {
	var gaps []string
	for name, c := range coverage {
		if c.IsGap() && (name == source || strings.HasPrefix(name, source+"/")) {
			gaps = append(gaps, name)
		}
	}
	return gaps
}

// matrix puts every wrong answer in the place of every call, for everybody and for one user. The scan ends by itself, and whatever it did not see lies in a source that it does not call complete: nothing of it can look removed.
func matrix(t *testing.T, calls []matrixCall, provider func(*kit) scanner.Provider) {
	clean := newKit(t, googlefake.Acme(noon), googlefake.Options{})
	whole, _ := clean.collect(provider(clean))
	for _, call := range calls {
		for _, fault := range matrixFaults() {
			for _, user := range []string{"", victim} {
				if user != "" && !call.perUser || fault.fault(call) == nil {
					continue
				}
				t.Run(strings.Trim(call.name+"/"+fault.name+"/"+user, "/"), func(t *testing.T) {
					t.Parallel()
					r := newKit(t, googlefake.Acme(noon), googlefake.Options{})
					broken := fault.fault(call).On(call.name)
					if user != "" {
						broken.For(user)
					}
					r.server.Break(broken)
					sink, coverage := r.collect(provider(r))
					r.checkNothingLost(whole, sink, coverage)
					fine := fault.fine != nil && fault.fine(call)
					if gaps := gapsOf(coverage, call.source); (len(gaps) == 0) != fine {
						t.Errorf("the gaps at %s are %q; that the answer was fine is %t", call.source, gaps, fine)
					}
					most := max(fault.most, 150)
					if sent := r.server.Calls()[call.name]; sent > most {
						t.Errorf("%d calls, more than %d", sent, most)
					}
					if r.clock.Slept() > matrixWait {
						t.Errorf("the scan waited %v", r.clock.Slept())
					}
				})
			}
		}
	}
}

package googletest

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

// MatrixCall is one of Google's calls, and the member of its answer that is its list.
type MatrixCall struct {
	Name, List string
	PerUser    bool
	Paged      bool
	// Nothing: an empty object is an answer here. An empty list of settings has no kind, and a log
	// without one, or with entries that name no one, adds dates only.
	Nothing bool
	Source  string
}

// matrixFault is a wrong answer in place of the right one, or the right one changed.
type matrixFault struct {
	name  string
	fault func(call MatrixCall) *googlefake.Fault // nil: does not apply
	fine  func(call MatrixCall) bool              // the answer is a right one for this call
	most  int                                     // calls of that name; 0 is the usual limit
}

func instead(status int, contentType, body string) func(MatrixCall) *googlefake.Fault {
	return func(MatrixCall) *googlefake.Fault { return googlefake.Instead(status, contentType, body) }
}

func changed(applies func(MatrixCall) bool, edit func(call MatrixCall,
	answer map[string]any)) func(MatrixCall) *googlefake.Fault {
	return func(call MatrixCall) *googlefake.Fault {
		if !applies(call) {
			return nil
		}
		return googlefake.Changed(func(answer map[string]any) { edit(call, answer) })
	}
}

func isPaged(call MatrixCall) bool   { return call.Paged }
func isList(call MatrixCall) bool    { return call.List != "" }
func isPerUser(call MatrixCall) bool { return call.PerUser }

func entriesOf(answer map[string]any, call MatrixCall) []any {
	list, _ := answer[call.List].([]any)
	return list
}

func matrixFaults() []matrixFault {
	var pages atomic.Int64
	isNothing := func(call MatrixCall) bool { return call.Nothing }
	return []matrixFault{
		{name: "null", fault: instead(200, JSONType, "null")},
		{name: "empty-object", fault: instead(200, JSONType, "{}"), fine: isNothing},
		{name: "empty-array", fault: instead(200, JSONType, "[]")},
		{name: "a-text", fault: instead(200, JSONType, `"users"`)},
		{name: "no-body", fault: instead(200, JSONType, "")},
		{name: "error-with-200", fault: instead(200, JSONType,
			`{"error":{"code":404,"message":"Resource Not Found: userKey","errors":[{"reason":"notFound"}]}}`)},
		{name: "null-error", fault: instead(200, JSONType, `{"error":null}`)},
		{name: "204", fault: instead(204, "", "")},
		{name: "206", fault: instead(206, JSONType, `{"kind":"admin#directory#tokenList"}`)},
		{name: "wrong-kind", fault: instead(200, JSONType, `{"kind":"calendar#events","items":[]}`)},
		{name: "html", fault: instead(200, "text/html", "<!DOCTYPE html><title>Sign in</title>")},
		{name: "html-called-json", fault: instead(200, JSONType, "<!DOCTYPE html><title>Sign in</title>")},
		{name: "html-404", fault: instead(404, "text/html", "<html><title>Error 404 (Not Found)!!1</title></html>")},
		{name: "a-redirect-to-nowhere", fault: instead(302, "text/html", "")},
		{name: "truncated", fault: func(MatrixCall) *googlefake.Fault { return googlefake.Truncated() }},
		{name: "list-of-null", fault: changed(isList,
			func(call MatrixCall, answer map[string]any) { answer[call.List] = nil })},
		{name: "list-is-an-object", fault: changed(isList,
			func(call MatrixCall, answer map[string]any) { answer[call.List] = map[string]any{} })},
		{name: "entry-of-null", fault: changed(isList, func(call MatrixCall, answer map[string]any) {
			answer[call.List] = append(slices.Clone(entriesOf(answer, call)), nil)
		}), fine: func(call MatrixCall) bool { return call.Name == "customerUsageReports.get" }},
		{name: "only-null-entries", fault: changed(isList,
			func(call MatrixCall, answer map[string]any) { answer[call.List] = []any{nil, nil} }),
			fine: func(call MatrixCall) bool { return call.Name == "customerUsageReports.get" }},
		{name: "empty-entries", fault: changed(isList,
			func(call MatrixCall, answer map[string]any) { answer[call.List] = []any{map[string]any{}} }),
			fine: func(call MatrixCall) bool { return call.Source == "acme.example/usage" || call.Nothing }},
		{name: "entry-without-id", fault: changed(isList, func(call MatrixCall, answer map[string]any) {
			for _, entry := range entriesOf(answer, call) {
				object := entry.(map[string]any)
				for _, name := range []string{"id", "clientId", "codeId", "appId", "profilePermanentId", "profileId", "email",
					"deviceId", "machine"} {
					delete(object, name)
				}
			}
		}), fine: func(call MatrixCall) bool {
			return call.Source == "acme.example/usage" || call.Nothing
		}},
		{name: "user-without-address", fault: changed(func(call MatrixCall) bool { return call.Name == "users.list" },
			func(call MatrixCall, answer map[string]any) {
				for n, entry := range entriesOf(answer, call) {
					if n%3 == 0 {
						delete(entry.(map[string]any), "primaryEmail")
					}
				}
			})},
		{name: "entries-of-another-user", fault: changed(isPerUser, func(call MatrixCall, answer map[string]any) {
			for _, entry := range entriesOf(answer, call) {
				entry.(map[string]any)["userKey"] = "999999999999999999999"
			}
		})},
		{name: "page-loop", fault: changed(isPaged,
			func(_ MatrixCall, answer map[string]any) { answer["nextPageToken"] = "again" }), most: 60},
		{name: "pages-for-ever", fault: changed(isPaged, func(_ MatrixCall, answer map[string]any) {
			answer["nextPageToken"] = fmt.Sprint("page", pages.Add(1))
		}), most: 400},
		{name: "empty-pages-for-ever", fault: changed(isPaged, func(call MatrixCall, answer map[string]any) {
			delete(answer, call.List)
			answer["nextPageToken"] = fmt.Sprint("page", pages.Add(1))
		}), most: 400},
		{name: "500", fault: func(MatrixCall) *googlefake.Fault { return googlefake.ServerError() }},
		{name: "503", fault: func(MatrixCall) *googlefake.Fault { return googlefake.BackendError() }},
		{name: "503-retry-after-0", fault: func(MatrixCall) *googlefake.Fault { return googlefake.BackendError().RetryAfter("0") }},
		{name: "429-retry-after-0", fault: func(MatrixCall) *googlefake.Fault { return googlefake.RateLimited(0).RetryAfter("0") }},
		{name: "429-retry-after-past", fault: func(MatrixCall) *googlefake.Fault {
			return googlefake.RateLimited(0).RetryAfter(Noon.Add(-time.Hour).Format(http.TimeFormat))
		}},
		{name: "503-retry-after-past", fault: func(MatrixCall) *googlefake.Fault {
			return googlefake.BackendError().RetryAfter(Noon.Add(-time.Hour).Format(http.TimeFormat))
		}},
		{name: "403", fault: func(MatrixCall) *googlefake.Fault { return googlefake.Forbidden() }},
		{name: "401", fault: func(MatrixCall) *googlefake.Fault { return googlefake.Unauthorized() }},
		{name: "404", fault: func(MatrixCall) *googlefake.Fault { return googlefake.NotFound() },
			fine: func(call MatrixCall) bool {
				return call.Name == "apps.chrome.get" // not in the store
			}},
		{name: "reset", fault: func(MatrixCall) *googlefake.Fault { return googlefake.Reset() }},
	}
}

// matrixWait is how long a scan may wait for a service that answers nothing useful. The clock adds
// up the waits of its workers, usually 8, although they wait at the same time.
const matrixWait = 8 * 75 * time.Second

// checkNothingLost checks that every item and account of a clean scan was seen, or that its source
// is not complete.
func (r *Rig) checkNothingLost(whole, sink *Found, coverage map[string]inventory.Coverage) {
	r.T.Helper()
	for key, item := range whole.Items {
		if _, seen := sink.Items[key]; !seen && isComplete(coverage, item.Source) {
			r.T.Errorf("%s of %s is missing from a source that is complete", item.App.ID, item.Source.Name)
		}
	}
	for key, account := range whole.Accounts {
		if _, seen := sink.Accounts[key]; !seen && isComplete(coverage, account.Source) {
			r.T.Errorf("the account %s is missing from a source that is complete", account.Login)
		}
	}
	for key := range sink.Items {
		if _, seen := whole.Items[key]; !seen && !strings.Contains(string(sink.Items[key].Source.Name), "not listed") {
			r.T.Errorf("%s is nobody's", key)
		}
	}
}

// isComplete reports whether the coverage that applies to a source calls it complete.
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

// GapsOf returns the names of the sources at or below one that are not complete for a reason other
// than suspension.
func GapsOf(coverage map[string]inventory.Coverage, source string) []string {
	var gaps []string
	for name, c := range coverage {
		if c.IsGap() && (name == source || strings.HasPrefix(name, source+"/")) {
			gaps = append(gaps, name)
		}
	}
	return gaps
}

// Matrix puts every wrong answer in the place of every call, for everyone and for one user. The
// scan ends by itself, and whatever it did not see belongs to a source that it does not call
// complete, so none of it can look removed.
func Matrix(t *testing.T, calls []MatrixCall, provider func(*Rig) scanner.Provider) {
	clean := New(t, googlefake.Acme(Noon), googlefake.Options{})
	whole, _ := clean.Collect(provider(clean))
	for _, call := range calls {
		for _, fault := range matrixFaults() {
			for _, user := range []string{"", Victim} {
				if user != "" && !call.PerUser || fault.fault(call) == nil {
					continue
				}
				t.Run(strings.Trim(call.Name+"/"+fault.name+"/"+user, "/"), func(t *testing.T) {
					t.Parallel()
					r := New(t, googlefake.Acme(Noon), googlefake.Options{})
					broken := fault.fault(call).On(call.Name)
					if user != "" {
						broken.For(user)
					}
					r.Server.Break(broken)
					sink, coverage := r.Collect(provider(r))
					r.checkNothingLost(whole, sink, coverage)
					fine := fault.fine != nil && fault.fine(call)
					if gaps := GapsOf(coverage, call.Source); (len(gaps) == 0) != fine {
						t.Errorf("the gaps at %s are %q; that the answer was fine is %t", call.Source, gaps, fine)
					}
					most := max(fault.most, 150)
					if sent := r.Server.Calls()[call.Name]; sent > most {
						t.Errorf("%d calls, more than %d", sent, most)
					}
					if r.Clock.Slept() > matrixWait {
						t.Errorf("the scan waited %v", r.Clock.Slept())
					}
				})
			}
		}
	}
}

package googlefake

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// Fault is a wrong or unwelcome answer. Make one with a constructor below, narrow it with On, For
// and Times, and give it to [Server.Break].
type Fault struct {
	kind        faultKind
	status      int
	rpcStatus   string
	reason      string
	domain      string
	message     string
	details     []any
	retryAfter  time.Duration
	retryText   string
	html        string // the body, of any kind
	contentType string
	change      func(answer map[string]any)

	call  string
	user  string
	times int // how many more times; negative is always
	skip  int // calls that go well before
}

type faultKind int

const (
	faultEnvelope faultKind = iota
	faultHTML
	faultTruncated
	faultReset
	faultChanged
)

// On narrows a fault to one API call, such as "tokens.list".
func (f *Fault) On(call string) *Fault { f.call = call; return f }

// For narrows a fault to calls about one user, whom the caller may name by address or by ID.
func (f *Fault) For(user string) *Fault { f.user = user; return f }

// Times ends a fault after n answers. Without it the fault persists.
func (f *Fault) Times(n int) *Fault { f.times = n; return f }

// After lets n matching calls go well first.
func (f *Fault) After(n int) *Fault { f.skip = n; return f }

// RetryAfter states a wait in the service's own words, such as "0" or a date that has passed.
func (f *Fault) RetryAfter(text string) *Fault { f.retryText = text; return f }

// Break puts faults into effect. The first that matches a call answers it.
func (s *Server) Break(faults ...*Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Repair removes all faults.
func (s *Server) Repair() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// RevokeTokens makes every access token handed out so far invalid.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// RevokeSignIn makes every refresh token invalid.
func (s *Server) RevokeSignIn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.refresh)
}

// Unauthorized is a 401 that looks the same for a bad token and for a suspended or deleted user.
func Unauthorized() *Fault { return badCredentials() }

// NotFound is the answer for a user who was deleted since the listing.
func NotFound() *Fault {
	return envelope(404, "", "notFound", "global", "Resource Not Found: userKey")
}

// GroupKey is the answer for the address of a group.
func GroupKey() *Fault {
	return envelope(400, "", "badRequest", "global", "Type not supported: userKey")
}

// Forbidden is the answer to an administrator whose role lacks the privilege.
func Forbidden() *Fault {
	return envelope(403, "", "forbidden", "global", "Not Authorized to access this resource/api")
}

// InsufficientScope is the answer to a token without the call's scope.
func InsufficientScope() *Fault {
	f := envelope(403, "PERMISSION_DENIED", "insufficientPermissions", "global",
		"Request had insufficient authentication scopes.")
	f.details = []any{map[string]any{
		"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
		"domain":   "googleapis.com",
		"metadata": map[string]any{"service": "admin.googleapis.com"},
	}}
	return f
}

// APIOff is the answer to a project in which the API is not turned on.
func APIOff(service, project string) *Fault {
	page := "https://console.developers.google.com/apis/api/" + service + "/overview?project=" + project
	f := envelope(403, "PERMISSION_DENIED", "accessNotConfigured", "usageLimits",
		"The API has not been used in project "+project+" before or it is disabled. Enable it by visiting "+page+" then retry.")
	f.details = []any{
		map[string]any{
			"@type": "type.googleapis.com/google.rpc.Help",
			"links": []any{map[string]any{"description": "Google developers console API activation", "url": page}},
		},
		map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com",
			"metadata": map[string]any{"service": service, "consumer": "projects/" + project},
		},
	}
	return f
}

// UserRateLimited is the 403 of too many queries in a minute.
func UserRateLimited() *Fault {
	return envelope(403, "", "userRateLimitExceeded", "usageLimits",
		"User Rate Limit Exceeded. Rate of requests for user exceed configured project quota.")
}

// QuotaExceeded is the 403 of too many operations at once.
func QuotaExceeded() *Fault {
	return envelope(403, "", "quotaExceeded", "usageLimits", "Quota exceeded.")
}

// RateLimited is a 429, with Retry-After unless it is zero.
func RateLimited(retryAfter time.Duration) *Fault {
	f := envelope(429, "RESOURCE_EXHAUSTED", "rateLimitExceeded", "usageLimits",
		"Quota exceeded for quota metric 'Queries'.")
	f.retryAfter = retryAfter
	return f
}

// BackendError is a 503 with Google's envelope.
func BackendError() *Fault {
	return envelope(503, "UNAVAILABLE", "backendError", "global", "Service unavailable. Please try again")
}

// ServerError is a 500 with Google's envelope.
func ServerError() *Fault {
	return envelope(500, "INTERNAL", "backendError", "global", "Internal error encountered.")
}

// BadGateway is a 502 with an HTML page, as Google's front end sends it.
func BadGateway() *Fault {
	return &Fault{kind: faultHTML, status: 502, times: -1,
		html: "<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n"}
}

// Truncated is the right answer cut in the middle, with status 200.
func Truncated() *Fault { return &Fault{kind: faultTruncated, times: -1} }

// Reset closes the connection without an answer.
func Reset() *Fault { return &Fault{kind: faultReset, times: -1} }

// Instead answers with a body of any status and kind, where a right answer was expected.
func Instead(status int, contentType, body string) *Fault {
	return &Fault{kind: faultHTML, status: status, times: -1, contentType: contentType, html: body}
}

// Changed is the right answer, changed in place.
func Changed(change func(answer map[string]any)) *Fault {
	return &Fault{kind: faultChanged, times: -1, change: change}
}

func badCredentials() *Fault {
	return envelope(401, "UNAUTHENTICATED", "authError", "global", "Request had invalid authentication credentials.")
}

func badRequest(message string) *Fault {
	return envelope(400, "INVALID_ARGUMENT", "badRequest", "global", message)
}

func notFound(message string) *Fault {
	return envelope(404, "NOT_FOUND", "notFound", "global", message)
}

func envelope(status int, rpcStatus, reason, domain, message string) *Fault {
	return &Fault{status: status, rpcStatus: rpcStatus, reason: reason, domain: domain, message: message, times: -1}
}

func (f *Fault) answer() (status int, header map[string]string, body []byte) {
	if f.kind == faultHTML {
		return f.status, map[string]string{"Content-Type": cmp.Or(f.contentType, "text/html; charset=UTF-8")}, []byte(f.html)
	}
	inner := map[string]any{
		"code": f.status, "message": f.message,
		"errors": []any{map[string]any{"message": f.message, "domain": f.domain, "reason": f.reason}},
	}
	if f.rpcStatus != "" {
		inner["status"] = f.rpcStatus
	}
	if f.details != nil {
		inner["details"] = f.details
	}
	header = map[string]string{"Content-Type": "application/json; charset=UTF-8"}
	if f.retryAfter > 0 {
		header["Retry-After"] = strconv.Itoa(int(f.retryAfter / time.Second))
	}
	if f.retryText != "" {
		header["Retry-After"] = f.retryText
	}
	if f.status == http.StatusUnauthorized {
		header["WWW-Authenticate"] = `Bearer realm="https://accounts.google.com/", error="invalid_token"`
	}
	body, _ = json.Marshal(map[string]any{"error": inner}, json.Deterministic(true))
	return f.status, header, body
}

func (s *Server) takeFault(call, user string) *Fault {
	known, _ := s.org.User(user)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, fault := range s.faults {
		if fault.times == 0 || fault.call != "" && fault.call != call || fault.user != "" && fault.user != user &&
			fault.user != known.Email {
			continue
		}
		if fault.skip > 0 {
			fault.skip--
			continue
		}
		if fault.times > 0 {
			fault.times--
		}
		return fault
	}
	return nil
}

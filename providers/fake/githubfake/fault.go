package githubfake

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// FaultKind is one way for an answer to go wrong.
type FaultKind string

// The faults.
const (
	Truncate      FaultKind = "truncate" // the body ends early
	Reset         FaultKind = "reset"    // the connection ends without an answer
	Error500      FaultKind = "500"      // an error page in HTML
	Error502      FaultKind = "502"      // the gateway's
	HTML          FaultKind = "html"     // 200 with a page in HTML, as a captive portal does
	NotFound      FaultKind = "404"      //
	Forbidden     FaultKind = "403"      // without any header that says why
	Unprocessable FaultKind = "422"      //
	// numbers as strings, strings as numbers, booleans as strings, lists as one
	TypeChange      FaultKind = "type change"
	NullFields      FaultKind = "null fields"      // every field of every entry null, except the IDs
	Object          FaultKind = "object"           // an object where a list was
	SameNext        FaultKind = "same next"        // Link's next is this page again
	SameCursor      FaultKind = "same cursor"      // Link's next, by cursor, is this page again
	RepeatedPages   FaultKind = "repeated pages"   // Link's next counts up, and each time the first page is returned
	ForeignLink     FaultKind = "foreign link"     // Link's next is on Fault.Target
	ForeignRedirect FaultKind = "foreign redirect" // 302 to Fault.Target
	Primary403      FaultKind = "primary 403"      // remaining 0, reset in Fault.Wait
	Primary429      FaultKind = "primary 429"      //
	Secondary403    FaultKind = "secondary 403"    // Retry-After: Fault.Wait
	Secondary429    FaultKind = "secondary 429"    //
	SecondaryPlain  FaultKind = "secondary plain"  // 403 that says so only in its message
	SSORequired     FaultKind = "sso"              // 403 with X-GitHub-SSO
	IPAllowList     FaultKind = "ip allow list"    // 403, as to an address that is not on the organization's list
	// 403, as to a token of an OAuth app that the organization did not approve
	OAuthRestricted FaultKind = "oauth restricted"
	TokenForbidden  FaultKind = "token forbidden" // 403, as to a token that lives longer than the organization allows
)

// Fault makes answers wrong: those whose path ends with Path and whose query contains Query (""
// matches all), Times times (0 means always), after After right ones.
type Fault struct {
	Kind   FaultKind
	Path   string
	Query  string
	Times  int
	After  int
	Wait   time.Duration
	Target string

	seen int
}

// Fail adds a fault.
func (f *Fake) Fail(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, &fault)
}

// Heal removes all faults.
func (f *Fake) Heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

func (f *Fake) takeFault(path, query string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.faults {
		if !strings.HasSuffix(path, fault.Path) || !strings.Contains(query, fault.Query) {
			continue
		}
		fault.seen++
		if fault.seen > fault.After && (fault.Times == 0 || fault.seen <= fault.After+fault.Times) {
			return fault
		}
	}
	return nil
}

// appearCorrect begins GitHub's message for a credential that an organization's policy keeps out.
const appearCorrect = "Although you appear to have the correct authorization credentials, the `" + DemoOrganization +
	"` organization "

// scriptedFailure is the answer for a fault that GitHub itself reports.
func (c *call) scriptedFailure() error {
	if c.fault == nil {
		return nil
	}
	const secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	const secondaryDocs = "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api" +
		"#about-secondary-rate-limits"
	reset := c.fake.options.Now().Add(c.fault.Wait)
	retryAfter := strconv.Itoa(int(c.fault.Wait / time.Second))
	switch c.fault.Kind {
	case NotFound:
		return fail(http.StatusNotFound, "Not Found")
	case Forbidden:
		return fail(http.StatusForbidden, "Must have admin rights")
	case Unprocessable:
		return fail(http.StatusUnprocessableEntity, "Validation Failed: Only owners can use this filter.")
	case IPAllowList:
		return fail(http.StatusForbidden, appearCorrect+
			"has an IP allow list enabled, and your IP address is not permitted to access this resource.")
	case OAuthRestricted:
		return fail(http.StatusForbidden, appearCorrect+
			"has enabled OAuth App access restrictions, meaning that data access to third-parties is limited.")
	case TokenForbidden:
		return fail(http.StatusForbidden, "The '"+DemoOrganization+"' organization forbids access via a fine-grained personal access tokens "+
			"if the token's lifetime is greater than 90 days.")
	case Primary403, Primary429:
		c.limitHeaders("core", 5000, 0, reset)
		status := map[FaultKind]int{Primary403: 403, Primary429: 429}[c.fault.Kind]
		return fail(status, "API rate limit exceeded for user ID 1.")
	case Secondary403, Secondary429:
		c.header.Set("Retry-After", retryAfter)
		status := map[FaultKind]int{Secondary403: 403, Secondary429: 429}[c.fault.Kind]
		return &failure{status: status, message: secondary, docs: secondaryDocs}
	case SecondaryPlain:
		return fail(http.StatusForbidden, secondary)
	case SSORequired:
		return c.requireSSO(DemoOrganization)
	}
	return nil
}

// spoil changes an answer as its fault says. Done reports that the connection was dealt with here.
func (c *call) spoil(w http.ResponseWriter, status int, answer []byte) (int, []byte, bool) {
	if c.fault == nil {
		return status, answer, false
	}
	switch c.fault.Kind {
	case Reset:
		cut(w, "")
		return 0, nil, true
	case Truncate:
		cut(w, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			len(answer), answer[:len(answer)/2]))
		return status, answer, true
	case Error500, Error502, HTML:
		c.header.Set("Content-Type", "text/html")
		c.header.Del("ETag")
		page := []byte("<!DOCTYPE html><title>Unicorn!</title>")
		return map[FaultKind]int{Error500: 500, Error502: 502, HTML: 200}[c.fault.Kind], page, false
	case TypeChange, NullFields, Object:
		return status, twist(answer, c.fault.Kind), false
	case SameNext:
		c.setNext(c.request.URL.Query().Get("page"), "")
	case SameCursor:
		c.header.Set("Link", fmt.Sprintf(`<http://%s%s?after=%s>; rel="next"`, c.request.Host, c.request.URL.Path,
			c.query.Get("after")))
	case RepeatedPages:
		page, _ := strconv.Atoi(c.query.Get("page"))
		c.setNext(strconv.Itoa(max(page, 1)+1), "")
	case ForeignLink:
		c.setNext("2", c.fault.Target)
	case ForeignRedirect:
		c.header.Set("Location", c.fault.Target+c.request.URL.RequestURI())
		return http.StatusFound, nil, false
	}
	return status, answer, false
}

func (c *call) setNext(page, host string) {
	if page == "" {
		page = "1"
	}
	if host == "" {
		host = "http://" + c.request.Host
	}
	c.header.Set("Link", fmt.Sprintf(`<%s%s?page=%s&per_page=100>; rel="next"`, host, c.request.URL.Path, page))
}

func cut(w http.ResponseWriter, raw string) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	conn.Write([]byte(raw))
}

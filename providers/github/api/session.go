package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	gogithub "github.com/google/go-github/v57/github"

	"guestlist/providers/github/lenient"
)

// Standing is who asks, and what they are known to be allowed: a token, or a GitHub App on one
// organization or enterprise.
type Standing struct {
	Kind Kind
	From string // "the token from GH_TOKEN", for messages
	// IsApp: a GitHub App signed in with its own key. appName is its name.
	IsApp   bool
	AppName string
	// Permissions are an installation's, by API name; they are unknown for tokens.
	Permissions lenient.Levels
	Selection   string // an installation's repository selection
}

// Session is one signed-in credential.
type Session struct {
	Standing
	host  Host
	core  *gogithub.Client
	audit *gogithub.Client // the audit log has a budget of its own

	mu      sync.Mutex
	scopes  []string // a token's, as GitHub said with its latest answer
	scoped  bool     // GitHub said them
	expires time.Time
}

// Record is one object that GitHub answers with. It must prove to be what was asked for: an error,
// a null or an empty object may come with any status.
type Record interface{ IsProven() bool }

// Read asks for one object. An incomplete object is decoded anyway, and the error says so.
func (s *Session) Read(ctx context.Context, path string, into Record) error {
	answer, err := s.send(ctx, s.core, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if err := decodeObject(answer.body, into); err != nil {
		return err
	}
	return answer.doubt
}

// Post sends the one request that does not only read, and returns the answer's body.
func (s *Session) Post(ctx context.Context, path string, body any) ([]byte, error) {
	answer, err := s.send(ctx, s.core, http.MethodPost, path, body)
	if err != nil {
		return nil, err
	}
	return answer.body, answer.doubt
}

// Said returns what GitHub's answers have said about the token so far: its scopes, whether they are
// known, and when it expires.
func (s *Session) Said() (scopes []string, known bool, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.scopes, s.scoped, s.expires
}

// response is one answer of the API.
type response struct {
	body  []byte
	links map[string]url.Values // the places that Link names, by relation
	doubt error                 // why the answer itself holds less than was asked for; nil if it does not
}

// get asks for one path, relative to the API's base.
func (s *Session) get(ctx context.Context, api *gogithub.Client, path string, query url.Values) (*response, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return s.send(ctx, api, http.MethodGet, path, nil)
}

func (s *Session) send(ctx context.Context, api *gogithub.Client, method, path string, body any) (*response, error) {
	request, err := api.NewRequest(method, path, body)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	request.Header.Set(versionHeader, s.host.version())
	var received bytes.Buffer
	answer, err := api.Do(ctx, request, &received)
	if answer != nil && answer.Response != nil {
		s.learn(answer.Header)
	}
	if err != nil {
		return nil, err
	}
	return &response{body: received.Bytes(), links: readLinks(answer.Header), doubt: doubtOf(answer.Response)}, nil
}

// learn keeps what an answer's headers say about the token.
func (s *Session) learn(header http.Header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if values, ok := header["X-Oauth-Scopes"]; ok {
		s.scopes, s.scoped = splitList(strings.Join(values, ",")), true
	}
	if expires := lenient.ParseTime(header.Get("GitHub-Authentication-Token-Expiration")); !expires.IsZero() {
		s.expires = expires
	}
}

// doubtOf returns why an answer that is not an error holds less than was asked for, or nil.
func doubtOf(answer *http.Response) error {
	// "partial-results; organizations=21955855,20582480"
	if strings.HasPrefix(answer.Header.Get("X-GitHub-SSO"), "partial-results") {
		return errLeftOut
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return &statusError{answer.StatusCode}
	}
	return nil
}

// ErrNotDocumented: an answer has another form than GitHub's description says.
var ErrNotDocumented = errors.New("the answer does not have the form that GitHub documents")

// errLeftOut: GitHub omitted what single sign-on does not authorize the token for.
var errLeftOut = errors.New("GitHub left out what the token is not authorized for by single sign-on")

// statusError: an answer that is neither an error nor whole.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return fmt.Sprintf("GitHub answered %d, which is not a complete answer", e.status)
}

func decodeObject(body []byte, into Record) error {
	if jsontext.Value(body).Kind() != '{' || lenient.Unmarshal(body, into) != nil || !into.IsProven() {
		return ErrNotDocumented
	}
	return nil
}

func splitList(list string) []string {
	var parts []string
	for _, part := range strings.Split(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// StatusOf returns the status of the error answer from GitHub inside an error, or 0 for other
// errors.
func StatusOf(err error) int {
	if failed := errorResponse(err); failed != nil {
		return failed.Response.StatusCode
	}
	return 0
}

// errorResponse returns the error answer from GitHub inside an error, whatever go-github made of
// it, or nil for other errors.
func errorResponse(err error) *gogithub.ErrorResponse {
	var plain *gogithub.ErrorResponse
	if errors.As(err, &plain) {
		return plain
	}
	var primary *gogithub.RateLimitError
	if errors.As(err, &primary) {
		return &gogithub.ErrorResponse{Response: primary.Response, Message: primary.Message}
	}
	var secondary *gogithub.AbuseRateLimitError
	if errors.As(err, &secondary) {
		return &gogithub.ErrorResponse{Response: secondary.Response, Message: secondary.Message}
	}
	return nil
}

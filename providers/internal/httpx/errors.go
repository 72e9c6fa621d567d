package httpx

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Errors that callers distinguish.
var (
	// ErrForeignHost: a redirect or a link led to a host the client was not made for. Nothing was sent
	// there.
	ErrForeignHost = errors.New("refused to leave the configured host")
	// ErrMethod: the request would change something and is not among the allowed ones. Nothing was
	// sent.
	ErrMethod = errors.New("refused to send a request that is not read-only")
	// ErrTooLarge: the body is larger than Options.MaxBody.
	ErrTooLarge = errors.New("the answer is larger than the limit")
	// ErrTruncated: the body ended early, on every attempt.
	ErrTruncated = errors.New("the answer ended early")
)

// LimitError says that the platform's limit was reached and the wait would be, or was, too long.
type LimitError struct {
	Until  time.Time // when the platform accepts requests again; zero is unknown
	Reason string    // "primary rate limit"
	Waits  int       // how many times it was waited for
}

func (e *LimitError) Error() string {
	text := "reached the platform's " + e.Reason
	if !e.Until.IsZero() {
		text += ", which resets at " + e.Until.UTC().Format(time.RFC3339)
	}
	if e.Waits > 0 {
		text += fmt.Sprintf(", after waiting %d times", e.Waits)
	}
	return text
}

// Clean returns an error without the query values and user information that net/http and net/url
// put into theirs.
func Clean(err error) error {
	var failed *url.Error
	if !errors.As(err, &failed) {
		return err
	}
	u, parseErr := url.Parse(failed.URL)
	if parseErr != nil {
		return fmt.Errorf("%s: %w", strings.ToUpper(failed.Op), failed.Err)
	}
	return fmt.Errorf("%s %s: %w", strings.ToUpper(failed.Op), redactURL(u, nil), failed.Err)
}

// redactURL returns a URL without its user, its fragment and the values of query parameters that
// are not in plain.
func redactURL(u *url.URL, plain map[string]bool) string {
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	text := shown.String()
	query := u.Query()
	names := make([]string, 0, len(query))
	for _, pair := range strings.FieldsFunc(u.RawQuery, func(r rune) bool { return r == '&' }) {
		name, _, _ := strings.Cut(pair, "=")
		value := "…"
		if plain[name] {
			value = url.QueryEscape(query.Get(name))
		}
		names = append(names, name+"="+value)
	}
	if len(names) > 0 {
		text += "?" + strings.Join(names, "&")
	}
	return text
}

package receiver

import (
	"fmt"
	"mime"
	"net/http"
	"time"
	"unicode/utf16"

	"github.com/go-json-experiment/json"
)

// strictly reads a request's body as JSON: one document in valid UTF-8, in which each name is known
// and occurs once.
func strictly(r *Request, into any) error {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return fmt.Errorf("the content type is %q", r.Header.Get("Content-Type"))
	}
	return json.Unmarshal(r.Body, into, json.RejectUnknownMembers(true))
}

// characters counts a text as services do that count the units of JavaScript's strings. It is the
// largest of the counts in use: code points, and characters as people see them, are fewer.
func characters(text string) int { return len(utf16.Encode([]rune(text))) }

// limits collects what breaks a service's limits.
type limits []string

// most notes a count over a limit.
func (l *limits) most(what string, have, limit int) {
	if have > limit {
		*l = append(*l, fmt.Sprintf("%s: %d, at most %d", what, have, limit))
	}
}

// length notes a text that is empty or too long.
func (l *limits) length(what, text string, limit int) {
	if text == "" {
		*l = append(*l, what+": empty")
	}
	l.most(what, characters(text), limit)
}

// must notes a broken rule.
func (l *limits) must(kept bool, rule string) {
	if !kept {
		*l = append(*l, rule)
	}
}

// refusal is an answer without a message taken.
func refusal(status int, body string) Answer { return Answer{Status: status, Body: body} }

func isPost(r *Request) bool { return r.Method == http.MethodPost }

// retryAfter is a header that asks to wait.
func retryAfter(wait time.Duration) map[string]string {
	return map[string]string{"Retry-After": wholeSeconds(wait)}
}

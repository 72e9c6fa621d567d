package receiver

import (
	"bytes"
	stdjson "encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"google.golang.org/api/chat/v1"
)

// Google Chat's limits, by its reference of messages and cards.
const (
	googleMessageBytes = 32_000
	googleWidgets      = 100
	googleKey          = "placeholder0of0the0key"
	googleToken        = "placeholder0of0the0token"
)

// GoogleChat is a webhook of a space in Google Chat. A request ID makes a request idempotent.
func GoogleChat() Service {
	seen := map[string]bool{}
	limited := func(wait time.Duration) Answer {
		return Answer{Status: http.StatusTooManyRequests, Header: retryAfter(wait),
			Body: `{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}`}
	}
	return Service{
		Name:    "google-chat",
		URL:     "https://chat.googleapis.com/v1/spaces/AAAAEXAMPLE/messages?key=" + googleKey + "&token=" + googleToken,
		Rate:    Rate{1, time.Second},
		Limited: limited,
		Lie: &Answer{Status: http.StatusOK,
			Body: `{"error":{"code":500,"message":"Internal error encountered.","status":"INTERNAL"}}`},
		Answer: func(r *Request) Answer {
			query := r.URL.Query()
			switch {
			case !isPost(r):
				return refusal(http.StatusNotFound, "")
			case query.Get("key") != googleKey, query.Get("token") != googleToken:
				return refusal(http.StatusUnauthorized, `{"error":{"code":401,"status":"UNAUTHENTICATED"}}`)
			}
			if broken := checkGoogleMessage(r); len(broken) > 0 {
				return refusal(http.StatusBadRequest, strings.Join(broken, "; "))
			}
			id := query.Get("requestId")
			known := id != "" && seen[id]
			seen[id] = true
			return Answer{Status: http.StatusOK, Taken: true, Known: known,
				Body: `{"name":"spaces/AAAAEXAMPLE/messages/BBBB.BBBB"}`}
		},
	}
}

// checkGoogleMessage reads a message by Google's own types, which hold every field that there is.
func checkGoogleMessage(r *Request) limits {
	var anything any
	if err := strictly(r, &anything); err != nil {
		return limits{err.Error()}
	}
	var m chat.Message
	decoder := stdjson.NewDecoder(bytes.NewReader(r.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return limits{err.Error()}
	}
	var broken limits
	broken.most("bytes", len(r.Body), googleMessageBytes)
	broken.must(m.Text != "" || len(m.CardsV2) > 0, "a message must have a text or a card")
	widgets := 0
	for _, c := range m.CardsV2 {
		broken.must(c.CardId != "" || len(m.CardsV2) == 1, "each of several cards must have an ID")
		broken.must(c.Card != nil && len(c.Card.Sections) > 0, "a card must have sections")
		if c.Card == nil {
			continue
		}
		broken.must(c.Card.Header == nil || c.Card.Header.Title != "", "a header must have a title")
		for _, section := range c.Card.Sections {
			broken.must(len(section.Widgets) > 0, "a section must have widgets")
			widgets += len(section.Widgets)
			for _, widget := range section.Widgets {
				broken.must(countGoogleParts(widget) == 1, "a widget must be one thing")
			}
		}
	}
	broken.most("widgets", widgets, googleWidgets)
	return broken
}

// countGoogleParts counts what a widget is at the same time.
func countGoogleParts(widget *chat.GoogleAppsCardV1Widget) int {
	var members map[string]any
	text, err := stdjson.Marshal(widget)
	if err != nil || json.Unmarshal(text, &members) != nil {
		return 0
	}
	return len(members)
}

package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"
)

// Google Chat's limits, by its reference of messages and cards, and what is kept below them.
const (
	maxGoogleBytes   = 30_000 // of a message: Google Chat takes 32,000, and 32 KB of a card
	maxGoogleWidgets = 90     // of a card: Google Chat shows 100
)

var googleChatKind = &Kind{
	Name: "google-chat", About: "a space in Google Chat, by a webhook",
	Help: `In the space, open Apps & integrations, add a webhook and keep its URL as a secret. Webhooks are a feature of Google ` +
		`Workspace accounts, and an administrator can turn them off. A webhook posts to its one space and can do nothing else. ` +
		`Google Chat takes about one message a second in a space and 32,000 bytes each; what does not fit is counted.`,
	Keys: []Key{{Name: "url", Type: SecretKey, Required: true, About: "the webhook's URL", Example: `{ file = "chat.url" }`}},
	// Google documents requestId for the method that a webhook's URL calls: it makes a request
	// idempotent for the same credentials.
	Twice: "",
	New:   func(s Settings) (Channel, error) { return &googleChat{s}, nil },
}

// googleChat posts cards by a webhook. The text of a message is not used: there, foreign text could
// mention everyone and be formatted, and no escape is documented. Text in cards is a little HTML,
// which has one, and mentions nobody.
type googleChat struct{ settings Settings }

type googleMessage struct {
	FallbackText string           `json:"fallbackText"`
	Cards        []googleCardItem `json:"cardsV2"`
}

type googleCardItem struct {
	ID   string     `json:"cardId"`
	Card googleCard `json:"card"`
}

type googleCard struct {
	Header struct {
		Title    string `json:"title"`
		Subtitle string `json:"subtitle,omitempty"`
	} `json:"header"`
	Sections []googleSection `json:"sections"`
}

type googleSection struct {
	Header  string         `json:"header,omitempty"`
	Widgets []googleWidget `json:"widgets"`
}

type googleWidget struct {
	Paragraph googleParagraph `json:"textParagraph"`
}

type googleParagraph struct {
	Text string `json:"text"`
}

// Prepare implements [Channel].
func (g *googleChat) Prepare(d *Digest) ([]Payload, error) {
	c := newChat(d)
	return fitted(c, func(shown []int) googleMessage { return googleDigest(c, shown) },
		func(m googleMessage) bool { return sizeOf(m) <= maxGoogleBytes && m.widgets() <= maxGoogleWidgets })
}

// Check implements [Channel].
func (g *googleChat) Check(ctx context.Context, _ *Outside) error {
	return uncheckable(ctx, g.settings)
}

// Deliver implements [Channel].
func (g *googleChat) Deliver(ctx context.Context, out *Outside, m *Message) error {
	secret, err := g.settings.Secret(ctx, "url")
	if err != nil {
		return err
	}
	target, err := url.Parse(secret)
	if err != nil {
		return errors.New("the URL is not valid") // which must not be shown
	}
	query := target.Query()
	query.Set("requestId", uuidOf(m.ID))
	target.RawQuery = query.Encode()
	r := m.request(target.String())
	r.refusal, r.meanings = googleRefusal, googleMeanings
	answered, err := out.do(ctx, r)
	if err != nil {
		return err
	}
	var result struct {
		Name string `json:"name"`
	}
	if answered.body != nil && (json.Unmarshal(answered.body, &result) != nil || result.Name == "") {
		return answered.unlike()
	}
	return nil
}

// googleRefusal reads the error of a Google API.
func googleRefusal(body []byte) (string, time.Duration) {
	var result struct {
		Error struct {
			Status  string `json:"status"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &result) != nil || result.Error.Status == "" {
		return "", 0
	}
	return result.Error.Status + ": " + result.Error.Message, 0
}

var googleMeanings = []meaning{
	{"UNAUTHENTICATED", "the webhook was removed, or this is not its whole URL: copy it again"},
	{"PERMISSION_DENIED", "the webhook was removed, or an administrator turned webhooks off"},
	{"NOT_FOUND", "the space does not exist any more, or this is not the whole URL: copy it again"},
	{"RESOURCE_EXHAUSTED", "too many messages for this space"},
}

func (m *googleMessage) widgets() int {
	total := 0
	for _, card := range m.Cards {
		for _, section := range card.Card.Sections {
			total += len(section.Widgets)
		}
	}
	return total
}

func googleDigest(c *chat, shown []int) googleMessage {
	var card googleCard
	card.Header.Title = unmarked.Replace(c.title)
	if len(c.intro) > 0 {
		card.Sections = append(card.Sections, googleSection{Widgets: []googleWidget{googleLines(c.intro)}})
	}
	for i := range c.parts {
		p := &c.parts[i]
		section := googleSection{Header: googleEscape(p.heading)}
		for _, w := range p.lines[:shown[i]] {
			section.Widgets = append(section.Widgets, googleWidget{googleParagraph{
				googleEscape(w.urgency) + "<b>" + googleEscape(w.name) + "</b>" + googleEscape(w.about+w.remedy)}})
		}
		if left := p.left(shown[i]); left != "" {
			section.Widgets = append(section.Widgets, googleWidget{googleParagraph{"<i>" + googleEscape(left) + "</i>"}})
		}
		card.Sections = append(card.Sections, section)
	}
	card.Sections = append(card.Sections, googleSection{Widgets: []googleWidget{googleLines(c.closing)}})
	return googleMessage{unmarked.Replace(c.title), []googleCardItem{{"guestlist", card}}}
}

// googleLines are several lines in one widget.
func googleLines(lines []string) googleWidget {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = googleEscape(line)
	}
	return googleWidget{googleParagraph{strings.Join(escaped, "<br>")}}
}

var googleEntities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// unmarked keeps the signs of HTML out of a title, of which nothing says whether it is HTML.
var unmarked = strings.NewReplacer("&", "+", "<", "(", ">", ")")

// googleEscape makes text harmless in a card, whose text is HTML.
func googleEscape(text string) string { return googleEntities.Replace(text) }

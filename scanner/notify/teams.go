package notify

import (
	"bytes"
	"context"
	"strings"

	"guestlist/scanner/inventory"
)

// maxTeamsBytes is the most that a message weighs. Microsoft documents 28 KB, which it counts in a
// form of its own; from 21 KB of JSON on, messages were seen refused.
const maxTeamsBytes = 20_000

var teamsKind = &Kind{
	Name: "teams", About: "a channel or chat in Microsoft Teams, by a workflow",
	Help: `In Teams, open Workflows for the channel or chat, choose the template that posts when a webhook request is received, and ` +
		`keep its URL as a secret. URLs of Office 365 connectors, and of workflows at logic.azure.com, are retired. A workflow belongs to the person who made it and ` +
		`stops when that account is closed or its connection expires: add a second owner. Teams takes four messages a second and ` +
		`28 KB each; what does not fit is counted. The workflow says that it took a message before it posts it, so look at its run ` +
		`history if none appears.`,
	Keys:  []Key{{Name: "url", Type: SecretKey, Required: true, About: "the workflow's URL", Example: `{ file = "teams.url" }`}},
	Twice: "Workflows recognize no message, so one may appear twice after a crash or a lost answer.",
	New:   func(s Settings) (Channel, error) { return &teams{s}, nil },
}

// teams posts Adaptive Cards by a workflow. Foreign text is in the runs of rich text alone, which
// are shown as they are: in a TextBlock it would be Markdown, whose escapes the clients of Teams do
// not agree on.
type teams struct{ settings Settings }

type teamsMessage struct {
	Type        string            `json:"type"`
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string       `json:"contentType"`
	Content     adaptiveCard `json:"content"`
}

type adaptiveCard struct {
	Schema       string        `json:"$schema"`
	Type         string        `json:"type"`
	Version      string        `json:"version"`
	FallbackText string        `json:"fallbackText"`
	Body         []cardElement `json:"body"`
	Teams        struct {
		Width string `json:"width"`
	} `json:"msteams"`
}

// cardElement is a RichTextBlock.
type cardElement struct {
	Type      string    `json:"type"`
	Spacing   string    `json:"spacing,omitempty"`
	Separator bool      `json:"separator,omitempty"`
	Inlines   []cardRun `json:"inlines"`
}

// cardRun is a TextRun.
type cardRun struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Size   string `json:"size,omitempty"`
	Weight string `json:"weight,omitempty"`
	Color  string `json:"color,omitempty"`
	Subtle bool   `json:"isSubtle,omitempty"`
}

// Prepare implements [Channel].
func (t *teams) Prepare(d *Digest) ([]Payload, error) {
	c := newChat(d)
	return fitted(c, func(shown []int) teamsMessage { return teamsCard(d, c, shown) },
		func(m teamsMessage) bool { return sizeOf(m) <= maxTeamsBytes })
}

// Check implements [Channel].
func (t *teams) Check(ctx context.Context, _ *Outside) error { return uncheckable(ctx, t.settings) }

// Deliver implements [Channel].
func (t *teams) Deliver(ctx context.Context, out *Outside, m *Message) error {
	target, err := t.settings.Secret(ctx, "url")
	if err != nil {
		return err
	}
	r := m.request(target)
	r.meanings = teamsMeanings
	answered, err := out.do(ctx, r)
	switch {
	case err != nil:
		return err
	case teamsRefuses(answered.body):
		return answered.unlike()
	}
	return nil
}

// teamsRefuses reports whether the body of a success is that of a failure: a page, or the words
// that connectors used. A workflow's own answer is empty or whatever its maker chose.
func teamsRefuses(body []byte) bool {
	text := bytes.ToLower(bytes.TrimSpace(body))
	return bytes.HasPrefix(text, []byte("<")) || bytes.Contains(text, []byte("failed with error"))
}

var teamsMeanings = []meaning{
	{"WorkflowNotFound", "the workflow was deleted: create another one"},
	{"WorkflowTriggerNotFound", "the workflow was changed: copy its URL again"},
	{"WorkflowTriggerIsNotEnabled", "the workflow is turned off: turn it on"},
	{"DirectApiAuthorizationRequired", "this is not the whole URL, which ends with a signature: copy it again"},
	{"AuthorizationFailed", "the signature in the URL is not valid: copy the workflow's URL again"},
	{"TriggerInputSchemaMismatch", "the workflow expects another form: make one from the template for webhook requests"},
}

func teamsCard(d *Digest, c *chat, shown []int) teamsMessage {
	card := adaptiveCard{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
		FallbackText: teamsPlain(c.title)}
	card.Teams.Width = "Full"
	card.Body = append(card.Body, cardText("", cardRun{Text: c.title, Size: "medium", Weight: "bolder", Color: teamsColor(d.Urgency)}))
	for _, sentence := range c.intro {
		card.Body = append(card.Body, cardText("small", cardRun{Text: sentence}))
	}
	for i := range c.parts {
		p := &c.parts[i]
		heading := cardText("medium", cardRun{Text: p.heading, Weight: "bolder"})
		heading.Separator = true
		card.Body = append(card.Body, heading)
		for _, w := range p.lines[:shown[i]] {
			card.Body = append(card.Body, teamsLine(w))
		}
		if left := p.left(shown[i]); left != "" {
			card.Body = append(card.Body, cardText("small", cardRun{Text: left, Subtle: true}))
		}
	}
	for i, line := range c.closing {
		element := cardText("none", cardRun{Text: line, Size: "small", Subtle: true})
		if i == 0 {
			element.Spacing, element.Separator = "medium", true
		}
		card.Body = append(card.Body, element)
	}
	return teamsMessage{"message", []teamsAttachment{{"application/vnd.microsoft.card.adaptive", card}}}
}

func teamsLine(w words) cardElement {
	element := cardText("small")
	for _, run := range []cardRun{{Text: w.urgency}, {Text: w.name, Weight: "bolder"},
		{Text: w.about}, {Text: w.remedy, Subtle: true}} {
		if run.Text != "" {
			run.Type = "TextRun"
			element.Inlines = append(element.Inlines, run)
		}
	}
	return element
}

func cardText(spacing string, runs ...cardRun) cardElement {
	for i := range runs {
		runs[i].Type = "TextRun"
	}
	return cardElement{Type: "RichTextBlock", Spacing: spacing, Inlines: runs}
}

func teamsColor(level inventory.Level) string {
	switch level {
	case inventory.Critical:
		return "attention"
	case inventory.High:
		return "warning"
	}
	return ""
}

// teamsPlain is for the one text of a card that clients may read as Markdown: it keeps no sign that
// has a meaning there.
func teamsPlain(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_[]()<>`#\\|~", r) {
			return ' '
		}
		return r
	}, text)
}

package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// Slack's limits, by its reference of blocks, and what is kept below them.
const (
	maxSlackTitle  = 150    // characters of a header
	maxSlackIntro  = 3_000  // characters of a section
	maxSlackBlocks = 12_000 // bytes of all blocks: from some 13,200 on it refuses them, which it does not document
	maxSlackText   = 3_000  // characters of the text for notifications: Slack takes 40,000
)

var slackKind = &Kind{
	Name: "slack", About: "a channel in Slack, by an incoming webhook",
	Help: `Create an app at https://api.slack.com/apps, turn on Incoming Webhooks, add one for the channel and keep its ` +
		`URL as a secret. A webhook posts to its one channel and can do nothing else. It stops working when the app is ` +
		`removed, or when its channel is archived. Slack takes about one message a second from it.`,
	Keys:  []Key{{Name: "url", Type: SecretKey, Required: true, About: "the webhook's URL", Example: `{ file = "slack.url" }`}},
	Twice: "Slack's webhooks recognize no message, so one may appear twice after a crash or a lost answer.",
	New:   func(s Settings) (Channel, error) { return &slackWebhook{settings: s}, nil },
}

// A bot could look for its message in the channel's history before it repeats it. This one does not:
// it would need scopes to read what people write there.
var slackBotKind = &Kind{
	Name: "slack-bot", About: "a channel in Slack, by the token of a bot",
	Help: `Create an app at https://api.slack.com/apps with the bot scope chat:write, install it, keep its bot token ` +
		`(xoxb-…) as a secret and invite the app to the channel. guestlist doctor checks the token, and cannot check the ` +
		`channel: that would take scopes to read it. Slack takes about one message a second for a channel.`,
	Keys: []Key{
		{Name: "token", Type: SecretKey, Required: true, About: "the bot's token, xoxb-…", Example: `{ file = "slack.token" }`},
		{Name: "channel", Type: TextKey, Required: true, About: "the channel's ID, which its details show, or its name",
			Example: `"C0123456789"`},
		{Name: "api", Type: TextKey, About: "the address of the Web API, if it is not https://slack.com/api",
			Example: `"https://slack-gov.com/api"`},
	},
	Twice: "Slack documents no way to recognize a repeated message. guestlist sends the same client_msg_id each time, by which Slack " +
		"may drop it; otherwise it appears twice after a crash or a lost answer.",
	New: newSlackBot,
}

// slackMessage is what both ways of posting take. Nothing in it is Slack's markup: rich text and
// plain_text are shown as they are, and the text for notifications is escaped.
type slackMessage struct {
	ClientMessageID string       `json:"client_msg_id,omitempty"`
	Channel         string       `json:"channel,omitempty"`
	Text            string       `json:"text"`
	Markdown        bool         `json:"mrkdwn"`
	UnfurlLinks     bool         `json:"unfurl_links"`
	UnfurlMedia     bool         `json:"unfurl_media"`
	Blocks          []slackBlock `json:"blocks"`
}

// prepareSlack makes the message of a digest for a channel.
func prepareSlack(d *Digest, channel string) ([]Payload, error) {
	c := newChat(d)
	return fitted(c,
		func(shown []int) slackMessage {
			return slackMessage{Channel: channel, Text: slackNotice(c, shown), Blocks: slackBlocks(c, shown)}
		},
		func(m slackMessage) bool { return sizeOf(m.Blocks) <= maxSlackBlocks })
}

// slackBlock is a header, a section, a context or rich text.
type slackBlock struct {
	Type     string         `json:"type"`
	Text     *slackPlain    `json:"text,omitempty"`
	Elements []slackElement `json:"elements,omitempty"`
}

// slackPlain is a text that is shown as it is: no markup, no mention, no :emoji:.
type slackPlain struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji bool   `json:"emoji"`
}

// slackElement is a text of a context, a list or a section of rich text, or a run of text in one.
type slackElement struct {
	Type     string         `json:"type"`
	Text     string         `json:"text,omitempty"`
	Emoji    *bool          `json:"emoji,omitempty"` // of a text of a context; without it, Slack reads :names:
	Style    any            `json:"style,omitempty"` // "bullet" of a list, a slackStyle of a run
	Elements []slackElement `json:"elements,omitempty"`
}

type slackStyle struct {
	Bold   bool `json:"bold,omitempty"`
	Italic bool `json:"italic,omitempty"`
}

func slackBlocks(c *chat, shown []int) []slackBlock {
	blocks := []slackBlock{slackText("header", escapedWithin(c.title, maxSlackTitle, asItIs))}
	if len(c.intro) > 0 {
		blocks = append(blocks, slackText("section", escapedWithin(strings.Join(c.intro, "\n"), maxSlackIntro, asItIs)))
	}
	for i := range c.parts {
		p := &c.parts[i]
		list := slackElement{Type: "rich_text_list", Style: "bullet"}
		for _, w := range p.lines[:shown[i]] {
			list.Elements = append(list.Elements,
				slackSection(slackRun(w.urgency, nil), slackRun(w.name, slackStyle{Bold: true}), slackRun(w.about+w.remedy, nil)))
		}
		if left := p.left(shown[i]); left != "" {
			list.Elements = append(list.Elements, slackSection(slackRun(left, slackStyle{Italic: true})))
		}
		heading := slackSection(slackRun(p.heading, slackStyle{Bold: true}))
		blocks = append(blocks, slackBlock{Type: "rich_text", Elements: []slackElement{heading, list}})
	}
	closing := slackBlock{Type: "context"}
	for _, line := range c.closing {
		closing.Elements = append(closing.Elements, slackElement{Type: slackPlainType, Text: line, Emoji: new(false)})
	}
	return append(blocks, closing)
}

const slackPlainType = "plain_text"

func slackText(block, text string) slackBlock {
	return slackBlock{Type: block, Text: &slackPlain{Type: slackPlainType, Text: text}}
}

// slackSection is a line of rich text; a run must not be empty.
func slackSection(runs ...slackElement) slackElement {
	isEmpty := func(run slackElement) bool { return run.Text == "" }
	return slackElement{Type: "rich_text_section", Elements: slices.DeleteFunc(runs, isEmpty)}
}

func slackRun(text string, style any) slackElement {
	return slackElement{Type: "text", Text: text, Style: style}
}

// slackNotice is what notifications and screen readers show: the names, without what follows them.
func slackNotice(c *chat, shown []int) string {
	lines := append([]string{c.title}, c.intro...)
	for i := range c.parts {
		p := &c.parts[i]
		var names []string
		for _, w := range p.lines[:shown[i]] {
			names = append(names, w.name)
		}
		if left := p.left(shown[i]); left != "" {
			names = append(names, left)
		}
		lines = append(lines, p.heading+". "+strings.Join(names, ", "))
	}
	return slackEscape(cut(strings.Join(lines, "\n"), maxSlackText))
}

// slackEscape makes text harmless where Slack looks for markup. It also finds links there, which
// take a scheme.
func slackEscape(text string) string { return slackEscapes.Replace(text) }

var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "://", `:\u{2F}/`)

// slackWebhook posts by an incoming webhook.
type slackWebhook struct{ settings Settings }

// Prepare implements [Channel].
func (s *slackWebhook) Prepare(d *Digest) ([]Payload, error) { return prepareSlack(d, "") }

// Check implements [Channel].
func (s *slackWebhook) Check(ctx context.Context, _ *Outside) error {
	return uncheckable(ctx, s.settings)
}

// Deliver implements [Channel].
func (s *slackWebhook) Deliver(ctx context.Context, out *Outside, m *Message) error {
	target, err := s.settings.Secret(ctx, "url")
	if err != nil {
		return err
	}
	r := m.request(target)
	r.meanings = slackMeanings
	answered, err := out.do(ctx, r)
	switch {
	case err != nil:
		return err
	case answered.body != nil && strings.TrimSpace(string(answered.body)) != "ok":
		return answered.unlike()
	}
	return nil
}

// slackBot posts by the Web API.
type slackBot struct {
	settings     Settings
	api, channel string
}

func newSlackBot(s Settings) (Channel, error) {
	bot := &slackBot{settings: s, api: "https://slack.com/api", channel: s.Texts["channel"]}
	if api := s.Texts["api"]; api != "" {
		if target, err := url.Parse(api); err != nil || target.Host == "" || target.Scheme != "https" && !isLoopback(target.Hostname()) {
			return nil, fmt.Errorf("api must be an address that begins with https://, is %q", api)
		}
		bot.api = strings.TrimSuffix(api, "/")
	}
	return bot, nil
}

// Prepare implements [Channel].
func (s *slackBot) Prepare(d *Digest) ([]Payload, error) { return prepareSlack(d, s.channel) }

// Check implements [Channel].
func (s *slackBot) Check(ctx context.Context, out *Outside) error {
	return s.call(ctx, out, "auth.test", nil)
}

// Deliver implements [Channel].
func (s *slackBot) Deliver(ctx context.Context, out *Outside, m *Message) error {
	rest, found := strings.CutPrefix(string(m.Body), "{")
	if !found {
		return errors.New("the message is not one for Slack")
	}
	return s.call(ctx, out, "chat.postMessage", []byte(`{"client_msg_id":"`+uuidOf(m.ID)+`",`+rest))
}

// call asks a method of the Web API, which answers 200 to failures as well.
func (s *slackBot) call(ctx context.Context, out *Outside, method string, body []byte) error {
	token, err := s.settings.Secret(ctx, "token")
	if err != nil {
		return err
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	if body != nil {
		header.Set("Content-Type", jsonType)
	}
	answered, err := out.do(ctx, request{url: s.api + "/" + method, header: header, body: body, mask: []string{token},
		refusal: slackRefusal, meanings: slackMeanings})
	if err != nil {
		return err
	}
	var result struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	switch err := json.Unmarshal(answered.body, &result); {
	case answered.body == nil:
		f := answered.failure("the answer did not come whole")
		f.Unsure = true
		return f
	case err != nil:
		return answered.unlike()
	case result.OK:
		return nil
	}
	f := answered.failure(explained(inventory.Clean(result.Error, maxDetailBytes), slackMeanings))
	f.Temporary = slices.Contains(slackTemporary, result.Error)
	f.Unsure = slices.Contains(slackUnsure, result.Error)
	return f
}

// slackRefusal reads an answer of the Web API that is no success.
func slackRefusal(body []byte) (string, time.Duration) {
	var result struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(body, &result) != nil {
		return "", 0
	}
	return result.Error, 0
}

// slackTemporary are the errors after which another attempt may succeed, and slackUnsure those of
// them by which a part may have been done.
var (
	slackTemporary = []string{"ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout", "service_unavailable",
		"team_added_to_org"}
	slackUnsure = []string{"internal_error", "fatal_error", "request_timeout"}
)

// slackMeanings are the errors of webhooks and of the Web API about which someone can do something.
var slackMeanings = []meaning{
	{"no_service", "the webhook was removed, or its app was: create another one"},
	{"no_team", "the workspace does not exist any more"},
	{"invalid_token", "this is not the whole URL of a webhook, or it was revoked: copy it again"},
	{"action_prohibited", "an administrator restricts who may post there"},
	{"posting_to_general_channel_denied", "apps may not post in this channel: choose another one"},
	{"channel_is_archived", "choose another channel, or unarchive this one"},
	{"is_archived", "choose another channel, or unarchive this one"},
	{"channel_not_found", "write the channel's ID; if it is private, invite the app first"},
	{"not_in_channel", "invite the app to the channel"},
	{"missing_scope", "give the app the bot scope chat:write and install it again"},
	{"not_allowed_token_type", "use the bot's token, which begins with xoxb-"},
	{"invalid_auth", "copy the bot's token again"},
	{"not_authed", "copy the bot's token again"},
	{"account_inactive", "the app was removed from the workspace: install it again"},
	{"token_revoked", "install the app again, and copy its token"},
	{"token_expired", "install the app again, and copy its token"},
	{"restricted_action", "an administrator restricts who may post there"},
	{"ekm_access_denied", "an administrator has suspended posting"},
}

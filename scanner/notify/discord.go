package notify

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

// Discord's limits, by its reference of messages, and what is kept below them. Characters are
// counted as UTF-16, of which there are at least as many as by any other count.
const (
	maxDiscordTitle       = 256
	maxDiscordDescription = 4_000 // of an embed: Discord takes 4,096
	maxDiscordTotal       = 5_900 // of all embeds: Discord takes 6,000
	maxDiscordEmbeds      = 10
	maxDiscordFooter      = 2_048
)

var discordKind = &Kind{
	Name: "discord", About: "a channel in Discord, by a webhook",
	Help: `In the channel's settings, open Integrations, create a webhook and keep its URL as a secret. A webhook posts to its one ` +
		`channel; whoever has its URL can also rename or delete it. guestlist doctor checks that it exists, without posting. Discord ` +
		`takes 6,000 characters a message; what does not fit is counted.`,
	Keys: []Key{{Name: "url", Type: SecretKey, Required: true, About: "the webhook's URL", Example: `{ file = "discord.url" }`}},
	Twice: "Discord recognizes repeated messages of bots and not those of webhooks, so one may appear twice after a crash or a lost " +
		"answer.",
	New: func(s Settings) (Channel, error) { return &discord{s}, nil },
}

// discord posts embeds by a webhook. Nobody is mentioned whatever the text says, and every sign
// that has a meaning is escaped.
type discord struct{ settings Settings }

type discordMessage struct {
	Embeds          []discordEmbed  `json:"embeds"`
	AllowedMentions discordMentions `json:"allowed_mentions"`
}

type discordMentions struct {
	Parse []string `json:"parse"`
}

type discordEmbed struct {
	Title       string         `json:"title,omitempty"`
	Description string         `json:"description,omitempty"`
	Color       int            `json:"color,omitempty"`
	Footer      *discordFooter `json:"footer,omitempty"`
}

type discordFooter struct {
	Text string `json:"text"`
}

// Prepare implements [Channel].
func (x *discord) Prepare(d *Digest) ([]Payload, error) {
	c := newChat(d)
	return fitted(c, func(shown []int) discordMessage { return discordDigest(d, c, shown) }, discordMessage.fits)
}

// Check implements [Channel]. Discord describes a webhook to those who know its URL.
func (x *discord) Check(ctx context.Context, out *Outside) error {
	target, err := x.url(ctx, nil)
	if err != nil {
		return err
	}
	return x.call(ctx, out, request{method: http.MethodGet, url: target})
}

// Deliver implements [Channel].
func (x *discord) Deliver(ctx context.Context, out *Outside, m *Message) error {
	target, err := x.url(ctx, url.Values{"wait": {"true"}}) // or it answers before it posts
	if err != nil {
		return err
	}
	return x.call(ctx, out, m.request(target))
}

func (x *discord) call(ctx context.Context, out *Outside, r request) error {
	r.refusal, r.meanings = discordRefusal, discordMeanings
	answered, err := out.do(ctx, r)
	if err != nil {
		return err
	}
	var result struct {
		ID string `json:"id"`
	}
	if answered.body != nil && (json.Unmarshal(answered.body, &result) != nil || result.ID == "") {
		return answered.unlike()
	}
	return nil
}

// unversioned is the path of a webhook as Discord hands it out. Without a version it means an old
// one, in which the times to wait are in milliseconds.
var unversioned = regexp.MustCompile(`^/api/webhooks/`)

// url is the webhook's URL, with the version of the API that answers are read by.
func (x *discord) url(ctx context.Context, query url.Values) (string, error) {
	secret, err := x.settings.Secret(ctx, "url")
	if err != nil {
		return "", err
	}
	target, err := url.Parse(secret)
	if err != nil {
		return "", errors.New("the URL is not valid") // which must not be shown
	}
	target.Path = unversioned.ReplaceAllString(target.Path, "/api/v10/webhooks/")
	values := target.Query()
	for name := range query {
		values.Set(name, query.Get(name))
	}
	target.RawQuery = values.Encode()
	return target.String(), nil
}

// discordRefusal reads Discord's message, and the time to wait in seconds, which is more exact than
// that of the header.
func discordRefusal(body []byte) (string, time.Duration) {
	var result struct {
		Message    string  `json:"message"`
		RetryAfter float64 `json:"retry_after"`
	}
	if json.Unmarshal(body, &result) != nil {
		return "", 0
	}
	seconds := min(max(result.RetryAfter, 0), MaxRetryAfter.Seconds())
	return result.Message, time.Duration(seconds * float64(time.Second))
}

var discordMeanings = []meaning{
	{"Unknown Webhook", "the webhook was deleted: create another one"},
	{"Invalid Webhook Token", "this is not the whole URL of the webhook: copy it again"},
	{"thread_name or thread_id", "this is a forum: put ?thread_id=… with the ID of a post after the URL, or choose a text channel"},
	{"Unknown Channel", "the channel was deleted: create a webhook in another one"},
}

// fits reports whether Discord takes a message.
func (m discordMessage) fits() bool {
	total := 0
	for _, e := range m.Embeds {
		description := utf16Length(e.Description)
		if description > maxDiscordDescription {
			return false
		}
		total += utf16Length(e.Title) + description
		if e.Footer != nil {
			total += utf16Length(e.Footer.Text)
		}
	}
	return total <= maxDiscordTotal && len(m.Embeds) <= maxDiscordEmbeds
}

func discordDigest(d *Digest, c *chat, shown []int) discordMessage {
	var intro []string
	for _, line := range c.intro {
		intro = append(intro, discordEscape(line))
	}
	color := discordColor(d)
	embeds := []discordEmbed{{Title: escapedWithin(c.title, maxDiscordTitle, discordEscape), Description: strings.Join(intro, "\n"), Color: color}}
	for i := range c.parts {
		p := &c.parts[i]
		var lines []string
		for _, w := range p.lines[:shown[i]] {
			lines = append(lines, "- "+discordEscape(w.urgency)+"**"+discordEscape(w.name)+"**"+discordEscape(w.about+w.remedy))
		}
		if left := p.left(shown[i]); left != "" {
			lines = append(lines, "- *"+discordEscape(left)+"*")
		}
		embeds = append(embeds, discordEmbed{Title: escapedWithin(p.heading, maxDiscordTitle, discordEscape), Description: strings.Join(lines, "\n"), Color: color})
	}
	embeds[len(embeds)-1].Footer = &discordFooter{strings.Join(c.closing, "\n")} // which is shown as it is
	return discordMessage{embeds, discordMentions{[]string{}}}
}

// discordSigns are the signs that have a meaning in Discord's Markdown, alone or with others, and
// those that begin a mention, an emoji or a link.
const discordSigns = "\\*_~`|>#-+<[]@:."

// discordEscape makes text harmless in Discord's Markdown.
func discordEscape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strings.ContainsRune(discordSigns, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func discordColor(d *Digest) int {
	switch {
	case d.Urgency == inventory.Critical:
		return 0xC62828 // red
	case d.Urgency == inventory.High:
		return 0xEF6C00 // orange
	case d.Clean:
		return 0x2E7D32 // green
	}
	return 0x546E7A // grey
}

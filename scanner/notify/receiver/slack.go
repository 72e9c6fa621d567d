package receiver

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Slack's limits on a message, by its reference of blocks.
const (
	slackBlocks       = 50
	slackHeader       = 150
	slackText         = 3000
	slackContext      = 10
	slackMessage      = 40_000
	slackWholeBlocks  = 13_000 // bytes; not documented: from about 13,200 on it says msg_blocks_too_long
	slackToken        = "xoxb-000000000000-placeholder"
	slackChannel      = "C0EXAMPLE"
	slackAnotherPlace = "C0NOTHERE"
)

// Slack is an incoming webhook of Slack.
func Slack() Service {
	return Service{
		Name: "slack",
		URL:  "https://hooks.slack.com/services/T0EXAMPLE/B0EXAMPLE/placeholder0of0the0secret",
		Rate: Rate{1, time.Second},
		Lie:  &Answer{Status: http.StatusOK, Body: loginPage},
		Answer: func(r *Request) Answer {
			if !isPost(r) {
				return refusal(http.StatusMethodNotAllowed, "")
			}
			var m slackPost
			if err := strictly(r, &m); err != nil {
				return refusal(http.StatusBadRequest, "invalid_payload: "+err.Error())
			}
			if m.Channel != "" || m.ClientMessageID != "" {
				return refusal(http.StatusForbidden, "action_prohibited")
			}
			if broken := m.check(); len(broken) > 0 {
				return refusal(http.StatusBadRequest, "invalid_blocks: "+strings.Join(broken, "; "))
			}
			return Answer{Status: http.StatusOK, Body: "ok", Taken: true}
		},
	}
}

// SlackBot is Slack's Web API, as a bot's token sees it. It is a member of one channel.
func SlackBot() Service {
	return Service{
		Name:  "slack-bot",
		URL:   "https://slack.com/api/",
		Token: slackToken,
		Rate:  Rate{1, time.Second},
		Limited: func(wait time.Duration) Answer {
			return Answer{Status: http.StatusTooManyRequests, Header: retryAfter(wait), Body: `{"ok":false,"error":"ratelimited"}`}
		},
		Lie: &Answer{Status: http.StatusOK, Body: `{"ok":false,"error":"service_unavailable"}`},
		Answer: func(r *Request) Answer {
			if r.Header.Get("Authorization") != "Bearer "+slackToken {
				return slackError("invalid_auth")
			}
			switch {
			case r.URL.Path == "/api/auth.test":
				return Answer{Status: http.StatusOK, Body: `{"ok":true,"team":"Acme","user":"guestlist"}`}
			case r.URL.Path != "/api/chat.postMessage" || !isPost(r):
				return slackError("unknown_method")
			}
			return slackPosted(r)
		},
	}
}

func slackPosted(r *Request) Answer {
	var m slackPost
	if err := strictly(r, &m); err != nil {
		return slackError("invalid_json")
	}
	switch m.Channel {
	case slackChannel:
	case slackAnotherPlace:
		return slackError("not_in_channel")
	default:
		return slackError("channel_not_found")
	}
	if broken := m.check(); len(broken) > 0 {
		return slackError("invalid_blocks: " + strings.Join(broken, "; "))
	}
	return Answer{Status: http.StatusOK, Taken: true,
		Body: fmt.Sprintf(`{"ok":true,"channel":%q,"ts":"1700000000.000100"}`, m.Channel)}
}

func slackError(code string) Answer {
	return Answer{Status: http.StatusOK, Body: fmt.Sprintf(`{"ok":false,"error":%q}`, code)}
}

type slackPost struct {
	Channel         string         `json:"channel"`
	ClientMessageID string         `json:"client_msg_id"`
	Text            string         `json:"text"`
	Blocks          jsontext.Value `json:"blocks"`
	Markdown        *bool          `json:"mrkdwn"`
	Parse           string         `json:"parse"`
	LinkNames       bool           `json:"link_names"`
	UnfurlLinks     *bool          `json:"unfurl_links"`
	UnfurlMedia     *bool          `json:"unfurl_media"`
}

type slackBlock struct {
	Type     string         `json:"type"`
	Text     *slackTextPart `json:"text"`
	Elements []slackElement `json:"elements"`
}

type slackTextPart struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Emoji bool   `json:"emoji"`
}

// slackElement is one of a context or of rich text.
type slackElement struct {
	Type     string         `json:"type"`
	Text     string         `json:"text"`
	Emoji    bool           `json:"emoji"`
	Style    any            `json:"style"` // of a list, a word; of a text, an object
	Indent   int            `json:"indent"`
	Offset   int            `json:"offset"`
	Border   int            `json:"border"`
	Elements []slackElement `json:"elements"`
}

// check lists what breaks Slack's rules.
func (m *slackPost) check() limits {
	var broken limits
	broken.length("text", m.Text, slackMessage)
	broken.most("bytes of all blocks", len(m.Blocks), slackWholeBlocks)
	var blocks []slackBlock
	if err := json.Unmarshal(m.Blocks, &blocks, json.RejectUnknownMembers(true)); err != nil {
		return append(broken, err.Error())
	}
	broken.most("blocks", len(blocks), slackBlocks)
	for _, block := range blocks {
		block.check(&broken)
	}
	return broken
}

func (b *slackBlock) check(broken *limits) {
	switch b.Type {
	case "divider":
	case "header", "section":
		if b.Text == nil {
			*broken = append(*broken, b.Type+" without a text")
			return
		}
		limit := slackText
		if b.Type == "header" {
			limit = slackHeader
			broken.must(b.Text.Type == "plain_text", "a header must be plain_text")
		}
		broken.length(b.Type, b.Text.Text, limit)
		broken.must(b.Text.Type == "plain_text" || b.Text.Type == "mrkdwn", "unknown text "+b.Text.Type)
	case "context":
		broken.must(len(b.Elements) > 0, "a context must have elements")
		broken.most("elements of a context", len(b.Elements), slackContext)
		for _, e := range b.Elements {
			broken.must(e.Type == "plain_text" || e.Type == "mrkdwn", "unknown element of a context "+e.Type)
			broken.length("element of a context", e.Text, slackText)
		}
	case "rich_text":
		broken.must(len(b.Elements) > 0, "rich_text must have elements")
		for _, e := range b.Elements {
			e.checkRich(broken)
		}
	default:
		*broken = append(*broken, "unknown block "+b.Type)
	}
}

// checkRich looks at an element of rich text, and at those within it.
func (e *slackElement) checkRich(broken *limits) {
	inner := map[string]string{"rich_text_list": "rich_text_section", "rich_text_section": "text"}
	switch e.Type {
	case "rich_text_list", "rich_text_section":
		broken.must(len(e.Elements) > 0, e.Type+" must have elements")
		for _, below := range e.Elements {
			broken.must(below.Type == inner[e.Type], e.Type+" holds "+below.Type)
			below.checkRich(broken)
		}
	case "text":
		broken.must(e.Text != "", "a text of rich_text must not be empty")
	default:
		*broken = append(*broken, "unknown element of rich_text "+e.Type)
	}
}

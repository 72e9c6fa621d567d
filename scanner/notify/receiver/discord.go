package receiver

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Discord's limits on a message, by its reference of webhooks and messages.
const (
	discordContent     = 2000
	discordEmbeds      = 10
	discordTitle       = 256
	discordDescription = 4096
	discordFields      = 25
	discordFieldName   = 256
	discordFieldValue  = 1024
	discordFooter      = 2048
	discordAuthor      = 256
	discordTotal       = 6000 // of all texts of all embeds
	discordPath        = "/api/v10/webhooks/100000000000000000/"
	discordToken       = "placeholder0of0the0token0which0is0sixty0eight0characters"
)

// Discord is a webhook of a channel in Discord. It hands out an address without a version of the
// API, at which times of waiting are milliseconds; this one is asked with a version or not at all.
func Discord() Service {
	limited := func(wait time.Duration) Answer {
		header := retryAfter(wait)
		header["X-RateLimit-Limit"], header["X-RateLimit-Remaining"] = "5", "0"
		header["X-RateLimit-Reset-After"] = fmt.Sprintf("%.3f", wait.Seconds())
		return Answer{Status: http.StatusTooManyRequests, Header: header,
			Body: fmt.Sprintf(`{"message":"You are being rate limited.","retry_after":%.3f,"global":false}`, wait.Seconds())}
	}
	return Service{
		Name:    "discord",
		URL:     "https://discord.com/api/webhooks/100000000000000000/" + discordToken,
		Rate:    Rate{5, 2 * time.Second},
		Limited: limited,
		Lie:     &Answer{Status: http.StatusOK, Body: loginPage},
		Answer: func(r *Request) Answer {
			switch {
			case r.URL.Path != discordPath+discordToken:
				return refusal(http.StatusNotFound, `{"message":"Unknown Webhook","code":10015}`)
			case r.Method == http.MethodGet:
				return Answer{Status: http.StatusOK, Body: `{"id":"100000000000000000","type":1,"name":"guestlist"}`}
			case !isPost(r):
				return refusal(http.StatusMethodNotAllowed, `{"message":"405: Method Not Allowed","code":0}`)
			}
			var m discordPost
			if err := strictly(r, &m); err != nil {
				return refusal(http.StatusBadRequest, `{"message":"The request body contains invalid JSON.","code":50109}`)
			}
			if broken := m.check(); len(broken) > 0 {
				return refusal(http.StatusBadRequest,
					fmt.Sprintf(`{"message":"Invalid Form Body","code":50035,"errors":%q}`, strings.Join(broken, "; ")))
			}
			if r.URL.Query().Get("wait") != "true" {
				return Answer{Status: http.StatusNoContent, Taken: true}
			}
			return Answer{Status: http.StatusOK, Taken: true, Body: `{"id":"200000000000000000","type":0}`}
		},
	}
}

type discordPost struct {
	Content         string          `json:"content"`
	Embeds          []discordEmbed  `json:"embeds"`
	AllowedMentions discordMentions `json:"allowed_mentions"`
	Flags           int             `json:"flags"`
}

type discordMentions struct {
	Parse []string `json:"parse"`
}

type discordEmbed struct {
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Color       int            `json:"color"`
	Timestamp   string         `json:"timestamp"`
	Fields      []discordField `json:"fields"`
	Footer      *struct {
		Text string `json:"text"`
	} `json:"footer"`
	Author *struct {
		Name string `json:"name"`
	} `json:"author"`
}

type discordField struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline"`
}

// check lists what breaks Discord's rules, and that a message must name whom it may mention.
func (m *discordPost) check() limits {
	var broken limits
	broken.must(m.Content != "" || len(m.Embeds) > 0, "a message must not be empty")
	broken.must(m.AllowedMentions.Parse != nil && len(m.AllowedMentions.Parse) == 0, "mentions must be off")
	broken.most("content", characters(m.Content), discordContent)
	broken.most("embeds", len(m.Embeds), discordEmbeds)
	total := 0
	for _, e := range m.Embeds {
		total += e.check(&broken)
	}
	broken.most("characters of all embeds", total, discordTotal)
	return broken
}

// check returns how many characters of the total the embed takes.
func (e *discordEmbed) check(broken *limits) int {
	broken.most("title", characters(e.Title), discordTitle)
	broken.most("description", characters(e.Description), discordDescription)
	broken.most("fields", len(e.Fields), discordFields)
	broken.must(0 <= e.Color && e.Color <= 0xFFFFFF, "a color has 24 bits")
	if e.Timestamp != "" {
		_, err := time.Parse(time.RFC3339, e.Timestamp)
		broken.must(err == nil, "a timestamp must be of ISO 8601")
	}
	total := characters(e.Title) + characters(e.Description)
	for _, f := range e.Fields {
		broken.length("name of a field", f.Name, discordFieldName)
		broken.length("value of a field", f.Value, discordFieldValue)
		total += characters(f.Name) + characters(f.Value)
	}
	if e.Footer != nil {
		broken.length("footer", e.Footer.Text, discordFooter)
		total += characters(e.Footer.Text)
	}
	if e.Author != nil {
		broken.length("author", e.Author.Name, discordAuthor)
		total += characters(e.Author.Name)
	}
	return total
}

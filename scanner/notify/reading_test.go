package notify

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"
)

// reading is what people see of a message in a chat: its lines, without markup. It is written from
// the services' descriptions of their markup, and shares nothing with the code that writes it.
type reading struct {
	lines []string
	// acts are mentions, links and other things that a text may not do.
	acts []string
}

// see reads a message of a kind.
func see(t testing.TB, kind string, body []byte) *reading {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal(body, &document); err != nil {
		t.Fatal(err)
	}
	r := &reading{}
	switch kind {
	case "slack", "slack-bot":
		r.slack(document)
	case "teams":
		r.teams(document)
	case "google-chat":
		r.googleChat(document)
	case "discord":
		r.discord(document)
	default:
		t.Fatalf("nobody can read %s", kind)
	}
	return r
}

func (r *reading) add(text string) { r.lines = append(r.lines, strings.Split(text, "\n")...) }

func (r *reading) act(format string, args ...any) {
	r.acts = append(r.acts, fmt.Sprintf(format, args...))
}

// slackMarkup is what Slack does something about in a text with markup: a control sequence, and an
// address.
var slackMarkup = regexp.MustCompile(`<[^>]*>|[a-z]+://`)

func (r *reading) slack(m map[string]any) {
	for _, found := range slackMarkup.FindAllString(m["text"].(string), -1) {
		r.act("the text for notifications holds %s", found)
	}
	if m["mrkdwn"] != false || m["unfurl_links"] != false || m["unfurl_media"] != false || m["link_names"] != nil {
		r.act("markup or previews are on")
	}
	for _, block := range list(m["blocks"]) {
		switch block["type"] {
		case "header", "section":
			r.slackObject(block["text"].(map[string]any))
		case "context":
			for _, element := range list(block["elements"]) {
				r.slackObject(element)
			}
		case "rich_text":
			r.slackRich(block)
		default:
			r.act("a block of type %v", block["type"])
		}
	}
}

func (r *reading) slackObject(object map[string]any) {
	if object["type"] != "plain_text" || object["emoji"] != false {
		r.act("a text of type %v, emoji %v", object["type"], object["emoji"])
	}
	r.add(object["text"].(string))
}

func (r *reading) slackRich(element map[string]any) {
	switch element["type"] {
	case "rich_text", "rich_text_list":
		for _, below := range list(element["elements"]) {
			r.slackRich(below)
		}
	case "rich_text_section":
		line := ""
		for _, run := range list(element["elements"]) {
			if run["type"] != "text" {
				r.act("an element of type %v", run["type"])
			}
			line += run["text"].(string)
		}
		r.add(line)
	default:
		r.act("an element of type %v", element["type"])
	}
}

func (r *reading) teams(m map[string]any) {
	for _, attachment := range list(m["attachments"]) {
		card := attachment["content"].(map[string]any)
		if strings.ContainsAny(card["fallbackText"].(string), "*_[]()<>`#\\") {
			r.act("Markdown in the text for old clients: %v", card["fallbackText"])
		}
		if teams := card["msteams"].(map[string]any); teams["entities"] != nil {
			r.act("mentions")
		}
		for _, element := range list(card["body"]) {
			if element["type"] != "RichTextBlock" {
				r.act("a %v, which is Markdown", element["type"])
			}
			line := ""
			for _, run := range list(element["inlines"]) {
				if run["type"] != "TextRun" || run["selectAction"] != nil {
					r.act("a %v", run["type"])
				}
				line += run["text"].(string)
			}
			r.add(line)
		}
	}
}

func (r *reading) googleChat(m map[string]any) {
	if m["text"] != nil {
		r.act("the text %v", m["text"])
	}
	for _, item := range list(m["cardsV2"]) {
		card := item["card"].(map[string]any)
		title := card["header"].(map[string]any)["title"].(string)
		if strings.ContainsAny(title+m["fallbackText"].(string), "<>&") {
			r.act("the title %s", title)
		}
		r.add(title)
		for _, section := range list(card["sections"]) {
			if header, ok := section["header"].(string); ok {
				r.html(header)
			}
			for _, widget := range list(section["widgets"]) {
				paragraph := widget["textParagraph"].(map[string]any)
				if paragraph["textSyntax"] != nil {
					r.act("another syntax: %v", paragraph["textSyntax"])
				}
				r.html(paragraph["text"].(string))
			}
		}
	}
}

func (r *reading) html(source string) {
	tokens := html.NewTokenizer(strings.NewReader(source))
	line := ""
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			r.add(line)
			return
		case html.TextToken:
			line += string(tokens.Text())
		case html.CommentToken, html.DoctypeToken:
			r.act("%s", tokens.Raw())
		default:
			switch name, attributes := tokens.TagName(); {
			case string(name) == "br":
				line += "\n"
			case attributes || string(name) != "b" && string(name) != "i":
				r.act("%s", tokens.Raw())
			}
		}
	}
}

// discordMention is what Discord turns into a mention, an emoji, a time or a link.
var discordMention = regexp.MustCompile(`<(@[!&]?|#|a?:|t:|/|id:|https?:|mailto:)[^>]*>?|@everyone|@here|:[a-zA-Z0-9_]{2,}:|[a-z]+://`)

// discordEscaped is an escape: what follows is itself.
var discordEscaped = regexp.MustCompile(`\\([^0-9A-Za-z\s])`)

func (r *reading) discord(m map[string]any) {
	if mentions := m["allowed_mentions"].(map[string]any); len(mentions["parse"].([]any)) != 0 {
		r.act("mentions are on: %v", mentions)
	}
	if m["content"] != nil {
		r.act("content: %v", m["content"])
	}
	for _, embed := range list(m["embeds"]) {
		for _, member := range []string{"title", "description"} {
			if source, ok := embed[member].(string); ok {
				r.discordText(source)
			}
		}
		if footer, ok := embed["footer"].(map[string]any); ok { // it has no markup
			r.add(footer["text"].(string))
		}
	}
}

func (r *reading) discordText(source string) {
	for _, found := range discordMention.FindAllString(discordEscaped.ReplaceAllString(source, "\uE000"), -1) {
		r.act("%s", found)
	}
	r.markdown(source)
}

var commonMark = goldmark.New(goldmark.WithExtensions(extension.Linkify, extension.Strikethrough)).Parser()

// markdown reads Markdown as CommonMark. Of what it may mean, a list of lines is welcome, and text
// that is strong or emphasized.
func (r *reading) markdown(source string) {
	whole := []byte(source)
	line := ""
	err := ast.Walk(commonMark.Parse(text.NewReader(whole)), func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := node.(type) {
		case *ast.Text:
			if entering {
				line += discordEscaped.ReplaceAllString(string(n.Value(whole)), "$1")
				if n.SoftLineBreak() || n.HardLineBreak() {
					line += "\n"
				}
			}
		case *ast.String:
			if entering {
				line += string(n.Value)
			}
		case *ast.Paragraph, *ast.TextBlock:
			if !entering {
				r.add(line)
				line = ""
			}
		case *ast.Document, *ast.List, *ast.ListItem, *ast.Emphasis:
		default:
			if entering {
				r.act("%s: %s", node.Kind(), source)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		r.act("%v", err)
	}
}

// list is a list of objects in JSON.
func list(value any) []map[string]any {
	var objects []map[string]any
	items, _ := value.([]any)
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

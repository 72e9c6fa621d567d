package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"guestlist/scanner/inventory"
)

// Chats are posted to by code of our own. Libraries that post to many services hand their text on
// as it is: nikoksr/notify 1.3 tells Slack's client not to escape it and puts a webhook's URL into
// its errors, shoutrrr 0.13 has no escape for any of the four chats and switches off no mention, and
// neither keeps to a service's limits or knows that an answer of 200 may be a failure. The types of
// slack-go 0.35 for Slack's blocks would bring two modules and 28 KB for the four that are used.

// Bounds of what a chat shows, in characters as people see them.
const (
	maxChatTitle    = 120
	maxChatSentence = 250
	maxChatName     = 80
	maxChatAbout    = 240
	maxChatWords    = 240 // of a change, of a remedy
	maxChatContact  = 120
)

// Bounds of what a chat shows, in numbers.
const (
	maxChatSentences = 5  // of the verdict
	maxChatLines     = 40 // of all parts: more is not read in a chat
	maxFirstLines    = 10 // of a first digest, which would be a flood
)

// chat is a digest as chats show it. Its texts hold no character that acts unseen, and have no
// escape yet for the service.
type chat struct {
	title string
	// intro are the other sentences of the verdict, and how many are open.
	intro []string
	parts []chatPart
	// closing is whom to ask, what to type, where and when.
	closing []string
	most    int // lines of all parts
}

// chatPart is a list under a heading: "New, worse or back: 12".
type chatPart struct {
	heading string
	lines   []words // the first of them
	total   int
}

// words are an entry as one paragraph: its urgency, the name, what it is and what happened, and
// what to do.
type words struct{ urgency, name, about, remedy string }

func newChat(d *Digest) *chat {
	c := &chat{title: cut(d.subject(), maxChatTitle), most: maxChatLines}
	if d.Occasion == First {
		c.most = maxFirstLines
	}
	if len(d.Verdict) > 1 {
		c.intro = sentences(d.Verdict[1:])
	}
	if open := d.openWords(); open != "" && !strings.Contains(c.title, open) {
		c.intro = append(c.intro, open)
	}
	for _, p := range d.parts() {
		c.parts = append(c.parts, newChatPart(&p, c.most))
	}
	if contact := shown(d.Contact, maxChatContact); contact != "" {
		c.closing = append(c.closing, "Questions: "+contact)
	}
	if command := shown(d.Command, maxChatContact); command != "" {
		c.closing = append(c.closing, "Everything: "+command)
	}
	stamp := d.Finished.UTC().Format("2 Jan 2006 15:04 UTC")
	if host := shown(d.Host, maxChatContact); host != "" {
		stamp = host + ", " + stamp
	}
	c.closing = append(c.closing, stamp)
	return c
}

// sentences are the first few and the last of a verdict.
func sentences(verdict []inventory.Untrusted) []string {
	var list []string
	for i, sentence := range verdict {
		if i < maxChatSentences-1 || i == len(verdict)-1 {
			if text := shown(sentence, maxChatSentence); text != "" {
				list = append(list, text)
			}
		}
	}
	return list
}

func newChatPart(p *part, most int) chatPart {
	c := chatPart{heading: fmt.Sprintf("%s: %d", p.heading, len(p.lines)), total: len(p.lines)}
	for i := range p.lines[:min(most, c.total)] {
		c.lines = append(c.lines, p.lines[i].words())
	}
	return c
}

// left says how many lines of a part are not shown, and is empty if all are.
func (p *chatPart) left(shown int) string {
	if shown == p.total {
		return ""
	}
	return fmt.Sprintf("and %d more", p.total-shown)
}

func (l *Line) words() words {
	w := words{name: shown(l.Title, maxChatName), about: isolated(cut(l.about(), maxChatAbout))}
	if w.name == "" {
		w.name = "(no name)"
	}
	if l.Sign != "" {
		w.name = l.Sign + " " + w.name
	}
	if l.Urgency != "" {
		w.urgency = string(l.Urgency) + ": "
	}
	if change := shown(l.Change, maxChatWords); change != "" {
		separator := "; "
		if l.Why == "" {
			separator = ": "
		}
		w.about += separator + change
	}
	if remedy := shown(l.Remedy, maxChatWords); remedy != "" {
		w.remedy = " → " + remedy
	}
	return w
}

// shown is foreign text as a chat shows it, before the service's own escape.
func shown(text inventory.Untrusted, characters int) string {
	return isolated(cut(strings.TrimSpace(text.String()), characters))
}

// compact is JSON of one line, in which < > & are themselves.
func compact(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

const jsonType = "application/json; charset=utf-8"

// fitted is the one message of a chat: of all that render makes, the one that shows most and that
// fits.
func fitted[M any](c *chat, render func(shown []int) M, fits func(M) bool) ([]Payload, error) {
	lines := make([]int, len(c.parts))
	for i := range c.parts {
		lines[i] = len(c.parts[i].lines)
	}
	shown := share(lines, c.most, func(shown []int) bool { return fits(render(shown)) })
	body, err := compact(render(shown))
	if err != nil {
		return nil, err
	}
	return []Payload{{ContentType: jsonType, Body: body}}, nil
}

// sizeOf is how many bytes a value has as JSON.
func sizeOf(value any) int {
	body, err := compact(value)
	if err != nil {
		return everything
	}
	return len(body)
}

// request is what posts a message to a URL.
func (m *Message) request(url string) request {
	return request{url: url, header: http.Header{"Content-Type": {m.ContentType}}, body: m.Body}
}

// uncheckable is what checking finds out where the service offers no way: whether the secret is
// there, and is a URL.
func uncheckable(ctx context.Context, s Settings) error {
	target, err := s.Secret(ctx, "url")
	if err != nil {
		return err
	}
	if _, err := targetOf(target); err != nil {
		return err
	}
	return ErrNoCheck
}

// uuidOf is a UUID that an ID determines.
func uuidOf(id string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(id)).String()
}

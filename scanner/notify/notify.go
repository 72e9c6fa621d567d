// Package notify delivers what a scan has to say to people and programs: to a chat, a mailbox, an
// issue, a pager, a log, a command or a file.
//
// A [Digest] is what one scan says in short. A [Channel] makes messages of it, within the limits of
// the service and with foreign text escaped for it, and delivers them one by one. Messages are
// written to disk before they are sent, so they hold no secret: URLs, tokens and passwords are read
// when a message is sent, through [Settings].
//
// A channel is one file: its [Kind] with the keys that guestlist.toml may give it, how it prepares
// and how it delivers. [Kinds] lists them; nothing else names them.
package notify

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"guestlist/scanner/inventory"
	"guestlist/scanner/report"
)

// Digest is what one message says of one scan. It is complete: channels take its parts in their
// order, and leave out from the end what does not fit, with a count of what they left out.
type Digest struct {
	Occasion Occasion
	// Key is derived from the content, and is the same for the same content.
	Key      string
	Tool     report.Tool
	RunID    inventory.Untrusted
	Host     inventory.Untrusted
	Finished time.Time
	// Verdict is the whole scan in a few sentences, all of which are shown; the first fits a subject
	// line. The last says, if so, that the message may be a repetition.
	Verdict []inventory.Untrusted
	// Since says what changes are compared with: "since 18 Nov, 7 days".
	Since inventory.Untrusted
	// Urgency is that of the worst line in Act and Unread; empty if both are empty.
	Urgency inventory.Level

	// Act needs a person and is new, worse or back; the most urgent first.
	Act []Line
	// Changes are the other changes since the last scan.
	Changes []Line
	// Unread are the sources that could not be read, and are never left out without a count: silence
	// does not mean clean.
	Unread []Line
	// Open counts by urgency everything that still needs a person, Act included.
	Open map[inventory.Level]int
	// Gone was announced and no longer needs anyone: it was removed, fixed or approved, as a complete
	// reading of its source shows.
	Gone []Line
	// Still was announced before and is open, the most urgent first; only in a [Reminder], and for
	// kinds that are Living.
	Still []Line
	// Clean: everything was read, and nothing is open.
	Clean bool
	// Contact is whom to ask, if the allowlist says.
	Contact inventory.Untrusted
	// Command is what to type to see everything.
	Command inventory.Untrusted
	// Page is the whole report as one page of HTML, for channels that attach it, and Document the same
	// as JSON, for programs. nil: there is none, or the kind is not Whole.
	Page     []byte `json:"-"`
	Document []byte `json:"-"`
}

// Occasion is why a digest is sent.
type Occasion string

// The occasions.
const (
	// First is the first digest of a channel: all that is open is in Act, and people are shown some ten
	// lines of it.
	First Occasion = "first"
	// News: something is new, worse, back, gone or unread, or the channel asks for every scan.
	News Occasion = "news"
	// Reminder is what is still open, weekly. It may hold news as well.
	Reminder Occasion = "reminder"
	// Failed: the scan has no result. Unread has one line that says why.
	Failed Occasion = "failed"
	// Test is `guestlist post --test`.
	Test Occasion = "test"
)

// Line is one entry of a digest.
type Line struct {
	// ID is the entry's, and stays the same from scan to scan.
	ID       string
	Urgency  inventory.Level
	Provider inventory.Provider
	// Sign is + for what was added, ~ for what changed, - for what is gone, or empty.
	Sign string
	// Title, Kind, Where and Why are as in the table: "Ledger Books", "OAuth app", "2 people",
	// "more access than approved".
	Title, Kind, Where, Why inventory.Untrusted
	// Change is the change in one sentence, if there is one.
	Change inventory.Untrusted
	// Remedy says what to do.
	Remedy inventory.Untrusted
}

// Payload is one message as a channel prepared it: exactly what is sent, without secrets.
type Payload struct {
	ContentType string `json:"content_type"`
	Body        []byte `json:"body"`
	// About is for channels that need more than the body: a title, a state, a severity.
	About map[string]string `json:"about,omitempty"`
}

// Message is a payload on its way.
type Message struct {
	// ID is the idempotency key: the same for every attempt to deliver it.
	ID      string    `json:"id"`
	Channel string    `json:"channel"` // its name in guestlist.toml
	Kind    string    `json:"kind"`
	Created time.Time `json:"created"`
	Payload
}

// Channel prepares and delivers the messages of one [[post]].
type Channel interface {
	// Prepare makes the messages of a digest, within the channel's limits. It does no I/O.
	Prepare(d *Digest) ([]Payload, error)
	// Deliver hands one message over. nil means that the receiver took it. Any other error than a
	// *[Failure] is a lasting one.
	Deliver(ctx context.Context, out *Outside, m *Message) error
	// Check finds out whether messages would be taken, without sending one: [ErrNoCheck] where the
	// service offers no way.
	Check(ctx context.Context, out *Outside) error
}

// Outside is what delivering uses of the outside world.
type Outside struct {
	Transport http.RoundTripper // nil: the usual one
	Now       func() time.Time
	Sleep     func(context.Context, time.Duration) error // nil: a real one
	Log       *slog.Logger
	Getenv    func(string) string
}

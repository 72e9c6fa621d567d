package notify

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"guestlist/scanner/inventory"
)

var emailKind = &Kind{
	Name: "email", About: "a mail to each recipient, with the report attached as a page",
	Help: `The mail goes to a server that takes mail for submission or relays it: smtp.acme.example:587 with STARTTLS ` +
		`(the default, and never without it), port 465 with TLS from the start, or a relay on this machine with ` +
		`tls = "none". With username and password, PLAIN or LOGIN is used; auth = "xoauth2" takes an access token as the ` +
		`password, for which a command can be named that prints a fresh one. Each recipient gets a mail of their own, so ` +
		`that an address that is refused costs nobody else theirs; for more than 20, use a mailing list. The page is ` +
		`attached up to 8 MiB, compressed if it is larger, and left out with a note if that is still too large; ` +
		`attach = "none" leaves it out. Mails say Auto-Submitted: auto-generated, so no vacation notice answers them. ` +
		`Reminders of a channel are one thread.`,
	Keys: []Key{
		{Name: "server", Type: TextKey, Required: true, About: "the mail server and its port (587)", Example: `"smtp.acme.example:587"`},
		{Name: "tls", Type: TextKey, About: "starttls (the default; tls on port 465), tls, or none for a relay on this machine",
			Example: `"starttls"`, OneOf: []string{tlsUpgraded, tlsAlways, tlsNever}},
		{Name: "from", Type: TextKey, Required: true, About: "the sender", Example: `"guestlist <guestlist@acme.example>"`},
		{Name: "to", Type: ListKey, Required: true, About: "the recipients, at most 20", Example: `["it@acme.example"]`},
		{Name: "username", Type: TextKey, About: "the account to sign in with", Example: `"guestlist@acme.example"`},
		{Name: "password", Type: SecretKey, About: "its password, or a token for xoauth2", Example: `{ env = "SMTP_PASSWORD" }`},
		{Name: "auth", Type: TextKey, About: "how to sign in: password (the default) or xoauth2", Example: `"password"`,
			OneOf: []string{authPassword, authToken}},
		{Name: "attach", Type: TextKey, About: "what is attached: page (the default) or none", Example: `"page"`,
			OneOf: []string{attachPage, attachNone}},
		{Name: "hello", Type: TextKey, About: "the name to greet the server with, if this machine's is not good enough",
			Example: `"scanner.acme.example"`},
		caKey,
	},
	Whole: true,
	Twice: "A mail may arrive twice after a crash or a connection that ends before the receipt: SMTP has no way to prevent it. Both have the same Message-ID, by which many mail programs show one.",
	New:   newEmail,
}

// What the keys of a mail may say.
const (
	tlsUpgraded  = "starttls"
	tlsAlways    = "tls"
	tlsNever     = "none"
	authPassword = "password"
	authToken    = "xoauth2"
	attachPage   = "page"
	attachNone   = "none"
)

const (
	maxRecipients = 20
	mailTime      = 3 * time.Minute // for one mail with its attachment
	portTLS       = "465"
)

// email sends mails to a server.
type email struct {
	name     string // of the channel
	server   server
	tls      string
	from     *mail.Address
	to       []*mail.Address
	username string
	auth     string
	attach   bool
	hello    string
	secret   func(context.Context, string) (string, error)
}

func newEmail(s Settings) (Channel, error) {
	e := &email{name: s.Name, username: s.Texts["username"], auth: s.Texts["auth"], attach: s.Texts["attach"] != attachNone,
		hello: s.Texts["hello"], secret: s.Secret, tls: s.Texts["tls"]}
	var err error
	if e.server, err = parseServer(s.Texts["server"], "587"); err != nil {
		return nil, err
	}
	e.server.ca = s.Texts["ca"]
	if e.tls == "" {
		e.tls = tlsUpgraded
		if e.server.port == portTLS {
			e.tls = tlsAlways
		}
	}
	if e.tls == tlsNever && !isLoopback(e.server.host) {
		return nil, fmt.Errorf(`tls = "none" is for a server on this machine, and server is %q`, e.server.String())
	}
	if e.hello == "" {
		e.hello, _ = os.Hostname()
	} else if !isHostName(e.hello) {
		return nil, fmt.Errorf("hello must be a host name, is %q", inventory.Untrusted(e.hello))
	}
	if !isHostName(e.hello) {
		e.hello = "localhost"
	}
	if e.from, err = parseAddress("from", s.Texts["from"]); err != nil {
		return nil, err
	}
	return e, e.recipients(s.Lists["to"])
}

func (e *email) recipients(list []string) error {
	if len(list) == 0 || len(list) > maxRecipients {
		return fmt.Errorf("to must name 1 to %d recipients, names %d: use a mailing list for more", maxRecipients, len(list))
	}
	for _, text := range list {
		address, err := parseAddress("to", text)
		if err != nil {
			return err
		}
		e.to = append(e.to, address)
	}
	return nil
}

// parseAddress reads an address that every server takes.
func parseAddress(key, text string) (*mail.Address, error) {
	address, err := mail.ParseAddress(text)
	if err != nil {
		return nil, fmt.Errorf("%s must be an address such as it@acme.example, is %q", key, inventory.Untrusted(text))
	}
	for _, r := range address.Address {
		if r <= ' ' || r >= 0x7F || r == '<' || r == '>' {
			return nil, fmt.Errorf("%s: %q must be in ASCII: write the domain as xn--…", key, inventory.Untrusted(text))
		}
	}
	return address, nil
}

// Prepare implements [Channel]. There is a mail for each recipient.
func (e *email) Prepare(d *Digest) ([]Payload, error) {
	var payloads []Payload
	for _, to := range e.to {
		text, err := e.compose(d, to)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, Payload{ContentType: "message/rfc822", Body: text, About: map[string]string{"to": to.Address}})
	}
	return payloads, nil
}

// Deliver implements [Channel].
func (e *email) Deliver(ctx context.Context, _ *Outside, m *Message) error {
	return e.converse(ctx, func(client *smtp.Client) error { return e.send(client, m) })
}

// Check implements [Channel]. It goes as far as a mail does before its content.
func (e *email) Check(ctx context.Context, _ *Outside) error {
	return e.converse(ctx, func(client *smtp.Client) error {
		for _, to := range e.to {
			if err := e.address(client, to.Address); err != nil {
				return err
			}
			if err := client.Reset(); err != nil {
				return err
			}
		}
		return nil
	})
}

// converse connects, signs in and says good-bye.
func (e *email) converse(ctx context.Context, talk func(*smtp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	password, err := e.secret(ctx, "password")
	if err != nil {
		return err
	}
	if (password == "") != (e.username == "") {
		return errors.New("username and password belong together: give both or neither")
	}
	client, err := e.connect(ctx)
	if err != nil {
		return e.failure(err, password)
	}
	defer client.Close()
	if e.username != "" {
		if err := e.signIn(client, password); err != nil {
			return e.failure(err, password)
		}
	}
	if err := talk(client); err != nil {
		return e.failure(err, password)
	}
	_ = client.Quit() // the mail was taken before
	return nil
}

// connect greets the server, over TLS.
func (e *email) connect(ctx context.Context) (*smtp.Client, error) {
	config, err := e.server.secure()
	if err != nil {
		return nil, err
	}
	conn, err := e.server.dial(ctx)
	if err != nil {
		return nil, err
	}
	var client *smtp.Client
	switch e.tls {
	case tlsUpgraded:
		client, err = smtp.NewClientStartTLS(conn, config)
	case tlsAlways:
		var secured *tls.Conn
		if secured, err = over(ctx, conn, config); err == nil {
			client = smtp.NewClient(secured)
		}
	default:
		client = smtp.NewClient(conn)
	}
	if err != nil {
		_ = conn.Close() // some of these have closed it
		return nil, err
	}
	// After STARTTLS, the name is said again: what was said without TLS does not count.
	if err := client.Hello(e.hello); err != nil && e.tls != tlsUpgraded {
		_ = client.Close()
		return nil, err
	}
	return client, nil
}

// signIn uses the best way that the server offers.
func (e *email) signIn(client *smtp.Client, password string) error {
	if e.auth == authToken {
		return client.Auth(&tokenClient{e.username, password})
	}
	if !client.SupportsAuth(sasl.Plain) && client.SupportsAuth(sasl.Login) {
		return client.Auth(&loginClient{answers: []string{e.username, password}})
	}
	return client.Auth(sasl.NewPlainClient("", e.username, password))
}

// tokenClient is the mechanism XOAUTH2 of Google and Microsoft.
type tokenClient struct{ username, token string }

func (c *tokenClient) Start() (mech string, first []byte, err error) {
	return "XOAUTH2", []byte("user=" + c.username + "\x01auth=Bearer " + c.token + "\x01\x01"), nil
}

// Next answers the reason of a refusal, after which the server repeats it as a reply.
func (c *tokenClient) Next([]byte) ([]byte, error) { return []byte{}, nil }

// loginClient is the mechanism LOGIN, whatever a server asks its questions with: the library's
// insists on one wording.
type loginClient struct{ answers []string }

func (c *loginClient) Start() (mech string, first []byte, err error) { return sasl.Login, nil, nil }

func (c *loginClient) Next([]byte) ([]byte, error) {
	if len(c.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	answer := c.answers[0]
	c.answers = c.answers[1:]
	return []byte(answer), nil
}

// address says from whom a mail is and to whom.
func (e *email) address(client *smtp.Client, to string) error {
	if err := client.Mail(e.from.Address, nil); err != nil {
		return err
	}
	return client.Rcpt(to, nil)
}

// send hands over a mail.
func (e *email) send(client *smtp.Client, m *Message) error {
	if most, ok := client.MaxMessageSize(); ok && most > 0 && len(m.Body) > most {
		return &smtp.SMTPError{Code: 552, Message: fmt.Sprintf(
			`the mail has %d bytes, and the server takes at most %d: set attach = "none"`, len(m.Body), most)}
	}
	if err := e.address(client, m.About["to"]); err != nil {
		return err
	}
	data, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(data, "Message-ID: "+e.messageID(m.ID)+"\r\n"+string(m.Body)); err != nil {
		return err
	}
	if _, err := data.CloseWithResponse(); err != nil {
		var said *smtp.SMTPError
		if errors.As(err, &said) {
			return err
		}
		return &unsure{err}
	}
	return nil
}

// unsure is an error after which nobody knows whether the mail was taken.
type unsure struct{ error }

func (u *unsure) Unwrap() error { return u.error }

// failure says what the server did.
func (e *email) failure(err error, password string) error {
	var said *smtp.SMTPError
	if errors.As(err, &said) {
		return &Failure{Host: e.server.String(), Status: said.Code, Temporary: said.Code/100 == 4,
			Detail: masked(strings.ReplaceAll(said.Message, "\n", " "), e.secrets(password))}
	}
	var lost *unsure
	return e.server.failure(err, errors.As(err, &lost))
}

// secrets are the password and what it looks like on its way.
func (e *email) secrets(password string) []string {
	encode := base64.StdEncoding.EncodeToString
	return []string{password, encode([]byte(password)), encode([]byte("\x00" + e.username + "\x00" + password))}
}

// messageID is the Message-ID of a message, the same at every attempt.
func (e *email) messageID(id string) string {
	_, domain, _ := strings.Cut(e.from.Address, "@")
	return "<" + asAtom(id) + "@" + domain + ">"
}

// asAtom is a text in the characters that a Message-ID may have.
func asAtom(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '-'
	}, text)
}

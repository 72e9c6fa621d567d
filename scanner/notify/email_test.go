package notify

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

const mailPassword = "correct horse"

// mailbox is a mail server that keeps what it takes.
type mailbox struct {
	mechanisms []string
	refuse     func(step, value string) error // nil: nothing
	mu         sync.Mutex
	log        []string // what was said, in order
	mails      []string
}

func (b *mailbox) note(step, value string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.log = append(b.log, step+" "+value)
	if b.refuse == nil {
		return nil
	}
	return b.refuse(step, value)
}

// NewSession implements [smtp.Backend].
func (b *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secured := c.TLSConnectionState()
	return &mailSession{b, c}, b.note("hello", fmt.Sprintf("%s tls=%v", c.Hostname(), secured))
}

type mailSession struct {
	*mailbox
	conn *smtp.Conn
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }
func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error {
	return s.note("from", from)
}
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error { return s.note("to", to) }
func (s *mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.note("data", ""); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, string(text))
	return nil
}

func (s *mailSession) AuthMechanisms() []string { return s.mechanisms }

func (s *mailSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(username, password string) error {
		if username != "guestlist" || password != mailPassword {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "not " + password + " " +
				base64.StdEncoding.EncodeToString([]byte(password))}
		}
		return s.note("auth", mechanism)
	}
	switch mechanism {
	case sasl.Plain:
		return sasl.NewPlainServer(func(_, username, password string) error { return check(username, password) }), nil
	case sasl.Login:
		return &loginServer{check: check}, nil
	case "XOAUTH2":
		return tokenServer{check}, nil
	}
	return nil, errors.New("unknown")
}

// loginServer is the mechanism LOGIN, of which the library has the client alone.
type loginServer struct {
	check    func(string, string) error
	username string
	step     int
}

func (l *loginServer) Next(answer []byte) ([]byte, bool, error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("User Name\x00"), false, nil
	case 2:
		l.username = string(answer)
		return []byte("Password\x00"), false, nil
	}
	return nil, true, l.check(l.username, string(answer))
}

type tokenServer struct{ check func(string, string) error }

func (s tokenServer) Next(answer []byte) ([]byte, bool, error) {
	var username, token string
	for _, field := range strings.Split(string(answer), "\x01") {
		if value, found := strings.CutPrefix(field, "user="); found {
			username = value
		}
		if value, found := strings.CutPrefix(field, "auth=Bearer "); found {
			token = value
		}
	}
	return nil, true, s.check(username, token)
}

// serveMail starts a mail server on this machine.
func serveMail(t *testing.T, b *mailbox, config *tls.Config, always bool) (address string) {
	t.Helper()
	server := smtp.NewServer(b)
	server.Domain, server.TLSConfig, server.AllowInsecureAuth = "relay.acme.example", config, config == nil
	server.MaxMessageBytes = 1 << 20
	server.ErrorLog = quiet{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if always {
		listener = tls.NewListener(listener, config)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends when it is closed
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return listener.Addr().String()
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// mailSettings are those of a channel with one recipient.
func mailSettings(server, ca string) Settings {
	s := secrets(map[string]string{"password": mailPassword})
	s.Texts = map[string]string{"server": server, "ca": ca, "from": "guestlist <guestlist@acme.example>", "username": "guestlist",
		"hello": "scanner.acme.example"}
	s.Lists["to"] = []string{"IT <it@acme.example>"}
	return s
}

// unsigned takes the credentials away.
func unsigned(s *Settings) {
	s.Texts["username"] = ""
	s.Secret = secrets(nil).Secret
}

func TestCredentialsOfAMailServerBelongTogether(t *testing.T) {
	t.Parallel()
	nameless, secretless := mailSettings("127.0.0.1:1", ""), mailSettings("127.0.0.1:1", "")
	nameless.Texts["username"] = ""
	secretless.Secret = secrets(nil).Secret
	for _, s := range []Settings{nameless, secretless} {
		if err := made(t, emailKind, s).Check(t.Context(), outside()); err == nil || !strings.Contains(err.Error(), "belong together") {
			t.Errorf("%v", err)
		}
	}
}

func TestAMailIsSentOverTLSAndSignedIn(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	for name, test := range map[string]struct {
		mechanisms     []string
		tls, auth, how string
		always         bool
	}{
		"starttls": {[]string{"LOGIN", "PLAIN"}, "", "", "PLAIN", false},
		"tls":      {[]string{"PLAIN"}, "tls", "", "PLAIN", true},
		"login":    {[]string{"LOGIN"}, "starttls", "password", "LOGIN", false},
		"xoauth2":  {[]string{"PLAIN", "XOAUTH2"}, "", "xoauth2", "XOAUTH2", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := &mailbox{mechanisms: test.mechanisms}
			s := mailSettings(serveMail(t, box, a.config, test.always), a.cert)
			s.Texts["tls"], s.Texts["auth"] = test.tls, test.auth
			channel := made(t, emailKind, s)
			if err := channel.Check(t.Context(), outside()); err != nil {
				t.Fatal(err)
			}
			box.mu.Lock()
			box.log = nil
			box.mu.Unlock()
			m := prepared(t, channel, exampleDigest())[0]
			if err := channel.Deliver(t.Context(), outside(), m); err != nil {
				t.Fatal(err)
			}
			box.mu.Lock()
			defer box.mu.Unlock()
			want := []string{"hello scanner.acme.example tls=true", "auth " + test.how, "from guestlist@acme.example",
				"to it@acme.example", "data "}
			if test.always {
				if diff := cmp.Diff(want, box.log); diff != "" {
					t.Error(diff)
				}
			} else if diff := cmp.Diff(want, box.log[len(box.log)-len(want):]); diff != "" { // after the greeting without TLS
				t.Error(diff)
			}
			if len(box.mails) != 1 || box.mails[0] != "Message-ID: <msg_6f1d_0@acme.example>\r\n"+string(m.Body) {
				t.Errorf("%d mails: %q", len(box.mails), box.mails)
			}
		})
	}
}

func TestAPasswordGoesToNoServerWithoutTLS(t *testing.T) {
	t.Parallel()
	box := &mailbox{mechanisms: []string{"PLAIN"}}
	s := mailSettings(serveMail(t, box, nil, false), "")
	channel := made(t, emailKind, s)
	f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]))
	if !f.Temporary || f.Unsure || !strings.Contains(f.Detail.String(), "STARTTLS") {
		t.Errorf("%+v", *f)
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	for _, said := range box.log {
		if !strings.HasPrefix(said, "hello ") {
			t.Errorf("it was told %q", said)
		}
	}
	s.Texts["tls"], s.Texts["server"] = "none", "relay.acme.example:25"
	if _, err := newEmail(s); err == nil || !strings.Contains(err.Error(), "is for a server on this machine") {
		t.Errorf("without TLS elsewhere: %v", err)
	}
}

func TestARelayOnThisMachineNeedsNoTLS(t *testing.T) {
	t.Parallel()
	box := &mailbox{}
	s := mailSettings(serveMail(t, box, nil, false), "")
	s.Texts["tls"] = "none"
	unsigned(&s)
	channel := made(t, emailKind, s)
	if err := channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]); err != nil {
		t.Error(err)
	}
}

func TestACertificateOfNobodyEndsTheConversation(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	for name, always := range map[string]bool{"starttls": false, "tls": true} {
		box := &mailbox{mechanisms: []string{"PLAIN"}}
		s := mailSettings(serveMail(t, box, a.config, always), "")
		s.Texts["tls"] = name
		channel := made(t, emailKind, s)
		f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]))
		if !f.Temporary || f.Unsure || !strings.Contains(f.Detail.String(), "certificate") {
			t.Errorf("%s: %+v", name, *f)
		}
	}
}

func TestWhatAServerRepliesDecidesWhetherAMailIsSentAgain(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	for name, test := range map[string]struct {
		step string
		code int
	}{
		"greylisted": {"to", 450}, "unknown-user": {"to", 550}, "sender-refused": {"from", 553},
		"full": {"data", 452}, "spam": {"data", 554}, "busy": {"from", 421}, "password": {"auth", 535}, "later": {"auth", 454},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := &mailbox{mechanisms: []string{"PLAIN"}, refuse: func(step, _ string) error {
				if step != test.step {
					return nil
				}
				return &smtp.SMTPError{Code: test.code, Message: "no: " + mailPassword + " is\nsecret\x1b[2J"}
			}}
			channel := made(t, emailKind, mailSettings(serveMail(t, box, a.config, false), a.cert))
			f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]))
			if f.Status != test.code || f.Temporary != (test.code < 500) || f.Unsure {
				t.Errorf("%+v", *f)
			}
			if text := f.Error(); strings.Contains(text, mailPassword) || strings.ContainsAny(text, "\x1b\n") {
				t.Errorf("%q", text)
			}
		})
	}
}

func TestAWrongPasswordIsNotRepeated(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	s := mailSettings(serveMail(t, &mailbox{mechanisms: []string{"PLAIN"}}, a.config, false), a.cert)
	s.Secret = func(context.Context, string) (string, error) { return "wrong battery", nil }
	channel := made(t, emailKind, s)
	f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]))
	if f.Status != 535 || f.Temporary || strings.Contains(f.Error(), "battery") ||
		strings.Contains(f.Error(), base64.StdEncoding.EncodeToString([]byte("wrong battery"))) {
		t.Errorf("%+v", *f)
	}
}

// A recipient that is refused costs only that recipient's mail.
func TestEachRecipientGetsAMailOfTheirOwn(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	box := &mailbox{mechanisms: []string{"PLAIN"}, refuse: func(step, value string) error {
		if value == "gone@acme.example" {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}
		return nil
	}}
	s := mailSettings(serveMail(t, box, a.config, false), a.cert)
	s.Lists["to"] = []string{"gone@acme.example", "it@acme.example", `"Boss, the" <boss@acme.example>`}
	channel := made(t, emailKind, s)
	var failed []string
	for _, m := range prepared(t, channel, exampleDigest()) {
		if err := channel.Deliver(t.Context(), outside(), m); err != nil {
			failed = append(failed, fmt.Sprintf("%s: %d", m.About["to"], failureOf(t, err).Status))
		}
	}
	if diff := cmp.Diff([]string{"gone@acme.example: 550"}, failed); diff != "" {
		t.Error(diff)
	}
	if f := failureOf(t, channel.Check(t.Context(), outside())); f.Status != 550 {
		t.Errorf("the check: %+v", *f)
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	if len(box.mails) != 2 {
		t.Errorf("%d mails", len(box.mails))
	}
}

// talker is a server that says its lines, one for each that it reads, and hangs up.
func talker(t *testing.T, lines ...string) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); group.Wait() })
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { talk(conn, lines) })
		}
	})
	return listener.Addr().String()
}

func talk(conn net.Conn, lines []string) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	buffer := make([]byte, 64<<10)
	for i, line := range lines {
		if line == "endless" {
			for {
				if _, err := io.WriteString(conn, "250-more\r\n"); err != nil {
					return
				}
			}
		}
		if _, err := io.WriteString(conn, line+"\r\n"); err != nil || i == len(lines)-1 {
			return
		}
		if n, err := conn.Read(buffer); err != nil || strings.HasPrefix(line, "354") && n == 0 {
			return
		}
		for strings.HasPrefix(line, "354") && !bytes.Contains(buffer, []byte("\r\n.\r\n")) {
			copy(buffer, buffer[len(buffer)-8:])
			n, err := conn.Read(buffer[8:])
			if err != nil {
				return
			}
			clear(buffer[8+n:])
		}
	}
}

func TestAConnectionThatEndsIsTriedAgainAndUnsureOnlyAfterTheContent(t *testing.T) {
	t.Parallel()
	whole := []string{"220 relay", "250 relay", "250 ok", "250 ok", "354 go on", ""}
	for n := range whole {
		address := talker(t, whole[:n]...)
		s := mailSettings(address, "")
		s.Texts["tls"] = "none"
		unsigned(&s)
		channel := made(t, emailKind, s)
		f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, cleanDigest())[0]))
		want := Failure{Host: address, Detail: f.Detail, Temporary: true, Unsure: n == len(whole)-1}
		if *f != want {
			t.Errorf("after %d replies: %+v", n, *f)
		}
	}
}

func TestAServerThatTalksForEverIsCutOff(t *testing.T) {
	t.Parallel()
	s := mailSettings(talker(t, "220 relay", "endless"), "")
	s.Texts["tls"] = "none"
	unsigned(&s)
	channel := made(t, emailKind, s)
	f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]))
	if !f.Temporary || f.Unsure || !strings.Contains(f.Detail.String(), "has no end") {
		t.Errorf("%+v", *f)
	}
}

func TestAServerThatSaysNothingIsGivenUp(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s := mailSettings(listener.Addr().String(), "")
	channel := made(t, emailKind, s)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	f := failureOf(t, channel.Deliver(ctx, outside(), prepared(t, channel, exampleDigest())[0]))
	if !f.Temporary || f.Unsure || f.Detail != "it did not answer in time" {
		t.Errorf("%+v", *f)
	}
}

func TestAMailThatIsTooLargeForTheServerIsNotSent(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	channel := made(t, emailKind, mailSettings(serveMail(t, &mailbox{mechanisms: []string{"PLAIN"}}, a.config, false), a.cert))
	d := exampleDigest()
	d.Page = make([]byte, 2<<20)
	f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, d)[0]))
	if f.Status != 552 || f.Temporary || !strings.Contains(f.Detail.String(), `set attach = "none"`) {
		t.Errorf("%+v", *f)
	}
}

func TestSettingsOfMailsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*Settings)
		want   string
	}{
		"no-port":        {func(s *Settings) { s.Texts["server"] = "relay.acme.example:" }, "server must be a host name"},
		"a-url":          {func(s *Settings) { s.Texts["server"] = "smtp://relay.acme.example" }, "server must be a host name"},
		"no-server":      {func(s *Settings) { s.Texts["server"] = "" }, "server must be a host name"},
		"from":           {func(s *Settings) { s.Texts["from"] = "guestlist" }, "from must be an address"},
		"from-injection": {func(s *Settings) { s.Texts["from"] = "a@acme.example\r\nBcc: b@acme.example" }, "from must be an address"},
		"nobody":         {func(s *Settings) { s.Lists["to"] = nil }, "to must name 1 to 20"},
		"too-many":       {func(s *Settings) { s.Lists["to"] = make([]string, 21) }, "names 21"},
		"two-in-one":     {func(s *Settings) { s.Lists["to"] = []string{"a@acme.example, b@acme.example"} }, "to must be an address"},
		"not-ascii":      {func(s *Settings) { s.Lists["to"] = []string{"it@bücher.example"} }, "xn--"},
		"quoted-space":   {func(s *Settings) { s.Lists["to"] = []string{`"a b"@acme.example`} }, "must be in ASCII"},
		"hello":          {func(s *Settings) { s.Texts["hello"] = "a b" }, "hello must be a host name"},
	} {
		s := mailSettings("relay.acme.example:25", "")
		test.change(&s)
		if _, err := newEmail(s); err == nil || !strings.Contains(err.Error(), test.want) || strings.ContainsAny(err.Error(), "\r\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// partOfMail is a part of a mail as a reader sees it.
type partOfMail struct{ contentType, name, text string }

// readMail reads a mail as Go's own packages do.
func readMail(t *testing.T, text string) (header mail.Header, parts []partOfMail) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, readParts(t, m.Header.Get("Content-Type"), m.Body)
}

func readParts(t *testing.T, contentType string, body io.Reader) (parts []partOfMail) {
	t.Helper()
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		t.Fatalf("%q: %v", contentType, err)
	}
	reader := multipart.NewReader(body, parameters["boundary"])
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		kind := part.Header.Get("Content-Type")
		if strings.HasPrefix(kind, "multipart/") {
			parts = append(parts, readParts(t, kind, part)...)
			continue
		}
		var content io.Reader = quotedprintable.NewReader(part)
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			content = base64.NewDecoder(base64.StdEncoding, part)
		}
		text, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, partOfMail{kind, part.FileName(), string(text)})
	}
}

func TestAMailIsWhatItsReadersExpect(t *testing.T) {
	t.Parallel()
	s := mailSettings("relay.acme.example", "")
	channel := made(t, emailKind, s)
	m := prepared(t, channel, exampleDigest())[0]
	testkit.Golden(t, "testdata/email.eml", strings.ReplaceAll(string(m.Body), "\r\n", "\n"))
	if again := prepared(t, channel, exampleDigest())[0]; !bytes.Equal(again.Body, m.Body) {
		t.Error("the same digest gives another mail")
	}
	reminder := exampleDigest()
	reminder.Occasion = Reminder
	header, parts := readMail(t, string(prepared(t, channel, reminder)[0].Body))
	if got := header.Get("References"); got != "<reminders-ops@acme.example>" {
		t.Errorf("a reminder refers to %q", got)
	}
	want := []partOfMail{{"text/plain; charset=utf-8", "", asText(reminder)}, {"text/html; charset=utf-8", "", asHTML(reminder)},
		{"text/html; charset=utf-8", "guestlist-2026-11-25.html", string(reminder.Page)}}
	for i := range want {
		want[i].text = strings.ReplaceAll(want[i].text, "\n", "\r\n")
		parts[i].text = strings.ReplaceAll(strings.ReplaceAll(parts[i].text, "\r\n", "\n"), "\n", "\r\n")
	}
	if diff := cmp.Diff(want, parts, cmp.AllowUnexported(partOfMail{})); diff != "" {
		t.Error(diff)
	}
	s.Texts["attach"] = "none"
	if _, parts := readMail(t, string(prepared(t, made(t, emailKind, s), reminder)[0].Body)); len(parts) != 2 {
		t.Errorf("%d parts without an attachment", len(parts))
	}
}

func TestNoNameGetsOutOfItsPlaceInAMail(t *testing.T) {
	t.Parallel()
	channel := made(t, emailKind, mailSettings("relay.acme.example", ""))
	allowed := map[string]bool{"From": true, "To": true, "Subject": true, "Date": true, "Auto-Submitted": true,
		"X-Auto-Response-Suppress": true, "Mime-Version": true, "Content-Type": true, "References": true}
	for _, name := range hostile {
		d := hugeDigest(4)
		d.Act[0].Title, d.Since, d.Contact = name, name, name
		d.Verdict = []inventory.Untrusted{name, name}
		d.Occasion = Reminder
		body := string(prepared(t, channel, d)[0].Body)
		header, parts := readMail(t, body)
		for key := range header {
			if !allowed[key] {
				t.Errorf("%q: the mail has the header %s", name, key)
			}
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
		if err != nil || strings.ContainsAny(subject, "\r\n\x1b\u202E") ||
			strings.ReplaceAll(subject, "= ?", "=?") != cut(d.subject(), maxSubject) {
			t.Errorf("%q: the subject is %q, %v", name, subject, err)
		}
		if len(parts) != 3 {
			t.Errorf("%q: %d parts", name, len(parts))
		}
		for i, line := range strings.Split(body, "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%q: line %d has %d bytes", name, i, len(line))
			}
		}
		if page := parts[1].text; strings.Contains(page, "<script") || strings.Contains(page, "<img") || strings.Contains(page, "</textarea") {
			t.Errorf("%q: the page has markup", name)
		}
	}
}

func TestAMailOfAnySizeFits(t *testing.T) {
	t.Parallel()
	for _, n := range sizes {
		page := asHTML(hugeDigest(n))
		if len(page) > maxHTMLBytes {
			t.Errorf("%d lines: %d bytes of HTML", n, len(page))
		}
		countsAll(t, strings.ReplaceAll(page, "<p>and", "and"), "<p><strong>", 5*n)
	}
}

func TestALargePageIsCompressedOrLeftOutWithANote(t *testing.T) {
	t.Parallel()
	e := made(t, emailKind, mailSettings("relay.acme.example", "")).(*email)
	d := exampleDigest()
	d.Page = bytes.Repeat([]byte("<p>row</p>\n"), 1<<20)
	content, name, note, err := e.attachment(d)
	if err != nil || name != "guestlist-2026-11-25.html.gz" || note != "" {
		t.Fatalf("%q, %q, %v", name, note, err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if page, err := io.ReadAll(reader); err != nil || !bytes.Equal(page, d.Page) {
		t.Errorf("%d bytes, %v", len(page), err)
	}
	d.Page = noise(maxAttachmentBytes + 1<<20)
	if content, _, note, err = e.attachment(d); content != nil || !strings.Contains(note, "9 MiB, which is too large") || err != nil {
		t.Errorf("%d bytes, %q, %v", len(content), note, err)
	}
}

// noise is what does not compress.
func noise(n int) []byte {
	text := make([]byte, n)
	state := uint64(1)
	for i := range text {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		text[i] = byte(state)
	}
	return text
}

// aiosmtpd is a mail server of another make, from Debian's python3-aiosmtpd.
func aiosmtpd(t *testing.T, flags ...string) (address, dir string) {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import aiosmtpd").Run(); err != nil {
		testkit.Unavailable(t, "python3-aiosmtpd is not installed")
	}
	address, dir = freeAddress(t), filepath.Join(t.TempDir(), "mail")
	arguments := append([]string{"-m", "aiosmtpd", "-n", "-l", address, "-c", "aiosmtpd.handlers.Mailbox"}, flags...)
	started(t, address, exec.Command(python, append(arguments, dir)...))
	return address, dir
}

// freeAddress is one of this machine on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// started runs a server until the test ends, and returns when it listens.
func started(t *testing.T, address string, server *exec.Cmd) {
	t.Helper()
	said := &head{most: 64 << 10}
	server.Stdout, server.Stderr = said, said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = server.Wait(); close(ended) }()
	t.Cleanup(func() { _ = server.Process.Kill(); <-ended })
	ready := t.Context()
	for ready.Err() == nil {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", server.Path, said.text)
		case <-time.After(20 * time.Millisecond): // until it listens
		}
	}
}

func TestAServerOfAnotherMakeTakesTheSameMail(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	for name, flags := range map[string][]string{
		"starttls": {"--tlscert", a.cert, "--tlskey", a.key},
		"tls":      {"--smtpscert", a.cert, "--smtpskey", a.key},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, dir := aiosmtpd(t, flags...)
			s := mailSettings(address, a.cert)
			s.Texts["tls"] = name
			unsigned(&s)
			channel := made(t, emailKind, s)
			if err := channel.Check(t.Context(), outside()); err != nil {
				t.Fatal(err)
			}
			d := hugeDigest(len(hostile))
			d.Page = []byte(strings.Repeat(".\n..\n.\r\n", 1000))
			if err := channel.Deliver(t.Context(), outside(), prepared(t, channel, d)[0]); err != nil {
				t.Fatal(err)
			}
			names := testkit.Names(t, dir+"/new")
			if len(names) != 1 {
				t.Fatalf("the mailbox has %q", names)
			}
			text, err := os.ReadFile(filepath.Join(dir, "new", filepath.Base(names[0])))
			if err != nil {
				t.Fatal(err)
			}
			header, parts := readMail(t, string(text))
			if header.Get("Message-Id") != "<msg_6f1d_0@acme.example>" || header.Get("X-Rcptto") != "it@acme.example" {
				t.Errorf("the headers are %q", header)
			}
			if len(parts) != 3 || parts[2].text != string(d.Page) {
				t.Errorf("%d parts", len(parts))
			}
		})
	}
}

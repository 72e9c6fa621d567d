package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

var syslogKind = &Kind{
	Name: "syslog", About: "a log server that takes syslog (RFC 5424) over TLS",
	Help: `Each digest becomes one message that sums it up and one for each of its entries, framed with their lengths ` +
		`(RFC 5425). MSGID says which list an entry is from: act, unread, changes, gone, still, or summary. The severity is ` +
		`crit for critical, err for high, warning, notice and info, and notice for what only changed or is gone. ` +
		`Structured data are origin and meta, which every receiver knows; format = "json" puts all fields of an entry into ` +
		`the message. A message has at most 2,048 bytes, which every receiver takes, and a list at most 1,000 messages. ` +
		`certificate and key are for servers that ask for a client's certificate. Without TLS only a server on this ` +
		`machine is sent anything.`,
	Keys: []Key{
		{Name: "server", Type: TextKey, Required: true, About: "the log server and its port (6514)", Example: `"logs.acme.example:6514"`},
		{Name: "tls", Type: TextKey, About: "tls (the default), or none for a server on this machine", Example: `"tls"`,
			OneOf: []string{tlsAlways, tlsNever}},
		{Name: "facility", Type: TextKey, About: "the facility (default: user)", Example: `"local0"`, OneOf: facilityNames()},
		{Name: "format", Type: TextKey, About: "what the messages hold: text for people (the default) or json", Example: `"json"`,
			OneOf: []string{"text", "json"}},
		{Name: "certificate", Type: PathKey, About: "a PEM file with the client's certificate", Example: `"client.pem"`},
		{Name: "key", Type: SecretKey, About: "the client's private key in PEM", Example: `{ file = "client.key" }`},
		caKey,
	},
	Twice: "Syslog has no receipt: after a crash or a broken connection all messages of a digest are sent again, with the same time and numbers, and what a server loses after it took it is lost.",
	New:   newSyslog,
}

// facilities are those that a program may use, by their numbers.
var facilities = []struct {
	name string
	code int
}{
	{"user", 1}, {"daemon", 3}, {"auth", 4}, {"authpriv", 10}, {"local0", 16}, {"local1", 17}, {"local2", 18}, {"local3", 19},
	{"local4", 20}, {"local5", 21}, {"local6", 22}, {"local7", 23},
}

func facilityNames() []string {
	var names []string
	for _, f := range facilities {
		names = append(names, f.name)
	}
	return names
}

// Bounds of syslog.
const (
	maxSyslogBytes   = 2048 // of one message: RFC 5425 has every receiver take them
	maxSyslogLines   = 1000 // of one list
	syslogTime       = time.Minute
	syslogFarewell   = 5 * time.Second // for the server to close the connection after us
	maxSyslogHost    = 255
	syslogUTF8       = "\uFEFF" // begins a message that is not ASCII
	syslogNotice     = 5
	syslogTimeFormat = "2006-01-02T15:04:05.000000Z07:00"
)

// syslogSeverities are the severities of urgencies.
var syslogSeverities = map[inventory.Level]int{
	inventory.Critical: 2, inventory.High: 3, inventory.Medium: 4, inventory.Low: syslogNotice, inventory.Info: 6,
}

// syslog sends messages to a log server.
type syslog struct {
	server      server
	plain       bool
	facility    int
	json        bool
	certificate string
	secret      func(context.Context, string) (string, error)
	farewell    time.Duration
}

func newSyslog(s Settings) (Channel, error) {
	y := &syslog{plain: s.Texts["tls"] == tlsNever, json: s.Texts["format"] == "json", certificate: s.Texts["certificate"],
		secret: s.Secret, facility: facilities[0].code, farewell: syslogFarewell}
	var err error
	if y.server, err = parseServer(s.Texts["server"], "6514"); err != nil {
		return nil, err
	}
	y.server.ca = s.Texts["ca"]
	if y.plain && !isLoopback(y.server.host) {
		return nil, fmt.Errorf(`tls = "none" is for a server on this machine, and server is %q`, y.server.String())
	}
	for _, f := range facilities {
		if f.name == s.Texts["facility"] {
			y.facility = f.code
		}
	}
	return y, nil
}

// Prepare implements [Channel]. All messages are one payload, since none has a receipt of its own.
func (y *syslog) Prepare(d *Digest) ([]Payload, error) {
	w := &syslogWriter{syslog: y, d: d}
	if err := w.summary(); err != nil {
		return nil, err
	}
	for _, p := range d.parts() {
		for i := range p.lines {
			if i == maxSyslogLines {
				w.more(p.name, len(p.lines)-i)
				break
			}
			if err := w.line(p.name, &p.lines[i]); err != nil {
				return nil, err
			}
		}
	}
	return []Payload{{ContentType: "text/plain; charset=utf-8", Body: w.frames.Bytes()}}, nil
}

// syslogWriter writes the messages of one digest.
type syslogWriter struct {
	*syslog
	d      *Digest
	frames bytes.Buffer
	count  int
}

// summary adds the message that sums up the digest.
func (w *syslogWriter) summary() error {
	severity := syslogSeverities[inventory.Info]
	if len(w.d.Unread) > 0 {
		severity = syslogSeverities[inventory.Medium]
	}
	if w.json {
		return w.addJSON("summary", severity, func(most int) any {
			doc := emptyDocument(w.d)
			for i := range doc.Verdict {
				doc.Verdict[i] = shortened(doc.Verdict[i], most)
			}
			return struct {
				List     string                  `json:"list"`
				Key      string                  `json:"key"`
				Occasion Occasion                `json:"occasion"`
				Verdict  []inventory.Untrusted   `json:"verdict"`
				Clean    bool                    `json:"clean"`
				Open     map[inventory.Level]int `json:"open"`
			}{"summary", doc.Key, doc.Occasion, doc.Verdict, doc.Clean, doc.Open}
		})
	}
	var text []string
	for _, sentence := range w.d.Verdict {
		text = append(text, sentence.String())
	}
	if open := w.d.openWords(); open != "" {
		text = append(text, open)
	}
	if w.d.Occasion != News {
		text = append(text, "("+string(w.d.Occasion)+")")
	}
	w.add("summary", severity, strings.Join(text, " "))
	return nil
}

// more adds the message that counts what a list leaves out.
func (w *syslogWriter) more(part string, left int) {
	text := fmt.Sprintf("and %d more", left)
	if w.json {
		text = fmt.Sprintf(`{"list":%q,"left_out":%d}`, part, left)
	}
	w.add(part, syslogNotice, text)
}

// line adds the message of an entry.
func (w *syslogWriter) line(part string, l *Line) error {
	severity, known := syslogSeverities[l.Urgency]
	if !known || part == "changes" || part == "gone" {
		severity = syslogNotice
	}
	if !w.json {
		text := l.what()
		for _, more := range []inventory.Untrusted{l.Change, l.Remedy} {
			if more != "" {
				text += "; " + more.String()
			}
		}
		w.add(part, severity, text)
		return nil
	}
	return w.addJSON(part, severity, func(most int) any {
		line := documentLineOf(l)
		for _, text := range []*inventory.Untrusted{&line.Title, &line.Kind, &line.Where, &line.Why, &line.Change, &line.Remedy} {
			*text = shortened(*text, most)
		}
		return struct {
			List     string   `json:"list"`
			Key      string   `json:"key"`
			Occasion Occasion `json:"occasion"`
			documentLine
		}{part, w.d.Key, w.d.Occasion, line}
	})
}

// addJSON adds a message in JSON, whose texts are as long as its limit permits.
func (w *syslogWriter) addJSON(part string, severity int, shaped func(most int) any) error {
	for most := maxTextWords; ; most /= 2 {
		encoded, err := json.Marshal(shaped(most))
		if err != nil {
			return err
		}
		text := asASCII(string(encoded))
		if most == 0 || len(w.header(part, severity, w.count+1))+len(text) <= maxSyslogBytes {
			w.add(part, severity, text)
			return nil
		}
	}
}

// shortened is a text of at most so many characters.
func shortened(text inventory.Untrusted, most int) inventory.Untrusted {
	if most == 0 {
		return ""
	}
	return inventory.Untrusted(cut(string(text), most))
}

// asASCII writes a JSON text in ASCII.
func asASCII(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x7F:
			b.WriteRune(r)
		case r < 0x1_0000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default: // a surrogate pair
			r -= 0x1_0000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		}
	}
	return b.String()
}

// add adds a message, cut to its limit.
func (w *syslogWriter) add(id string, severity int, text string) {
	w.count++
	head := w.header(id, severity, w.count)
	if strings.IndexFunc(text, func(r rune) bool { return r > 0x7E }) >= 0 {
		head += syslogUTF8
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if room := maxSyslogBytes - len(head); len(text) > room {
		const ellipsis = "..."
		text = strings.ToValidUTF8(text[:room-len(ellipsis)], "") + ellipsis
	}
	fmt.Fprintf(&w.frames, "%d %s%s", len(head)+len(text), head, text)
}

// header is everything of a message before its text.
func (w *syslogWriter) header(id string, severity, count int) string {
	return fmt.Sprintf(`<%d>1 %s %s guestlist - %s [origin software="guestlist" swVersion="%s"][meta sequenceId="%d"] `,
		w.facility*8+severity, w.d.Finished.UTC().Format(syslogTimeFormat), syslogName(w.d.Host.String(), maxSyslogHost), id,
		syslogValue(w.d.Tool.Version), count)
}

// syslogName is a text in the characters that a name may have, or the sign for none.
func syslogName(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r <= ' ' || r >= 0x7F {
			return -1
		}
		return r
	}, text)
	if text == "" {
		return "-"
	}
	return text[:min(len(text), most)]
}

var syslogEscapes = strings.NewReplacer(`"`, `\"`, `\`, `\\`, `]`, `\]`)

// syslogValue is a text as the value of a parameter of structured data, of at most 32 characters.
func syslogValue(text string) string {
	const most = 32
	return syslogEscapes.Replace(cut(inventory.Untrusted(text).String(), most))
}

// Deliver implements [Channel].
func (y *syslog) Deliver(ctx context.Context, _ *Outside, m *Message) error {
	return y.connected(ctx, func(conn net.Conn) error {
		if _, err := conn.Write(m.Body); err != nil {
			return err
		}
		return y.goodBye(conn)
	})
}

// Check implements [Channel]. It connects, and sends nothing.
func (y *syslog) Check(ctx context.Context, _ *Outside) error {
	return y.connected(ctx, y.goodBye)
}

// connected does something with a connection to the server.
func (y *syslog) connected(ctx context.Context, work func(net.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, syslogTime)
	defer cancel()
	config, err := y.identity(ctx)
	if err != nil {
		return err
	}
	conn, err := y.server.dial(ctx)
	if err != nil {
		return y.server.failure(err, false)
	}
	plain := conn
	defer func() { _ = plain.Close() }() // whatever it says, all was written before
	if !y.plain {
		if conn, err = over(ctx, conn, config); err != nil {
			return y.server.failure(err, false)
		}
	}
	if err := work(conn); err != nil {
		return y.server.failure(err, true)
	}
	return nil
}

// identity is the configuration of TLS, with the client's certificate if there is one.
func (y *syslog) identity(ctx context.Context) (*tls.Config, error) {
	config, err := y.server.secure()
	if err != nil || y.certificate == "" {
		return config, err
	}
	key, err := y.secret(ctx, "key")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(y.certificate)
	if err != nil {
		return nil, fmt.Errorf("certificate: %q: %w", y.certificate, reasonOf(err))
	}
	certificate, err := tls.X509KeyPair(text, []byte(key))
	if err != nil { // which might show some of the key
		return nil, errors.New("certificate and key must be a pair in PEM")
	}
	config.Certificates = []tls.Certificate{certificate}
	return config, nil
}

// goodBye ends the conversation, and waits for the server to end it as well: a server that has read
// everything closes the connection. One that does not is believed to have read it.
func (y *syslog) goodBye(conn net.Conn) error {
	closer, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	if err := closer.CloseWrite(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, conn) // ends at the latest with the connection
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(y.farewell):
		return nil
	}
}

package notify

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/testkit"
)

// logSettings are those of a channel that trusts a certificate.
func logSettings(server, ca string) Settings {
	s := secrets(nil)
	s.Texts = map[string]string{"server": server, "ca": ca}
	return s
}

// framesOf takes a payload apart into its messages.
func framesOf(t *testing.T, body []byte) (frames []string) {
	t.Helper()
	reader := bufio.NewReader(strings.NewReader(string(body)))
	for {
		length, err := reader.ReadString(' ')
		if errors.Is(err, io.EOF) && length == "" {
			return frames
		}
		n, err := strconv.Atoi(strings.TrimSuffix(length, " "))
		if err != nil {
			t.Fatalf("%q is not a length", length)
		}
		frame := make([]byte, n)
		if _, err := io.ReadFull(reader, frame); err != nil {
			t.Fatal(err)
		}
		frames = append(frames, string(frame))
	}
}

func TestADigestBecomesOneMessageForEachEntry(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		s := logSettings("logs.acme.example", "")
		s.Texts["format"], s.Texts["facility"] = format, "authpriv"
		m := prepared(t, made(t, syslogKind, s), exampleDigest())[0]
		testkit.Golden(t, "testdata/syslog."+format, strings.Join(framesOf(t, m.Body), "\n")+"\n")
	}
}

func TestAMessageOfAnySizeFitsAndTheRestIsCounted(t *testing.T) {
	t.Parallel()
	for format, sizes := range map[string][]int{"text": {0, 1, 20, 1001, 50_000}, "json": {0, 20, 1001}} {
		for _, n := range sizes {
			s := logSettings("logs.acme.example", "")
			s.Texts["format"] = format
			frames := framesOf(t, prepared(t, made(t, syslogKind, s), hugeDigest(n))[0].Body)
			counted := -1 // the summary
			for _, frame := range frames {
				if len(frame) > maxSyslogBytes || !utf8.ValidString(frame) || strings.ContainsAny(frame, "\r\n\x00\x1b") {
					t.Fatalf("%d lines: %q", n, frame)
				}
				text := frame[strings.LastIndex(frame, `"] `)+3:]
				left := 0
				_, count, _ := strings.Cut(text, `"left_out":`)
				if n, _ := fmt.Sscanf(text, "and %d more", &left); n == 1 {
					counted += left - 1
				} else if n, _ := fmt.Sscanf(count, "%d", &left); n == 1 {
					counted += left - 1
				}
				if format == "json" && !json.Valid([]byte(text)) {
					t.Errorf("%q is not JSON", text)
				}
				counted++
			}
			if counted != 5*n {
				t.Errorf("%d of %d entries are sent or counted", counted, 5*n)
			}
		}
	}
}

// rsyslogd is the log server of Debian, which writes what it understood as JSON.
func rsyslogd(t *testing.T, a *authority) (address, log string) {
	t.Helper()
	program, err := exec.LookPath("rsyslogd")
	if err != nil {
		testkit.Unavailable(t, "rsyslog is not installed")
	}
	if names, _ := filepath.Glob("/usr/lib/*/rsyslog/lmnsd_ossl.so"); a != nil && len(names) == 0 {
		testkit.Unavailable(t, "rsyslog-openssl is not installed")
	}
	dir := t.TempDir()
	address, log = freeAddress(t), filepath.Join(dir, "log")
	_, port, _ := net.SplitHostPort(address)
	driver, global := "", ""
	if a != nil {
		driver = ` StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"`
		global = fmt.Sprintf(` DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile=%[1]q DefaultNetstreamDriverCertFile=%[1]q `+
			`DefaultNetstreamDriverKeyFile=%q`, a.cert, a.key)
	}
	config := filepath.Join(dir, "rsyslog.conf")
	testkit.WriteFile(t, config, fmt.Sprintf(`global(workDirectory=%q%s)
module(load="imtcp"%s)
template(name="all" type="list") { property(name="jsonmesg") constant(value="\n") }
ruleset(name="keep") { action(type="omfile" file=%q template="all" sync="on") }
input(type="imtcp" address="127.0.0.1" port=%q ruleset="keep")
`, dir, global, driver, log, port))
	started(t, address, exec.Command(program, "-n", "-f", config, "-i", filepath.Join(dir, "pid")))
	return address, log
}

// understood is what the log server understood of a message.
type understood struct {
	Message  string `json:"msg"`
	Host     string `json:"hostname"`
	Program  string `json:"programname"`
	ID       string `json:"msgid"`
	Data     string `json:"structured-data"`
	Time     string `json:"timereported"`
	Facility string `json:"syslogfacility"`
	Severity string `json:"syslogseverity"`
	Version  string `json:"protocol-version"`
}

// logged are the messages of a log, once there are n.
func logged(t *testing.T, log string, n int) []understood {
	t.Helper()
	for t.Context().Err() == nil {
		lines, _ := exec.Command("cat", log).Output()
		if strings.Count(string(lines), "\n") < n {
			<-time.After(20 * time.Millisecond) // the server writes on its own
			continue
		}
		var list []understood
		for line := range strings.Lines(string(lines)) {
			var u understood
			if err := json.Unmarshal([]byte(line), &u); err != nil {
				t.Fatal(err)
			}
			list = append(list, u)
		}
		return list
	}
	return nil
}

func TestDebiansLogServerUnderstandsEveryField(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	for name, authority := range map[string]*authority{"tls": &a, "none": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, log := rsyslogd(t, authority)
			s := logSettings(address, a.cert)
			s.Texts["tls"], s.Texts["facility"] = name, "local3"
			channel := made(t, syslogKind, s)
			if err := channel.Check(t.Context(), outside()); err != nil {
				t.Fatal(err)
			}
			if err := channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]); err != nil {
				t.Fatal(err)
			}
			got := logged(t, log, 7)
			want := []struct{ id, severity, text string }{
				{"summary", "4", "2 new, 1 widened. Read 11 of 12 sources completely. 3 open: 2 critical, 1 high"},
				{"act", "2", "~ Ledger Books (OAuth app, 2 people): more access than approved; it gained gmail.send; remove the access or approve it"},
				{"act", "3", "+ deploy-bot (GitHub App, acme): not in the allowlist; ask an owner to uninstall it"},
				{"unread", "2", "acme.example/users: the token has expired; sign in again"},
				{"changes", "5", "- Old Notes (extension); it was removed"},
				{"gone", "5", "Free PDF (extension): it was removed"},
				{"still", "2", "Mail Merge (OAuth app): not in the allowlist"},
			}
			for i, w := range want {
				expected := understood{Message: w.text, Host: "scanner.acme.example", Program: "guestlist", ID: w.id,
					Data: fmt.Sprintf(`[origin software="guestlist" swVersion="1.2.3"][meta sequenceId="%d"]`, i+1),
					Time: "2026-11-25T06:30:00.000000Z", Facility: "19", Severity: w.severity, Version: "1"}
				got[i].Message = strings.TrimPrefix(got[i].Message, syslogUTF8)
				if diff := cmp.Diff(expected, got[i]); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestDebiansLogServerIsNotConfusedByNames(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	address, log := rsyslogd(t, &a)
	d := hugeDigest(len(hostile))
	d.Tool.Version = `1"]\` + "\n"
	channel := made(t, syslogKind, logSettings(address, a.cert))
	m := prepared(t, channel, d)[0]
	if err := channel.Deliver(t.Context(), outside(), m); err != nil {
		t.Fatal(err)
	}
	sent := framesOf(t, m.Body)
	got := logged(t, log, len(sent))
	if len(got) != len(sent) {
		t.Fatalf("%d messages became %d", len(sent), len(got))
	}
	for i, u := range got {
		data := fmt.Sprintf(`[origin software="guestlist" swVersion="1\"\]\\\\u{000A}"][meta sequenceId="%d"]`, i+1)
		if u.Data != data || u.Program != "guestlist" || !strings.HasSuffix(sent[i], u.Message) || u.Message == "" {
			t.Errorf("%q was understood as %+v", sent[i], u)
		}
	}
}

// listening accepts connections, each of which is handled by one function.
func listening(t *testing.T, config *tls.Config, handle func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	var group sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); group.Wait() })
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { defer conn.Close(); handle(conn) })
		}
	})
	return listener.Addr().String()
}

func TestALogServerThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	asks := a.config.Clone()
	asks.ClientAuth, asks.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	drain := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	reset := func(conn net.Conn) {
		if secured, ok := conn.(*tls.Conn); ok && secured.HandshakeContext(t.Context()) == nil {
			_ = secured.NetConn().(*net.TCPConn).SetLinger(0)
		}
	}
	for name, test := range map[string]struct {
		address, ca string
		want        Failure
	}{
		"nobody-listens":        {freeAddress(t), a.cert, Failure{Temporary: true}},
		"certificate-of-nobody": {listening(t, a.config, drain), "", Failure{Temporary: true}},
		"no-tls":                {listening(t, nil, func(conn net.Conn) { _, _ = io.WriteString(conn, "hello\n") }), a.cert, Failure{Temporary: true}},
		"reset":                 {listening(t, a.config, reset), a.cert, Failure{Temporary: true, Unsure: true}},
		"asks-for-certificate":  {listening(t, asks, drain), a.cert, Failure{Temporary: true, Unsure: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			channel := made(t, syslogKind, logSettings(test.address, test.ca))
			f := failureOf(t, channel.Deliver(t.Context(), outside(), prepared(t, channel, hugeDigest(1000))[0]))
			test.want.Host, test.want.Detail = test.address, f.Detail
			if *f != test.want || f.Detail == "" {
				t.Errorf("%+v", *f)
			}
		})
	}
}

func TestALogServerThatNeverHangsUpIsBelieved(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	done := make(chan struct{})
	defer close(done)
	channel := made(t, syslogKind, logSettings(listening(t, a.config, func(conn net.Conn) {
		_, _ = io.Copy(io.Discard, conn)
		<-done
	}), a.cert)).(*syslog)
	channel.farewell = 50 * time.Millisecond
	if err := channel.Deliver(t.Context(), outside(), prepared(t, channel, exampleDigest())[0]); err != nil {
		t.Error(err)
	}
}

func TestAClientsCertificateIsShownToAServerThatAsks(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	asks := a.config.Clone()
	asks.ClientAuth, asks.ClientCAs = tls.RequireAnyClientCert, nil
	address := listening(t, asks, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	s := logSettings(address, a.cert)
	s.Texts["certificate"] = a.cert
	s.Secret = secrets(map[string]string{"key": testkit.ReadFile(t, a.key)}).Secret
	channel := made(t, syslogKind, s)
	if err := channel.Check(t.Context(), outside()); err != nil {
		t.Error(err)
	}
	s.Secret = secrets(map[string]string{"key": "s3cret"}).Secret
	err := made(t, syslogKind, s).Check(t.Context(), outside())
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "pair in PEM") {
		t.Errorf("a key that is none: %v", err)
	}
}

func TestSettingsOfSyslogSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for server, plain := range map[string]string{"": "tls", "logs.acme.example:99999": "tls", "a b": "tls", "logs.acme.example:601": "none"} {
		s := logSettings(server, "")
		s.Texts["tls"] = plain
		if _, err := newSyslog(s); err == nil {
			t.Errorf("%q: no error", server)
		}
	}
	missing := logSettings("127.0.0.1:1", "missing.pem")
	if err := made(t, syslogKind, missing).Check(t.Context(), outside()); err == nil || !strings.Contains(err.Error(), `ca: "missing.pem"`) {
		t.Errorf("a missing file: %v", err)
	}
}

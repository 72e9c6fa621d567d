package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"guestlist/scanner/inventory"
)

// server is a host of an older protocol than HTTP, reached over TCP and TLS.
type server struct {
	host, port string
	ca         string // a PEM file of the authorities to trust, in place of the system's
}

// caKey is the key of server.ca.
var caKey = Key{Name: "ca", Type: PathKey, Example: `"relay-ca.pem"`,
	About: "a PEM file with the certificate authority of the server, if it is a private one"}

// maxReplyBytes is all that a server may say in one conversation.
const maxReplyBytes = 1 << 20

// parseServer reads "host" or "host:port".
func parseServer(address, port string) (server, error) {
	host, given, err := net.SplitHostPort(address)
	if err != nil {
		host, given = address, port
	}
	number, err := strconv.ParseUint(given, 10, 16)
	if ip := net.ParseIP(host); ip == nil && !isHostName(host) || err != nil || number == 0 {
		return server{}, fmt.Errorf("server must be a host name or address and a port, such as %q, is %q",
			net.JoinHostPort("relay.acme.example", port), inventory.Untrusted(address))
	}
	return server{host: host, port: given}, nil
}

// isHostName reports whether a text could be the name of a host.
func isHostName(text string) bool {
	for _, r := range text {
		if r != '.' && r != '-' && r != '_' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') {
			return false
		}
	}
	return text != "" && len(text) <= 253
}

func (s *server) String() string { return net.JoinHostPort(s.host, s.port) }

// dial connects without TLS. The connection lasts as long as the context.
func (s *server) dial(ctx context.Context) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.String())
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(deadline)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	return &bounded{Conn: conn, left: maxReplyBytes, stop: stop}, err
}

// secure is the configuration of TLS for this server.
func (s *server) secure() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.ca == "" {
		return config, nil
	}
	text, err := os.ReadFile(s.ca)
	if err != nil {
		return nil, fmt.Errorf("ca: %q: %w", s.ca, reasonOf(err))
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("ca: %q has no certificate in PEM", s.ca)
	}
	return config, nil
}

// over starts TLS on a connection.
func over(ctx context.Context, conn net.Conn, config *tls.Config) (*tls.Conn, error) {
	secured := tls.Client(conn, config)
	return secured, secured.HandshakeContext(ctx)
}

// failure is one of the connection.
func (s *server) failure(err error, unsure bool) error {
	detail := err.Error()
	var op *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		detail = noAnswer
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		detail = closedEarly
	case errors.As(err, &op):
		detail = op.Op + ": " + op.Err.Error()
	}
	return &Failure{Host: s.String(), Detail: masked(detail, nil), Temporary: true, Unsure: unsure}
}

// bounded is a connection whose deadline is that of its context, and whose other side cannot talk
// for ever.
type bounded struct {
	net.Conn
	left int
	stop func() bool
}

var errTooMuch = errors.New("its answer has no end")

func (b *bounded) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	n, err := b.Conn.Read(into[:min(len(into), b.left)])
	b.left -= n
	return n, err
}

func (b *bounded) Close() error {
	b.stop()
	return b.Conn.Close()
}

// CloseWrite says that nothing more will come.
func (b *bounded) CloseWrite() error {
	if conn, ok := b.Conn.(*net.TCPConn); ok {
		return conn.CloseWrite()
	}
	return nil
}

// SetDeadline and its relatives leave the deadline as it is.
func (b *bounded) SetDeadline(time.Time) error      { return nil }
func (b *bounded) SetReadDeadline(time.Time) error  { return nil }
func (b *bounded) SetWriteDeadline(time.Time) error { return nil }

package realbrowser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// marionette speaks Firefox's remote protocol
// (firefox-source-docs.mozilla.org/testing/marionette/Protocol.html): each message is its length in
// bytes, a colon, and JSON; a command is [0, id, name, parameters], its answer [1, id, error,
// result].
type marionette struct {
	conn  net.Conn
	input *bufio.Reader
	last  int
}

const maxMarionetteMessage = 64 << 20 // bytes

func dialMarionette(ctx context.Context, port int) (*marionette, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, err
	}
	m := &marionette{conn: conn, input: bufio.NewReader(conn)}
	conn.SetDeadline(time.Now().Add(callTimeout))
	if _, err := m.receive(); err != nil { // the server greets
		return nil, errors.Join(fmt.Errorf("reading Marionette's greeting: %w", err), conn.Close())
	}
	return m, nil
}

// call sends a command and decodes its result, unless result is nil.
func (m *marionette) call(ctx context.Context, name string, arguments params, result any) error {
	deadline := time.Now().Add(callTimeout)
	if limit, ok := ctx.Deadline(); ok && limit.Before(deadline) {
		deadline = limit
	}
	m.conn.SetDeadline(deadline)
	m.last++
	if arguments == nil {
		arguments = params{}
	}
	message, err := json.Marshal([]any{0, m.last, name, arguments})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(message), message); err != nil {
		return fmt.Errorf("calling %s: %w", name, err)
	}
	for {
		answer, err := m.receive()
		if err != nil {
			return fmt.Errorf("calling %s: %w", name, err)
		}
		var parts []jsontext.Value
		if err := json.Unmarshal(answer, &parts); err != nil || len(parts) != 4 {
			return fmt.Errorf("calling %s: the answer is no message of four parts: %.200q", name, answer)
		}
		if string(parts[1]) != strconv.Itoa(m.last) {
			continue // the answer to a call that was given up
		}
		if parts[2].Kind() != jsontext.KindNull {
			return fmt.Errorf("calling %s: %.2000s", name, parts[2])
		}
		if result == nil {
			return nil
		}
		return json.Unmarshal(parts[3], result)
	}
}

func (m *marionette) receive() ([]byte, error) {
	length, err := m.input.ReadString(':')
	if err != nil {
		return nil, err
	}
	size, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil || size < 0 || size > maxMarionetteMessage {
		return nil, fmt.Errorf("a message of length %.40q", length)
	}
	message := make([]byte, size)
	_, err = io.ReadFull(m.input, message)
	return message, err
}

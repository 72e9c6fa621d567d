package realbrowser

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// devtools speaks the Chrome DevTools Protocol (chromedevtools.github.io/devtools-protocol) over
// two pipes. Events are ignored, except those of the sessions in heard.
type devtools struct {
	lock    sync.Mutex
	write   io.WriteCloser
	last    int64
	waiting map[int64]chan reply
	heard   map[string][]event // by session; see listen
	ended   chan struct{}
	fault   error // why the connection ended; set before ended is closed
}

type request struct {
	ID      int64  `json:"id"`
	Method  string `json:"method"`
	Params  any    `json:"params,omitzero"`
	Session string `json:"sessionId,omitzero"`
}

type reply struct {
	event  `json:",inline"`
	ID     int64          `json:"id"`
	Result jsontext.Value `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// event is what the browser reports without being asked.
type event struct {
	Method  string         `json:"method"`
	Params  jsontext.Value `json:"params"`
	Session string         `json:"sessionId"`
}

// params are the arguments of one call.
type params map[string]any

func newDevtools(read io.Reader, write io.WriteCloser) *devtools {
	d := &devtools{write: write, waiting: map[int64]chan reply{}, heard: map[string][]event{}, ended: make(chan struct{})}
	go d.receive(read)
	return d
}

func (d *devtools) receive(read io.Reader) {
	input := bufio.NewReader(read)
	for {
		message, err := input.ReadBytes(0)
		if err != nil {
			d.fault = fmt.Errorf("the browser closed its debugging pipe: %w", err)
			close(d.ended)
			return
		}
		var r reply
		if err := json.Unmarshal(message[:len(message)-1], &r); err != nil {
			d.fault = fmt.Errorf("decoding a message of the browser: %w", err)
			close(d.ended)
			return
		}
		d.lock.Lock()
		answer := d.waiting[r.ID]
		delete(d.waiting, r.ID)
		if events, listens := d.heard[r.Session]; listens && r.Method != "" {
			d.heard[r.Session] = append(events, r.event)
		}
		d.lock.Unlock()
		if answer != nil {
			answer <- r
		}
	}
}

// call calls a method and decodes its result, unless result is nil. Session is "" for the browser
// itself.
func (d *devtools) call(ctx context.Context, session, method string, arguments params, result any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, callTimeout, fmt.Errorf("no answer within %v", callTimeout))
	defer cancel()
	answer, err := d.send(request{Method: method, Params: arguments, Session: session})
	if err != nil {
		return fmt.Errorf("calling %s: %w", method, err)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("calling %s: %w", method, context.Cause(ctx))
	case <-d.ended:
		return fmt.Errorf("calling %s: %w", method, d.fault)
	case r := <-answer:
		if r.Error != nil {
			return fmt.Errorf("calling %s: %s (%d)", method, r.Error.Message, r.Error.Code)
		}
		if result == nil {
			return nil
		}
		if err := json.Unmarshal(r.Result, result); err != nil {
			return fmt.Errorf("decoding the result of %s: %w", method, err)
		}
		return nil
	}
}

// listen keeps the events of a session from now on, and forgets those kept before.
func (d *devtools) listen(session string) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.heard[session] = []event{}
}

// events returns the events that were kept.
func (d *devtools) events(session string) []event {
	d.lock.Lock()
	defer d.lock.Unlock()
	return slices.Clone(d.heard[session])
}

func (d *devtools) send(r request) (<-chan reply, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.last++
	r.ID = d.last
	message, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	answer := make(chan reply, 1)
	d.waiting[r.ID] = answer
	if _, err := d.write.Write(append(message, 0)); err != nil {
		delete(d.waiting, r.ID)
		return nil, err
	}
	return answer, nil
}

// pipes makes the two pipes: the browser's ends, and ours.
func pipes() (theirs []*os.File, read, write *os.File, err error) {
	theirRead, write, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	read, theirWrite, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, errors.Join(err, theirRead.Close(), write.Close())
	}
	return []*os.File{theirRead, theirWrite}, read, write, nil
}

// page is one open page.
type page struct {
	*devtools
	session, target string
}

// open opens a page and waits until it has loaded.
func (d *devtools) open(ctx context.Context, url string) (*page, error) {
	var target struct {
		ID string `json:"targetId"`
	}
	if err := d.call(ctx, "", "Target.createTarget", params{"url": url}, &target); err != nil {
		return nil, err
	}
	var attached struct {
		Session string `json:"sessionId"`
	}
	if err := d.call(ctx, "", "Target.attachToTarget", params{"targetId": target.ID, "flatten": true},
		&attached); err != nil {
		return nil, err
	}
	p := &page{devtools: d, session: attached.Session, target: target.ID}
	err := Wait(ctx, url+" to load", 30*time.Second, func() (bool, error) {
		var state string
		err := p.evaluate(ctx, "location.href !== 'about:blank' || "+quote(url)+" === 'about:blank' ? document.readyState : ''", &state)
		return state == "complete", err
	})
	return p, err
}

func (p *page) close(ctx context.Context) error {
	return p.call(ctx, "", "Target.closeTarget", params{"targetId": p.target}, nil)
}

// evaluate runs JavaScript as if a person had asked for it, waits for a promise, and decodes the
// value.
func (p *page) evaluate(ctx context.Context, expression string, value any) error {
	var result struct {
		Result struct {
			Value jsontext.Value `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string         `json:"description"`
				Value       jsontext.Value `json:"value"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	arguments := params{"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}
	if err := p.call(ctx, p.session, "Runtime.evaluate", arguments, &result); err != nil {
		return err
	}
	if e := result.Exception; e != nil {
		return fmt.Errorf("evaluating %q: %s %s %s", expression, e.Text, e.Exception.Description, e.Exception.Value)
	}
	if value == nil || len(result.Result.Value) == 0 {
		return nil
	}
	if err := json.Unmarshal(result.Result.Value, value); err != nil {
		return fmt.Errorf("decoding the value of %q: %w", expression, err)
	}
	return nil
}

// quote returns text as a JavaScript string.
func quote(text string) string {
	quoted, _ := jsontext.AppendQuote(nil, text) // fails only for invalid UTF-8, which it replaces
	return string(quoted)
}

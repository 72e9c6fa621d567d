package receiver

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/testkit"
)

var began = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// accepted is a message that each service takes.
var accepted = map[string]string{
	"slack":       `{"text":"news","blocks":[{"type":"header","text":{"type":"plain_text","text":"news"}}]}`,
	"slack-bot":   `{"channel":"C0EXAMPLE","text":"news","blocks":[]}`,
	"teams":       card(`{"type":"TextBlock","text":"news"}`),
	"google-chat": `{"cardsV2":[{"card":{"sections":[{"widgets":[{"textParagraph":{"text":"news"}}]}]}}]}`,
	"discord":     `{"content":"news","allowed_mentions":{"parse":[]}}`,
}

func card(body string) string {
	return `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":` +
		`{"type":"AdaptiveCard","version":"1.4","body":[` + body + `]}}]}`
}

func all() []Service { return []Service{Slack(), SlackBot(), Teams(), GoogleChat(), Discord()} }

// address is where a message is posted.
func address(s Service) string {
	switch s.Name {
	case "slack-bot":
		return s.URL + "chat.postMessage"
	case "discord":
		return strings.Replace(s.URL, "/api/", "/api/v10/", 1) + "?wait=true"
	}
	return s.URL
}

func post(t *testing.T, r *Receiver, transport http.RoundTripper, body string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address(r.Service), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	response, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response, nil
}

func TestAServiceTakesWhatKeepsItsLimits(t *testing.T) {
	t.Parallel()
	for _, service := range all() {
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			r := New(t, service, testkit.NewClock(began).Now)
			response, err := post(t, r, r.Transport, accepted[service.Name])
			if err != nil || response.StatusCode/100 != 2 {
				t.Fatalf("%v %v %v", response, err, r.Refused())
			}
			if taken := r.Taken(); len(taken) != 1 || string(taken[0].Body) != accepted[service.Name] {
				t.Errorf("%d messages are in the channel", len(taken))
			}
			if strays := r.Strays(); len(strays) != 0 {
				t.Errorf("%q are other hosts", strays)
			}
			if len(service.Secrets()) == 0 {
				t.Error("it has no secret")
			}
		})
	}
}

func TestAServiceRefusesWhatBreaksItsLimits(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("x", n) }
	header := func(text string) string {
		return `{"type":"header","text":{"type":"plain_text","text":"` + text + `"}}`
	}
	slack := func(blocks ...string) string { return `{"text":"news","blocks":[` + strings.Join(blocks, ",") + `]}` }
	divider := `{"type":"divider"}`
	widget := `{"textParagraph":{"text":"x"}}`
	embed := func(body string) string { return `{"allowed_mentions":{"parse":[]},"embeds":[` + body + `]}` }
	embedded := func(n int) string { return `{"description":"` + long(n) + `"}` }
	for _, test := range []struct{ service, name, body, want string }{
		{"slack", "a-header-of-151", slack(header(long(151))), "header: 151, at most 150"},
		{"slack", "an-empty-header", slack(header("")), "header: empty"},
		{"slack", "51-blocks", slack(strings.Split(strings.Repeat(divider+";", 50)+divider, ";")...), "blocks: 51"},
		{"slack", "11-elements", slack(`{"type":"context","elements":[` + strings.Repeat(`{"type":"plain_text","text":"x"},`, 10) +
			`{"type":"plain_text","text":"x"}]}`), "elements of a context: 11"},
		{"slack", "a-section-of-3001", slack(`{"type":"section","text":{"type":"plain_text","text":"` + long(3001) + `"}}`),
			"section: 3001"},
		{"slack", "13-kB-of-blocks", slack(strings.Split(strings.Repeat(header(long(140))+";", 70)+divider, ";")...), "bytes of all blocks"},
		{"slack", "no-text", `{"blocks":[]}`, "text: empty"},
		{"slack", "an-unknown-member", `{"text":"news","blocks":[],"txt":""}`, "invalid_payload"},
		{"slack", "a-member-twice", `{"text":"news","text":"news","blocks":[]}`, "invalid_payload"},
		{"slack", "bytes-that-are-no-text", "{\"text\":\"\xff\",\"blocks\":[]}", "invalid_payload"},
		{"teams", "21-kB", card(`{"type":"TextBlock","text":"` + long(21_000) + `"}`), "at most 21000"},
		{"teams", "an-unknown-element", card(`{"type":"FactSet","facts":[]}`), "must be one of"},
		{"teams", "an-unknown-property", card(`{"type":"TextBlock","text":"x","onclick":"x"}`), "onclick"},
		{"teams", "an-empty-card", card(""), "body"},
		{"google-chat", "101-widgets", `{"cardsV2":[{"card":{"sections":[{"widgets":[` + strings.Repeat(widget+",", 100) + widget + `]}]}}]}`,
			"widgets: 101"},
		{"google-chat", "32-kB", `{"text":"` + long(32_000) + `"}`, "at most 32000"},
		{"google-chat", "a-section-without-widgets", `{"cardsV2":[{"card":{"sections":[{}]}}]}`, "must have widgets"},
		{"google-chat", "an-unknown-member", `{"text":"news","txt":""}`, "txt"},
		{"discord", "2001-characters", `{"allowed_mentions":{"parse":[]},"content":"` + long(2001) + `"}`, "content: 2001"},
		{"discord", "11-embeds", embed(strings.Repeat(embedded(1)+",", 10) + embedded(1)), "embeds: 11"},
		{"discord", "4097-characters", embed(embedded(4097)), "description: 4097"},
		{"discord", "6001-characters", embed(embedded(3000) + "," + embedded(3001)), "all embeds: 6001"},
		{"discord", "a-name-of-257", embed(`{"fields":[{"name":"` + long(257) + `","value":"x"}]}`), "name of a field: 257"},
		{"discord", "mentions-on", `{"content":"news"}`, "mentions must be off"},
		{"discord", "mentions-of-everyone", `{"content":"news","allowed_mentions":{"parse":["everyone"]}}`, "mentions must be off"},
	} {
		t.Run(test.service+"/"+test.name, func(t *testing.T) {
			t.Parallel()
			for _, service := range all() {
				if service.Name != test.service {
					continue
				}
				r := New(t, service, testkit.NewClock(began).Now)
				response, err := post(t, r, r.Transport, test.body)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				if err != nil || response.StatusCode/100 != 4 || !strings.Contains(string(body), test.want) {
					t.Errorf("%d %q %v", response.StatusCode, body, err)
				}
				if len(r.Taken()) != 0 {
					t.Error("the message is in the channel")
				}
			}
		})
	}
}

func TestAServiceTakesOnlyAsManyAsItsRateUntilTheClockMoves(t *testing.T) {
	t.Parallel()
	for _, service := range all() {
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			clock := testkit.NewClock(began)
			r := New(t, service, clock.Now)
			send := func() *http.Response {
				response, err := post(t, r, r.Transport, accepted[service.Name])
				if err != nil {
					t.Fatal(err)
				}
				return response
			}
			for range service.Rate.Requests {
				send()
			}
			over := send()
			wait, err := strconv.Atoi(over.Header.Get("Retry-After"))
			if over.StatusCode != http.StatusTooManyRequests || err != nil {
				t.Fatalf("%d, and to wait %v", over.StatusCode, err)
			}
			clock.Move(time.Duration(wait) * time.Second)
			if after := send(); after.StatusCode/100 != 2 {
				t.Errorf("%d after the wait", after.StatusCode)
			}
			if got := len(r.Taken()); got != service.Rate.Requests+1 {
				t.Errorf("%d messages are in the channel", got)
			}
		})
	}
}

func TestAFaultIsWhatItSaysItIs(t *testing.T) {
	t.Parallel()
	for _, fault := range Faults {
		if fault.IsSilence() {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			r := New(t, Slack(), testkit.NewClock(began).Now)
			response, err := post(t, r, fault.Sent(r), accepted["slack"])
			complete := err == nil
			if complete && !fault.Enough {
				_, err = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
				complete = err == nil
			}
			if complete != (fault.Status != 0 || fault.Enough) {
				t.Errorf("the answer is complete: %v, %v", complete, err)
			}
			if complete && fault.Status != 0 && response.StatusCode != fault.Status {
				t.Errorf("the status is %d", response.StatusCode)
			}
			if taken := len(r.Taken()) == 1; taken != fault.Taken {
				t.Errorf("the message is in the channel: %v", taken)
			}
		})
	}
}

func TestGoogleChatTakesARequestIDOnce(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(began)
	service := GoogleChat()
	service.URL += "&requestId=" + url.QueryEscape("one")
	r := New(t, service, clock.Now)
	for range 2 {
		if response, err := post(t, r, r.Transport, accepted["google-chat"]); err != nil || response.StatusCode != http.StatusOK {
			t.Fatal(response, err)
		}
		clock.Move(time.Second)
	}
	if got := len(r.Taken()); got != 1 {
		t.Errorf("%d messages are in the channel", got)
	}
}

func TestAServiceIsReachedOnThisMachineWithoutATransport(t *testing.T) {
	t.Parallel()
	r := New(t, Slack(), testkit.NewClock(began).Now)
	response, err := http.Post(r.Loopback, "application/json", bytes.NewReader([]byte(accepted["slack"])))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK || len(r.Taken()) != 1 {
		t.Errorf("%d %q", response.StatusCode, r.Refused())
	}
}

package notify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"guestlist/scanner/inventory"
)

var pagerDutyKind = &Kind{
	Name: "pagerduty", About: "an alert in PagerDuty for what is critical, resolved when it is over",
	Help: `Add the integration "Events API V2" to a service in PagerDuty and put its integration key in routing_key. Each ` +
		`thing that is critical (or from a lower severity on, with from) triggers an alert of its own, as does each source ` +
		`that cannot be read; a complete scan that no longer finds it resolves the alert. Of more than 20 ` +
		`in one scan, one alert counts the rest. Severities are critical, error for high, warning for medium and info. ` +
		`The service deduplicates by dedup_key, so an alert is there once however often it is sent. There is no way to ` +
		`check the key without an event.`,
	Keys: []Key{
		{Name: "routing_key", Type: SecretKey, Required: true, About: "the integration key",
			Example: `{ env = "PAGERDUTY_ROUTING_KEY" }`},
		{Name: "region", Type: TextKey, About: "where the account is (default: us)", Example: `"eu"`, OneOf: []string{"us", "eu"}},
		urgencyKey,
	},
	New: newPagerDuty,
}

// PagerDuty's limits, by its reference of the Events API v2.
const (
	pagerDutySummary = 1024
	pagerDutyField   = 255 // of source, component and class; not documented
)

// pagerDutyServers take events, by region.
var pagerDutyServers = map[string]string{"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}

// pagerDutySeverities are the severities of urgencies.
var pagerDutySeverities = map[inventory.Level]string{
	inventory.Critical: "critical", inventory.High: "error", inventory.Medium: "warning", inventory.Low: "info",
	inventory.Info: "info",
}

// pagerDuty sends events.
type pagerDuty struct {
	server string
	from   inventory.Level
	secret func(context.Context, string) (string, error)
}

func newPagerDuty(s Settings) (Channel, error) {
	return &pagerDuty{pagerDutyServers[cmp.Or(s.Texts["region"], "us")], leastUrgency(&s), s.Secret}, nil
}

// pagerDutyEvent is an event without its routing key, which is secret.
type pagerDutyEvent struct {
	Action  string              `json:"event_action"`
	Key     string              `json:"dedup_key"`
	Client  string              `json:"client,omitempty"`
	Payload *pagerDutyEventBody `json:"payload,omitempty"`
}

type pagerDutyEventBody struct {
	Summary   string            `json:"summary"`
	Source    string            `json:"source"`
	Severity  string            `json:"severity"`
	Timestamp time.Time         `json:"timestamp"`
	Component string            `json:"component,omitempty"`
	Class     string            `json:"class,omitempty"`
	Details   map[string]string `json:"custom_details,omitempty"`
}

// Prepare implements [Channel].
func (p *pagerDuty) Prepare(d *Digest) ([]Payload, error) {
	var payloads []Payload
	for _, a := range d.alerts(p.from) {
		event := pagerDutyEvent{Action: "resolve", Key: alertKey(a.key)}
		if !a.over {
			event.Action, event.Client, event.Payload = "trigger", "guestlist", pagerDutyBody(d, &a)
		}
		body, err := json.Marshal(event)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, Payload{ContentType: "application/json", Body: body})
	}
	return payloads, nil
}

func pagerDutyBody(d *Digest, a *alert) *pagerDutyEventBody {
	body := &pagerDutyEventBody{
		Summary:   cmp.Or(fit(a.summary, pagerDutySummary), "guestlist"),
		Source:    cmp.Or(fit(d.Host.String(), pagerDutyField), "guestlist"),
		Severity:  cmp.Or(pagerDutySeverities[a.urgency], "warning"),
		Timestamp: d.Finished.UTC(), Details: a.details(d),
	}
	if a.line != nil {
		body.Component = fit(inventory.Textf("%s", a.line.Provider).String(), pagerDutyField)
		body.Class = fit(a.line.Kind.String(), pagerDutyField)
	}
	return body
}

// Deliver implements [Channel].
func (p *pagerDuty) Deliver(ctx context.Context, out *Outside, m *Message) error {
	key, err := p.secret(ctx, "routing_key")
	if err != nil {
		return err
	}
	body, err := withMember(m.Body, "routing_key", key)
	if err != nil {
		return err
	}
	answer, err := out.do(ctx, request{url: p.server + "/v2/enqueue", body: body, mask: []string{key}, refusal: messageOf,
		header: http.Header{"Content-Type": {m.ContentType}}})
	if err != nil {
		return err
	}
	var said struct{ Status string }
	if answer.body != nil && (json.Unmarshal(answer.body, &said) != nil || said.Status != "success") {
		return answer.unlike()
	}
	return nil
}

// Check implements [Channel].
func (p *pagerDuty) Check(ctx context.Context, _ *Outside) error {
	if _, err := p.secret(ctx, "routing_key"); err != nil {
		return err
	}
	return ErrNoCheck
}

// withMember is a JSON object with one more member, at its beginning.
func withMember(object []byte, name, value string) ([]byte, error) {
	rest, found := bytes.CutPrefix(object, []byte("{"))
	if !found {
		return nil, errors.New("the message is not JSON")
	}
	member, err := json.Marshal(map[string]string{name: value})
	if err != nil {
		return nil, err
	}
	return append(append(member[:len(member)-1], ','), rest...), nil
}

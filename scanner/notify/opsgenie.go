package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"guestlist/scanner/inventory"
)

var opsgenieKind = &Kind{
	Name: "opsgenie", About: "an alert in Opsgenie for what is critical, closed when it is over",
	Help: `Add an API integration to a team in Opsgenie and put its key in api_key; it needs the right to create and update ` +
		`alerts, and the right to read for doctor. Each thing that is critical (or from a lower severity on, with from) ` +
		`is an alert of its own, as is each source that cannot be read; a complete scan that no longer finds it closes ` +
		`the alert. Of more than 20 in one scan, one alert counts the rest. Priorities are P1 for critical ` +
		`to P5 for info. An open alert with the same alias counts a repetition and appears once. Atlassian ends Opsgenie ` +
		`on 5 April 2027; Jira Service Management takes the same requests with url set to its address.`,
	Keys: []Key{
		{Name: "api_key", Type: SecretKey, Required: true, About: "the key of the API integration",
			Example: `{ env = "OPSGENIE_API_KEY" }`},
		{Name: "region", Type: TextKey, About: "where the account is (default: us)", Example: `"eu"`, OneOf: []string{"us", "eu"}},
		{Name: "url", Type: TextKey, About: "another address that takes the same requests, up to /v2",
			Example: `"https://api.atlassian.com/jsm/ops/integration/v2"`},
		urgencyKey,
	},
	New: newOpsgenie,
}

// Opsgenie's limits in characters, by its reference of alerts.
const (
	opsgenieMessage = 130
	opsgenieText    = 15_000
	opsgenieSource  = 100
	opsgenieEntity  = 512
)

// opsgenieServers take alerts, by region.
var opsgenieServers = map[string]string{"us": "https://api.opsgenie.com/v2", "eu": "https://api.eu.opsgenie.com/v2"}

// opsgenie opens and closes alerts.
type opsgenie struct {
	server string
	from   inventory.Level
	secret func(context.Context, string) (string, error)
}

func newOpsgenie(s Settings) (Channel, error) {
	o := &opsgenie{cmp.Or(s.Texts["url"], opsgenieServers[cmp.Or(s.Texts["region"], "us")]), leastUrgency(&s), s.Secret}
	if target, err := url.Parse(o.server); err != nil || target.Host == "" || target.RawQuery != "" || target.User != nil {
		return nil, errors.New("url must be an address such as https://api.opsgenie.com/v2")
	}
	return o, nil
}

// opsgenieAlert opens an alert.
type opsgenieAlert struct {
	Message     string            `json:"message"`
	Alias       string            `json:"alias"`
	Description string            `json:"description"`
	Tags        []string          `json:"tags"`
	Details     map[string]string `json:"details"`
	Entity      string            `json:"entity,omitempty"`
	Source      string            `json:"source"`
	Priority    string            `json:"priority"`
}

// opsgenieEnd closes one.
type opsgenieEnd struct {
	Source string `json:"source"`
	Note   string `json:"note"`
}

// Prepare implements [Channel].
func (o *opsgenie) Prepare(d *Digest) ([]Payload, error) {
	var payloads []Payload
	for _, a := range d.alerts(o.from) {
		alias := alertKey(a.key)
		about := map[string]string{"alias": alias}
		var content any = opsgenieEnd{"guestlist", "guestlist no longer finds it."}
		if a.over {
			about["close"] = "yes"
		} else {
			content = o.alert(d, &a, alias)
		}
		body, err := json.Marshal(content)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, Payload{ContentType: "application/json", Body: body, About: about})
	}
	return payloads, nil
}

func (o *opsgenie) alert(d *Digest, a *alert, alias string) *opsgenieAlert {
	priority := 5 - slices.Index(inventory.Levels(), a.urgency)
	if priority > 5 { // a level that there is none of
		priority = 3
	}
	text := a.summary
	if a.line != nil {
		text = textOf(a.line)
	}
	alert := &opsgenieAlert{
		Message: cmp.Or(fit(a.summary, opsgenieMessage), "guestlist"), Alias: alias,
		Description: fit(text, opsgenieText), Tags: []string{"guestlist"}, Details: a.details(d),
		Source: cmp.Or(fit(d.Host.String(), opsgenieSource), "guestlist"), Priority: "P" + string(rune('0'+priority)),
	}
	if a.line != nil {
		alert.Entity = fit(a.line.Title.String(), opsgenieEntity)
	}
	return alert
}

// Deliver implements [Channel].
func (o *opsgenie) Deliver(ctx context.Context, out *Outside, m *Message) error {
	target := o.server + "/alerts"
	if m.About["close"] != "" {
		target += "/" + url.PathEscape(m.About["alias"]) + "/close?identifierType=alias"
	}
	answer, err := o.ask(ctx, out, request{url: target, body: m.Body, header: http.Header{"Content-Type": {m.ContentType}}})
	if err != nil {
		return err
	}
	var said struct{ Result, RequestID string }
	if answer.body != nil && (json.Unmarshal(answer.body, &said) != nil || said.Result == "") {
		return answer.unlike()
	}
	return nil
}

// Check implements [Channel]. A key may be good for alerts and not for reading them.
func (o *opsgenie) Check(ctx context.Context, out *Outside) error {
	_, err := o.ask(ctx, out, request{method: http.MethodGet, url: o.server + "/alerts?limit=1", header: http.Header{}})
	var f *Failure
	if errors.As(err, &f) && f.Status == http.StatusForbidden {
		return ErrNoCheck
	}
	return err
}

func (o *opsgenie) ask(ctx context.Context, out *Outside, r request) (*answer, error) {
	key, err := o.secret(ctx, "api_key")
	if err != nil {
		return nil, err
	}
	r.header.Set("Authorization", "GenieKey "+key)
	r.mask, r.refusal = []string{key}, messageOf
	return out.do(ctx, r)
}

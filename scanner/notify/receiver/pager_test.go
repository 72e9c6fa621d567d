package receiver

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/testkit"
)

// pagers are the services that open and end alerts, with how each is asked.
var pagers = []struct {
	service      func() Service
	header       string
	open, opened string // a request, and the path it goes to
	end, ended   string
}{
	{PagerDuty, "", `{"routing_key":"` + pagerDutyToken + `","event_action":"trigger","dedup_key":"a","payload":{"summary":"x","source":"y","severity":"critical"}}`,
		"/v2/enqueue", `{"routing_key":"` + pagerDutyToken + `","event_action":"resolve","dedup_key":"a"}`, "/v2/enqueue"},
	{Opsgenie, "GenieKey " + opsgenieToken, `{"message":"x","alias":"a/b","priority":"P1"}`, "/v2/alerts",
		`{"source":"x"}`, "/v2/alerts/a%2Fb/close?identifierType=alias"},
}

func send(t *testing.T, r *Receiver, header, path, body string) (status int, said string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+strings.Split(r.URL, "/")[2]+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", header)
	response, err := r.Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestAPagerKnowsAnAlertThatIsOpen(t *testing.T) {
	t.Parallel()
	for _, pager := range pagers {
		r := New(t, pager.service(), testkit.NewClock(began).Now)
		for i, step := range []struct {
			path, body string
			taken      int
		}{
			{pager.ended, pager.end, 0}, {pager.opened, pager.open, 1}, {pager.opened, pager.open, 1}, {pager.ended, pager.end, 2},
			{pager.ended, pager.end, 2}, {pager.opened, pager.open, 3},
		} {
			if status, said := send(t, r, pager.header, step.path, step.body); status != http.StatusAccepted || len(r.Taken()) != step.taken {
				t.Errorf("%s, step %d: %d %s, %d taken", r.Name, i, status, said, len(r.Taken()))
			}
		}
	}
}

func TestAPagerRefusesWhatBreaksItsLimits(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("x", n) }
	event, genie := pagers[0], pagers[1]
	for _, test := range []struct {
		pager                  int
		name, path, body, want string
	}{
		{0, "another-key", event.opened, strings.Replace(event.open, pagerDutyToken, "other", 1), "valid routing key"},
		{0, "long-summary", event.opened, strings.Replace(event.open, `"x"`, `"`+long(1025)+`"`, 1), "summary: 1025"},
		{0, "no-severity", event.opened, strings.Replace(event.open, `"critical"`, `"high"`, 1), "severity"},
		{0, "long-key", event.opened, strings.Replace(event.open, `"a"`, `"`+long(256)+`"`, 1), "dedup_key: 256"},
		{0, "unknown-member", event.opened, strings.Replace(event.open, `"source"`, `"sauce"`, 1), "sauce"},
		{0, "no-payload", event.opened, `{"routing_key":"` + pagerDutyToken + `","event_action":"trigger"}`, "payload"},
		{1, "long-message", genie.opened, strings.Replace(genie.open, `"x"`, `"`+long(131)+`"`, 1), "message: 131"},
		{1, "priority", genie.opened, strings.Replace(genie.open, "P1", "P0", 1), "priority"},
		{1, "unknown-member", genie.opened, strings.Replace(genie.open, "alias", "alas", 1), "alas"},
		{1, "long-details", genie.opened, strings.Replace(genie.open, "{", `{"details":{"a":"`+long(8000)+`"},`, 1), "details: 8001"},
		{1, "no-such-path", "/v2/alerts/a/b/close?identifierType=alias", genie.end, ""},
	} {
		pager := pagers[test.pager]
		r := New(t, pager.service(), testkit.NewClock(began).Now)
		if status, said := send(t, r, pager.header, test.path, test.body); status/100 != 4 || !strings.Contains(said, test.want) ||
			len(r.Taken()) != 0 {
			t.Errorf("%s, %s: %d %s", r.Name, test.name, status, said)
		}
	}
	r := New(t, Opsgenie(), func() time.Time { return began })
	if status, _ := send(t, r, "GenieKey other", genie.opened, genie.open); status != http.StatusUnauthorized {
		t.Errorf("another key: %d", status)
	}
}

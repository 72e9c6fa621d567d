package notify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// Whatever a service answers, it is taken or a failure that says nothing secret, and the time of
// another attempt is not beyond all hope.
func FuzzWhatAServiceAnswers(f *testing.F) {
	f.Add(200, "Retry-After", "60", `{"status":"success","result":"ok","number":1}`)
	f.Add(403, "X-RateLimit-Reset", "9223372036854775807", `{"message":"s3cret-token","errors":[{}]}`)
	f.Add(503, "Retry-After", "1e999", "<html>")
	f.Add(202, "Location", "https://elsewhere.example", `[{"body":"<!-- guestlist: channel ops, scan x -->\n","number":-1}]`)
	f.Add(201, "", "", "\xff\x00null")
	f.Fuzz(func(t *testing.T, status int, name, value, body string) {
		if status < 200 || status > 599 || strings.ContainsAny(name+value, "\r\n") {
			return
		}
		settings := Settings{Name: "ops", Texts: map[string]string{"repository": "acme/security"},
			Secret: func(_ context.Context, key string) (string, error) {
				return map[string]string{"url": "https://hooks.acme.example/s3cret-token", "token": "s3cret-token",
					"routing_key": "s3cret-token", "api_key": "s3cret-token"}[key], nil
			}}
		out := &Outside{Now: func() time.Time { return exampleTime },
			Transport: answering{status, map[string]string{name: value, "X-RateLimit-Remaining": "0"}, body}}
		for _, kind := range []*Kind{webhookKind, pagerDutyKind, opsgenieKind, githubIssueKind} {
			channel, err := kind.New(settings)
			if err != nil {
				t.Fatal(err)
			}
			payloads, err := channel.Prepare(exampleDigest())
			if err != nil {
				t.Fatal(err)
			}
			err = channel.Deliver(t.Context(), out, &Message{ID: "msg_1", Channel: "ops", Created: exampleTime, Payload: payloads[0]})
			var failed *Failure
			switch {
			case err == nil && status/100 == 2:
			case !errors.As(err, &failed):
				t.Errorf("%s: %v", kind.Name, err)
			case strings.Contains(failed.Error(), "s3cret-token") || failed.After.After(exampleTime.Add(MaxRetryAfter)):
				t.Errorf("%s: %+v", kind.Name, *failed)
			case len(failed.Detail) > 4*maxDetailBytes:
				t.Errorf("%s: the detail has %d bytes", kind.Name, len(failed.Detail))
			}
		}
	})
}

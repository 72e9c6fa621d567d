package notify

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"guestlist/scanner/notify/receiver"
	"guestlist/scanner/testkit"
)

// overHTTP are the kinds that send requests, each with the service that takes them. Every kind
// stands here or in notOverHTTP.
var overHTTP = func() map[string]httpChannel {
	channels := map[string]httpChannel{
		"webhook":   {receiver.Webhook, "url", nil},
		"pagerduty": {receiver.PagerDuty, "routing_key", nil},
		"opsgenie":  {receiver.Opsgenie, "api_key", nil},
	}
	for _, chat := range chats {
		channels[chat.kind.Name] = httpChannel{chat.service, chat.secret, chat.texts}
	}
	return channels
}()

// httpChannel is a service, the key by which a channel has its secret, and other keys.
type httpChannel struct {
	service func() receiver.Service
	secret  string
	texts   map[string]string
}

// notOverHTTP are the kinds that send no request, or several: their faults are in their own tests.
var notOverHTTP = []string{"email", "github-issue", "syslog", "command", "file"}

func TestEveryFaultOfARequestIsWhatItIs(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds {
		if slices.Contains(notOverHTTP, kind.Name) {
			continue
		}
		channel, ok := overHTTP[kind.Name]
		if !ok {
			t.Errorf("%s is tried with no fault: add its service to overHTTP", kind.Name)
			continue
		}
		for _, fault := range receiver.Faults {
			t.Run(kind.Name+"/"+fault.Name, func(t *testing.T) {
				t.Parallel()
				if fault.IsSilence() {
					synctest.Test(t, func(t *testing.T) { tryFault(t, kind, channel, fault) })
					return
				}
				tryFault(t, kind, channel, fault)
			})
		}
	}
}

// tryFault lets a message meet a fault, and then delivers it again.
func tryFault(t *testing.T, kind *Kind, channel httpChannel, fault receiver.Fault) {
	service := channel.service()
	if fault.IsLie() && service.Lie == nil {
		return // any success is a receipt
	}
	clock := testkit.NewClock(exampleTime)
	var r *receiver.Receiver
	out := &Outside{Now: clock.Now, Sleep: clock.Sleep}
	if fault.IsSilence() { // no network in a bubble
		out.Transport = fault.Sent(nil)
	} else {
		r = receiver.New(t, service, clock.Now)
		out.Transport = fault.Sent(r)
	}
	c := made(t, kind, settingsFor(service, channel.secret, channel.texts))
	m := prepared(t, c, exampleDigest())[0]
	checkFault(t, c.Deliver(t.Context(), out, m), fault, &service)
	if r == nil {
		return
	}
	if taken := len(r.Taken()) == 1; taken != fault.Taken {
		t.Errorf("the message is in the channel: %v", taken)
	}
	clock.Move(fault.Wait + time.Minute)
	out.Transport = r.Transport
	if err := c.Deliver(t.Context(), out, m); err != nil {
		t.Errorf("another attempt: %v", err)
	}
	want := 1
	if fault.Taken && kind.Twice != "" {
		want = 2
	}
	if got := len(r.Taken()); got != want {
		t.Errorf("the message is %d times in the channel, want %d", got, want)
	}
	if strays := r.Strays(); len(strays) > 0 {
		t.Errorf("requests were sent elsewhere: %q", strays)
	}
}

func checkFault(t *testing.T, err error, fault receiver.Fault, service *receiver.Service) {
	t.Helper()
	if err == nil {
		if !fault.Enough {
			t.Error("it was delivered")
		}
		return
	}
	f := failureOf(t, err)
	if f.Temporary != fault.Temporary || f.Unsure != fault.Unsure {
		t.Errorf("temporary %v, unsure %v, want %v, %v: %v", f.Temporary, f.Unsure, fault.Temporary, fault.Unsure, err)
	}
	if f.Status != fault.Status && !fault.Enough {
		t.Errorf("the status is %d, want %d", f.Status, fault.Status)
	}
	if fault.Wait > 0 && f.After.Before(exampleTime.Add(fault.Wait)) {
		t.Errorf("the next attempt may be at %v, before %v", f.After, exampleTime.Add(fault.Wait))
	}
	for _, secret := range service.Secrets() {
		if strings.Contains(err.Error(), secret) || strings.Contains(string(f.Detail), secret) {
			t.Errorf("the secret %q is in %q", secret, err)
		}
	}
	if f.Host == "" || strings.ContainsAny(f.Host, "/?") {
		t.Errorf("the host is %q", f.Host)
	}
}

func TestASecretThatCannotBeReadIsNoFailureOfTheService(t *testing.T) {
	t.Parallel()
	for name, channel := range overHTTP {
		i := slices.IndexFunc(Kinds, func(k *Kind) bool { return k.Name == name })
		settings := settingsFor(channel.service(), channel.secret, channel.texts)
		settings.Secret = func(context.Context, string) (string, error) { return "", context.DeadlineExceeded }
		c := made(t, Kinds[i], settings)
		out := &Outside{Transport: http.DefaultTransport, Now: testkit.NewClock(exampleTime).Now}
		if err := c.Deliver(t.Context(), out, prepared(t, c, exampleDigest())[0]); err != context.DeadlineExceeded {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.Check(t.Context(), out); err != context.DeadlineExceeded {
			t.Errorf("%s: checking: %v", name, err)
		}
	}
}

func TestAChannelSaysWhenAMessageMayAppearTwice(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds {
		if kind.Twice != "" && !strings.HasSuffix(kind.Twice, ".") {
			t.Errorf("%s: %q is no sentence", kind.Name, kind.Twice)
		}
	}
}

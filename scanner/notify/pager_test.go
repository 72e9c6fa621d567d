package notify

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify/receiver"
	"guestlist/scanner/testkit"
)

// pagers are the kinds that open and end alerts.
var pagers = []struct {
	kind    *Kind
	service func() receiver.Service
	secret  string
}{
	{pagerDutyKind, receiver.PagerDuty, "routing_key"},
	{opsgenieKind, receiver.Opsgenie, "api_key"},
}

// pagedFor are the keys of the alerts that the messages of a digest open, and those that they end.
func pagedFor(messages []*Message) (open, ended []string) {
	for _, m := range messages {
		var sent struct {
			Action string `json:"event_action"`
			Key    string `json:"dedup_key"`
			Alias  string `json:"alias"`
		}
		_ = json.Unmarshal(m.Body, &sent) // what is not read is missed below
		key := strings.TrimPrefix(sent.Key+sent.Alias, "guestlist/")
		if alias := m.About["alias"]; alias != "" {
			key = strings.TrimPrefix(alias, "guestlist/")
		}
		if sent.Action == "resolve" || m.About["close"] != "" {
			ended = append(ended, key)
		} else {
			open = append(open, key)
		}
	}
	return open, ended
}

func TestAPagerIsToldWhatIsCriticalAndWhatIsOver(t *testing.T) {
	t.Parallel()
	reminder, readAgain, test := exampleDigest(), exampleDigest(), exampleDigest()
	reminder.Occasion, test.Occasion = Reminder, Test
	readAgain.Changes = append(readAgain.Changes, Line{ID: "s9", Kind: "source", Title: "acme.example/users", Why: "read again"})
	many := exampleDigest()
	many.Act = nil
	for i := range 30 {
		many.Act = append(many.Act, Line{ID: fmt.Sprintf("m%d", i), Urgency: inventory.Critical, Title: "App"})
	}
	for name, test := range map[string]struct {
		digest      *Digest
		from        string
		open, ended string
	}{
		"news":       {exampleDigest(), "", "e1 s1", "e0"},
		"from-high":  {exampleDigest(), "high", "e1 e2 s1", "e0"},
		"clean":      {cleanDigest(), "", "", "more e1"},
		"reminder":   {reminder, "", "e1 s1 e9", "more e0"},
		"read-again": {readAgain, "", "e1 s1", "e0 s9"},
		"test":       {test, "", "test", "test"},
		"failed": {&Digest{Occasion: Failed, Unread: []Line{{ID: "scan x", Urgency: inventory.High, Title: "The scan"}}}, "",
			strings.TrimPrefix(alertKey("scan x"), "guestlist/"), ""},
		"many": {many, "", "m0 m1 m2 m3 m4 m5 m6 m7 m8 m9 m10 m11 m12 m13 m14 m15 m16 m17 m18 m19 more", "e0"},
	} {
		for _, pager := range pagers {
			s := secrets(map[string]string{pager.secret: "key"})
			s.Texts["from"] = test.from
			open, ended := pagedFor(prepared(t, made(t, pager.kind, s), test.digest))
			if diff := cmp.Diff([]string{test.open, test.ended}, []string{strings.Join(open, " "), strings.Join(ended, " ")}); diff != "" {
				t.Errorf("%s, %s: %s", pager.kind.Name, name, diff)
			}
		}
	}
}

func TestAPagerTakesDigestsOfAnySizeWithAnyNames(t *testing.T) {
	t.Parallel()
	for _, pager := range pagers {
		for _, n := range []int{0, 1, 21, 50_000} {
			clock := testkit.NewClock(exampleTime)
			r := receiver.New(t, pager.service(), clock.Now)
			out := &Outside{Transport: r.Transport, Now: clock.Now}
			d := hugeDigest(n)
			d.Occasion = Reminder
			messages := prepared(t, made(t, pager.kind, settingsFor(pager.service(), pager.secret, nil)), d)
			for _, m := range messages {
				if err := made(t, pager.kind, settingsFor(pager.service(), pager.secret, nil)).Deliver(t.Context(), out, m); err != nil {
					t.Errorf("%s, %d lines: %v", pager.kind.Name, n, err)
				}
				clock.Move(time.Second)
			}
			if len(messages) > maxAlerts+1+maxEnds {
				t.Errorf("%s, %d lines: %d messages", pager.kind.Name, n, len(messages))
			}
			if refused := r.Refused(); len(refused) > 0 {
				t.Errorf("%s, %d lines: %q", pager.kind.Name, n, refused)
			}
		}
	}
}

func TestWhatSurelyAlertedIsEndedFirst(t *testing.T) {
	t.Parallel()
	d := cleanDigest()
	d.Gone = nil
	for i := range 150 {
		d.Gone = append(d.Gone, Line{ID: fmt.Sprintf("low%d", i), Urgency: inventory.Low})
	}
	d.Gone = append(d.Gone, Line{ID: "urgent", Urgency: inventory.Critical})
	_, ended := pagedFor(prepared(t, made(t, pagerDutyKind, secrets(nil)), d))
	if len(ended) != maxEnds+1 || ended[0] != "more" || ended[1] != "urgent" || ended[2] != "low0" {
		t.Errorf("%d ends: %q", len(ended), ended[:3])
	}
}

func TestAnAlertIsWrittenAsItsPagerShowsIt(t *testing.T) {
	t.Parallel()
	for _, pager := range pagers {
		var text strings.Builder
		for _, m := range prepared(t, made(t, pager.kind, secrets(nil)), exampleDigest()) {
			fmt.Fprintf(&text, "%s %v\n", m.Body, m.About)
		}
		testkit.Golden(t, "testdata/"+pager.kind.Name+".txt", text.String())
	}
}

func TestThePayloadOfAPagerHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for _, pager := range pagers {
		service := pager.service()
		for _, m := range prepared(t, made(t, pager.kind, settingsFor(service, pager.secret, nil)), exampleDigest()) {
			if strings.Contains(string(m.Body)+fmt.Sprint(m.About), service.Token) {
				t.Errorf("%s: %s", pager.kind.Name, m.Body)
			}
		}
	}
}

func TestAPagerIsCheckedAsFarAsItsServicePermits(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(exampleTime)
	for _, pager := range pagers {
		r := receiver.New(t, pager.service(), clock.Now)
		out := &Outside{Transport: r.Transport, Now: clock.Now}
		err := made(t, pager.kind, settingsFor(pager.service(), pager.secret, nil)).Check(t.Context(), out)
		if pager.kind == pagerDutyKind && !errors.Is(err, ErrNoCheck) || pager.kind == opsgenieKind && err != nil {
			t.Errorf("%s: %v", pager.kind.Name, err)
		}
		if len(r.Taken()) != 0 {
			t.Errorf("%s: the check alerted", pager.kind.Name)
		}
	}
	r := receiver.New(t, receiver.Opsgenie(), clock.Now)
	channel := made(t, opsgenieKind, secrets(map[string]string{"api_key": "wrong"}))
	out := &Outside{Transport: r.Transport, Now: clock.Now}
	if f := failureOf(t, channel.Check(t.Context(), out)); f.Status != http.StatusUnauthorized {
		t.Errorf("a wrong key: %+v", *f)
	}
	for _, address := range []string{"api.opsgenie.com", "https://user:pass@api.opsgenie.com", "://"} {
		if _, err := newOpsgenie(Settings{Texts: map[string]string{"url": address}}); err == nil {
			t.Errorf("%s: no error", address)
		}
	}
}

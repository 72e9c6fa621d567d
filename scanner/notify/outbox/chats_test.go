package outbox

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
	"guestlist/scanner/notify/receiver"
	"guestlist/scanner/testkit"
)

// What has waited in the outbox arrives at the services themselves, which take so many messages at
// a time and no more, in order and as often as their kind says.
func TestWhatHasWaitedArrivesInOrderAtTheRateOfAChat(t *testing.T) {
	t.Parallel()
	for name, service := range map[string]func() receiver.Service{
		"slack": receiver.Slack, "slack-bot": receiver.SlackBot, "teams": receiver.Teams,
		"google-chat": receiver.GoogleChat, "discord": receiver.Discord,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind := notify.Kinds[slices.IndexFunc(notify.Kinds, func(k *notify.Kind) bool { return k.Name == name })]
			clock := testkit.NewClock(start)
			r := receiver.New(t, service(), clock.Now)
			channel := channelTo(t, kind, r)
			box := (&Outbox{Dir: t.TempDir(), Now: clock.Now, Holder: "a test", Say: func(string, ...any) {}}).Box("team")
			const digests = 9
			for n := range digests {
				tellChat(t, box, kind, channel, n)
			}
			r.Next(faultNamed(t, "cut-before-the-answer"), faultNamed(t, "unavailable-for-a-while"),
				faultNamed(t, "cut-before-the-request-is-read"))
			outcome, err := box.Deliver(t.Context(), &Delivery{Kind: kind, Channel: channel, Until: start.Add(time.Hour),
				Outside: &notify.Outside{Transport: r.Transport, Now: clock.Now, Sleep: clock.Sleep}})
			if err != nil || outcome.Delivered != digests || outcome.Waiting.Count != 0 {
				t.Errorf("%+v, %v", outcome, err)
			}
			want := []string{"scan 0."}
			if kind.Twice != "" { // the first was taken, and nobody knew
				want = append(want, "scan 0. again")
			}
			for n := 1; n < digests; n++ {
				want = append(want, fmt.Sprintf("scan %d.", n))
			}
			if difference := cmp.Diff(want, saidBy(r.Taken())); difference != "" {
				t.Errorf("(-want +taken):\n%s", difference)
			}
		})
	}
}

func channelTo(t *testing.T, kind *notify.Kind, r *receiver.Receiver) notify.Channel {
	t.Helper()
	channel, err := kind.New(notify.Settings{Name: "team", Texts: map[string]string{"channel": "C0EXAMPLE"},
		Secret: func(_ context.Context, key string) (string, error) {
			if key == "token" {
				return r.Token, nil
			}
			return r.URL, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return channel
}

func tellChat(t *testing.T, box *Box, kind *notify.Kind, channel notify.Channel, n int) {
	t.Helper()
	_, err := box.Tell(t.Context(), kind, channel, func(m *news.Memory) (*notify.Digest, *news.Memory) {
		next := *m
		return &notify.Digest{Key: fmt.Sprint(n), Occasion: notify.News, Finished: start,
			Verdict: []inventory.Untrusted{"News.", inventory.Textf("This is scan %d.", n)}}, &next
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
}

func faultNamed(t *testing.T, name string) receiver.Fault {
	t.Helper()
	i := slices.IndexFunc(receiver.Faults, func(f receiver.Fault) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("there is no fault %s", name)
	}
	return receiver.Faults[i]
}

// saidBy says for each message which scan it is of, and whether it says that it may be a
// repetition.
func saidBy(messages []receiver.Request) []string {
	var said []string
	for _, m := range messages {
		body := strings.ReplaceAll(string(m.Body), `\\`, "")
		scan := "nothing"
		if at := strings.Index(body, "scan "); at >= 0 {
			scan = body[at : at+len("scan 0.")]
		}
		if strings.Contains(body, "may repeat") {
			scan += " again"
		}
		said = append(said, scan)
	}
	return said
}

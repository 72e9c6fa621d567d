package notify

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"guestlist/scanner/notify/receiver"
	"guestlist/scanner/testkit"
)

// saying is a network on which every request has the same answer.
type saying struct {
	status int
	body   string
	header http.Header
	// last is the request that was answered last.
	last *http.Request
}

func (s *saying) RoundTrip(r *http.Request) (*http.Response, error) {
	s.last = r
	return &http.Response{StatusCode: s.status, Header: s.header, Body: io.NopCloser(strings.NewReader(s.body)), Request: r}, nil
}

// answered delivers a message to a service that says something.
func answered(t *testing.T, kind *Kind, s *saying) error {
	t.Helper()
	channel := overHTTP[kind.Name]
	c := made(t, kind, settingsFor(channel.service(), channel.secret, channel.texts))
	out := &Outside{Transport: s, Now: testkit.NewClock(exampleTime).Now}
	return c.Deliver(t.Context(), out, prepared(t, c, exampleDigest())[0])
}

func TestWhatAServiceSaysOfAFailureIsExplained(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name              string
		kind              *Kind
		status            int
		body              string
		temporary, unsure bool
		want              string
	}{
		{"removed", slackKind, 404, "no_service", false, false, "no_service: the webhook was removed"},
		{"archived", slackKind, 410, "channel_is_archived", false, false, "channel_is_archived: choose another channel"},
		{"prohibited", slackKind, 403, "action_prohibited", false, false, "action_prohibited: an administrator restricts"},
		{"malformed", slackKind, 400, "invalid_payload", false, false, "invalid_payload"},
		{"rollup", slackKind, 500, "rollup_error", true, false, "rollup_error"},
		{"not-ok", slackKind, 200, "no_text", true, false, "no_text"},
		{"a-page", slackKind, 200, "<html>", true, false, "something else answered in place of the service: a page of HTML"},

		{"invalid-token", slackBotKind, 200, `{"ok":false,"error":"invalid_auth"}`, false, false, "invalid_auth: copy the bot's token again"},
		{"no-such-channel", slackBotKind, 200, `{"ok":false,"error":"channel_not_found"}`, false, false, "channel_not_found: write the channel's ID"},
		{"not-invited", slackBotKind, 200, `{"ok":false,"error":"not_in_channel"}`, false, false, "not_in_channel: invite the app"},
		{"scope", slackBotKind, 200, `{"ok":false,"error":"missing_scope","needed":"chat:write"}`, false, false, "missing_scope: give the app"},
		{"limited", slackBotKind, 200, `{"ok":false,"error":"ratelimited"}`, true, false, "ratelimited"},
		{"too-many", slackBotKind, 429, `{"ok":false,"error":"ratelimited"}`, true, false, "429: ratelimited"},
		{"fatal", slackBotKind, 200, `{"ok":false,"error":"fatal_error"}`, true, true, "fatal_error"},
		{"no-json", slackBotKind, 200, "<html>", true, false, "something else answered"},
		{"unknown", slackBotKind, 200, `{"ok":false,"error":"never_heard_of"}`, false, false, "never_heard_of"},
		{"no-error", slackBotKind, 200, `{}`, false, false, "slack.com answered 200"},

		{"deleted", teamsKind, 404, `{"error":{"code":"WorkflowNotFound","message":"…"}}`, false, false, "WorkflowNotFound: the workflow was deleted"},
		{"off", teamsKind, 400, `{"error":{"code":"WorkflowTriggerIsNotEnabled"}}`, false, false, "turn it on"},
		{"signature", teamsKind, 401, `{"error":{"code":"AuthorizationFailed"}}`, false, false, "copy the workflow's URL again"},
		{"no-signature", teamsKind, 401, `{"error":{"code":"DirectApiAuthorizationRequired","message":"…"}}`, false, false,
			"this is not the whole URL"},
		{"as-connectors-did", teamsKind, 200, "Webhook message delivery failed with error: …", true, false, "failed with error"},

		{"unauthenticated", googleChatKind, 401, `{"error":{"code":401,"message":"` + strings.Repeat("long ", 90) +
			`","status":"UNAUTHENTICATED"}}`, false, false, "UNAUTHENTICATED: the webhook was removed"},
		{"no-space", googleChatKind, 404, `{"error":{"code":404,"message":"Space not found","status":"NOT_FOUND"}}`, false, false,
			"NOT_FOUND: the space does not exist"},
		{"invalid", googleChatKind, 400, `{"error":{"code":400,"message":"Invalid JSON","status":"INVALID_ARGUMENT"}}`, false, false,
			"INVALID_ARGUMENT: Invalid JSON"},
		{"exhausted", googleChatKind, 429, `{"error":{"code":429,"message":"…","status":"RESOURCE_EXHAUSTED"}}`, true, false, "RESOURCE_EXHAUSTED"},
		{"an-error-in-a-success", googleChatKind, 200, `{"error":{"code":500}}`, true, false, "something else answered"},

		{"unknown-webhook", discordKind, 404, `{"message":"Unknown Webhook","code":10015}`, false, false, "Unknown Webhook: the webhook was deleted"},
		{"wrong-token", discordKind, 401, `{"message":"Invalid Webhook Token","code":50027}`, false, false, "copy it again"},
		{"form", discordKind, 400, `{"message":"Invalid Form Body","code":50035,"errors":{}}`, false, false, "Invalid Form Body"},
		{"forum", discordKind, 400, `{"message":"Webhooks posted to forum channels must have a thread_name or thread_id","code":220001}`,
			false, false, "this is a forum"},
		{"no-content", discordKind, 204, "", true, false, "something else answered"}, // it was asked to wait
		{"forbidden-by-a-proxy", discordKind, 403, "<!doctype html><title>no</title>", false, false, "403: a page of HTML"},
	} {
		t.Run(test.kind.Name+"/"+test.name, func(t *testing.T) {
			t.Parallel()
			f := failureOf(t, answered(t, test.kind, &saying{status: test.status, body: test.body}))
			if !strings.Contains(f.Error(), test.want) || f.Temporary != test.temporary || f.Unsure != test.unsure {
				t.Errorf("%v, temporary %v, unsure %v", f, f.Temporary, f.Unsure)
			}
		})
	}
}

func TestDiscordsTimeToWaitIsInSecondsAndTheLongerOneCounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, header, body string
		want               time.Duration
	}{
		{"exact-in-the-body", "1", `{"message":"…","retry_after":1.75,"global":false}`, 1750 * time.Millisecond},
		{"longer-in-the-header", "65", `{"message":"…","retry_after":1.5}`, 65 * time.Second},
		{"in-the-header-alone", "65", "error code: 1015", 65 * time.Second},
		{"in-the-body-alone", "", `{"retry_after":64.5,"global":true}`, 64500 * time.Millisecond},
		{"longer-than-a-week", "", `{"retry_after":1e300}`, MaxRetryAfter},
		{"negative", "", `{"retry_after":-5}`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			header := http.Header{}
			if test.header != "" {
				header.Set("Retry-After", test.header)
			}
			f := failureOf(t, answered(t, discordKind, &saying{status: 429, body: test.body, header: header}))
			want := time.Time{}
			if test.want > 0 {
				want = exampleTime.Add(test.want)
			}
			if !f.After.Equal(want) || !f.Temporary {
				t.Errorf("%v, want %v", f.After, want)
			}
		})
	}
}

func TestDiscordIsAskedByAVersionOfItsAPIAndForAReceipt(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://discord.com/api/webhooks/1/token":                "https://discord.com/api/v10/webhooks/1/token?wait=true",
		"https://discord.com/api/v9/webhooks/1/token":             "https://discord.com/api/v9/webhooks/1/token?wait=true",
		"https://discord.com/api/webhooks/1/token?thread_id=2":    "https://discord.com/api/v10/webhooks/1/token?thread_id=2&wait=true",
		"https://ptb.discord.com/api/webhooks/1/token?wait=false": "https://ptb.discord.com/api/v10/webhooks/1/token?wait=true",
		"http://127.0.0.1:8080/api/webhooks/1/to%20ken":           "http://127.0.0.1:8080/api/v10/webhooks/1/to%20ken?wait=true",
	} {
		c := made(t, discordKind, secrets(map[string]string{"url": given}))
		said := &saying{status: 200, body: `{"id":"2"}`}
		out := &Outside{Transport: said, Now: testkit.NewClock(exampleTime).Now}
		if err := c.Deliver(t.Context(), out, prepared(t, c, exampleDigest())[0]); err != nil {
			t.Fatal(err)
		}
		if got := said.last.URL.String(); got != want {
			t.Errorf("%s is asked as %s, want %s", given, got, want)
		}
	}
}

func TestGoogleChatIsAskedWithTheMessagesOwnID(t *testing.T) {
	t.Parallel()
	said := &saying{status: 200, body: `{"name":"spaces/A/messages/B"}`}
	ids := map[string]bool{}
	for range 2 {
		if err := answered(t, googleChatKind, said); err != nil {
			t.Fatal(err)
		}
		query := said.last.URL.Query()
		ids[query.Get("requestId")] = true
		given, err := url.Parse(receiver.GoogleChat().URL)
		if err != nil {
			t.Fatal(err)
		}
		for name := range given.Query() {
			if query.Get(name) != given.Query().Get(name) {
				t.Errorf("%s is lost from the URL", name)
			}
		}
	}
	if len(ids) != 1 || ids[""] {
		t.Errorf("the IDs are %v", ids)
	}
}

func TestASlackBotSendsTheSameIDEachTimeAndItsTokenInTheHeader(t *testing.T) {
	t.Parallel()
	said := &saying{status: 200, body: `{"ok":true}`}
	bodies := map[string]bool{}
	for range 2 {
		if err := answered(t, slackBotKind, said); err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(said.last.Body)
		if err != nil {
			t.Fatal(err)
		}
		bodies[string(body)] = true
		if strings.Contains(said.last.URL.String()+string(body), receiver.SlackBot().Token) {
			t.Error("the token is in the URL or the body")
		}
	}
	for body := range bodies {
		if !strings.HasPrefix(body, `{"client_msg_id":"`) || len(bodies) != 1 {
			t.Errorf("%d bodies, one of them %.80s", len(bodies), body)
		}
	}
	if got := said.last.URL.String(); got != "https://slack.com/api/chat.postMessage" {
		t.Errorf("it asks %s", got)
	}
}

func TestASlackBotAsksTheAddressThatIsConfigured(t *testing.T) {
	t.Parallel()
	s := secrets(map[string]string{"token": "xoxb-0"})
	s.Texts = map[string]string{"channel": "C0", "api": "https://slack-gov.com/api/"}
	said := &saying{status: 200, body: `{"ok":true}`}
	c := made(t, slackBotKind, s)
	if err := c.Check(t.Context(), &Outside{Transport: said, Now: testkit.NewClock(exampleTime).Now}); err != nil {
		t.Fatal(err)
	}
	if got := said.last.URL.String(); got != "https://slack-gov.com/api/auth.test" {
		t.Errorf("it asks %s", got)
	}
}

func TestASlackBotTakesNoAddressWithoutTLSOrHost(t *testing.T) {
	t.Parallel()
	for _, api := range []string{"slack.com/api", "http://slack.com/api", "https:///api", "ftp://slack.com", "https://%zz"} {
		s := secrets(nil)
		s.Texts = map[string]string{"channel": "C0", "api": api}
		if _, err := slackBotKind.New(s); err == nil || !strings.Contains(err.Error(), "https://") {
			t.Errorf("%q: %v", api, err)
		}
	}
}

func TestAChatIsCheckedWithoutPostingWhereItsServiceAllows(t *testing.T) {
	t.Parallel()
	for _, chat := range chats {
		t.Run(chat.kind.Name, func(t *testing.T) {
			t.Parallel()
			service := chat.service()
			clock := testkit.NewClock(exampleTime)
			r := receiver.New(t, service, clock.Now)
			c := made(t, chat.kind, settingsFor(service, chat.secret, chat.texts))
			out := &Outside{Transport: r.Transport, Now: clock.Now}
			checkable := chat.kind == slackBotKind || chat.kind == discordKind
			switch err := c.Check(t.Context(), out); {
			case checkable && err != nil:
				t.Errorf("%v: %q", err, r.Refused())
			case !checkable && !errors.Is(err, ErrNoCheck):
				t.Error(err)
			}
			if len(r.Taken()) != 0 {
				t.Error("checking posts")
			}
			if chat.kind != discordKind {
				return
			}
			clock.Move(time.Minute)
			service.URL += "x"
			f := failureOf(t, made(t, chat.kind, settingsFor(service, chat.secret, nil)).Check(t.Context(), out))
			if f.Temporary || f.Status != http.StatusNotFound {
				t.Error(f)
			}
		})
	}
}

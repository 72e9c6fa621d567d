package notify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify/receiver"
	"guestlist/scanner/testkit"
)

// chats are the kinds that a person reads in a chat, with the service that takes their messages.
var chats = []struct {
	kind    *Kind
	service func() receiver.Service
	secret  string
	texts   map[string]string
}{
	{slackKind, receiver.Slack, "url", nil},
	{slackBotKind, receiver.SlackBot, "token", map[string]string{"channel": "C0EXAMPLE"}},
	{teamsKind, receiver.Teams, "url", nil},
	{googleChatKind, receiver.GoogleChat, "url", nil},
	{discordKind, receiver.Discord, "url", nil},
}

// settingsFor are the settings of a channel that posts to a service.
func settingsFor(service receiver.Service, secret string, texts map[string]string) Settings {
	value := service.URL
	if service.Token != "" {
		value = service.Token
	}
	s := secrets(map[string]string{secret: value})
	if texts != nil {
		s.Texts = texts
	}
	return s
}

// occasions are digests of every occasion.
func occasions() map[string]*Digest {
	first, reminder, failed, test, nothing := exampleDigest(), exampleDigest(), cleanDigest(), cleanDigest(), cleanDigest()
	news := exampleDigest()
	news.Still = nil
	first.Occasion, first.Still, first.Gone, first.Changes = First, nil, nil, nil
	reminder.Occasion = Reminder
	failed.Occasion, failed.Clean, failed.Gone = Failed, false, nil
	failed.Verdict = []inventory.Untrusted{"The scan failed.", "Nothing was read, so nothing is known to be clean."}
	failed.Unread = []Line{{ID: "run", Urgency: inventory.Critical, Title: "the scan", Why: "no space left on the disk",
		Remedy: "free some space"}}
	failed.Urgency = inventory.Critical
	test.Occasion, test.Gone = Test, nil
	nothing.Clean, nothing.Gone = false, nil
	nothing.Verdict = []inventory.Untrusted{"No source was found.", "So nobody knows whether anything is open."}
	return map[string]*Digest{"news": news, "first": first, "reminder": reminder, "failed": failed, "test": test,
		"clean": cleanDigest(), "nothing-read": nothing}
}

func TestAChatShowsEachOccasion(t *testing.T) {
	t.Parallel()
	for _, chat := range chats {
		for name, digest := range occasions() {
			t.Run(chat.kind.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				r, m := delivered(t, chat.kind, chat.service(), chat.secret, chat.texts, digest)
				if refused := r.Refused(); len(refused) > 0 {
					t.Fatal(refused)
				}
				var indented bytes.Buffer
				if err := json.Indent(&indented, m.Body, "", "  "); err != nil {
					t.Fatal(err)
				}
				testkit.Golden(t, "testdata/chat/"+chat.kind.Name+"-"+name+".json", indented.String()+"\n")
			})
		}
	}
}

// delivered posts a digest, which makes one message in a chat.
func delivered(t *testing.T, kind *Kind, service receiver.Service, secret string, texts map[string]string,
	d *Digest) (*receiver.Receiver, *Message) {
	t.Helper()
	clock := testkit.NewClock(exampleTime)
	r := receiver.New(t, service, clock.Now)
	channel := made(t, kind, settingsFor(service, secret, texts))
	messages := prepared(t, channel, d)
	if len(messages) != 1 {
		t.Fatalf("%d messages", len(messages))
	}
	out := &Outside{Transport: r.Transport, Now: clock.Now, Sleep: clock.Sleep}
	if err := channel.Deliver(t.Context(), out, messages[0]); err != nil {
		t.Errorf("%v: %v", err, r.Refused())
	}
	if got := len(r.Taken()); got != 1 {
		t.Errorf("%d messages are in the channel", got)
	}
	return r, messages[0]
}

func TestAChatTakesADigestOfAnySizeAndCountsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	for _, n := range sizes {
		huge := hugeDigest(n)
		huge.Since = "" // a hostile one ends a heading early for this test
		for _, chat := range chats {
			for _, occasion := range []Occasion{First, News} {
				t.Run(fmt.Sprintf("%s/%s-%d", chat.kind.Name, occasion, n), func(t *testing.T) {
					t.Parallel()
					d := new(*huge)
					d.Occasion = occasion
					_, m := delivered(t, chat.kind, chat.service(), chat.secret, chat.texts, d)
					seen := see(t, chat.kind.Name, m.Body)
					if len(seen.acts) > 0 {
						t.Errorf("it acts: %q", seen.acts)
					}
					checkCounts(t, seen.lines, d)
				})
			}
		}
	}
}

// checkCounts holds that each part's heading counts its lines, and that those which are shown and
// those which are left out are as many.
func checkCounts(t *testing.T, lines []string, d *Digest) {
	t.Helper()
	total := 0
	for _, p := range d.parts() {
		heading := fmt.Sprintf("%s: %d", p.heading, len(p.lines))
		at := slices.Index(lines, heading)
		if at < 0 {
			t.Errorf("there is no line %q in %q", heading, lines)
			continue
		}
		shown, left := 0, 0
		for _, line := range lines[at+1:] {
			if _, err := fmt.Sscanf(line, "and %d more", &left); err == nil {
				break
			}
			if !strings.Contains(line, "+ ") { // the next part
				break
			}
			shown++
		}
		if shown+left != len(p.lines) {
			t.Errorf("%s: %d are shown and %d counted", heading, shown, left)
		}
		if shown == 0 {
			t.Errorf("%s: none is shown", heading)
		}
		total += shown
	}
	most := maxChatLines
	if d.Occasion == First {
		most = maxFirstLines
	}
	if total > most {
		t.Errorf("%d lines", total)
	}
}

// chatHostile are names that mean something in a chat.
var chatHostile = append([]inventory.Untrusted{
	"<!channel> <!here> <!everyone> <!subteam^S123>", "<@U123> <#C123|general> <https://evil.example|click>", "@everyone @here <@&1>",
	"<users/all> <users/123>", "[click](https://evil.example)", "![x](https://evil.example/x.png)", "https://evil.example/login",
	"http://evil.example", "www.evil.example", "mailto:x@evil.example", "<at>Everyone</at>", "`code` ```block```", "*bold* _it_ ~no~ ||spoiler||",
	"# heading", "> quote", "- item", "1. item", "-# small", ":warning: <:x:1> <a:x:1> <t:1:R> </cmd:1>", "<a href=\"https://evil.example\">x</a>",
	"&lt;!channel&gt; &amp;lt;", "<https://evil.example>", `\<!channel> \\@everyone \[x\](y)`, "שלום עולם", "مرحبا بالعالم 123",
	"👨‍👩‍👧‍👦 👍🏽 🇩🇪", "e" + inventory.Untrusted(strings.Repeat("\u0301", 5000)), "\u202Egnp.exe", "a\u200Bb\u200D\uFEFF", "\U000E0041tag",
	inventory.Untrusted(strings.Repeat("[x](https://evil.example)", 400)), "~~~\ncode", "a\n\n# b", "{{ticks}} ${x} @{triggerBody()}",
	"[x]: https://evil.example", "|a|b|\n|-|-|", "steam://run/1", "discord://x", "Setext\n===", "\\", "\\\\", "`", "``", "*", "**", "_",
}, hostile...)

func TestANameMentionsNobodyAndLinksNothingInAChat(t *testing.T) {
	t.Parallel()
	for _, chat := range directChats(t) {
		t.Run(chat.kind.Name, func(t *testing.T) {
			t.Parallel()
			for _, name := range chatHostile {
				chat.checkName(t, name)
			}
		})
	}
}

// directChat is a channel that reaches its service without a network.
type directChat struct {
	kind    *Kind
	channel Channel
	out     *Outside
}

func directChats(t testing.TB) []directChat {
	t.Helper()
	var direct []directChat
	for _, chat := range chats {
		service := chat.service()
		channel, err := chat.kind.New(settingsFor(service, chat.secret, chat.texts))
		if err != nil {
			t.Fatal(err)
		}
		direct = append(direct, directChat{chat.kind, channel,
			&Outside{Transport: receiver.Direct(service, exampleTime), Now: testkit.NewClock(exampleTime).Now}})
	}
	return direct
}

// checkName puts a name everywhere into a digest: the service takes it, the name does nothing, and
// it is read as it is.
func (c directChat) checkName(t *testing.T, name inventory.Untrusted) {
	t.Helper()
	line := Line{ID: "x", Urgency: inventory.High, Sign: "+", Title: name, Kind: name, Where: name, Why: name, Change: name, Remedy: name}
	d := &Digest{Occasion: News, Key: "x", Verdict: []inventory.Untrusted{name, "Read everything. " + name}, Since: name, Host: name,
		Contact: name, Command: name, Finished: exampleTime, Act: []Line{line}, Changes: []Line{line}}
	m := prepared(t, c.channel, d)[0]
	if err := c.channel.Deliver(t.Context(), c.out, m); err != nil {
		t.Errorf("%q: %v", string(name), err)
	}
	seen := see(t, c.kind.Name, m.Body)
	if len(seen.acts) > 0 {
		t.Errorf("%q acts: %q", string(name), seen.acts)
	}
	w := line.words()
	if want := w.urgency + w.name + w.about + w.remedy; !slices.Contains(seen.lines, want) {
		t.Errorf("%q: there is no line %q in %q", string(name), want, seen.lines)
	}
	for _, shown := range seen.lines {
		if strings.ContainsFunc(shown, func(r rune) bool {
			return r < ' ' || r == '\u202E' || r == '\u200B' || r == utf8.RuneError && !strings.Contains(string(name), "\uFFFD")
		}) {
			t.Errorf("%q is shown as %q", string(name), shown)
		}
	}
}

func FuzzANameInAChat(f *testing.F) {
	for _, name := range chatHostile {
		f.Add(string(name))
	}
	direct := directChats(f)
	f.Fuzz(func(t *testing.T, name string) {
		for _, chat := range direct {
			chat.checkName(t, inventory.Untrusted(name))
		}
	})
}

func TestAMessageHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for _, chat := range chats {
		service := chat.service()
		channel := made(t, chat.kind, settingsFor(service, chat.secret, chat.texts))
		for _, m := range prepared(t, channel, exampleDigest()) {
			for _, secret := range service.Secrets() {
				if bytes.Contains(m.Body, []byte(secret)) {
					t.Errorf("%s: the message holds %q", chat.kind.Name, secret)
				}
			}
		}
	}
}

func TestAChatMessageIsTheSameForTheSameDigest(t *testing.T) {
	t.Parallel()
	for _, chat := range chats {
		channel := made(t, chat.kind, Settings{Texts: chat.texts})
		one, two := prepared(t, channel, hugeDigest(50))[0], prepared(t, channel, hugeDigest(50))[0]
		if !bytes.Equal(one.Body, two.Body) {
			t.Errorf("%s:\n%s\n%s", chat.kind.Name, one.Body, two.Body)
		}
	}
}

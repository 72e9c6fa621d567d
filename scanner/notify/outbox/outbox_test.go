package outbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
	"guestlist/scanner/testkit"
)

var start = time.Date(2026, 11, 25, 6, 0, 0, 0, time.UTC)

// place is an outbox with one channel, whose receiver answers what the test says.
type place struct {
	t        *testing.T
	outbox   *Outbox
	clock    *testkit.Clock
	kind     *notify.Kind
	answers  []error // to the next messages; then nil
	received []notify.Message
	said     []string
}

func newPlace(t *testing.T) *place {
	p := &place{t: t, clock: testkit.NewClock(start), kind: &notify.Kind{Name: "test", Twice: "It appears twice."}}
	p.outbox = &Outbox{Dir: filepath.Join(t.TempDir(), "post"), Now: p.clock.Now, Holder: "a test",
		Say: func(format string, args ...any) { p.said = append(p.said, fmt.Sprintf(format, args...)) }}
	return p
}

func (p *place) box() *Box { return p.outbox.Box("team") }

// Prepare implements notify.Channel: a message for each sentence but those about a repetition.
func (p *place) Prepare(d *notify.Digest) ([]notify.Payload, error) {
	var payloads []notify.Payload
	again := ""
	for _, sentence := range d.Verdict {
		if strings.HasPrefix(string(sentence), "This may repeat") {
			again = " " + string(sentence)
			continue
		}
		payloads = append(payloads, notify.Payload{Body: []byte(sentence)})
	}
	for n := range payloads {
		payloads[n].Body = append(payloads[n].Body, again...)
	}
	return payloads, nil
}

// Deliver implements notify.Channel.
func (p *place) Deliver(_ context.Context, _ *notify.Outside, m *notify.Message) error {
	var answer error
	if len(p.answers) > 0 {
		answer, p.answers = p.answers[0], p.answers[1:]
	}
	if failure := (*notify.Failure)(nil); answer == nil || errors.As(answer, &failure) && failure.Unsure {
		p.received = append(p.received, *m)
	}
	return answer
}

// Check implements notify.Channel.
func (p *place) Check(context.Context, *notify.Outside) error { return notify.ErrNoCheck }

// tell writes a digest of these sentences.
func (p *place) tell(sentences ...inventory.Untrusted) {
	p.t.Helper()
	if written, err := p.try(sentences...); err != nil || !written {
		p.t.Fatalf("written: %v, %v", written, err)
	}
}

func (p *place) try(sentences ...inventory.Untrusted) (bool, error) {
	return p.box().Tell(context.Background(), p.kind, p, func(m *news.Memory) (*notify.Digest, *news.Memory) {
		next := *m
		next.First = p.clock.Now()
		next.Reminded = next.First
		return &notify.Digest{Key: string(sentences[0]), Verdict: sentences}, &next
	}, nil)
}

// deliver is what a run does that may take five minutes.
func (p *place) deliver() Outcome {
	p.t.Helper()
	outcome, err := p.box().Deliver(context.Background(), p.delivery())
	if err != nil {
		p.t.Fatal(err)
	}
	return outcome
}

func (p *place) delivery() *Delivery {
	return &Delivery{Kind: p.kind, Channel: p, Until: p.clock.Now().Add(5 * time.Minute),
		Outside: &notify.Outside{Now: p.clock.Now, Sleep: p.clock.Sleep}}
}

func (p *place) want(what string, bodies ...string) {
	p.t.Helper()
	var got []string
	for _, m := range p.received {
		got = append(got, string(m.Body))
	}
	if diff := cmp.Diff(bodies, got); diff != "" {
		p.t.Errorf("%s (-want +received):\n%s", what, diff)
	}
}

var (
	busy    = &notify.Failure{Host: "chat.example", Status: 503, Temporary: true}
	revoked = &notify.Failure{Host: "chat.example", Status: 403, Detail: "no such hook"}
	unsure  = &notify.Failure{Host: "chat.example", Temporary: true, Unsure: true, Detail: "connection reset"}
)

func TestAMessageIsRemovedWhenItWasTaken(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one", "its second part")
	if runtime.GOOS != "windows" {
		filepath.WalkDir(p.outbox.Dir, func(path string, entry fs.DirEntry, err error) error {
			info, statErr := os.Stat(path)
			if err != nil || statErr != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: mode %v, %v %v", path, info.Mode(), err, statErr)
			}
			return nil
		})
	}
	if waiting, err := p.box().Waiting(); err != nil || waiting.Count != 1 || !waiting.Oldest.Equal(start) {
		t.Errorf("waiting: %+v, %v", waiting, err)
	}
	if outcome := p.deliver(); outcome.Delivered != 2 || outcome.Failure != nil || outcome.Waiting.Count != 0 {
		t.Errorf("%+v", outcome)
	}
	p.want("both parts", "one", "its second part")
	if p.received[0].ID == p.received[1].ID || len(p.received[0].ID) < 16 {
		t.Errorf("IDs %q and %q", p.received[0].ID, p.received[1].ID)
	}
	if names, err := p.outbox.Names(); err != nil || len(names) != 0 || len(p.said) != 0 {
		t.Errorf("left: %q, %v; said %q", names, err, p.said)
	}
}

func TestAMessageThatFailsIsTriedAgainByThisRunAndByTheNext(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one")
	p.tell("two")
	p.answers = []error{busy, busy}
	p.deliver()
	p.want("after two failures", "one", "two")
	sleeps := p.clock.Sleeps()
	if len(sleeps) != 2 || sleeps[0] < firstPause/2 || sleeps[0] >= firstPause || sleeps[1] < firstPause || sleeps[1] >= 2*firstPause {
		t.Errorf("pauses %v", sleeps)
	}
	p.tell("three")
	p.tell("four")
	p.answers = slices.Repeat([]error{busy}, 50)
	begin := p.clock.Now()
	outcome := p.deliver()
	if took := p.clock.Now().Sub(begin); took > 5*time.Minute || took < time.Minute {
		t.Errorf("the run tried for %v", took)
	}
	if outcome.Waiting.Count != 2 || !errors.Is(outcome.Failure, error(busy)) {
		t.Errorf("%+v", outcome)
	}
	p.answers = nil
	p.deliver()
	p.want("in order", "one", "two", "three", "four")
	if len(p.said) != 0 {
		t.Errorf("said %q", p.said)
	}
}

func TestAReceiverThatAsksForTimeGetsIt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one")
	p.answers = []error{&notify.Failure{Status: 429, Temporary: true, After: start.Add(40 * time.Second)}}
	p.deliver()
	p.want("within the run", "one")
	if slept := p.clock.Slept(); slept != 40*time.Second {
		t.Errorf("slept %v", slept)
	}
	p.tell("two")
	p.answers = []error{&notify.Failure{Status: 429, Temporary: true, After: p.clock.Now().Add(3 * time.Hour)}}
	next := p.clock.Now().Add(3 * time.Hour)
	for range 3 {
		if outcome := p.deliver(); outcome.Failure == nil || outcome.Waiting.Count != 1 || !outcome.Waiting.Next.Equal(next) {
			t.Errorf("%+v", outcome)
		}
		p.clock.Move(time.Hour)
	}
	p.want("not before its time", "one")
	p.deliver()
	p.want("then", "one", "two")
}

// The clock was ahead when a message failed, and is right again.
func TestAClockThatIsSetBackHoldsUpNoMessage(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]*notify.Failure{
		"revoked":       revoked,
		"asked-to-wait": {Status: 429, Temporary: true, After: start.Add(time.Hour)},
	} {
		for _, ahead := range []time.Duration{time.Hour, 30 * 24 * time.Hour, 10 * 365 * 24 * time.Hour} {
			t.Run(name+"-"+ahead.String(), func(t *testing.T) {
				t.Parallel()
				p := newPlace(t)
				p.tell("one")
				p.answers = []error{failure}
				p.deliver()
				p.clock.Move(-ahead)
				p.deliver()
				p.want("at once", "one")
			})
		}
	}
	p := newPlace(t)
	p.tell("one")
	p.answers = []error{&notify.Failure{Status: 429, Temporary: true, After: p.clock.Now().Add(365 * 24 * time.Hour)}}
	p.deliver()
	p.deliver()
	p.want("a time that no receiver asks for", "one")
}

func TestThatAMessageMayArriveTwiceIsSaidOnceInARun(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one")
	p.tell("two")
	p.answers = []error{unsure, unsure, unsure, nil, unsure, unsure}
	p.deliver()
	if len(p.said) != 2 || len(p.received) != 7 {
		t.Errorf("said %q of %d messages", p.said, len(p.received))
	}
}

func TestAFailureThatNeedsAPersonHoldsUpNoOtherMessageAndIsTriedMoreRarely(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one")
	p.tell("two")
	p.answers = []error{revoked}
	if outcome := p.deliver(); !errors.Is(outcome.Failure, error(revoked)) || outcome.Waiting.Count != 1 {
		t.Errorf("%+v", outcome)
	}
	p.want("the other one", "two")
	attempts := 0
	for range 24 {
		p.clock.Move(time.Hour)
		p.answers = []error{revoked}
		if p.deliver(); len(p.answers) == 0 {
			attempts++
		}
	}
	if attempts < 3 || attempts > 6 {
		t.Errorf("%d attempts in a day", attempts)
	}
	p.answers = nil
	d := p.delivery()
	d.Now = true
	if _, err := p.box().Deliver(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	p.want("a person who mended it does not wait", "two", "one")
}

func TestAMessageIsGivenUpLoudlyAndWhatItSaidIsSaidAgain(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]error{"lasting": revoked, "temporary": busy} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.tell("one")
			days := 0
			for ; days < 30; days++ {
				p.answers = slices.Repeat([]error{failure}, 100)
				if p.said = p.deliver().GivenUp; len(p.said) > 0 {
					break
				}
				p.clock.Move(24 * time.Hour)
			}
			if days < 14 || days > 15 {
				t.Errorf("given up after %d days", days)
			}
			if len(p.said) != 1 || !strings.Contains(p.said[0], "gave up a message of 2026-11-25") {
				t.Errorf("said %q", p.said)
			}
			if m, err := p.box().Memory(); err != nil || !m.First.IsZero() {
				t.Errorf("the channel counts as told: %+v, %v", m, err)
			}
			kept, _ := filepath.Glob(filepath.Join(p.outbox.Dir, "team", "*"+givenUpSuffix))
			if waiting, err := p.box().Waiting(); len(kept) != 1 || err != nil || waiting.Count != 0 {
				t.Errorf("kept %q, waiting %+v, %v", kept, waiting, err)
			}
		})
	}
}

func TestAMessageWhoseReceiptIsNotKnownSaysThatItMayBeARepetition(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one")
	p.answers = []error{unsure}
	p.deliver()
	p.want("the same run", "one", "one This may repeat a message of 25 Nov 06:00 UTC, whose receipt was not confirmed.")
	if len(p.said) != 1 || !strings.Contains(p.said[0], "may arrive twice") || p.received[0].ID != p.received[1].ID {
		t.Errorf("said %q, IDs %q %q", p.said, p.received[0].ID, p.received[1].ID)
	}
	p = newPlace(t)
	p.kind.Twice = ""
	p.tell("one")
	p.answers = []error{unsure}
	p.deliver()
	p.want("a service that knows the ID", "one", "one")
	if len(p.said) != 0 || p.received[0].ID != p.received[1].ID {
		t.Errorf("said %q, IDs %q %q", p.said, p.received[0].ID, p.received[1].ID)
	}
}

// killed is what a step panics with.
const killed = "killed"

// A run is ended between any two steps, and the next one goes on.
func TestAnEndBetweenAnyTwoStepsLosesNothing(t *testing.T) {
	t.Parallel()
	for _, twice := range []string{"", "It appears twice."} {
		for end := 1; ; end++ {
			p := newPlace(t)
			p.kind.Twice = twice
			steps := 0
			p.outbox.Step = func(string) {
				if steps++; steps == end {
					panic(killed)
				}
			}
			told := 0
			run := func() (ended bool) {
				defer func() {
					if r := recover(); r == killed {
						ended = true
					} else if r != nil {
						panic(r)
					}
				}()
				m, err := p.box().Memory()
				if err != nil {
					t.Fatal(err)
				}
				if m.First.IsZero() { // otherwise the channel counts as told
					told++
					p.tell("one", "two")
				}
				p.deliver()
				return false
			}
			ended := run()
			run()
			bodies := map[string]int{}
			ids := map[string]bool{}
			for _, m := range p.received {
				word, rest, _ := strings.Cut(string(m.Body), " ")
				bodies[word]++
				ids[m.ID] = true
				if twice != "" && bodies[word] > 1 && (!strings.HasPrefix(rest, "This may repeat") || len(p.said) == 0) {
					t.Errorf("end %d: %q is a repetition; said %q", end, m.Body, p.said)
				}
			}
			if bodies["one"] == 0 || bodies["two"] == 0 || len(ids) != 2 || len(p.received) > 3 {
				t.Errorf("end %d: received %d messages: %v; %d IDs", end, len(p.received), bodies, len(ids))
			}
			if waiting, err := p.box().Waiting(); err != nil || waiting.Count != 0 {
				t.Errorf("end %d: %+v waits, %v", end, waiting, err)
			}
			if !ended {
				if end < 8 {
					t.Errorf("only %d steps", end)
				}
				break
			}
		}
	}
}

func TestADamagedFileIsSetAsideAndTheChannelIsToldAgain(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]string{"00000001.json": `{"version":1,"sequence":1`, "memory.json": "",
		"00000001.json of another version": `{"version":9}`} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.tell("one")
			file, _, _ := strings.Cut(name, " ")
			if err := os.WriteFile(filepath.Join(p.outbox.Dir, "team", file), []byte(damage), 0o600); err != nil {
				t.Fatal(err)
			}
			p.tell("two")
			p.deliver()
			if last := p.received[len(p.received)-1]; string(last.Body) != "two" {
				t.Errorf("received %q", last.Body)
			}
			aside, _ := filepath.Glob(filepath.Join(p.outbox.Dir, "team", "*.damaged-*"))
			if len(aside) != 1 || len(p.said) != 2 || !strings.Contains(p.said[1], "everything that is open") {
				t.Errorf("aside %q, said %q", aside, p.said)
			}
		})
	}
}

func TestAFullOutboxTakesNothingAndTheChannelDoesNotCountAsTold(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for n := range maxWaiting {
		p.tell(inventory.Textf("message %d", n))
	}
	before, err := p.box().Memory()
	if err != nil {
		t.Fatal(err)
	}
	p.clock.Move(time.Hour)
	if written, err := p.try("one too many"); written || !errors.Is(err, ErrFull) {
		t.Errorf("written %v, %v", written, err)
	}
	after, err := p.box().Memory()
	if diff := cmp.Diff(before, after); err != nil || diff != "" {
		t.Errorf("the memory changed: %v\n%s", err, diff)
	}
}

func TestAChannelOfAnotherKindGetsMessagesOfItsOwn(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one")
	p.kind = &notify.Kind{Name: "other"}
	p.deliver()
	p.want("prepared again", "one")
	if p.received[0].Kind != "other" {
		t.Errorf("of kind %q", p.received[0].Kind)
	}
}

func TestTwoRunsDoNotSendAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.tell("one")
	outer := *p
	first := p.delivery()
	var second Outcome
	first.Channel = channelFunc{&outer, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		var err error
		if second, err = p.box().Deliver(ctx, p.delivery()); err != nil {
			t.Error(err)
		}
	}}
	if _, err := p.box().Deliver(context.Background(), first); err != nil {
		t.Fatal(err)
	}
	if second.Busy == nil || second.Delivered != 0 || second.Waiting.Count != 1 || len(p.received) != 0 {
		t.Errorf("the second: %+v", second)
	}
}

// channelFunc is a channel that does something while it sends.
type channelFunc struct {
	*place
	while func()
}

func (c channelFunc) Deliver(ctx context.Context, out *notify.Outside, m *notify.Message) error {
	c.while()
	return c.place.Deliver(ctx, out, m)
}

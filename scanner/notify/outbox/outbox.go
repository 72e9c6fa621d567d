// Package outbox keeps messages on disk until they are delivered, and what each channel has been
// told. A channel has a directory of its own:
//
//	memory.json           what the channel knows: see news.Memory
//	00000012.json         a digest that waits, with the messages that a channel made of it
//	*.damaged-TIME        what could not be read, set aside
//	*.given-up            what could not be delivered for [GiveUpAfter]
//	memory.lock           held while a digest is decided and written
//	sending.lock          held while messages are sent
//
// # Never lost
//
// A digest is written, synced, before anything else depends on it, together with the memory that it
// leads to: from then on the channel counts as told. memory.json follows, and if the process ends in
// between, the next one takes the memory from the digest. The file is removed when the receiver has
// taken the last of its messages. What fails is tried again, in order, by this run for a while and by
// every later one, and is given up only after [GiveUpAfter]; then, as after a file that was damaged,
// the memory is forgotten, so that the next digest says everything that is open.
//
// # Never twice
//
// That a message is about to be sent is written before it is sent. A run that finds such a mark does
// not know whether the message was taken, and nor does one whose connection ended before the answer.
// The message is then sent again with the same ID, by which most services know it. For the others it
// says that it may repeat another one, and so does [Outbox.Say].
//
// No file holds a secret: URLs and tokens are read when a message is sent.
package outbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/inventory"
	"guestlist/scanner/lockfile"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
)

// Limits.
const (
	// GiveUpAfter is the age at which a message that cannot be delivered is given up.
	GiveUpAfter = 14 * 24 * time.Hour
	// maxWaiting and maxWaitingBytes bound what waits for one channel. When it is full, nothing is
	// written, and the channel does not count as told: the next digest for which there is room has
	// what is still open then.
	maxWaiting      = 200
	maxWaitingBytes = 256 << 20
	// maxAside is how many files of each kind are kept that were set aside.
	maxAside = 20
	// lockWait is how long to wait for another run that decides what to write, and sendWait for one
	// that sends.
	lockWait = 30 * time.Second
	sendWait = 5 * time.Second
)

// Outbox is a directory with a directory for each channel.
type Outbox struct {
	Dir string
	Now func() time.Time
	// Say tells a person what must not go unnoticed: files set aside, messages that may arrive twice.
	Say func(format string, args ...any)
	// Holder is what lock files say about this run.
	Holder string
	// Step is called between any two steps that a crash could separate; nil if no one wants to know.
	Step func(name string)
}

// Box is the part of one channel.
type Box struct {
	outbox *Outbox
	name   string
	dir    string
}

// Box returns the part of a channel, which need not exist.
func (o *Outbox) Box(name string) *Box {
	return &Box{outbox: o, name: name, dir: filepath.Join(o.Dir, name)}
}

// Names lists the channels for which something waits.
func (o *Outbox) Names() ([]string, error) {
	entries, err := os.ReadDir(o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		waiting, err := o.Box(entry.Name()).Waiting()
		if err != nil {
			return nil, err
		}
		if waiting.Count > 0 {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Waiting is what waits for a channel.
type Waiting struct {
	Count  int
	Oldest time.Time // zero: it cannot be read
	// Next is when the oldest may be tried again; zero: by the next run.
	Next time.Time
}

// Waiting says what waits. It changes nothing.
func (b *Box) Waiting() (Waiting, error) {
	list, err := b.list()
	if err != nil || len(list) == 0 {
		return Waiting{}, err
	}
	w := Waiting{Count: len(list)}
	if oldest, err := b.read(list[0]); err == nil {
		w.Oldest, w.Next = oldest.Created, oldest.NotBefore
	}
	return w, nil
}

// Memory returns what the channel knows, without changing anything.
func (b *Box) Memory() (*news.Memory, error) {
	m, err := b.readMemory()
	if errors.Is(err, fs.ErrNotExist) {
		m, err = news.NewMemory(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", inventory.Untrusted(filepath.Join(b.dir, memoryName)), err)
	}
	list, err := b.list()
	if err != nil {
		return nil, err
	}
	for _, number := range list {
		if e, err := b.read(number); err == nil && e.Memory != nil && e.Memory.Sequence > m.Sequence {
			m = e.Memory
		}
	}
	return m, nil
}

// ErrFull means that too much waits already, so that a digest was not written.
var ErrFull = errors.New("its outbox is full")

// Tell lets decide make the channel's next digest, and writes the messages that the channel makes of
// it and the memory that it leads to. decide returns no digest if there is nothing to tell. complete
// adds the parts of a digest that only some kinds use; it may be nil.
func (b *Box) Tell(ctx context.Context, kind *notify.Kind, channel notify.Channel,
	decide func(*news.Memory) (*notify.Digest, *news.Memory), complete func(*notify.Digest) error) (written bool, err error) {
	release, err := b.lock(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	memory, err := b.settle()
	if err != nil {
		return false, err
	}
	digest, next := decide(memory)
	if digest == nil {
		return false, b.writeMemory(next)
	}
	next.Sequence = memory.Sequence + 1
	list, err := b.list()
	if err != nil {
		return false, err
	}
	if len(list) > 0 {
		next.Sequence = max(next.Sequence, list[len(list)-1]+1)
	}
	if b.isFull(list) {
		return false, ErrFull
	}
	if complete != nil {
		if err := complete(digest); err != nil {
			return false, err
		}
	}
	e, err := b.envelope(kind, channel, digest, next)
	if err != nil {
		return false, err
	}
	b.step("before the message is written")
	if len(e.Messages) > 0 {
		if err := b.write(e); err != nil {
			return false, err
		}
	}
	b.step("the message is written")
	if err := b.writeMemory(next); err != nil {
		return len(e.Messages) > 0, err
	}
	b.step("the memory is written")
	return len(e.Messages) > 0, nil
}

// envelope lets the channel make its messages of a digest.
func (b *Box) envelope(kind *notify.Kind, channel notify.Channel, digest *notify.Digest, memory *news.Memory) (*envelope,
	error) {
	e := &envelope{Version: envelopeVersion, Sequence: memory.Sequence, Channel: b.name, Created: b.outbox.Now().UTC(),
		Memory: memory, Digest: digest}
	return e, e.prepare(kind, channel)
}

// isFull reports whether as much waits as there is room for.
func (b *Box) isFull(list []int) bool {
	if len(list) >= maxWaiting {
		return true
	}
	var size int64
	for _, number := range list {
		if info, err := os.Stat(b.path(number)); err == nil {
			size += info.Size()
		}
	}
	return size >= maxWaitingBytes
}

// lock waits for other runs that decide what to write. It makes the channel's directory.
func (b *Box) lock(ctx context.Context) (release func(), err error) {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, err
	}
	patient, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	return lockfile.Lock(patient, filepath.Join(b.dir, "memory.lock"), b.outbox.Holder)
}

func (b *Box) step(name string) {
	if b.outbox.Step != nil {
		b.outbox.Step(name)
	}
}

func (b *Box) say(format string, args ...any) {
	b.outbox.Say("posting to %s: "+format, append([]any{b.name}, args...)...)
}

// prepare lets a channel make the messages.
func (e *envelope) prepare(kind *notify.Kind, channel notify.Channel) error {
	e.Kind, e.Messages, e.Repeats, e.Done, e.Attempt = kind.Name, nil, nil, 0, nil
	payloads, err := channel.Prepare(e.Digest)
	if err != nil {
		return fmt.Errorf("preparing the message: %w", err)
	}
	for n, payload := range payloads {
		e.Messages = append(e.Messages, notify.Message{ID: e.id(n), Channel: e.Channel, Kind: e.Kind, Created: e.Created,
			Payload: payload})
	}
	if kind.Twice == "" {
		return nil
	}
	again := *e.Digest
	again.Verdict = append(slices.Clone(again.Verdict), inventory.Textf(
		"This may repeat a message of %s, whose receipt was not confirmed.", e.Created.UTC().Format("2 Jan 15:04 UTC")))
	if repeats, err := channel.Prepare(&again); err == nil && len(repeats) == len(payloads) {
		e.Repeats = repeats
	}
	return nil
}

// id is the idempotency key of a message: the same for every attempt, and for no other message.
func (e *envelope) id(n int) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{e.Channel, e.Digest.Key, string(e.Digest.RunID),
		fmt.Sprint(e.Sequence, n)}, "\x00")))
	return hex.EncodeToString(sum[:12])
}

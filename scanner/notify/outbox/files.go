package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/notify/news"
)

const (
	envelopeVersion  = 1
	maxEnvelopeBytes = 512 << 20
	maxMemoryBytes   = 256 << 20

	memoryName    = "memory.json"
	suffix        = ".json"
	damagedInfix  = ".damaged-"
	givenUpSuffix = ".given-up"
)

// envelope is a file of the outbox: a digest on its way.
type envelope struct {
	Version  int       `json:"version"`
	Sequence int       `json:"sequence"`
	Channel  string    `json:"channel"`
	Kind     string    `json:"kind"`
	Created  time.Time `json:"created"`
	// Messages are delivered one after another; the first Done of them were.
	Messages []notify.Message `json:"messages"`
	Done     int              `json:"done"`
	// Repeats are the same, saying that they may repeat a message; nil for kinds that know a message
	// by its ID.
	Repeats []notify.Payload `json:"repeats,omitempty"`
	// Attempt is when the message after those was last sent, if it is not known whether it was taken.
	Attempt *time.Time `json:"attempt,omitempty"`

	Failures  int       `json:"failures,omitempty"`
	Lasting   bool      `json:"lasting,omitempty"` // the last failure needs a person
	NotBefore time.Time `json:"not_before,omitzero"`
	LastError string    `json:"last_error,omitempty"`

	// Memory is what the channel knows with this digest, until memory.json has it.
	Memory *news.Memory `json:"memory,omitempty"`
	// Digest is what the messages were made of, without the whole report.
	Digest *notify.Digest `json:"digest"`
}

func (b *Box) path(number int) string {
	return filepath.Join(b.dir, fmt.Sprintf("%08d%s", number, suffix))
}

// list returns the numbers of what waits, in order.
func (b *Box) list() ([]int, error) {
	entries, err := os.ReadDir(b.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []int
	for _, entry := range entries {
		digits, isMessage := strings.CutSuffix(entry.Name(), suffix)
		if number, err := strconv.Atoi(digits); isMessage && err == nil && number > 0 && entry.Type().IsRegular() {
			list = append(list, number)
		}
	}
	slices.Sort(list)
	return list, nil
}

// damagedError is a file of ours that cannot be used.
type damagedError struct{ err error }

func (e *damagedError) Error() string { return "it is damaged: " + e.err.Error() }
func (e *damagedError) Unwrap() error { return e.err }

func readJSON(path string, limit int64, into any) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return &damagedError{err}
	}
	return nil
}

func (b *Box) read(number int) (*envelope, error) {
	e := &envelope{}
	if err := readJSON(b.path(number), maxEnvelopeBytes, e); err != nil {
		return nil, err
	}
	switch {
	case e.Version != envelopeVersion:
		return nil, &damagedError{fmt.Errorf("it has version %d, and this version of guestlist writes %d", e.Version, envelopeVersion)}
	case e.Sequence != number || e.Digest == nil || e.Done < 0 || e.Done >= len(e.Messages):
		return nil, &damagedError{errors.New("it is not whole")}
	}
	return e, nil
}

func (b *Box) write(e *envelope) error { return writeJSON(b.path(e.Sequence), e) }

func writeJSON(path string, content any) error {
	text, err := json.Marshal(content)
	if err != nil {
		return err
	}
	return atomicfile.WriteFile(path, text, atomicfile.Options{Private: true})
}

// remove removes a message that was delivered.
func (b *Box) remove(e *envelope) error {
	if err := os.Remove(b.path(e.Sequence)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (b *Box) readMemory() (*news.Memory, error) {
	m := news.NewMemory()
	if err := readJSON(filepath.Join(b.dir, memoryName), maxMemoryBytes, m); err != nil {
		return nil, err
	}
	if m.Version != news.MemoryVersion {
		return nil, &damagedError{fmt.Errorf("it has version %d, and this version of guestlist writes %d", m.Version, news.MemoryVersion)}
	}
	return m, nil
}

func (b *Box) writeMemory(m *news.Memory) error {
	return writeJSON(filepath.Join(b.dir, memoryName), m)
}

// settle makes memory.json what it should be, after runs that were killed and files that were
// damaged, and returns it. The caller holds the lock.
func (b *Box) settle() (*news.Memory, error) {
	list, err := b.list()
	if err != nil {
		return nil, err
	}
	m, err := b.readMemory()
	lost := false
	switch {
	case errors.Is(err, fs.ErrNotExist):
		m = news.NewMemory()
	case isDamaged(err):
		if lost = b.setAside(filepath.Join(b.dir, memoryName), err); !lost {
			return nil, err
		}
		m = news.NewMemory()
	case err != nil:
		return nil, err
	}
	before := m.Sequence
	for _, number := range list {
		e, err := b.read(number)
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was delivered meanwhile
		case isDamaged(err):
			if !b.setAside(b.path(number), err) {
				return nil, err
			}
			lost = true
		case err != nil:
			return nil, err
		case e.Memory != nil && e.Memory.Sequence > m.Sequence:
			m = e.Memory
		}
		m.Sequence = max(m.Sequence, number)
	}
	if lost {
		m.Forget()
		b.say("what the channel was told is not certain any more: its next message says everything that is open")
	}
	if lost || m.Sequence != before {
		return m, b.writeMemory(m)
	}
	return m, nil
}

func isDamaged(err error) bool {
	damaged := (*damagedError)(nil)
	return errors.As(err, &damaged)
}

// setAside renames a damaged file, says so, and reports whether that could be done.
func (b *Box) setAside(path string, why error) bool {
	aside := path + damagedInfix + b.outbox.Now().UTC().Format("20060102T150405Z")
	if err := atomicfile.Rename(path, aside); err != nil {
		b.say("%q cannot be used, nor set aside: %v; %v", inventory.Untrusted(path), why, err)
		return false
	}
	b.say("%q cannot be used: %v; it is now %q", inventory.Untrusted(path), why, inventory.Untrusted(aside))
	b.prune(damagedInfix)
	return true
}

// prune removes the oldest of the files that were set aside.
func (b *Box) prune(infix string) {
	files, _ := filepath.Glob(filepath.Join(b.dir, "*"+infix+"*")) // the pattern is valid
	slices.Sort(files)
	for _, path := range files[:max(0, len(files)-maxAside)] {
		os.Remove(path) // the next run tries again
	}
}

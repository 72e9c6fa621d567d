package snapshot

import (
	"bytes"
	"iter"

	"guestlist/scanner/inventory"
)

// Pair is one thing as an older snapshot holds it and as a newer one does. It is valid until the
// next pair, and its records must not be changed: they share lists and maps with others.
//
// Records with the same bytes are the same thing unchanged; they are decoded at most once, and only
// when asked for.
type Pair struct {
	kind     Kind
	same     bool
	old, now *side
	hasOld   bool
	hasNow   bool
}

// Kind is coverage, account or item; "" is a record from a newer version, to be skipped.
func (p Pair) Kind() Kind { return p.kind }

// Same reports whether both snapshots hold exactly the same record.
func (p Pair) Same() bool { return p.same }

// OldItem is the item in the older snapshot, nil if it is absent or the pair is of another kind.
// The other accessors work the same way.
func (p Pair) OldItem() (*inventory.Item, error) {
	content, err := p.before()
	return content.Item, err
}

// NewItem is the item in the newer snapshot.
func (p Pair) NewItem() (*inventory.Item, error) {
	content, err := p.after()
	return content.Item, err
}

// OldAccount is the account in the older snapshot.
func (p Pair) OldAccount() (*inventory.Account, error) {
	content, err := p.before()
	return content.Account, err
}

// NewAccount is the account in the newer snapshot.
func (p Pair) NewAccount() (*inventory.Account, error) {
	content, err := p.after()
	return content.Account, err
}

// OldCoverage is the coverage in the older snapshot.
func (p Pair) OldCoverage() (*inventory.Coverage, error) {
	content, err := p.before()
	return content.Coverage, err
}

// NewCoverage is the coverage in the newer snapshot.
func (p Pair) NewCoverage() (*inventory.Coverage, error) {
	content, err := p.after()
	return content.Coverage, err
}

func (p Pair) before() (frame, error) {
	switch {
	case !p.hasOld:
		return frame{}, nil
	case p.same:
		return p.old.contentOf(p.now)
	}
	return p.old.content()
}

func (p Pair) after() (frame, error) {
	if !p.hasNow {
		return frame{}, nil
	}
	return p.now.content()
}

// Compare merges two snapshots in one pass. old may be nil: then everything is new. An error, which
// may come last, voids every pair before it; a caller that stops early does not learn whether the
// files are whole.
//
// What an account held under its old name is paired with what it holds under its new one: OldItem
// then has the new name. Memory is constant, except for the names of accounts that were renamed,
// added or removed.
func Compare(old, now *Reader) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		m := &merger{a: newSide(old), b: newSide(now), moves: newMoves(), yield: yield}
		defer func() { m.aside.close() }()
		if err := m.merge(); err != nil {
			yield(Pair{}, err)
		}
	}
}

// merger is one comparison. Aside holds the older snapshot's items that moved, once all accounts
// are known.
type merger struct {
	a, b    *side
	moves   *moves
	settled bool
	aside   *aside
	yield   func(Pair, error) bool
	stopped bool
}

func (m *merger) merge() error {
	for (m.a.alive || m.b.alive) && m.a.fault() == nil && m.b.fault() == nil {
		pair, err := match(m.a, m.b)
		if err != nil {
			return err
		}
		switch pair.kind {
		case KindAccount:
			if m.a.reader != nil { // without an older snapshot nothing has moved
				err = m.moves.account(pair)
			}
		case KindItem:
			again := false
			if again, err = m.item(&pair); again {
				continue
			}
		}
		if err != nil {
			return err
		}
		if m.stopped || !m.yield(pair, nil) {
			return nil
		}
		if err := m.step(pair); err != nil {
			return err
		}
	}
	for _, s := range []*side{m.a, m.b} {
		if err := s.fault(); err != nil {
			return err
		}
	}
	return m.drain("")
}

// step advances past a pair.
func (m *merger) step(pair Pair) error {
	if pair.hasOld && pair.old == m.a {
		m.a.step()
	}
	if pair.hasOld && pair.old != m.a {
		if err := m.aside.step(); err != nil {
			return err
		}
	}
	if pair.hasNow {
		m.b.step()
	}
	return nil
}

// item looks for an item's older record where it was, and reports whether the records must be
// matched again.
func (m *merger) item(pair *Pair) (again bool, err error) {
	if !m.settled {
		m.settled = true
		if m.moves.settle() && m.a.reader != nil {
			if m.aside, err = m.moves.setAside(m.a.reader.path); err != nil {
				return false, err
			}
		}
	}
	if m.aside == nil {
		return false, nil
	}
	if pair.hasOld && m.moves.isMoved(m.a.reader.line) { // aside has it
		m.a.step()
		return true, nil
	}
	if pair.hasOld || !pair.hasNow {
		return false, nil
	}
	key, err := m.b.key()
	if err != nil {
		return false, err
	}
	if err := m.drain(key); err != nil || m.stopped {
		return false, err
	}
	if moved := m.aside.now; moved != nil && moved.sortKey == key {
		pair.old, pair.hasOld = moved, true
	}
	return false, nil
}

// drain yields what moved and is no longer there, up to a key; "" means to the end.
func (m *merger) drain(key string) error {
	for m.aside != nil && m.aside.now != nil && (key == "" || m.aside.now.sortKey < key) && !m.stopped {
		if !m.yield(Pair{kind: KindItem, old: m.aside.now, hasOld: true}, nil) {
			m.stopped = true
			return nil
		}
		if err := m.aside.step(); err != nil {
			return err
		}
	}
	return nil
}

// match decides whether the two current records are the same thing, and which comes first if not.
func match(a, b *side) (Pair, error) {
	pair := Pair{old: a, now: b}
	switch {
	case !a.alive:
		pair.hasNow = true
	case !b.alive:
		pair.hasOld = true
	case bytes.Equal(a.reader.line, b.reader.line):
		pair.hasOld, pair.hasNow, pair.same = true, true, true
	default:
		oldKey, err := a.key()
		if err != nil {
			return pair, err
		}
		newKey, err := b.key()
		if err != nil {
			return pair, err
		}
		pair.hasOld, pair.hasNow = oldKey <= newKey, newKey <= oldKey
	}
	pair.kind = a.kindIf(pair.hasOld)
	if pair.hasNow {
		pair.kind = b.kindIf(true)
	}
	return pair, nil
}

// side is one snapshot in a comparison, with its current record decoded at most once.
type side struct {
	reader   *Reader
	alive    bool
	decoded  bool
	frame    frame
	sortKey  string
	last     string
	faultErr error
}

func newSide(reader *Reader) *side {
	s := &side{reader: reader}
	if reader != nil {
		s.alive = reader.next()
	}
	return s
}

func (s *side) fault() error {
	if s.reader == nil {
		return nil
	}
	return s.reader.err
}

func (s *side) step() {
	s.decoded = false
	s.alive = s.reader.next()
}

func (s *side) kindIf(present bool) Kind {
	if !present {
		return ""
	}
	return s.reader.kind
}

func (s *side) content() (frame, error) {
	if !s.decoded {
		s.take(s.reader.decode())
	}
	return s.frame, s.faultErr
}

// contentOf is the content of another side whose current line is the same.
func (s *side) contentOf(other *side) (frame, error) {
	if !s.decoded {
		content, err := other.content()
		s.take(content, other.sortKey, err)
	}
	return s.frame, s.faultErr
}

func (s *side) take(content frame, sortKey string, fault error) {
	s.decoded = true
	s.frame, s.sortKey, s.faultErr = content, sortKey, fault
	if fault == nil && sortKey < s.last {
		s.faultErr = s.reader.fault(ErrOrder, "")
	}
	s.last = sortKey
}

func (s *side) key() (string, error) {
	_, err := s.content()
	return s.sortKey, err
}

package snapshot

import (
	"bytes"
	"iter"

	"guestlist/scanner/inventory"
)

// Pair is one thing as an older snapshot holds it and as a newer one does. It is valid until the next pair.
//
// Records of the same bytes are the same thing unchanged and are not decoded until somebody asks.
type Pair struct {
	kind     Kind
	same     bool
	old, now *side
	hasOld   bool
	hasNow   bool
}

// Kind is coverage, account or item; "" is a record of a newer version, to be passed over.
func (p Pair) Kind() Kind { return p.kind }

// Same reports whether both snapshots hold the very same record.
func (p Pair) Same() bool { return p.same }

// OldItem is the item in the older snapshot, nil where it is absent or the pair is of another kind. The other accessors are alike.
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
	if !p.hasOld {
		return frame{}, nil
	}
	return p.old.content()
}

func (p Pair) after() (frame, error) {
	if !p.hasNow {
		return frame{}, nil
	}
	return p.now.content()
}

// Compare merges two snapshots in one pass and constant memory. Old may be nil: then everything is new. An error, which may come
// last, voids every pair before it; who stops before the end has not learned whether the files are whole.
func Compare(old, now *Reader) iter.Seq2[Pair, error] {
	return func(yield func(Pair, error) bool) {
		a, b := newSide(old), newSide(now)
		for (a.alive || b.alive) && a.fault() == nil && b.fault() == nil {
			pair, err := match(a, b)
			if err != nil {
				yield(Pair{}, err)
				return
			}
			if !yield(pair, nil) {
				return
			}
			if pair.hasOld {
				a.step()
			}
			if pair.hasNow {
				b.step()
			}
		}
		for _, s := range []*side{a, b} {
			if err := s.fault(); err != nil {
				yield(Pair{}, err)
				return
			}
		}
	}
}

// match decides whether the two current records are one thing, and which comes first if not.
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
		s.decoded = true
		s.frame, s.sortKey, s.faultErr = s.reader.decode()
		if s.faultErr == nil && s.sortKey < s.last {
			s.faultErr = s.reader.fault(ErrOrder, "")
		}
		s.last = s.sortKey
	}
	return s.frame, s.faultErr
}

func (s *side) key() (string, error) {
	_, err := s.content()
	return s.sortKey, err
}

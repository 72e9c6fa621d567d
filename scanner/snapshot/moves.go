package snapshot

import (
	"bytes"
	"fmt"
	"iter"
	"os"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/inventory"
)

// Sources are named by addresses and logins, which people read and which change: after a marriage,
// with a second domain, or because an address is given to someone else. An account's ID on the
// platform does not change. So what an account held under its old name is compared with what it
// holds under its new one, never with what another account now holds under the old name.

// moves are the accounts whose name is different in the newer snapshot, or belongs to someone else
// there. Only accounts that changed are remembered.
type moves struct {
	left, arrived map[person]named
	to            map[inventory.Place]move
}

// person is an account by its ID. Accounts of one organization may be in several of its lists.
type person struct {
	provider     inventory.Provider
	organization inventory.Untrusted
	id           inventory.Untrusted
}

type named struct {
	place inventory.Place
	login inventory.Untrusted
}

// move is where an account's sources are now: below name. Login is empty if the account has none
// there.
type move struct{ name, login inventory.Untrusted }

func newMoves() *moves {
	return &moves{left: make(map[person]named), arrived: make(map[person]named), to: make(map[inventory.Place]move)}
}

// account learns from a pair of accounts.
func (m *moves) account(pair Pair) error {
	if pair.Same() {
		return nil
	}
	before, err := pair.OldAccount()
	if err != nil {
		return err
	}
	now, err := pair.NewAccount()
	if err != nil {
		return err
	}
	if before != nil && now != nil && before.Login == now.Login {
		return nil
	}
	remember(m.left, before)
	remember(m.arrived, now)
	return nil
}

func remember(in map[person]named, account *inventory.Account) {
	if account == nil || account.Login == "" {
		return
	}
	place := account.Place()
	in[person{place.Provider, place.Organization, account.ID}] = named{place, account.Login}
}

// settle is called when all accounts are known, and reports whether any item must be looked for
// elsewhere.
func (m *moves) settle() bool {
	taken := make(map[inventory.Place]person, len(m.arrived))
	for who, now := range m.arrived {
		taken[now.place] = who
	}
	for who, before := range m.left {
		now, remains := m.arrived[who]
		successor, reused := taken[before.place]
		switch {
		case remains && now.login != before.login:
			m.to[before.place] = move{now.login, now.login}
		case !remains && reused && successor != who:
			m.to[before.place] = move{name: before.login + " (former, ID " + who.id + ")"}
		}
	}
	m.left, m.arrived = nil, nil
	return len(m.to) > 0
}

// moved returns the source under its newer name, and the move behind it.
func (m *moves) moved(source inventory.Source) (renamed inventory.Source, by move, found bool) {
	renamed, found = source.Rename(func(place inventory.Place) (inventory.Untrusted, bool) {
		moved, is := m.to[place]
		if is {
			by = moved
		}
		return moved.name, is
	})
	return renamed, by, found
}

// sourceOf reads an item's source from a line as we write it; lines that it cannot read are
// decoded.
func sourceOf(line []byte) (inventory.Source, bool) {
	rest, found := bytes.CutPrefix(line, []byte(`{"item":{"source":`))
	end := bytes.IndexByte(rest, '}')
	if !found || end < 0 {
		return inventory.Source{}, false
	}
	var source inventory.Source
	err := json.Unmarshal(rest[:end+1], &source, encoding) // fails if there is a brace in a name
	return source, err == nil
}

// isMoved reports whether the item of a line must be compared under another name.
func (m *moves) isMoved(line []byte) bool {
	source, read := sourceOf(line)
	if !read {
		var content frame
		if json.Unmarshal(line, &content, encoding) != nil || content.Item == nil {
			return false // its next reader reports it
		}
		source = content.Item.Source
	}
	_, _, moved := m.moved(source)
	return moved
}

// aside holds the older snapshot's items that moved, sorted by where they are now.
type aside struct {
	sorter *sorter
	next   func() ([]byte, error, bool)
	stop   func()
	now    *side // nil at the end
}

// setAside reads the older snapshot once more for what moved.
func (m *moves) setAside(path string) (*aside, error) {
	a := &aside{sorter: newSorter(os.TempDir(), bufferBytes), stop: func() {}}
	reader, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	for reader.next() {
		if reader.kind != KindItem || !m.isMoved(reader.line) {
			continue
		}
		content, _, err := reader.decode()
		if err == nil {
			err = a.add(m, content.Item)
		}
		if err != nil {
			a.close()
			return nil, err
		}
	}
	if reader.err != nil {
		a.close()
		return nil, reader.err
	}
	a.next, a.stop = iter.Pull2(a.sorter.sorted())
	return a, a.step()
}

func (a *aside) add(m *moves, item *inventory.Item) error {
	source, by, _ := m.moved(item.Source)
	if item.Source = source; by.login != "" && item.Holder.Account != "" {
		item.Holder.Account = by.login
	}
	return a.sorter.add(item.AppendKey(nil), appendItem(nil, item))
}

func (a *aside) step() error {
	line, err, more := a.next()
	if a.now = nil; err != nil || !more {
		return err
	}
	var content frame
	if err := json.Unmarshal(line, &content, encoding); err != nil {
		return fmt.Errorf("reading a record again: %w", err)
	}
	a.now = &side{decoded: true, frame: content, sortKey: content.orderAs(KindItem)}
	return nil
}

func (a *aside) close() {
	if a != nil {
		a.stop()
		a.sorter.close()
	}
}

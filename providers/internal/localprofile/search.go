package localprofile

import (
	"os"
	"path/filepath"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Profile is one profile to read.
type Profile struct {
	Source inventory.Source
	Holder inventory.Holder
	Root   string // the directory to open: nothing outside it is read
	Folder string // the profile below Root; "." is Root itself
}

// Open opens the profile's directory.
func (p Profile) Open(observe func(path string)) (*Dir, error) {
	root, err := Open(p.Root, observe)
	if err != nil || p.Folder == "." {
		return root, err
	}
	defer root.Close()
	return root.Sub(p.Folder)
}

// Search is the search for the profiles of one family of browsers: it names the sources, keeps what
// could not be looked into, and remembers which directories and names are taken. It runs in one
// goroutine.
type Search struct {
	Env     scanner.Env
	Family  inventory.Provider
	Wording Wording
	Gaps    []inventory.Coverage
	Claims

	names map[inventory.Untrusted]bool
}

// Base is the source that all others of the family are below.
func (s *Search) Base() inventory.Source {
	return inventory.Source{Provider: s.Family, Host: s.Env.Host}
}

// Source is that of a browser in a home. Key is the browser's, as its provider's table has it.
func (s *Search) Source(user inventory.Untrusted, key string) inventory.Source {
	return s.Base().Join(user).Join(inventory.Untrusted(key))
}

// ProfileSource is that of a profile of the browser, named as it is shown, and also by its place if
// another one has that name.
func (s *Search) ProfileSource(user inventory.Untrusted, key, shown, dir string) inventory.Source {
	browser := s.Source(user, key)
	source := browser.Join(inventory.Untrusted(shown))
	if s.names[source.Name] {
		source = browser.Join(inventory.Untrusted(shown + " in " + dir))
	}
	if s.names == nil {
		s.names = map[inventory.Untrusted]bool{}
	}
	s.names[source.Name] = true
	return source
}

// Named looks at a directory that the user named, and returns where it is. The info is nil if there
// is none.
func (s *Search) Named(dir string) (at string, info os.FileInfo) {
	if absolute, err := filepath.Abs(dir); err == nil {
		dir = absolute
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return dir, nil
	}
	return dir, info
}

// Gap notes a source that could not be looked into.
func (s *Search) Gap(source inventory.Source, err error) {
	s.Gaps = append(s.Gaps, s.Wording.Explain(source, "", err))
}

// Claims remembers which directories have been taken, whichever name they were found under.
type Claims struct{ taken []os.FileInfo }

// Take claims a directory. It is false if it has been claimed before.
func (c *Claims) Take(info os.FileInfo) bool {
	if c.IsTaken(info) {
		return false
	}
	c.taken = append(c.taken, info)
	return true
}

// IsTaken reports whether a directory has been claimed.
func (c *Claims) IsTaken(info os.FileInfo) bool {
	for _, other := range c.taken {
		if os.SameFile(info, other) {
			return true
		}
	}
	return false
}

package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// spool is the content until it is complete: in the target's directory, without a name where the
// system allows that.
type spool struct {
	file *os.File
	name string // "" while it has none
	temp string // the pattern of names for this target
}

func newSpool(dir, target string) (*spool, error) {
	file, err := openLinkable(dir)
	switch {
	case err != nil:
		return nil, err
	case file == nil:
		return namedSpool(dir, target)
	}
	return &spool{file: file, temp: filepath.Join(dir, tempPattern(target))}, nil
}

// namedSpool is for systems where a file has a name from the start.
func namedSpool(dir, target string) (*spool, error) {
	pattern := tempPattern(target)
	file, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	return &spool{file: file, name: file.Name(), temp: filepath.Join(dir, pattern)}, nil
}

func (s *spool) Write(content []byte) (int, error) { return s.file.Write(content) }

// content is what was written, from its start.
func (s *spool) content() (io.Reader, error) {
	_, err := s.file.Seek(0, io.SeekStart)
	return s.file, err
}

// moveTo gives the content its final name, and closes the file.
func (s *spool) moveTo(path string) error {
	if s.name == "" {
		name, err := link(s.file, path, s.temp)
		switch {
		case err != nil: // where an open file is refused a name, as in some sandboxes
			if err := s.copy(filepath.Dir(path)); err != nil {
				return err
			}
		case name == path:
			return nil
		default:
			s.name = name
		}
	}
	if closesFirst {
		if err := s.file.Close(); err != nil {
			return err
		}
	}
	if err := os.Rename(s.name, path); err != nil {
		return err
	}
	s.name = ""
	return nil
}

// copy replaces the spool by a copy of the content that has a name.
func (s *spool) copy(dir string) error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	named, err := os.CreateTemp(dir, filepath.Base(s.temp))
	if err != nil {
		return err
	}
	nameless := s.file
	defer nameless.Close()
	content, err := s.content()
	s.file, s.name = named, named.Name() // drop removes it now
	if err == nil {
		_, err = io.Copy(named, content)
	}
	if err == nil {
		err = giveOwner(named, info)
	}
	if err == nil {
		err = named.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = named.Sync()
	}
	return err
}

// drop closes the content and removes the name it may still have.
func (s *spool) drop() {
	s.file.Close() // a failure to write was seen by Sync, or by no one who asked for it
	if s.name != "" {
		os.Remove(s.name)
	}
}

// tempPattern names the temporary files of a target.
func tempPattern(target string) string {
	const most = 200 // bytes, so that the name is not too long for any file system
	base := filepath.Base(target)
	return "." + base[:min(len(base), most)] + ".guestlist-*"
}

// sweep removes temporary files that killed runs left beside a target.
func sweep(target string) {
	dir := filepath.Dir(target)
	entries, _ := os.ReadDir(dir) // what cannot be listed is not swept
	ours := strings.TrimSuffix(tempPattern(target), "*")
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ours) || !entry.Type().IsRegular() {
			continue
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > staleAfter {
			os.Remove(filepath.Join(dir, entry.Name())) // the next run tries again
		}
	}
}

// syncDir makes a rename survive a loss of power, where the system can. The file is complete in any
// case.
func syncDir(dir string) {
	if opened, err := os.Open(dir); err == nil {
		opened.Sync()
		opened.Close()
	}
}

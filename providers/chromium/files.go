package chromium

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// extensionFiles is the directory of one version of an extension.
type extensionFiles struct {
	dir    *localprofile.Dir
	below  string // the version's directory below dir
	shown  string // how messages name it
	closes bool
}

func (f *extensionFiles) close() {
	if f != nil && f.closes {
		f.dir.Close()
	}
}

// files finds the directory of an installed or unpacked extension. It returns nil if there is none
// to read, and the item says why.
func (s *scan) files(id string, e *entry, item *inventory.Item) *extensionFiles {
	if s.isComponent(id, e) && !s.isInProfile(id, e) {
		return nil // its files are in the browser's own archive
	}
	if _, wrong := placeOf(e, id); wrong != "" {
		item.Mark(inventory.MarkIdentity, inventory.MarkPathMismatch, inventory.Untrusted(wrong))
	} else if s.isOneDirectory(e) {
		item.Mark(inventory.MarkIdentity, inventory.MarkPathMismatch,
			inventory.Untrusted("the name of one directory: "+e.where()))
	}
	files, err := s.open(id, e)
	switch {
	case err == nil:
		return files
	case e.isUnpacked() || localprofile.IsAbsolute(e.where()):
		item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk,
			inventory.Untrusted("its directory: "+localprofile.Words(err)))
		if !isMissing(err) {
			s.details.Add("%s: its directory: %s", id, localprofile.Words(err))
		}
	default:
		s.missing(e, item, err)
	}
	return nil
}

// open opens the directory that an entry names. The caller closes it.
func (s *scan) open(id string, e *entry) (*extensionFiles, error) {
	where, _ := placeOf(e, id)
	if localprofile.IsAbsolute(where) {
		dir, err := s.provider.system.Open(where)
		if err != nil {
			return nil, err
		}
		return &extensionFiles{dir: dir, below: ".", shown: where, closes: true}, nil
	}
	if s.extensions == nil {
		return nil, fs.ErrNotExist
	}
	if s.isOneDirectory(e) {
		where = e.where()
	}
	return &extensionFiles{dir: s.extensions, below: where, shown: where}, nil
}

// isOneDirectory reports whether a path with "\" in it is the name of a single directory, as it is
// on every system but Windows. If there is no such directory, the path was written on Windows.
func (s *scan) isOneDirectory(e *entry) bool {
	if s.extensions == nil || filepath.Separator == '\\' || !strings.Contains(e.where(), `\`) ||
		localprofile.IsAbsolute(e.where()) {
		return false
	}
	_, err := s.extensions.Stat(e.where())
	return !isMissing(err)
}

// readPending reads the manifest of a pending update, in addition to the settings' copy of it.
func (s *scan) readPending(id string, e *entry) {
	if e.pending == nil || e.pending.path == nil {
		return
	}
	files, err := s.open(id, e.pending)
	if err != nil {
		return
	}
	defer files.close()
	onDisk, _, err := s.manifest(files)
	if err != nil && !isMissing(err) {
		reason, _ := wording.Describe(err)
		s.details.Add("%s: %s of the pending version: %s", id, manifestFile, reason)
	}
	if err == nil {
		e.pending.onDisk = onDisk
	}
}

// manifestOnDisk reads the manifest; if there is none, the item or the details say why.
func (s *scan) manifestOnDisk(id string, e *entry, files *extensionFiles, item *inventory.Item) *manifest {
	if files == nil {
		return nil
	}
	read, faults, err := s.manifest(files)
	if err == nil {
		for _, fault := range faults {
			s.details.Add("%s: %s: %s", id, manifestFile, fault)
		}
		return read
	}
	if isMissing(err) {
		s.missing(e, item, err)
		return nil
	}
	reason, _ := wording.Describe(err)
	item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk, manifestFile+": "+reason)
	s.details.Add("%s: %s: %s", id, manifestFile, reason)
	return nil
}

// missing marks an item whose files are missing. An installed one should have them; the directory
// of an unpacked one may be on another machine or disk.
func (s *scan) missing(e *entry, item *inventory.Item, err error) {
	if e.isInstalledPackage() {
		item.Mark(inventory.MarkIdentity, inventory.MarkManifestMissing,
			inventory.Untrusted(manifestFile+" is not at "+e.where()))
		return
	}
	item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk,
		inventory.Untrusted(manifestFile+": "+localprofile.Words(err)))
}

func (s *scan) manifest(files *extensionFiles) (*manifest, []string, error) {
	data, err := files.dir.Read(path.Join(files.below, manifestFile), maxManifest, s.data)
	if err != nil {
		return nil, nil, err
	}
	s.data = data
	return s.reader.parseManifest(data, &s.scratch)
}

// isMissing reports whether a file, or a directory on the way to it, does not exist.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

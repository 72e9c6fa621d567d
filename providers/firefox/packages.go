package firefox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// maxPointer bounds a file that only names the directory of an add-on, in bytes.
const maxPointer = 4 << 10

// packageFiles is an xpi, or the directory that an add-on was unpacked to: its name in an opened
// directory.
type packageFiles struct {
	dir  *localprofile.Dir
	name string
	at   string // for people
	info fs.FileInfo
}

// packages opens every place that an add-on's files may be run from, the likeliest first: where the
// browser starts it from, where the list says it is and, for the profile's own add-ons, the names
// in the add-on directory that belong to its ID. Honest profiles have one. If no place can be used,
// the error says why the one that the list names cannot. The caller closes what is returned.
func (s *scan) packages(a *addon) ([]packageFiles, error) {
	var found []packageFiles
	var first error
	add := func(files packageFiles, err error) {
		switch {
		case err != nil:
			if first == nil {
				first = err
			}
		case slices.ContainsFunc(found, func(other packageFiles) bool { return os.SameFile(files.info, other.info) }):
			s.close(files)
		default:
			found = append(found, files)
		}
	}
	unread := map[string]error{}
	for _, at := range s.pathsOf(a) {
		files, err := s.at(a, at)
		if err != nil {
			unread[at] = err
		}
		add(files, err)
	}
	if a.location == inProfile && s.own != nil && a.id != "" && filepath.IsLocal(a.id) {
		for _, name := range []string{a.id + ".xpi", a.id} {
			if files, err := s.inOwn(name); err == nil {
				add(files, nil)
			}
		}
	}
	switch {
	case len(found) > 0:
		for _, at := range slices.Sorted(maps.Keys(unread)) { // besides what is there, another one may run
			if isMissing(unread[at]) && s.wasReplaced(a, at) {
				continue
			}
			s.addOnce("%s: %s: %s", a.id, inventory.Untrusted(at), localprofile.Words(unread[at]))
		}
		return found, nil
	case first == nil:
		first = fmt.Errorf("it names no path: %w", fs.ErrNotExist)
	}
	return nil, first
}

// wasReplaced reports whether a path is a name in the profile's own directory of add-ons that an
// add-on had before an update, and that is free now: a directory gives way to an xpi.
func (s *scan) wasReplaced(a *addon, at string) bool {
	state, name := s.startup[startupKey{a.location, a.id}], lastPart(at)
	if a.location != inProfile || s.own == nil || !isInExtensions(at) || s.isElsewhere(at) ||
		name != a.id && name != a.id+".xpi" || !state.lagsBehind(a) {
		return false
	}
	_, err := s.own.Stat(name)
	return isMissing(err) && !localprofile.IsLink(filepath.Join(s.own.Path(), name))
}

// addOnce notes a fault of a file that is looked up more than once.
func (s *scan) addOnce(format string, args ...any) {
	fault := inventory.Textf(format, args...)
	if !s.said[fault] {
		s.said[fault] = true
		s.details.Add("%s", fault)
	}
}

func (s *scan) close(files packageFiles) {
	if files.dir != s.own {
		files.dir.Close()
	}
}

// pathsOf returns the paths that the profile's lists name for an add-on, each once.
func (s *scan) pathsOf(a *addon) []string {
	state := s.startup[startupKey{a.location, a.id}]
	started, _ := pathOfURI(state.RootURI)
	listed, _ := pathOfURI(a.rootURI)
	var paths []string
	for _, at := range []string{state.at(), started, strings.TrimSuffix(a.path, "/"), listed} {
		if at != "" && !slices.Contains(paths, at) {
			paths = append(paths, at)
		}
	}
	return paths
}

// at finds what is at a path from the profile's lists. The profile may have been moved or copied
// since they were written, so a path into an add-on directory means the profile's own.
func (s *scan) at(a *addon, at string) (packageFiles, error) {
	isOwn := a.location == inProfile && s.own != nil
	if isOwn && isInExtensions(at) && !s.isElsewhere(at) {
		if files, err := s.inOwn(lastPart(at)); err == nil || !isMissing(err) {
			return files, err
		}
	}
	files, err := s.inSystem(at)
	if isMissing(err) {
		if isOwn {
			return s.inOwn(lastPart(at))
		}
		if below, ok := s.below(at); ok {
			return s.inRoot(below)
		}
	}
	return files, err
}

// isElsewhere reports whether a path leads to something that exists in another profile's directory.
func (s *scan) isElsewhere(at string) bool {
	parts := strings.Split(localprofile.Slashes(at), "/")
	if len(parts) < 3 || parts[len(parts)-3] == string(s.Holder.Profile) {
		return false
	}
	files, err := s.inSystem(at)
	if err != nil {
		return false
	}
	s.close(files)
	return true
}

// inOwn finds a name in the profile's add-on directory. A link, or a file that only names a
// directory, is followed, as the browser does.
func (s *scan) inOwn(name string) (packageFiles, error) {
	if !filepath.IsLocal(name) {
		return packageFiles{}, fmt.Errorf("it is not the name of a file: %w", fs.ErrNotExist)
	}
	s.named[name] = true
	info, err := s.own.Stat(name)
	if err != nil {
		if !isMissing(err) && s.provider.system.IsReal() {
			if files, err := s.inSystem(filepath.Join(s.own.Path(), name)); err == nil {
				return files, nil
			}
		}
		return packageFiles{}, err
	}
	if at, ok := s.pointer(name, info); ok {
		return s.inSystem(at)
	}
	return packageFiles{dir: s.own, name: name, at: extensionsFolder + "/" + name, info: info}, nil
}

// pointer returns the directory that a file named after an add-on's ID leads to
// (XPIProvider.sys.mjs, _readLinkFile).
func (s *scan) pointer(name string, info fs.FileInfo) (string, bool) {
	if !info.Mode().IsRegular() || strings.HasSuffix(strings.ToLower(name), ".xpi") || info.Size() > maxPointer {
		return "", false
	}
	text, err := s.own.Read(name, maxPointer, nil)
	line, _, _ := bytes.Cut(text, []byte("\n"))
	at := strings.TrimSpace(string(line))
	if err != nil || at == "" || localprofile.IsAbsolute(at) {
		return at, err == nil && at != ""
	}
	at = filepath.Join(s.own.Path(), filepath.FromSlash(at)) // unless the file is something else entirely
	files, err := s.inSystem(at)
	if err != nil {
		return "", false
	}
	defer s.close(files)
	return at, files.info.IsDir()
}

// isLinked reports whether the profile's add-on directory leads to where the list says an add-on
// is: by a link, or by a file that names the directory, which is how developers and programs make
// the browser use an add-on that is elsewhere. The list then names the directory itself.
func (s *scan) isLinked(a *addon) bool {
	if s.own == nil || a.location != inProfile || a.id == "" || !filepath.IsLocal(a.id) {
		return false
	}
	at := ""
	if info, err := s.own.Stat(a.id); err == nil {
		at, _ = s.pointer(a.id, info)
	}
	if link := filepath.Join(s.own.Path(), a.id); at == "" && s.provider.system.IsReal() {
		if _, err := os.Readlink(link); err == nil {
			at, _ = filepath.EvalSymlinks(link)
		}
	}
	return at != "" && path.Clean(localprofile.Slashes(at)) == path.Clean(localprofile.Slashes(a.path))
}

func (s *scan) inSystem(at string) (packageFiles, error) {
	dir, name, err := locate(s.provider.system, at)
	if err != nil {
		return packageFiles{}, err
	}
	return statFiles(dir, name, at)
}

func (s *scan) inRoot(below string) (packageFiles, error) {
	dir, err := s.root.Sub(filepath.Dir(below))
	if err != nil {
		return packageFiles{}, err
	}
	return statFiles(dir, filepath.Base(below), below)
}

// statFiles looks at a name in dir, which it closes if there is nothing.
func statFiles(dir *localprofile.Dir, name, at string) (packageFiles, error) {
	if name == "" {
		name = "."
	}
	info, err := dir.Stat(name)
	if err != nil {
		dir.Close()
		return packageFiles{}, err
	}
	return packageFiles{dir: dir, name: name, at: at, info: info}, nil
}

// below returns what follows the profile's directory in a path, for a profile that was moved.
func (s *scan) below(at string) (string, bool) {
	_, below, ok := strings.Cut(localprofile.Slashes(at), "/"+string(s.Holder.Profile)+"/")
	below = filepath.FromSlash(below)
	return below, ok && filepath.IsLocal(below)
}

// manifests reads the manifests of an add-on's packages, or says in the item and the details why
// there is none.
func (s *scan) manifests(a *addon, item *inventory.Item) []*manifest {
	if s.standing(a) == builtin {
		return nil // its files are in the browser's own archive
	}
	packages, err := s.packages(a)
	if err != nil {
		s.unchecked(a, item, err)
		return nil
	}
	var read []*manifest
	var others []string
	for n, files := range packages {
		if m := s.manifest(a, files, item); m != nil {
			read = append(read, m)
		}
		if n > 0 {
			others = append(others, files.at)
		}
		s.close(files)
	}
	if len(others) > 0 {
		item.Mark(inventory.MarkIdentity, inventory.MarkPathMismatch,
			inventory.Untrusted("more than one package has its name, beside "+packages[0].at+": "+strings.Join(others, ", ")))
	}
	return read
}

// manifest reads the manifest of an add-on's files, or says in the item why it could not.
func (s *scan) manifest(a *addon, files packageFiles, item *inventory.Item) *manifest {
	m, faults, err := readManifest(files.dir, files.name, a.isOld)
	if err != nil {
		s.notUnderstood(a, item, files, err)
		return nil
	}
	for _, fault := range faults {
		s.details.Add("%s: %s: %s", a.id, manifestFile, fault)
	}
	if a.locale.Name == "" {
		m.localize(files.dir, files.name, s.provider.env.Locale)
	}
	return m
}

// notUnderstood says that an add-on's files exist but cannot be understood: what it may do is
// unknown.
func (s *scan) notUnderstood(a *addon, item *inventory.Item, files packageFiles, err error) {
	reason, _ := wording.Describe(err)
	if errors.Is(err, errNoManifest) {
		reason = inventory.Untrusted(errNoManifest.Error())
	}
	item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk, reason)
	at := a.path
	if at == "" {
		at = files.at
	}
	s.details.Add("%s: %s: %s", a.id, inventory.Untrusted(at), reason)
}

// unchecked says why an add-on's files were not found. What is missing in the profile itself is a
// claim without a file; elsewhere it may be on another machine or disk.
func (s *scan) unchecked(a *addon, item *inventory.Item, err error) {
	if isMissing(err) && a.location == inProfile {
		item.Mark(inventory.MarkIdentity, inventory.MarkManifestMissing, inventory.Untrusted("there is nothing at "+a.path))
		return
	}
	reason, _ := wording.Describe(err)
	item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk, reason)
	if !isMissing(err) {
		s.details.Add("%s: %s: %s", a.id, inventory.Untrusted(a.path), reason)
	}
}

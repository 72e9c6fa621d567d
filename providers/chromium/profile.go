package chromium

import (
	"bufio"
	"context"
	"maps"
	"path"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/nativehosts"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// readBuffer is how much of a preference file is read at once, in bytes.
const readBuffer = 128 << 10

// worker reads one profile after another and reuses its storage.
type worker struct {
	provider *Provider
	sink     scanner.Sink
	reader   *reader
	buffered *bufio.Reader
	data     []byte // of a manifest or messages file
	scratch  []byte // the same as plain JSON
	hosts    *nativehosts.Reader
	policies map[string]developerPolicy
}

func newWorker(p *Provider) *worker {
	return &worker{
		provider: p, reader: newReader(), buffered: bufio.NewReaderSize(eof{}, readBuffer),
		hosts: nativehosts.NewReader(p.system, p.registry), policies: map[string]developerPolicy{},
	}
}

// scan is the scan of one profile.
type scan struct {
	*worker
	profile
	root       *localprofile.Dir // the profile's directory
	extensions *localprofile.Dir // its Extensions directory; nil if there is none, or it cannot be opened
	details    localprofile.Details
	items      int
	lastRun    string // the version of the browser that last ran with the profile
	developer  *bool  // developer mode
}

// read reads one profile. An error comes from the sink or the context, and ends the whole scan.
func (w *worker) read(ctx context.Context, sink scanner.Sink, p profile) (inventory.Coverage, error) {
	w.sink = sink
	s := &scan{worker: w, profile: p}
	root, err := p.Open(w.provider.env.Observe)
	if err != nil {
		return wording.Explain(p.Source, "", err), nil
	}
	defer root.Close()
	s.root = root
	preferences, fault := s.preferences()
	if preferences == nil {
		return *fault, nil
	}
	s.openExtensions()
	if s.extensions != nil {
		defer s.extensions.Close()
	}
	if s.Holder.Account == "" {
		s.Holder.Account = inventory.Untrusted(preferences.email)
	}
	if s.Holder.ProfileName == "" {
		s.Holder.ProfileName = inventory.Untrusted(preferences.name)
	}
	for _, what := range preferences.faults {
		s.details.Add("%s", what)
	}
	s.details.AddCount(preferences.more)
	if err := s.collect(ctx, preferences); err != nil {
		return inventory.Coverage{}, err
	}
	return s.coverage(fault), nil
}

// collect adds the items of an opened profile to the sink, in the order of their IDs.
func (s *scan) collect(ctx context.Context, found *preferences) error {
	s.lastRun, s.developer = found.lastRun, found.developer
	for _, id := range slices.Sorted(maps.Keys(found.entries)) {
		for _, e := range found.entries[id].all() {
			e.browser = s.key
		}
		claims := found.entries[id].claims()
		if len(claims) == 0 || s.isGone(id, claims) || s.areOutside(id, claims) && !s.provider.env.Builtin {
			continue
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		item := s.item(id, claims[0])
		for _, other := range claims[1:] {
			join(item, s.item(id, other), claims[0].saysWhere(other))
		}
		s.addNativeHosts(item, s.profile, &s.details)
		if err := s.add(item); err != nil {
			return err
		}
	}
	return s.leftovers(ctx, found.entries)
}

// isGone reports whether all claims have the old mark that the user removed the extension, and no
// files contradict it.
func (s *scan) isGone(id string, claims []*entry) bool {
	for _, e := range claims {
		if !e.wasUninstalled() || s.hasManifest(id, e) {
			return false
		}
	}
	return true
}

func (s *scan) hasManifest(id string, e *entry) bool {
	files, err := s.open(id, e)
	if err != nil {
		return !isMissing(err)
	}
	defer files.close()
	_, err = files.dir.Stat(path.Join(files.below, manifestFile))
	return !isMissing(err)
}

func (s *scan) add(item *inventory.Item) error {
	s.items++
	return s.sink.AddItem(item)
}

// coverage sums up. fault is that of one preference file if the other could be read.
func (s *scan) coverage(fault *inventory.Coverage) inventory.Coverage {
	if fault != nil {
		fault.Items, fault.Details = s.items, s.details.All()
		return *fault
	}
	return s.details.Coverage(s.Source, s.items,
		"start the browser once with this profile, so that it removes what it no longer uses; then reinstall or remove the extensions named")
}

// preferences reads both preference files. Without Secure Preferences a profile is whole. If one of
// the two cannot be read, the returned coverage says so: it is partial if the other one lists
// extensions, and otherwise not observable; then preferences is nil.
func (s *scan) preferences() (*preferences, *inventory.Coverage) {
	plain, plainErr := s.preferenceFile(preferencesFile)
	secure, secureErr := s.preferenceFile(securePreferencesFile)
	if isMissing(secureErr) {
		secureErr = nil
	}
	switch {
	case plainErr == nil && secureErr == nil:
		if secure != nil {
			plain.merge(secure)
		}
		return plain, nil
	case plainErr != nil && secureErr == nil && secure != nil && len(secure.entries) > 0:
		return secure, partly(wording.Explain(s.Source, preferencesFile, plainErr))
	case plainErr == nil && len(plain.entries) > 0:
		return plain, partly(wording.Explain(s.Source, securePreferencesFile, secureErr))
	case plainErr != nil:
		fault := wording.Explain(s.Source, preferencesFile, plainErr)
		return nil, &fault
	}
	fault := wording.Explain(s.Source, securePreferencesFile, secureErr)
	return nil, &fault
}

func partly(fault inventory.Coverage) *inventory.Coverage {
	fault.Status = inventory.StatusPartial
	return &fault
}

func (s *scan) preferenceFile(name string) (*preferences, error) {
	file, _, err := s.root.OpenFile(name, maxPreferences)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	s.buffered.Reset(&localprofile.Limited{Source: file, Left: maxPreferences})
	if start, _ := s.buffered.Peek(len(byteOrderMark)); string(start) == string(byteOrderMark) {
		s.buffered.Discard(len(byteOrderMark))
	}
	return s.reader.preferences(s.buffered, name)
}

func (s *scan) openExtensions() {
	dir, err := s.root.Sub(extensionsFolder)
	switch {
	case err == nil:
		s.extensions = dir
	case !isMissing(err):
		s.details.Add("the directory Extensions cannot be opened: %s", localprofile.Words(err))
	}
}

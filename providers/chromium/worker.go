package chromium

import (
	"bufio"
	"context"
	"io/fs"
	"maps"
	"path"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// readBuffer is how much of a preference file is read at once, in bytes.
const readBuffer = 128 << 10

// worker reads one profile after another and keeps its storage between them.
type worker struct {
	provider *Provider
	sink     scanner.Sink
	reader   *reader
	buffered *bufio.Reader
	data     []byte                  // of a manifest or messages file
	scratch  []byte                  // the same as plain JSON
	hosts    map[string][]nativeHost // by the folder that describes them
}

func newWorker(p *Provider) *worker {
	return &worker{provider: p, reader: newReader(), buffered: bufio.NewReaderSize(eof{}, readBuffer), hosts: map[string][]nativeHost{}}
}

// scan is the reading of one profile.
type scan struct {
	*worker
	profile
	root       *localprofile.Dir // the profile's folder
	extensions *localprofile.Dir // its Extensions folder; nil if there is none, or it cannot be opened
	details    localprofile.Details
	items      int
	lastRun    string // the version of the browser that last ran with the profile
	developer  *bool  // developer mode
}

// read reads one profile. An error is the sink's, or the context's: the whole scan ends.
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
		claims := found.entries[id].claims()
		if len(claims) == 0 || s.isGone(id, claims) || s.areComponents(id, claims) && !s.provider.env.Builtin {
			continue
		}
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		item := s.item(id, claims[0])
		for _, other := range claims[1:] {
			join(item, s.item(id, other), claims[0].saysWhere(other))
		}
		s.addNativeHosts(item)
		if err := s.add(item); err != nil {
			return err
		}
	}
	return s.leftovers(ctx, found.entries)
}

// isGone reports whether all claims are the old mark that the user removed the extension, and no files contradict it.
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

// coverage sums up. Fault is that of one preference file while the other could be read.
func (s *scan) coverage(fault *inventory.Coverage) inventory.Coverage {
	if fault != nil {
		fault.Items, fault.Details = s.items, s.details.All()
		return *fault
	}
	return s.details.Coverage(s.Source, s.items,
		"start the browser once with this profile, so that it removes what it no longer uses; then reinstall or remove the extensions named")
}

// preferences reads both preference files. Without Secure Preferences a profile is whole. If one of the two cannot be read, the fault
// is a coverage that says so: partial while the other one names extensions, else not observable, and then preferences is nil.
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
		s.details.Add("the folder Extensions cannot be opened: %s", localprofile.Words(err))
	}
}

// item makes the item of one entry, and compares it with what is on disk.
func (s *scan) item(id string, e *entry) *inventory.Item {
	item := &inventory.Item{
		Source: s.Source, Holder: s.Holder, Kind: inventory.KindExtension,
		App:   inventory.App{ID: inventory.Untrusted(id)},
		Path:  inventory.Untrusted(e.where()),
		Added: chromeTime(e.installed), Updated: chromeTime(e.updated), LastUsed: chromeTime(e.launched),
		Facts: map[string]inventory.Untrusted{"location": inventory.Untrusted(e.locationName())},
	}
	if item.Added.IsZero() {
		item.Added = chromeTime(e.oldInstalled)
	}
	item.State, item.StateReasons = e.stateOf(s.lastRun)
	e.markVerdicts(item)

	files := s.files(id, e, item)
	defer files.close()
	onDisk := s.manifestOnDisk(id, e, files, item)
	e.checkID(item, onDisk)
	e.checkManifest(item, onDisk)

	shown := e.manifest // what the browser runs, already in its language
	if shown == nil {
		shown = onDisk
	}
	item.Origin = e.originOf(s.key, shown)
	s.checkComponent(id, e, item)
	item.Access = e.accessOf(e.manifest, onDisk)
	e.addFacts(item)
	if s.developer != nil {
		item.Facts["developer_mode"] = inventory.Untrusted(inventory.AnswerOf(s.developer))
	}
	s.describe(item, shown, files)
	item.Kind = kindOf(e.manifest, onDisk)
	e.checkRequired(item, onDisk)
	return item
}

// addFacts adds what only this browser's settings know.
func (e *entry) addFacts(item *inventory.Item) {
	answer := func(name string, value *bool) {
		if value != nil {
			item.Facts[name] = inventory.Untrusted(inventory.AnswerOf(value))
		}
	}
	answer("incognito", e.incognito)
	answer("file_access", e.fileAccess)
	if isTrue(e.byDefault) {
		item.Facts["installed_by"] = "default"
	}
	if isTrue(e.byOEM) {
		item.Facts["installed_by"] = "computer's maker"
	}
	if isTrue(e.withheld) && e.runtime != nil {
		hosts := slices.Sorted(slices.Values(untrusted(e.runtime.explicit, e.runtime.scriptable)))
		if len(hosts) > 0 {
			item.Facts["hosts_granted"] = localprofile.JoinSome(slices.Compact(hosts))
		}
	}
	if e.pending != nil && e.pending.manifest != nil {
		item.Facts["pending_version"] = inventory.Untrusted(e.pending.manifest.version)
	}
}

// extensionFiles is the folder of one version of an extension.
type extensionFiles struct {
	dir    *localprofile.Dir
	below  string // the version's folder below dir
	shown  string // how messages name it
	closes bool
}

func (f *extensionFiles) close() {
	if f != nil && f.closes {
		f.dir.Close()
	}
}

// files finds the folder of an installed or unpacked extension. It is nil where there is none to look into, and the item says why.
func (s *scan) files(id string, e *entry, item *inventory.Item) *extensionFiles {
	if s.isComponent(id, e) {
		return nil // its files are in the browser's own archive
	}
	if _, wrong := e.place(id); wrong != "" {
		item.Mark(inventory.MarkIdentity, inventory.MarkPathMismatch, inventory.Untrusted(wrong))
	}
	files, err := s.open(id, e)
	switch {
	case err == nil:
		return files
	case e.isUnpacked() || localprofile.IsAbsolute(e.where()):
		item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk, inventory.Untrusted("its folder: "+localprofile.Words(err)))
	default:
		s.missing(e, item, err)
	}
	return nil
}

// open opens the folder that an entry names. The caller closes it.
func (s *scan) open(id string, e *entry) (*extensionFiles, error) {
	where, _ := e.place(id)
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
	return &extensionFiles{dir: s.extensions, below: where, shown: where}, nil
}

// manifestOnDisk reads the manifest, or says in the item or the details why there is none.
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

// missing marks an item whose files are not there. An installed one should have them; an unpacked one's folder may be on another
// machine or disk.
func (s *scan) missing(e *entry, item *inventory.Item, err error) {
	if e.isInstalledPackage() {
		item.Mark(inventory.MarkIdentity, inventory.MarkManifestMissing, inventory.Untrusted(manifestFile+" is not at "+e.where()))
		return
	}
	item.Mark(inventory.MarkNote, inventory.MarkUncheckedOnDisk, inventory.Untrusted(manifestFile+": "+localprofile.Words(err)))
}

func (s *scan) manifest(files *extensionFiles) (*manifest, []string, error) {
	data, err := files.dir.Read(path.Join(files.below, manifestFile), maxManifest, s.data)
	if err != nil {
		return nil, nil, err
	}
	s.data = data
	return s.reader.parseManifest(data, &s.scratch)
}

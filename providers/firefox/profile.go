package firefox

import (
	"context"
	"maps"
	"slices"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/providers/internal/nativehosts"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

const extensionsFolder = "extensions"

// scan is the scan of one profile.
type scan struct {
	profile
	provider *Provider
	sink     scanner.Sink
	root     *localprofile.Dir // the profile's directory
	own      *localprofile.Dir // its add-on directory; nil: ownErr says why
	ownErr   error
	policies policies
	grants   map[string]permissions
	startup  map[startupKey]started       // nil: there is no such file, or it cannot be read
	staged   map[string]*manifest         // pending versions in the profile that the browser installs when it starts, by ID
	named    map[string]bool              // what is in the add-on directory and belongs to an add-on that the lists name
	shown    map[string]bool              // add-ons of which a list has one that is not hidden by another copy, by ID
	signed   map[*addon]standing          // what its signature says an add-on is
	said     map[inventory.Untrusted]bool // faults that were noted
	hosts    *nativehosts.Reader          // nil: no item has asked for them yet
	details  localprofile.Details
	items    int
}

// read reads one profile. An error comes from the sink or the context, and ends the whole scan.
func (p *Provider) read(ctx context.Context, sink scanner.Sink, job profile, policies policies) (inventory.Coverage,
	error) {
	s := &scan{
		profile: job, provider: p, sink: sink, policies: policies,
		named: map[string]bool{}, shown: map[string]bool{}, signed: map[*addon]standing{},
		said: map[inventory.Untrusted]bool{},
	}
	root, err := s.open()
	if err != nil {
		return wording.Explain(job.Source, "", err), nil
	}
	defer root.Close()
	s.root = root
	if s.own, s.ownErr = root.Sub(extensionsFolder); s.ownErr == nil {
		defer s.own.Close()
	}
	addons, faults, err := s.extensions()
	if err != nil {
		return s.unreadable(err), nil
	}
	for _, fault := range faults {
		s.details.Add("%s: %s", extensionsFile, fault)
	}
	s.readGrants()
	s.readStartup()
	s.readStaged()
	if err := s.collect(ctx, addons); err != nil {
		return inventory.Coverage{}, err
	}
	return s.coverage(), nil
}

func (s *scan) open() (*localprofile.Dir, error) {
	if s.system {
		return s.provider.system.Open(s.Root)
	}
	return s.profile.Open(s.provider.env.Observe)
}

func (s *scan) extensions() ([]*addon, []addonFault, error) {
	file, _, err := s.root.OpenFile(extensionsFile, maxExtensions)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	return parseExtensions(&localprofile.Limited{Source: file, Left: maxExtensions})
}

// unreadable is the coverage of a profile without a list of its add-ons. It mentions a missing file
// only if it should exist: if the profile has been used.
func (s *scan) unreadable(err error) inventory.Coverage {
	gap := wording.Explain(s.Source, extensionsFile, err)
	if isMissing(err) {
		gap.Reason += ", though the browser has used the profile"
	}
	return gap
}

// readGrants reads the grants of both stores. A profile has both if a release and a Nightly took
// turns with it. Which of them wrote last is unknown, so what either of them grants counts.
func (s *scan) readGrants() {
	for _, store := range []struct {
		file string
		read func(*localprofile.Dir) (map[string]permissions, []addonFault, error)
	}{{grantsFile, readGrants}, {grantStore, readGrantStore}} {
		grants, faults, err := store.read(s.root)
		if isMissing(err) {
			continue
		}
		if err != nil {
			reason, _ := wording.Describe(err)
			s.details.Add("%s: %s; permissions granted after the installation are not known", store.file, reason)
			continue
		}
		for _, fault := range faults {
			s.details.Add("%s: %s", store.file, fault)
		}
		s.addGrants(grants)
	}
}

func (s *scan) addGrants(grants map[string]permissions) {
	if s.grants == nil {
		s.grants = grants
		return
	}
	for id, more := range grants {
		held := s.grants[id]
		s.grants[id] = permissions{
			Permissions: append(held.Permissions, more.Permissions...),
			Origins:     append(held.Origins, more.Origins...),
			Data:        append(held.Data, more.Data...),
		}
	}
}

func (s *scan) readStartup() {
	startup, err := readStartup(s.root)
	switch {
	case isMissing(err):
	case err != nil:
		reason, _ := wording.Describe(err)
		s.details.Add("%s: %s; what really starts was not compared", startupFile, reason)
	default:
		s.startup = startup
	}
}

// collect adds the items of an opened profile to the sink.
func (s *scan) collect(ctx context.Context, addons []*addon) error {
	for _, a := range addons {
		s.shown[a.id] = s.shown[a.id] || !isFalse(a.visible)
	}
	taken, copies := map[string]bool{}, map[startupKey]int{}
	for _, a := range addons {
		if s.standing(a) == builtin && !s.provider.env.Builtin {
			continue
		}
		item := s.item(a)
		// A copy that another one hides has an instance of its own, so that the active one keeps
		// its key whatever is hidden below it.
		key := startupKey{a.location, a.id}
		copies[key]++
		switch {
		case copies[key] > 1:
			item.Instance = inventory.Textf("%s %d", a.location, copies[key])
			item.Mark(inventory.MarkIdentity, inventory.MarkIDMismatch,
				extensionsFile+" lists it more than once in the same place")
		case isFalse(a.visible) || taken[a.id]:
			item.Instance = inventory.Untrusted(a.location)
		}
		taken[a.id] = true
		if err := s.add(ctx, item); err != nil {
			return err
		}
	}
	if err := s.unlisted(ctx, addons); err != nil {
		return err
	}
	if err := s.leftovers(ctx); err != nil {
		return err
	}
	if err := s.leftoversElsewhere(ctx, addons); err != nil {
		return err
	}
	return s.waiting(ctx)
}

// unlisted adds what the browser starts although its list does not name it.
func (s *scan) unlisted(ctx context.Context, addons []*addon) error {
	listed := map[startupKey]bool{}
	for _, a := range addons {
		listed[startupKey{a.location, a.id}] = true
	}
	keys := slices.SortedFunc(maps.Keys(s.startup), func(a, b startupKey) int {
		return strings.Compare(a.location+"\x00"+a.id, b.location+"\x00"+b.id)
	})
	for _, key := range keys {
		state := s.startup[key]
		if listed[key] || !isTrue(state.Enabled) {
			continue
		}
		a := &addon{
			id: state.id, location: state.location, version: state.Version, kind: state.Type, path: state.at(),
			rootURI:     state.RootURI,
			signedState: state.SignedState,
		}
		if isHidden := true; a.location == inSystemDefault || a.location == inSystemAddons { // the file does not say it
			a.hidden = &isHidden
		}
		if s.standing(a) == builtin {
			continue
		}
		item := s.item(a)
		item.Instance = inventory.Untrusted(state.location)
		item.Mark(inventory.MarkIdentity, inventory.MarkStateMismatch,
			startupFile+" starts it, "+extensionsFile+" does not list it")
		if err := s.add(ctx, item); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) add(ctx context.Context, item *inventory.Item) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.items++
	return s.sink.AddItem(item)
}

func (s *scan) coverage() inventory.Coverage {
	return s.details.Coverage(s.Source, s.items,
		"reinstall or remove the add-on that the details name, or start the browser once so that it writes the file again")
}

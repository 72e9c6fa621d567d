package localprofile

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner"
	"guestlist/scanner/guard"
	"guestlist/scanner/inventory"
)

// New browsers appear faster than rows are added to a table. Whatever a browser is called, it keeps
// its data in one of a few places, a few directories down. The providers recognize the data by what
// one directory holds side by side; this is the walk through those places.

// Limits on the walk through one home. A directory with more names than the first limit is still
// asked for a given name; only the rest of its content is not looked into.
const (
	maxNames   = 20_000 // names read from one directory
	maxFolders = 2_000  // directories looked into directly below a usual place
	maxBelow   = 200    // and below each of these
	maxFiles   = 3      // files beside the directories of one vendor's products
	maxVisits  = 10_000 // directories looked into below one kind of place
)

// usualPlace is a place where programs keep their data, and how many levels of directories below it
// are looked into: some in any case, the others below directories that hold hardly any files, as
// those of vendors do.
type usualPlace struct {
	Where
	deep   int
	vendor int
	hidden bool // only directories whose name begins with a dot
	snap   bool // a revision of a snap: a replaced one is left out
}

// usualPlaces are the places, by operating system. A "*" is one directory.
var usualPlaces = []usualPlace{
	{Where: Where{Linux, InChromeConfig, ""}, deep: 2, vendor: 1},
	{Where: Where{Linux, InData, ""}, deep: 1, vendor: 1},
	{Where: Where{Linux, InHome, ""}, deep: 1, vendor: 1, hidden: true},
	{Where: Where{Linux, InHome, ".var/app/*/config"}, deep: 2, vendor: 1},
	{Where: Where{Linux, InHome, ".var/app/*/data"}, deep: 1, vendor: 1},
	{Where: Where{Linux, InHome, ".var/app/*"}, deep: 1, vendor: 1, hidden: true},
	{Where: Where{Linux, InHome, "snap/*/*/.config"}, deep: 2, vendor: 1, snap: true},
	{Where: Where{Linux, InHome, "snap/*/*/.local/share"}, deep: 1, vendor: 1, snap: true},
	{Where: Where{Linux, InHome, "snap/*/*"}, deep: 1, vendor: 1, hidden: true, snap: true},
	{Where: Where{Linux, InHome, "snap/*/common"}, deep: 2},
	{Where: Where{MacOS, InSupport, ""}, deep: 2, vendor: 1},
	{Where: Where{MacOS, InHome, "Library/Containers/*/Data/Library/Application Support"}, deep: 2, vendor: 1},
	{Where: Where{MacOS, InHome, ""}, deep: 1, vendor: 1, hidden: true},
	{Where: Where{Windows, InLocalData, ""}, deep: 2, vendor: 1},
	{Where: Where{Windows, InRoamingData, ""}, deep: 2, vendor: 1},
	{Where: Where{Windows, InHome, "AppData/LocalLow"}, deep: 2, vendor: 1},
	{Where: Where{Windows, InLocalData, "Packages/*/LocalCache/Local"}, deep: 2, vendor: 1},
	{Where: Where{Windows, InLocalData, "Packages/*/LocalCache/Roaming"}, deep: 2, vendor: 1},
	{Where: Where{Windows, InHome, ""}, deep: 1, vendor: 1, hidden: true},
}

// notBelow are directories of a home that are usual places of their own, or hold what can be
// recreated.
var notBelow = []string{".config", ".local", ".var", ".cache", ".Trash", ".git"}

// Layout is what the walk looks for: the names of files and directories by which the data of a
// family of browsers is recognized.
type Layout struct {
	Names []string
	// Ends are the names by which the directory of one program is recognized; it is looked into at
	// most one level further.
	Ends []string
}

// Folder is a directory that has a name of the layout in it.
type Folder struct {
	Dir   string
	Below string // the usual place, with "/"
	names []string
	link  bool
}

// Has reports whether a file or directory of the given name, one of the layout's, is directly in
// the directory.
func (f Folder) Has(name string) bool { return slices.Contains(f.names, name) }

// Unlisted is a directory that may be a browser's.
type Unlisted struct {
	Folder
	User inventory.Untrusted
}

// Walks are the walks through the usual places of all homes. They run once, when any provider first
// asks for them.
type Walks struct {
	env    scanner.Env
	layout Layout
	once   sync.Once
	homes  []walk
}

// NewWalks returns walks that look for all of the layouts.
func NewWalks(env scanner.Env, layouts ...Layout) *Walks {
	w := &Walks{env: env}
	for _, layout := range layouts {
		w.layout.Names = slices.Concat(w.layout.Names, layout.Names)
		w.layout.Ends = slices.Concat(w.layout.Ends, layout.Ends)
	}
	return w
}

// Unlisted returns the directories of the walks that look like a browser's, except those that are
// taken and what is below either. A directory that is where its name says comes before one that a
// link leads to, as in [Find]. IsLike may return another directory to take in place of the
// directory.
func (s *Search) Unlisted(walks *Walks, isLike func(Folder) (dir string, ok bool)) []Unlisted {
	walks.once.Do(walks.run)
	var found []Unlisted
	for n, home := range walks.env.Homes {
		w := &walks.homes[n]
		if w.err != nil {
			s.gapOnce(home, Doing(w.err, "looking for browsers in %q", inventory.Untrusted(home.Dir)))
		}
		above := "" // the last directory taken: the walk goes down before it goes on
		for _, folder := range w.found {
			if above != "" && strings.HasPrefix(folder.Dir, above) {
				continue
			}
			info, err := os.Stat(folder.Dir)
			if err != nil {
				continue
			}
			if !s.IsTaken(info) {
				at, ok := isLike(folder)
				if !ok {
					continue
				}
				found = append(found, Unlisted{Folder: folder, User: home.User})
				found[len(found)-1].Dir = at
			}
			above = folder.Dir + string(filepath.Separator)
		}
	}
	slices.SortStableFunc(found, func(a, b Unlisted) int {
		switch {
		case a.link == b.link:
			return 0
		case b.link:
			return -1
		}
		return 1
	})
	return found
}

// gapOnce notes a home that could not be looked through, unless that was already noted.
func (s *Search) gapOnce(home scanner.Home, err error) {
	source := s.Base().Join(home.User)
	if !slices.ContainsFunc(s.Gaps, func(gap inventory.Coverage) bool { return gap.Source == source }) {
		s.Gap(source, err)
	}
}

// run walks through every home, several at a time. One that does not answer costs only itself.
func (w *Walks) run() {
	w.homes = make([]walk, len(w.env.Homes))
	var group errgroup.Group
	group.SetLimit(homesAtOnce)
	for n, home := range w.env.Homes {
		group.Go(func() error {
			done, err := within(context.Background(), w.env, homeLimit, func() (walk, error) {
				in := walk{layout: w.layout}
				in.run(w.env, home)
				return in, nil
			})
			if err != nil {
				done = walk{err: err}
			}
			w.homes[n] = done
			return nil
		})
	}
	group.Wait() // no error is returned
}

// walk is the walk through one home, or below one place of it.
type walk struct {
	layout Layout
	visits int
	found  []Folder // a directory before what is below it
	err    error
}

func (w *walk) run(env scanner.Env, home scanner.Home) {
	below := make([]walk, len(usualPlaces))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for n, place := range usualPlaces {
		if Applies(env, home, place.OS) {
			below[n].layout = w.layout
			group.Go(guard.Go(func() error { return below[n].place(env, home, place) }))
		}
	}
	w.err = group.Wait()
	for _, one := range below {
		w.found = append(w.found, one.found...)
	}
}

// place walks below one usual place of a home.
func (w *walk) place(env scanner.Env, home scanner.Home, place usualPlace) error {
	for _, root := range Expand(env, home, place.Where) {
		if place.snap && isReplaced(home.Dir, root) {
			continue
		}
		entries, _ := list(root)
		for _, entry := range foldersOf(entries, maxFolders) {
			name := entry.Name()
			if !place.hidden || strings.HasPrefix(name, ".") && !slices.Contains(notBelow, name) {
				w.visit(root, name, place.deep, place.vendor, isLink(entry))
			}
		}
	}
	if w.visits > maxVisits {
		return fmt.Errorf("more than %d directories in one place where programs keep their data", maxVisits)
	}
	return nil
}

// visit looks into a directory below a usual place, and further down: deep-1 levels in any case,
// and as many more as vendor says. The target of a link may be large, and is looked through where
// it is.
func (w *walk) visit(root, below string, deep, vendor int, isLinked bool) {
	if w.visits++; w.visits > maxVisits {
		return
	}
	dir := root + string(filepath.Separator) + below
	entries, err := list(dir)
	if err != nil {
		return
	}
	if names := namesIn(dir, entries, w.layout.Names); len(names) > 0 {
		w.found = append(w.found, Folder{Dir: dir, Below: filepath.ToSlash(below), names: names, link: isLinked})
		if slices.ContainsFunc(names, func(name string) bool { return slices.Contains(w.layout.Ends, name) }) {
			deep, vendor = min(deep, 2), 0
		}
	}
	folders := foldersOf(entries, maxBelow)
	if deep--; deep == 0 && len(entries)-len(folders) <= maxFiles {
		deep, vendor = vendor, 0
	}
	if isLinked || deep <= 0 {
		return
	}
	for _, entry := range folders {
		w.visit(root, below+string(filepath.Separator)+entry.Name(), deep, vendor, isLink(entry))
	}
}

// namesIn returns the wanted names that a directory has.
func namesIn(dir string, entries []fs.DirEntry, wanted []string) []string {
	var names []string
	if len(entries) < maxNames {
		for _, entry := range entries {
			if slices.Contains(wanted, entry.Name()) {
				names = append(names, entry.Name())
			}
		}
		return names
	}
	return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return !Holds(dir, name) })
}

func isLink(entry fs.DirEntry) bool { return entry.Type()&fs.ModeSymlink != 0 }

// list reads the first names of a directory, and nothing if it is not a directory.
func list(dir string) ([]fs.DirEntry, error) {
	file, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	entries, err := file.ReadDir(maxNames)
	if len(entries) > 0 || err == io.EOF {
		err = nil // what was read from a directory that changes counts
	}
	return entries, err
}

// foldersOf returns the directories among the entries, and the links, which may lead to one, by
// name.
func foldersOf(entries []fs.DirEntry, most int) []fs.DirEntry {
	var folders []fs.DirEntry
	for _, entry := range entries {
		if entry.IsDir() || isLink(entry) {
			folders = append(folders, entry)
		}
	}
	slices.SortFunc(folders, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return folders[:min(most, len(folders))]
}

// Subfolders returns the names of the directories in dir, and of links, which may lead to one,
// sorted; none where it cannot be read.
func Subfolders(dir string, most int) []string {
	entries, _ := list(dir)
	var names []string
	for _, entry := range foldersOf(entries, most) {
		names = append(names, entry.Name())
	}
	return names
}

// isReplaced reports whether a path below a home, snap/NAME/REVISION or deeper, belongs to a
// revision that does not run: the link "current" names the one that does. "common" belongs to all
// of them.
func isReplaced(home, dir string) bool {
	below, err := filepath.Rel(home, dir)
	parts := strings.Split(filepath.ToSlash(below), "/")
	if err != nil || len(parts) < 3 || parts[2] == "current" || parts[2] == "common" {
		return false
	}
	return Holds(filepath.Join(home, parts[0], parts[1]), "current")
}

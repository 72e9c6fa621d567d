package localprofile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Row is a row of a provider's table of places.
type Row interface {
	Where() Where
	Key() string // of the browser, in names of sources
}

// Found is a directory that exists where a row says.
type Found[R Row] struct {
	Row    R
	Dir    string
	User   inventory.Untrusted
	linked bool // found through a link that leads somewhere other than its name says
}

// Find returns the directories of all homes where a row of the table says that a browser keeps its
// profiles. A directory that is where its name says comes before one that a link points to, so that
// no link takes another's place. What could not be followed is a gap of the row's browser, or of
// the home as a whole.
func Find[R Row](search *Search, rows []R) []Found[R] {
	var found []Found[R]
	for _, in := range lookInto(search.Env, rows) {
		found = append(found, in.found...)
		for _, fault := range in.faults {
			source := search.Base().Join(fault.user)
			if fault.row != nil {
				source = search.Source(fault.user, (*fault.row).Key())
			}
			search.Gap(source, fault.err)
		}
	}
	direct := slices.DeleteFunc(slices.Clone(found), func(f Found[R]) bool { return f.linked })
	linked := slices.DeleteFunc(found, func(f Found[R]) bool { return !f.linked })
	return slices.Concat(direct, linked)
}

// inHome is what was found in one home, and what could not be followed there.
type inHome[R Row] struct {
	found  []Found[R]
	faults []placeFault[R]
}

type placeFault[R Row] struct {
	user inventory.Untrusted
	row  *R
	err  error
}

// lookInto looks into every home, several at a time. One that does not answer costs only itself.
func lookInto[R Row](env scanner.Env, rows []R) []inHome[R] {
	homes := make([]inHome[R], len(env.Homes))
	var group errgroup.Group
	group.SetLimit(homesAtOnce)
	for n, home := range env.Homes {
		group.Go(func() error {
			in, err := within(context.Background(), env, homeLimit, func() (in inHome[R], _ error) {
				in.found = findIn(env, home, rows, func(user inventory.Untrusted, row *R, err error) {
					in.faults = append(in.faults, placeFault[R]{user, row, err})
				})
				return in, nil
			})
			if err != nil {
				err = Doing(err, "looking for browsers in %q", inventory.Untrusted(home.Dir))
				in = inHome[R]{faults: []placeFault[R]{{home.User, nil, err}}}
			}
			homes[n] = in
			return nil
		})
	}
	group.Wait() // no error is returned
	return homes
}

func findIn[R Row](env scanner.Env, home scanner.Home, rows []R,
	fault func(inventory.Untrusted, *R, error)) []Found[R] {
	var found []Found[R]
	var denied []inventory.Untrusted
	real, _ := filepath.EvalSymlinks(home.Dir)
	for _, row := range rows {
		where := row.Where()
		if !Applies(env, home, where.OS) {
			continue
		}
		for _, dir := range Expand(env, home, where) {
			info, err := os.Stat(dir)
			switch {
			case err == nil && info.IsDir():
				found = append(found, Found[R]{Row: row, Dir: dir, User: home.User, linked: isLinked(dir, home.Dir, real)})
			case err == nil:
				fault(home.User, &row, Doing(ErrNoFolder, "opening %q", inventory.Untrusted(dir)))
			case errors.Is(err, fs.ErrPermission):
				denied = append(denied, inventory.Untrusted(dir))
			case err != nil && IsLink(dir):
				fault(home.User, &row, Doing(err, "following the link %q", inventory.Untrusted(dir)))
			}
		}
	}
	if len(denied) > 0 {
		fault(home.User, nil, Doing(fs.ErrPermission, "looking for browsers in %q", denied[0]))
	}
	return found
}

// isLinked reports whether dir is not below the home it was found in.
func isLinked(dir, home, realHome string) bool {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return true
	}
	below, err := filepath.Rel(home, dir)
	return err != nil || real != filepath.Join(realHome, below)
}

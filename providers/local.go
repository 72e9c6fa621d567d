package providers

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// Local returns those of [All] that are wanted. If the user named a directory that none of them
// recognizes, the first one reports it, so that it is not mistaken for one without extensions.
func Local(env scanner.Env, wanted func(inventory.Provider) bool) []scanner.Provider {
	all := All(env)
	list := slices.DeleteFunc(slices.Clone(all), func(p scanner.Provider) bool { return !wanted(p.Name()) })
	if len(list) > 0 && len(env.ProfileDirs) > 0 {
		list[0] = &reporter{Provider: list[0], env: env, all: all, wanted: wanted}
	}
	return list
}

// recognizer is a provider that can recognize its own directories.
type recognizer interface {
	// Recognizes reports whether the provider reads a directory that the user named, or says why it
	// cannot.
	Recognizes(dir string) bool
}

// reporter is a provider that also reports the named directories that nothing reads.
type reporter struct {
	scanner.Provider
	env    scanner.Env
	all    []scanner.Provider
	wanted func(inventory.Provider) bool
}

// Collect adds a coverage for each such directory to those of the provider.
func (r *reporter) Collect(ctx context.Context, sink scanner.Sink) ([]inventory.Coverage, error) {
	unread, err := localprofile.Discover(ctx, r.env, r.unread)
	if err != nil {
		return nil, err
	}
	coverage, err := r.Provider.Collect(ctx, sink)
	return append(coverage, unread...), err
}

func (r *reporter) unread() []inventory.Coverage {
	var unread []inventory.Coverage
	for _, dir := range r.env.ProfileDirs {
		if absolute, err := filepath.Abs(dir); err == nil {
			dir = absolute
		}
		if gap, isUnread := r.gap(dir); isUnread {
			gap.Source = inventory.Source{Provider: r.Name(), Host: r.env.Host}.Join(inventory.Untrusted(dir))
			unread = append(unread, gap)
		}
	}
	return unread
}

// gap says why no provider reads a named directory; isUnread is false if one does.
func (r *reporter) gap(dir string) (gap inventory.Coverage, isUnread bool) {
	gap = inventory.Coverage{
		Status: inventory.StatusNotObservable,
		Remedy: "name a user data directory (it holds Local State), a profile directory (it holds Preferences) or a Firefox profile",
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrPermission):
		gap.Reason, gap.Remedy = localprofile.Wording{}.Describe(err)
		return gap, true
	case err != nil:
		gap.Reason = inventory.Untrusted(localprofile.Words(err))
		return gap, true
	case !info.IsDir():
		gap.Reason = "it is a file, not a directory"
		return gap, true
	}
	gap.Reason = "it holds no browser profile"
	for _, p := range r.all {
		if local, ok := p.(recognizer); !ok || !local.Recognizes(dir) {
			continue
		}
		if r.wanted(p.Name()) {
			return inventory.Coverage{}, false
		}
		gap.Reason = inventory.Textf("it holds profiles that %s reads, which this scan leaves out", p.Name())
		gap.Remedy = inventory.Textf("add %s to the providers that are scanned", p.Name())
	}
	return gap, true
}

package firefox

import (
	"os"
	"path/filepath"
	"slices"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// linked returns where a profile's directory is if it is a link out of dir, for example to another
// disk. The browser follows it.
func (d *discovery) linked(dir *localprofile.Dir, folder string) (string, bool) {
	_, err := dir.Stat(folder)
	at := filepath.Join(dir.Path(), folder)
	if err == nil || !d.system.IsReal() || isMissing(err) && !localprofile.IsLink(at) {
		return "", false
	}
	if real, err := filepath.EvalSymlinks(at); err == nil {
		return real, true
	}
	target, err := os.Readlink(at)
	return target, err == nil && filepath.IsAbs(target)
}

// homeOf returns the home that a directory of profiles is in.
func (d *discovery) homeOf(c candidate) (string, bool) {
	for _, home := range d.Env.Homes {
		if below, err := filepath.Rel(home.Dir, c.dir); err == nil && filepath.IsLocal(below) {
			return home.Dir, true
		}
	}
	return "", false
}

// elsewhere adds a profile at an absolute path of the scanned system, or of the home that names it.
func (d *discovery) elsewhere(c candidate, one listed, path string) {
	at, p, err := d.openElsewhere(c, path)
	if err != nil {
		d.away(c, one, localprofile.Doing(err, "opening the profile's directory %q", inventory.Untrusted(one.path)))
		return
	}
	defer at.Close()
	d.add(c, at, p, lastPart(one.path), one.name)
}

func (d *discovery) openElsewhere(c candidate, path string) (*localprofile.Dir, profile, error) {
	if home, ok := d.homeOf(c); ok {
		if below, err := filepath.Rel(home, path); err == nil && filepath.IsLocal(below) {
			at, err := localprofile.Open(path, d.Env.Observe)
			return at, profile{Profile: localprofile.Profile{Root: path, Folder: "."}}, err
		}
	}
	at, err := d.system.Open(path)
	return at, profile{Profile: localprofile.Profile{Root: path, Folder: "."}, system: true}, err
}

// away reports a gap for a profile that profiles.ini names but that cannot be read.
func (d *discovery) away(c candidate, one listed, err error) {
	shown, called := lastPart(one.path), one.name
	if isMissing(err) && slices.ContainsFunc(d.Env.ProfileDirs,
		func(dir string) bool { return filepath.Base(dir) == shown && localprofile.Holds(dir, extensionsFile) }) {
		return // the user says where it is now
	}
	if called == "" {
		called = shown
	}
	gap := wording.Explain(d.Source(c.user, c.key).Join(inventory.Untrusted(shown)), "", err)
	gap.Reason = inventory.Textf("the profile %q: ", called) + gap.Reason
	if isMissing(err) {
		gap.Remedy = "make its disk or directory available and scan again, or name its new place with --profile-dir; if it is no longer used, remove it in about:profiles"
	}
	d.Gaps = append(d.Gaps, gap)
}

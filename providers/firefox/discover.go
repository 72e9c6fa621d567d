package firefox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"guestlist/providers/internal/localprofile"
	"guestlist/scanner/inventory"
)

// Limits on what one directory may hold.
const (
	maxProfiles = 1000
	maxFolders  = 10_000
)

const (
	prefsFile         = "prefs.js"
	compatibilityFile = "compatibility.ini"
)

// profile is one profile to read.
type profile struct {
	localprofile.Profile // an add-on's own file is read outside its root
	product              product
	system               bool // the root is a path of the scanned system, from profiles.ini
}

// discovery gathers what there is to read.
type discovery struct {
	localprofile.Search
	system   localprofile.System
	profiles []profile
}

// candidate is a directory that exists where a product keeps its profiles.
type candidate struct {
	product
	dir  string
	user inventory.Untrusted
}

func (p *Provider) newDiscovery() *discovery {
	return &discovery{Search: localprofile.Search{Env: p.env, Family: p.Name(), Wording: wording}, system: p.system}
}

// discover finds all profiles, each once.
func (p *Provider) discover() *discovery {
	d := p.newDiscovery()
	for _, at := range localprofile.Find(&d.Search, places) {
		d.directory(candidate{product: at.Row.product, dir: at.Dir, user: at.User})
	}
	d.unlisted(p.walks)
	for _, dir := range p.env.ProfileDirs {
		d.named(dir)
	}
	return d
}

// directory adds the profiles of a product's directory, unless they have been added before.
func (d *discovery) directory(c candidate) {
	info, err := os.Stat(c.dir)
	if err != nil || !d.Take(info) {
		return
	}
	source := d.Source(c.user, c.key)
	dir, err := localprofile.Open(c.dir, d.Env.Observe)
	if err != nil {
		d.Gap(source, localprofile.Doing(err, "opening %q", inventory.Untrusted(c.dir)))
		return
	}
	defer dir.Close()
	listed, err := readProfiles(dir)
	if err != nil {
		gap := wording.Explain(source, "", err)
		gap.Status = inventory.StatusPartial
		gap.Reason += "; profiles were looked for by their directories, without names"
		gap.Remedy = "open about:profiles in the browser, which writes the file again, and scan again"
		d.Gaps = append(d.Gaps, gap)
	}
	for _, one := range listed {
		d.listed(c, dir, one)
	}
	stray, err := strayProfiles(dir)
	if err != nil {
		d.Gap(source, localprofile.Doing(err, "listing %q", inventory.Untrusted(c.dir)))
	}
	for _, folder := range stray {
		d.profile(c, dir, folder, "")
	}
}

// listed adds a profile that profiles.ini names. If it is missing it may be on a disk that is not
// connected, so it is a gap; only a missing directory beside the others counts as deleted.
func (d *discovery) listed(c candidate, dir *localprofile.Dir, one listed) {
	folder := filepath.FromSlash(strings.ReplaceAll(one.path, `\`, "/"))
	switch {
	case one.relative && filepath.IsLocal(folder):
		if at, ok := d.linked(dir, folder); ok {
			d.elsewhere(c, one, at)
			return
		}
		d.profile(c, dir, folder, one.name)
	case one.relative:
		d.away(c, one, fmt.Errorf("%s names a directory outside its own: %q", profilesFile, inventory.Untrusted(one.path)))
	case one.isInHome():
		if home, ok := d.homeOf(c); ok {
			d.elsewhere(c, one, filepath.Join(home, filepath.FromSlash(one.path[len("~/"):])))
			return
		}
		d.elsewhere(c, one, one.path)
	default:
		d.elsewhere(c, one, one.path)
	}
}

// profile adds one profile below an opened directory.
func (d *discovery) profile(c candidate, dir *localprofile.Dir, folder, name string) {
	d.add(c, dir, profile{Profile: localprofile.Profile{Root: c.dir, Folder: folder}}, filepath.Base(folder), name)
}

// add adds a profile, unless it has been added before or was never started: then it holds nothing
// to read.
func (d *discovery) add(c candidate, dir *localprofile.Dir, p profile, shown, name string) {
	info, err := dir.Stat(p.Folder)
	switch {
	case isMissing(err):
		return
	case err == nil && !info.IsDir():
		err = localprofile.ErrNoFolder
		fallthrough
	case err != nil:
		source := d.Source(c.user, c.key).Join(inventory.Untrusted(shown))
		d.Gap(source, localprofile.Doing(err, "opening the profile's directory %q", inventory.Untrusted(p.Folder)))
		return
	case !isStarted(dir, p.Folder) || !d.Take(info):
		return
	}
	p.product = c.product
	p.Source = d.ProfileSource(c.user, c.key, shown, p.Root)
	p.Holder = inventory.Holder{
		Host: d.Env.Host, User: c.user, Browser: inventory.Untrusted(c.name),
		Profile: inventory.Untrusted(shown), ProfileName: inventory.Untrusted(name),
	}
	d.profiles = append(d.profiles, p)
}

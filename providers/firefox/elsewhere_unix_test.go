//go:build unix

package firefox

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A profile that is a link to another disk is read where it is, and one whose disk is away is a
// gap.
func TestAProfileThatIsALinkIsFollowed(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(firefoxDir+profilesFile, "[Profile0]\nPath=here\n[Profile1]\nPath=away\n[Profile2]\nPath=gone\n")
	disk := newHome(t)
	disk.write("p/"+extensionsFile, `{"addons":[]}`)
	h.link(filepath.Join(disk.dir, "p"), firefoxDir+"here")
	h.link(filepath.Join(disk.dir, "none"), firefoxDir+"away")
	env := h.env()
	env.SystemRoot = "/"
	_, coverage := collect(t, env)
	expectSources(t, coverage, "!ada/firefox/away", "ada/firefox/here")
	_, coverage = h.collect() // below a stand-in for the system nothing leads out
	expectSources(t, coverage, "!ada/firefox/away", "!ada/firefox/here")
}

func TestAFIFOIsNoProfile(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.write(firefoxDir+profilesFile, "[Profile0]\nPath=p\n")
	if err := syscall.Mkfifo(filepath.Join(h.dir, firefoxDir, "p"), 0o600); err != nil {
		t.Skipf("making a FIFO: %v", err)
	}
	_, coverage := h.collect()
	expectSources(t, coverage, "!ada/firefox/p")
}

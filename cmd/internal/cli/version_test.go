package cli

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAVersionSaysWhatIsKnownOfTheBuildAndNothingElse(t *testing.T) {
	t.Parallel()
	const commit, date = "0123456789abcdef0123456789abcdef01234567", "2026-11-25T23:59:00+01:00"
	isModified, isNot := true, false
	vcs := func(modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: commit},
			{Key: "vcs.time", Value: date}, {Key: "vcs.modified", Value: modified}}
	}
	recorded := func(version string, settings ...debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{Main: debug.Module{Version: version}, Settings: settings}
	}
	for name, test := range map[string]struct {
		linked   build
		recorded *debug.BuildInfo
		want     build
		line     string
	}{
		"release": {build{Version: "v1.2.3", Commit: commit, Date: date}, recorded("(devel)"),
			build{Version: "v1.2.3", Commit: commit, Date: date}, "v1.2.3 (commit 0123456789ab of 2026-11-25, "},
		"release-of-a-clone": {build{Version: "v1.2.3"}, recorded("v1.2.2", vcs("false")...),
			build{Version: "v1.2.3", Commit: commit, Date: date, Modified: &isNot}, "v1.2.3 (commit 0123456789ab of 2026-11-25, "},
		"installed-by-version": {build{}, recorded("v1.2.3"), build{Version: "v1.2.3"}, "v1.2.3 ("},
		"changed-clone": {build{}, recorded("(devel)", vcs("true")...),
			build{Version: "devel-0123456789ab", Commit: commit, Date: date, Modified: &isModified},
			"devel-0123456789ab (commit 0123456789ab of 2026-11-25 with changes, "},
		"no-date":          {build{Commit: "0123"}, recorded(""), build{Version: "devel-0123", Commit: "0123"}, "devel-0123 (commit 0123, "},
		"no-history":       {build{}, recorded("(devel)"), build{Version: "devel"}, "devel ("},
		"nothing-recorded": {build{}, nil, build{Version: "unknown"}, "unknown ("},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := test.want
			want.Go, want.OS, want.Arch = runtime.Version(), runtime.GOOS, runtime.GOARCH
			got := describeBuild(&test.linked, test.recorded)
			if diff := cmp.Diff(&want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			line := "guestlist " + test.line + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH + ")"
			if got.String() != line {
				t.Errorf("got  %s\nwant %s", got, line)
			}
		})
	}
}

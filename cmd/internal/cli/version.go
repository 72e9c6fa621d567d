package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"
)

// Release builds set these, for example with -ldflags '-X guestlist/cmd/internal/cli.linkedVersion=v1.2.3'.
// They are the same for every build of a commit, so that two builds have the same bytes.
var (
	linkedVersion string
	linkedCommit  string // in full
	linkedDate    string // when it was committed, in RFC 3339
)

// shortCommit is how much of a commit's hash is enough for a person, in hexadecimal digits.
const shortCommit = 12

// build is what a program knows of where it comes from. What is not known is left out.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitzero"`
	// Date is when the commit was made, not when it was built: that differs from build to build.
	Date string `json:"date,omitzero"`
	// Modified is whether files differed from the commit.
	Modified *bool  `json:"modified,omitzero"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// version is the release, or the module's version, or the commit it was built from.
func version() string { return thisBuild().Version }

func thisBuild() *build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = nil
	}
	return describeBuild(&build{Version: linkedVersion, Commit: linkedCommit, Date: linkedDate}, info)
}

// describeBuild completes what was linked with what Go recorded, which is nil if it recorded
// nothing.
func describeBuild(linked *build, recorded *debug.BuildInfo) *build {
	b := &build{Version: linked.Version, Commit: linked.Commit, Date: linked.Date, Go: runtime.Version(),
		OS: runtime.GOOS, Arch: runtime.GOARCH}
	if recorded == nil {
		b.Version = cmp.Or(b.Version, "unknown")
		return b
	}
	if b.Version == "" && recorded.Main.Version != "(devel)" {
		b.Version = recorded.Main.Version
	}
	if b.Commit == "" {
		b.addRecorded(recorded.Settings)
	}
	if b.Version == "" && b.Commit != "" {
		b.Version = "devel-" + b.Commit[:min(shortCommit, len(b.Commit))]
	}
	b.Version = cmp.Or(b.Version, "devel")
	return b
}

func (b *build) addRecorded(settings []debug.BuildSetting) {
	for _, setting := range settings {
		switch setting.Key {
		case "vcs.revision":
			b.Commit = setting.Value
		case "vcs.time":
			b.Date = setting.Value
		case "vcs.modified":
			modified := setting.Value == "true"
			b.Modified = &modified
		}
	}
}

// String is one line, for a person who reports a problem.
func (b *build) String() string {
	var parts []string
	if b.Commit != "" {
		commit := "commit " + b.Commit[:min(shortCommit, len(b.Commit))]
		if at, err := time.Parse(time.RFC3339, b.Date); err == nil {
			commit += " of " + at.UTC().Format(time.DateOnly)
		}
		if b.Modified != nil && *b.Modified {
			commit += " with changes"
		}
		parts = append(parts, commit)
	}
	parts = append(parts, b.Go, b.OS+"/"+b.Arch)
	return fmt.Sprintf("guestlist %s (%s)", b.Version, strings.Join(parts, ", "))
}

func (env *Env) writeVersion(asJSON bool) error {
	if !asJSON {
		_, err := fmt.Fprintln(env.Stdout, thisBuild())
		return err
	}
	content, err := json.Marshal(thisBuild(), jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.Stdout, "%s\n", content)
	return err
}

func newVersion(env *Env) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the commit and the platform",
		Long: `version prints the version, the commit that it was built from and the day of that commit, the
version of Go and the platform. What the build did not record is left out.`,
		Args: exactly(0, "no arguments"),
		RunE: func(*cobra.Command, []string) error { return env.writeVersion(asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

package localprofile

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner"
	"guestlist/scanner/testkit"
)

// placeRow is a row of a table of places.
type placeRow struct{ where Where }

func (r placeRow) Key() string  { return r.where.Path }
func (r placeRow) Where() Where { return r.where }

func rowsOf(places ...Where) []placeRow {
	rows := make([]placeRow, len(places))
	for n, place := range places {
		rows[n] = placeRow{place}
	}
	return rows
}

// find looks into a home and returns what was found and what was not, with paths below it.
func find(t *testing.T, env scanner.Env, home string, rows []placeRow) (found, faults []string) {
	t.Helper()
	short := func(path string) string {
		below, err := filepath.Rel(home, path)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(below)
	}
	search := Search{Env: env, Wording: wording}
	for _, f := range Find(&search, rows) {
		found = append(found, string(f.User)+": "+short(f.Dir))
	}
	for _, gap := range search.Gaps {
		faults = append(faults, string(gap.Source.Name)+": "+strings.ReplaceAll(string(gap.Reason), home, "~"))
	}
	slices.Sort(faults)
	return found, faults
}

func TestAHomeIsSearchedWhereItsSystemKeepsApplications(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, dir := range []string{
		".config/browser", ".local/share/browser", "snap/browser/common", "AppData/Local/Browser", "AppData/Roaming/Browser",
		"Library/Application Support/Browser", ".config/Browser One", ".config/Browser Two",
	} {
		testkit.WriteFile(t, filepath.Join(home, filepath.FromSlash(dir), "file"), "")
	}
	rows := rowsOf(
		Where{Linux, InConfig, "browser"}, Where{Linux, InData, "browser"}, Where{Linux, InHome, "snap/*/common"},
		Where{Linux, InConfig, "Browser *"}, Where{Linux, InConfig, "none"}, Where{Linux, InHome, "none/*/common"},
		Where{Windows, InLocalData, "Browser"}, Where{Windows, InRoamingData, "Browser"}, Where{MacOS, InSupport, "Browser"},
	)
	linux := []string{"ada: .config/browser", "ada: .local/share/browser", "ada: snap/browser/common",
		"ada: .config/Browser One", "ada: .config/Browser Two"}
	windows := []string{"ada: AppData/Local/Browser", "ada: AppData/Roaming/Browser"}
	macOS := []string{"ada: Library/Application Support/Browser"}
	for name, test := range map[string]struct {
		system string
		anyOS  bool
		want   []string
	}{
		"linux": {Linux, false, linux}, "freebsd": {"freebsd", false, linux}, "windows": {Windows, false, windows},
		"macos":                {MacOS, false, macOS},
		"a-disk-of-any-system": {Linux, true, slices.Concat(linux, windows, macOS)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := scanner.Env{OS: test.system, Homes: []scanner.Home{{Dir: home, User: "ada", AnyOS: test.anyOS}}}
			found, faults := find(t, env, home, rows)
			if diff := cmp.Diff(test.want, found); diff != "" || len(faults) > 0 {
				t.Errorf("faults %q (-want +got)\n%s", faults, diff)
			}
		})
	}
}

func TestTheEnvironmentMovesOnesOwnHomeOnly(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	moved := filepath.Join(home, "moved")
	variables := map[string]string{"XDG_CONFIG_HOME": moved + string(filepath.Separator),
		"CHROME_CONFIG_HOME": "not/absolute", "XDG_DATA_HOME": filepath.Join(home, ".local", "share")}
	env := scanner.Env{OS: Linux, Getenv: func(name string) string { return variables[name] }}
	usual := filepath.Join(home, ".config")
	for name, test := range map[string]struct {
		own  bool
		base Base
		want []string
	}{
		"one's-own":             {true, InChromeConfig, []string{usual, moved}},
		"somebody-else's":       {false, InChromeConfig, []string{usual}},
		"where-it-usually-is":   {true, InData, []string{filepath.Join(home, ".local", "share")}},
		"what-nothing-can-move": {true, InSupport, []string{filepath.Join(home, "Library", "Application Support")}},
	} {
		if diff := cmp.Diff(test.want, Roots(env, scanner.Home{Dir: home, Own: test.own}, test.base)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestALinkTakesNobodysPlaceAndADeadOneIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	home, elsewhere := filepath.Join(dir, "home"), filepath.Join(dir, "elsewhere")
	testkit.WriteFile(t, filepath.Join(elsewhere, "file"), "")
	testkit.WriteFile(t, filepath.Join(home, ".config", "direct", "file"), "")
	testkit.WriteFile(t, filepath.Join(home, ".config", "no-folder"), "")
	testkit.Symlink(t, elsewhere, filepath.Join(home, ".config", "linked"))
	testkit.Symlink(t, "nowhere", filepath.Join(home, ".config", "dead"))
	env := scanner.Env{OS: Linux, Homes: []scanner.Home{{Dir: home, User: "ada"}}}
	found, faults := find(t, env, home, rowsOf(
		Where{Linux, InConfig, "linked"}, Where{Linux, InConfig, "direct"}, Where{Linux, InConfig, "no-folder"},
		Where{Linux, InConfig, "dead"},
	))
	if diff := cmp.Diff([]string{"ada: .config/direct", "ada: .config/linked"}, found); diff != "" {
		t.Errorf("found (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{`ada/dead: following the link "~/.config/dead": it is missing`,
		`ada/no-folder: opening "~/.config/no-folder": it is not a directory`}, faults); diff != "" {
		t.Errorf("faults (-want +got)\n%s", diff)
	}
}

func TestAHomeThatMayNotBeReadIsOneFault(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	home := t.TempDir()
	if err := os.Chmod(home, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(home, 0o700) })
	env := scanner.Env{OS: Linux, Homes: []scanner.Home{{Dir: home, User: "ada"}}}
	found, faults := find(t, env, home, rowsOf(Where{Linux, InConfig, "one"}, Where{Linux, InConfig, "two"}))
	if diff := cmp.Diff([]string{`ada: looking for browsers in "~/.config/one": permission denied`},
		faults); diff != "" || len(found) > 0 {
		t.Errorf("found %q (-want +got)\n%s", found, diff)
	}
}

func TestTheRowWithTheLongestPathDecides(t *testing.T) {
	t.Parallel()
	rows := rowsOf(Where{Path: "Browser"}, Where{Path: "Vendor/Browser"}, Where{Path: "Vendor/Browser */User Data"})
	for dir, want := range map[string]string{
		"/home/ada/.config/Browser":                  "Browser",
		"/home/ada/.config/Vendor/Browser":           "Vendor/Browser",
		"/home/ada/.config/Other/Browser":            "Browser",
		"/home/ada/Vendor/Browser Beta/User Data":    "Vendor/Browser */User Data",
		"/home/ada/.config/Vendor/Browser Beta":      "",
		"/home/ada/.config/Vendor/Browser/User Data": "",
		"Browser": "Browser",
	} {
		row, ok := Longest(rows, filepath.FromSlash(dir))
		if ok != (want != "") || row.where.Path != want {
			t.Errorf("%s is a place of %q, %t; want %q", dir, row.where.Path, ok, want)
		}
	}
}

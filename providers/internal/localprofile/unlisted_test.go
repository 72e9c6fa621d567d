package localprofile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner"
	"guestlist/scanner/inventory"
)

// mark is what the walks of these tests look for.
const mark = "novel.ini"

// homeWith makes a home with an empty file at each path, and a link at each path with " -> ".
func homeWith(t *testing.T, paths ...string) scanner.Env {
	t.Helper()
	dir := t.TempDir()
	for _, path := range paths {
		path, target, isLink := strings.Cut(path, " -> ")
		path = filepath.Join(dir, filepath.FromSlash(path))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if isLink {
			err = errors.Join(err, os.Symlink(target, path))
		} else {
			err = errors.Join(err, os.WriteFile(path, nil, 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return scanner.Env{OS: Linux, Homes: []scanner.Home{{Dir: dir, User: "ada"}}}
}

// walked returns where the walks find something, below the home, and the search.
func walked(env scanner.Env, search *Search) []string {
	search.Env, search.Family, search.Wording = env, inventory.Chromium, Wording{Writer: "a browser"}
	walks := NewWalks(env, Layout{Names: []string{mark, "program"}, Ends: []string{"program"}})
	var found []string
	for _, at := range search.Unlisted(walks, func(folder Folder) (string, bool) { return folder.Dir, folder.Has(mark) }) {
		below, _ := filepath.Rel(env.Homes[0].Dir, at.Dir)
		found = append(found, filepath.ToSlash(below))
	}
	return found
}

func TestTheWalkGoesWhereProgramsKeepTheirData(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		paths, want []string
	}{
		"in-the-usual-places": {
			[]string{".config/a/" + mark, ".b/" + mark, ".local/share/c/" + mark, "Documents/d/" + mark, ".cache/e/" + mark},
			[]string{".config/a", ".local/share/c", ".b"},
		},
		"below-vendors-only": {
			[]string{".config/a/b/c/" + mark, ".config/d/e/f/" + mark, ".config/d/e/1", ".config/d/e/2", ".config/d/e/3",
				".config/d/e/4"},
			[]string{".config/a/b/c"},
		},
		"not-below-what-was-found": {[]string{".config/a/" + mark, ".config/a/b/" + mark}, []string{".config/a"}},
		"one-level-below-a-program": {[]string{".config/a/program", ".config/a/b/" + mark, ".config/a/c/d/" + mark},
			[]string{".config/a/b"}},
		"to-what-a-link-names-last": {[]string{".config/a -> ../elsewhere", "elsewhere/" + mark,
			".config/b/" + mark}, []string{".config/b", ".config/a"}},
		"not-below-what-a-link-names": {[]string{".config/a -> ../elsewhere", "elsewhere/b/" + mark}, nil},
		"not-round-in-circles": {[]string{".config/a/b -> ..", ".config/a/c -> c", ".config/a/d/" + mark},
			[]string{".config/a/d"}},
		"not-into-a-replaced-revision": {[]string{"snap/n/1/.config/a/" + mark, "snap/n/2/.config/a/" + mark,
			"snap/n/current -> 2"}, []string{"snap/n/current/.config/a"}},
		"into-a-revision-without-a-link": {[]string{"snap/n/1/.config/a/" + mark}, []string{"snap/n/1/.config/a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var search Search
			if diff := cmp.Diff(test.want, walked(homeWith(t, test.paths...), &search)); diff != "" || len(search.Gaps) > 0 {
				t.Errorf("gaps %v (-want +got)\n%s", search.Gaps, diff)
			}
		})
	}
}

func TestWhatIsTakenIsNotFoundAgain(t *testing.T) {
	t.Parallel()
	env := homeWith(t, ".config/a/"+mark, ".config/a/b/"+mark, ".config/c/"+mark)
	info, err := os.Stat(filepath.Join(env.Homes[0].Dir, ".config/a"))
	if err != nil {
		t.Fatal(err)
	}
	var search Search
	search.Take(info)
	if got := walked(env, &search); !slices.Equal(got, []string{".config/c"}) {
		t.Errorf("found %q", got)
	}
}

func TestTheWalkEndsInAHugeHomeAndSaysSo(t *testing.T) {
	t.Parallel()
	env := homeWith(t, ".config/a/"+mark)
	for vendor := range maxVisits/maxBelow + 1 {
		for product := range maxBelow {
			if err := os.MkdirAll(filepath.Join(env.Homes[0].Dir, ".config", fmt.Sprintf("v%d/p%d", vendor, product)),
				0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	var search Search
	found := walked(env, &search)
	reason := inventory.Untrusted("looking for browsers in " + strconv.Quote(env.Homes[0].Dir) + ": more than 10000 directories in one place where programs keep their data")
	if !slices.Equal(found, []string{".config/a"}) || len(search.Gaps) != 1 || search.Gaps[0].Reason != reason {
		t.Errorf("found %q, gaps %+v", found, search.Gaps)
	}
}

func TestAHomeThatDoesNotAnswerToTheWalkIsAGapOnce(t *testing.T) {
	t.Parallel()
	env := strikes(homeLimit)
	env.OS = Linux
	hang := make(chan struct{})
	defer close(hang)
	env.Getenv = func(string) string { <-hang; return "" }
	env.Homes = []scanner.Home{{Dir: t.TempDir(), User: "ada", Own: true}}
	var search Search
	if found := walked(env, &search); len(found) > 0 || len(search.Gaps) != 1 {
		t.Fatalf("found %q, gaps %+v", found, search.Gaps)
	}
	if walked(env, &search); len(search.Gaps) != 1 {
		t.Errorf("gaps %+v", search.Gaps)
	}
}

func TestAFolderOfManyNamesIsAskedForTheWantedOnes(t *testing.T) {
	t.Parallel()
	env := homeWith(t, ".config/a/"+mark)
	dir := filepath.Join(env.Homes[0].Dir, ".config/a")
	for n := range maxNames {
		if err := os.Symlink("x", filepath.Join(dir, strconv.Itoa(n))); err != nil {
			t.Fatal(err)
		}
	}
	var search Search
	if got := walked(env, &search); !slices.Equal(got, []string{".config/a"}) {
		t.Errorf("found %q", got)
	}
}

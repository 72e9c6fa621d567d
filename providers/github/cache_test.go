package github_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/githubfake"
)

func TestUnchangedPagesCostNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pages")
	config := acme()
	config.CacheDir, config.DeepRepositories = dir, true
	org := githubfake.Generate("acme", githubfake.Sizes{Members: 150, Installations: 30, Credentials: 250, Tokens: 10,
		Repositories: 9, Hooks: 2})
	org.Hooks[0].URL = "https://hook.example/secret-in-path"
	w := appWorld(t, githubfake.Options{Organizations: []*githubfake.Organization{org}, Core: 5000}, config)
	w.collect()
	first := w.of("acme")
	before, _ := w.traffic()

	w.use(withApp(w, config), nil) // a new run: nothing is remembered but the folder
	w.collect()
	after, kept := w.traffic()
	if diff := cmp.Diff(first, w.of("acme")); diff != "" {
		t.Errorf("the second scan observed something else: %s", diff)
	}
	// Everything but the webhooks (1 list of the organization, 9 of repositories) and the sign-in's
	// 3 requests is kept.
	if want := before - 10 - 3; kept != want || after != before {
		t.Errorf("%d of %d requests were not modified, want %d of %d", kept, after, want, before)
	}

	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Fatal(entries, err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", entry.Name(), info.Mode())
		}
	}
	w.checkNoSecret() // now, while the pages are there

	// A page that changed is read anew, a file that is damaged is not minded.
	org.Installations[0].Permissions["secrets"] = "write"
	for n, entry := range entries {
		if n%2 == 0 {
			if err := os.WriteFile(filepath.Join(dir, entry.Name()), []byte("damaged"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.use(withApp(w, config), nil)
	w.collect()
	w.wantAllComplete()
	if item := w.item("acme/installations", "1000"); !strings.Contains(strings.Join(plain(item.Access.Permissions), " "),
		"secrets:write") {
		t.Errorf("the change is not seen: %v", item.Access.Permissions)
	}

	// Pages that nobody asks for go after a month.
	w.clock.Move(40 * 24 * time.Hour)
	config.Organizations = nil
	w.use(withApp(w, config), nil)
	w.collect()
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%d pages are left", len(entries))
	}
}

func TestAnUnchangedPageThatIsNoLongerTheLastIsFollowed(t *testing.T) {
	t.Parallel()
	config := ownerConfig()
	config.CacheDir = t.TempDir()
	org := githubfake.Generate("acme", githubfake.Sizes{Members: 100, Installations: 200})
	more := githubfake.Generate("acme", githubfake.Sizes{Members: 101, Installations: 201})
	options := ownerOptions(org, ownerScopes...)
	w := newWorld(t, options, config)
	w.collect()
	for range 2 {
		org.Members, org.Installations = more.Members, more.Installations
		options.Tokens[ownerToken].User = org.Members[0].User
		w.use(config, nil)
		w.collect()
		if members, apps := len(w.sink.Accounts), len(w.of("acme/installations")); members != 101 || apps != 201 {
			t.Errorf("%d members and %d installations, want 101 and 201", members, apps)
		}
		if _, kept := w.traffic(); kept == 0 {
			t.Error("no page was taken from before")
		}
	}
	// And back: what is gone is not kept.
	less := githubfake.Generate("acme", githubfake.Sizes{Members: 100, Installations: 200})
	org.Members, org.Installations = less.Members, less.Installations
	options.Tokens[ownerToken].User = org.Members[0].User
	w.use(config, nil)
	w.collect()
	w.wantAllComplete("acme/tokens", "acme/token-requests")
	if members, apps := len(w.sink.Accounts), len(w.of("acme/installations")); members != 100 || apps != 200 {
		t.Errorf("%d members and %d installations, want 100 and 200", members, apps)
	}
}

func TestTwoAccountsDoNotSharePages(t *testing.T) {
	t.Parallel()
	config := ownerConfig()
	config.CacheDir = t.TempDir()
	org := rich()
	options := ownerOptions(org, ownerScopes...)
	options.Tokens["ghp_other"] = &githubfake.Token{Kind: githubfake.Classic, User: org.Members[0].User,
		Scopes: ownerScopes}
	w := newWorld(t, options, config)
	w.collect()
	_, again := w.traffic() // what one scan asks for twice
	other := ownerConfig()
	other.CacheDir = config.CacheDir
	other.Credential = tokenOf("ghp_other")
	w.use(other, nil)
	w.collect()
	if _, n := w.traffic(); n != again {
		t.Errorf("%d pages of another account were used", n-again)
	}
}

func unpack(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := gzip.NewReader(file)
	if err != nil {
		return "" // one that the test damaged
	}
	data, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

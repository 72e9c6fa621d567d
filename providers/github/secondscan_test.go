package github_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/providers/fake/githubfake"
	"guestlist/scanner/diff"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// snapshot writes what the last collect saw.
func (w *world) snapshot(name string) *snapshot.Reader {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	writer, err := snapshot.Create(path, snapshot.Header{RunID: inventory.Untrusted(name), Started: now})
	if err != nil {
		w.t.Fatal(err)
	}
	defer writer.Abort()
	for _, coverage := range w.coverage {
		err = errors.Join(err, writer.AddCoverage(&coverage))
	}
	for n := range w.sink.Accounts {
		err = errors.Join(err, writer.AddAccount(&w.sink.Accounts[n]))
	}
	for n := range w.sink.Items {
		err = errors.Join(err, writer.AddItem(&w.sink.Items[n]))
	}
	if _, committed := writer.Commit(now); errors.Join(err, committed) != nil {
		w.t.Fatal(err, committed)
	}
	reader, err := snapshot.Open(path)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { reader.Close() })
	return reader
}

// TestWhatASecondScanSaysIsNew holds what became of an organization between two scans against what
// is told of it: accounts and apps are told apart by GitHub's numbers, however large, and not by
// their names.
func TestWhatASecondScanSaysIsNew(t *testing.T) {
	t.Parallel()
	const large = int64(1)<<53 + 1 // no float64 holds it
	type org = githubfake.Organization
	for _, test := range []struct {
		name   string
		change func(*org)
		want   []string
	}{
		{"nothing", func(*org) {}, nil},
		{"a-member-was-renamed", func(o *org) {
			o.Members[1].Login = "renamed"
			for _, credential := range o.Credentials {
				credential.Login = "renamed"
			}
		}, []string{"changed account : 1 account of acme has a new login"}},
		{"a-login-is-spelled-in-another-case", func(o *org) {
			for _, credential := range o.Credentials {
				credential.Login = strings.ToUpper(credential.Login)
			}
		}, nil},
		{"a-member-left", func(o *org) { o.Members, o.Credentials = slices.Delete(o.Members, 1, 2), nil },
			[]string{"removed account : 1 account of acme left, and what it held is gone"}},
		{"another-took-the-name", func(o *org) {
			copied := *o.Members[1].User
			copied.ID = large + 2
			o.Members[1] = &githubfake.Member{User: &copied}
			o.Credentials = nil
		}, []string{
			"added account : 1 account is new in acme", "removed account : 1 account of acme left, and what it held is gone",
		}},
		{"an-app-has-another-number", func(o *org) {
			app := *o.Installations[0].App
			app.ID = large + 1
			installed := *o.Installations[0]
			installed.App, installed.ID = &app, large+1
			o.Installations[0] = &installed
		}, []string{"added app CI: ", "removed app CI: "}},
		{"an-app-was-suspended", func(o *org) {
			o.Installations[0].Suspended, o.Installations[0].SuspendedBy = now, "acme-it"
		}, []string{"changed app CI: state enabled → disabled"}},
		{"an-app-was-uninstalled", func(o *org) { o.Installations = nil }, []string{"removed app CI: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := githubfake.Generate("acme", githubfake.Sizes{Members: 3})
			o.Members[1].ID = large
			o.Credentials = []*githubfake.CredentialAuthorization{{ID: large, CredentialID: large, Login: o.Members[1].Login,
				Type: "SSH key", Fingerprint: "fp", Authorized: now.Add(-time.Hour)}}
			o.Installations = []*githubfake.AppInstallation{{ID: large, Selection: "all", Created: now,
				Permissions: map[string]string{"metadata": "read"},
				App: &githubfake.App{ID: large, Slug: "ci", ClientID: "Iv23liCI", Name: "CI", Owner: "ci-vendor",
					Permissions: map[string]string{"metadata": "read"}}}}
			w := newWorld(t, ownerOptions(o, ownerScopes...), ownerConfig())
			w.collect()
			before := w.snapshot("before")
			test.change(o)
			w.collect()
			judgement, err := diff.Judge(diff.Input{Pairs: snapshot.Compare(before, w.snapshot("after")), Baseline: true,
				SameScope: true, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, change := range judgement.Difference.List {
				got = append(got, fmt.Sprintf("%s %s %s: %s", change.Kind, change.About, change.App.Name, change.What))
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

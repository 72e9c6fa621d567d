package access_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

type list = []inventory.Untrusted

func TestExcessHosts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name               string
		held, pinned, want list
	}{
		{"nothing-held-is-no-excess", nil, list{"https://a.example/*"}, nil},
		{"nothing-pinned-leaves-all", list{"https://a.example/*"}, nil, list{"https://a.example/*"}},
		{"two-schemes-together-cover-any-scheme", list{"*://x.example/*"},
			list{"http://x.example/*", "https://x.example/*"}, nil},
		{"two-schemes-of-different-hosts-do-not", list{"*://x.example/*"}, list{"http://x.example/*", "https://y.example/*"},
			list{"*://x.example/*"}},
		{"two-schemes-of-wider-places-do", list{"*://x.example/*"}, list{"http://*/*", "https://*.example/*"}, nil},
		{"every-web-page-by-scheme-is-not-files", list{"<all_urls>"}, list{"http://*/*", "https://*/*", "file:///*"},
			list{"<all_urls>"}},
		{"the-order-of-what-is-held-stays", list{"https://b.example/*", "https://a.example/*"}, list{"https://c.example/*"},
			list{"https://b.example/*", "https://a.example/*"}},
		{"what-is-no-pattern-needs-its-very-text", list{"https://*", "nonsense"}, list{"<all_urls>", "nonsense"},
			list{"https://*"}},
		{"an-empty-text-is-no-access", list{""}, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, access.ExcessHosts(test.held, test.pinned)); diff != "" {
				t.Errorf("ExcessHosts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExcessPermissions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name               string
		held, pinned, want list
	}{
		{"by-name", list{"storage", "tabs"}, list{"storage"}, list{"tabs"}},
		{"names-keep-their-case", list{"Tabs"}, list{"tabs"}, list{"Tabs"}},
		{"an-OAuth-scope-is-one-name", list{"https://mail.google.com/"},
			list{"https://www.googleapis.com/auth/gmail.readonly"},
			list{"https://mail.google.com/"}},
		{"write-includes-read", list{"contents:read", "issues:write"}, list{"contents:write", "issues:read"},
			list{"issues:write"}},
		{"admin-includes-write", list{"organization_projects:write"}, list{"organization_projects:admin"}, nil},
		{"a-scope-with-a-prefix-has-no-level", list{"read:org"}, list{"write:org"}, list{"read:org"}},
		{"a-surface-by-name", list{"devtools_page", "chrome_url_overrides.newtab"}, list{"devtools_page"},
			list{"chrome_url_overrides.newtab"}},
		{"a-surface's-pages-by-meaning", list{"externally_connectable https://a.example.com/*"},
			list{"externally_connectable https://*.example.com/*"}, nil},
		{"one-type-of-document-is-not-another", list{"mime_types_handler application/pdf",
			"mime_types_handler application/xml"},
			list{"mime_types_handler application/pdf"}, list{"mime_types_handler application/xml"}},
		{"one-kind-of-link-is-not-another", list{"protocol_handlers mailto"}, list{"protocol_handlers web+acme"},
			list{"protocol_handlers mailto"}},
		{"one-surface's-pages-are-not-another's", list{"externally_connectable https://a.example/*"},
			list{"devtools https://a.example/*"},
			list{"externally_connectable https://a.example/*"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, access.ExcessPermissions(test.held, test.pinned)); diff != "" {
				t.Errorf("ExcessPermissions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMinimalHosts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		hosts, min list
	}{
		{"none", nil, list{}},
		{"one-pattern-covers-the-others", list{"https://a.example/*", "<all_urls>", "*://*/*"}, list{"<all_urls>"}},
		{"of-two-spellings-the-first-stays", list{"https://b.EXAMPLE/*", "https://B.example/*"}, list{"https://B.example/*"}},
		{"patterns-apart-stay-apart", list{"https://b.example/*", "https://a.example/*"},
			list{"https://a.example/*", "https://b.example/*"}},
		{"an-empty-text-goes", list{"", "https://a.example/*"}, list{"https://a.example/*"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.min, access.MinimalHosts(test.hosts)); diff != "" {
				t.Errorf("MinimalHosts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWider(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name          string
		before, after inventory.Access
		want          access.Change
	}{
		{
			name:   "a-permission-more-and-one-less",
			before: inventory.Access{Permissions: list{"storage", "tabs"}},
			after:  inventory.Access{Permissions: list{"storage", "cookies"}},
			want:   access.Change{GainedPermissions: list{"cookies"}, LostPermissions: list{"tabs"}},
		},
		{
			name:   "a-host-inside-one-that-was-held-is-no-gain-and-the-wide-one-is-lost",
			before: inventory.Access{Hosts: list{"<all_urls>"}},
			after:  inventory.Access{Hosts: list{"https://a.example/*"}},
			want:   access.Change{LostHosts: list{"<all_urls>"}},
		},
		{
			name:   "a-surface-more",
			before: inventory.Access{},
			after:  inventory.Access{Surfaces: list{"devtools_page"}},
			want:   access.Change{GainedSurfaces: list{"devtools_page"}},
		},
		{
			name:   "what-is-no-longer-told-is-not-lost",
			before: inventory.Access{Permissions: list{"storage"}, Hosts: list{"<all_urls>"}, Basis: inventory.BasisActive},
			after:  inventory.Access{},
		},
		{
			name:   "what-is-told-to-be-nothing-is-lost",
			before: inventory.Access{Permissions: list{"storage"}, Basis: inventory.BasisActive},
			after:  inventory.Access{Basis: inventory.BasisActive},
			want:   access.Change{LostPermissions: list{"storage"}},
		},
		{
			name:   "from-selected-to-all-repositories",
			before: inventory.Access{Repositories: "selected"},
			after:  inventory.Access{Repositories: "all"},
			want:   access.Change{RepositoriesBefore: "selected", RepositoriesAfter: "all", RepositoriesWider: true},
		},
		{
			name:   "from-all-to-selected-repositories-is-narrower",
			before: inventory.Access{Repositories: "all"},
			after:  inventory.Access{Repositories: "selected"},
			want:   access.Change{RepositoriesBefore: "all", RepositoriesAfter: "selected"},
		},
		{
			name:   "repositories-that-are-no-longer-visible-are-a-difference-and-not-wider",
			before: inventory.Access{Repositories: "selected"},
			after:  inventory.Access{Repositories: "unknown"},
			want:   access.Change{RepositoriesBefore: "selected", RepositoriesAfter: "unknown"},
		},
		{
			name:   "hosts-that-waited-for-a-click-are-free",
			before: inventory.Access{Hosts: list{"<all_urls>"}, HostsWithheld: inventory.Yes},
			after:  inventory.Access{Hosts: list{"<all_urls>"}, HostsWithheld: inventory.No},
			want:   access.Change{HostsReleased: true},
		},
		{
			name:   "the-same-in-other-words-is-no-change",
			before: inventory.Access{Hosts: list{"https://bücher.example/*"}, Permissions: list{"tabs"}},
			after:  inventory.Access{Hosts: list{"https://xn--bcher-kva.example/*"}, Permissions: list{"tabs"}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := access.Wider(test.before, test.after)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Wider (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzCovers(f *testing.F) {
	for _, seed := range [][3]string{
		{"<all_urls>", "*://*/*", "https://*.example.com/*"},
		{"*://*.example.com/*", "https://*.example.com/*", "https://a.example.com/b*"},
		{"file://*", "file:///*", "file://localhost/a"},
		{"http://[::1]:8080/*", "http://*:*/*", "wss://x/*"},
		{"https://bücher.example/*", "https://xn--bcher-kva.example./*", "chrome://favicon/"},
		{"https://a/*b*c", "https://a/*b*b*c", "https://a/bbbbbbbc"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, first, second, third string) {
		a, b, c := inventory.Untrusted(first), inventory.Untrusted(second), inventory.Untrusted(third)
		if !access.Covers(a, a) {
			t.Errorf("%q does not cover itself", a)
		}
		if access.Covers(a, b) && access.Covers(b, c) && !access.Covers(a, c) {
			t.Errorf("%q covers %q, which covers %q, and yet not %q", a, b, c, c)
		}
		_, err := access.Parse(a)
		if err == nil && access.Covers("*://*/*", a) && !access.Covers(access.AllURLs, a) {
			t.Errorf("<all_urls> does not cover %q", a)
		}
		if err != nil && access.Covers(access.AllURLs, a) {
			t.Errorf("<all_urls> covers %q, which is no pattern", a)
		}
		all := list{a, b, c}
		minimal := access.MinimalHosts(all)
		if excess := access.ExcessHosts(all, minimal); len(excess) > 0 {
			t.Errorf("MinimalHosts(%q) = %q leaves %q out", all, minimal, excess)
		}
		if slices.Contains(minimal, "") {
			t.Errorf("MinimalHosts(%q) = %q holds an empty text", all, minimal)
		}
	})
}

func TestWithoutLeavesItsListAsItIs(t *testing.T) {
	t.Parallel()
	held := list{"tabs", "https://a.example/*", "tabs", "storage"}
	rest := access.Without(held, list{"tabs", "https://*/*"})
	if diff := cmp.Diff(list{"https://a.example/*", "storage"}, list(rest)); diff != "" {
		t.Errorf("Without (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(list{"tabs", "https://a.example/*", "tabs", "storage"}, held); diff != "" {
		t.Errorf("the list itself (-before +after):\n%s", diff)
	}
}

package enforce_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"guestlist/allowlist"
	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// everything is an allowlist with an entry of each kind that a policy treats in its own way.
const everything = `version = 1

[policy]
contact = "it@acme.example"

[[allow]]
name = "Notes \"for\" <all> -- & ]]>"
kind = "extension"
id = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "notes@acme.example"]
owner = "it@acme.example"
reason = "Notes"
approved = 2026-11-01
permissions = ["storage", "tabs"]
hosts = ["https://*.acme.example/*", "http://intranet.acme.example:8080/wiki/*"]
versions = ">=1.5, <3"
origin = ["store"]

[[allow]]
name = "Everything"
id = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "everything@acme.example"]
owner = "it@acme.example"
reason = "Trusted whole"
approved = 2026-11-01

[[allow]]
name = "Waits"
kind = "extension"
id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"
owner = "TODO"
reason = "Asked for"
approved = 2026-11-01

[[allow]]
name = "Expired"
kind = "extension"
id = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaad", "expired@acme.example"]
owner = "it@acme.example"
reason = "Was needed"
approved = 2026-01-01
expires = 2026-06-01

[[allow]]
name = "For engineering"
kind = "extension"
id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaae"
owner = "it@acme.example"
reason = "Debugging"
approved = 2026-11-01
for = ["*@eng.acme.example"]
permissions = ["debugger"]
hosts = []

[[defer]]
name = "Put off"
kind = "extension"
id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaf"
owner = "it@acme.example"
reason = "The vendor is asked"
until = 2026-12-15

[[deny]]
name = "Bad"
kind = "extension"
id = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaag", "bad@acme.example"]
reason = "Sells browsing data"

[[require]]
name = "Vault"
kind = "extension"
id = ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaah", "vault@acme.example"]
reason = "Every service gets a unique password"

[[require]]
name = "Agent"
kind = "extension"
id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaai"
reason = "Our own"
install_url = "https://extensions.acme.example/update.xml"

[[allow]]
name = "Calendar"
kind = "oauth-grant"
id = "111111111111-calendar"
owner = "it@acme.example"
reason = "Meetings"
approved = 2026-11-01
permissions = ["https://www.googleapis.com/auth/calendar.readonly"]

[[allow]]
name = "=Sign-in"
kind = "oauth-grant"
id = "111111111111-signin.apps.googleusercontent.com"
owner = "it@acme.example"
reason = "Single sign-on"
approved = 2026-11-01
permissions = ["openid", "email"]

[[deny]]
kind = "oauth-grant"
id = "222222222222-bad"
reason = "Unknown vendor"

[[allow]]
name = "Checkout"
kind = "action"
id = ["actions/checkout", "acme/*", "docker/build-push-action@v6"]
owner = "it@acme.example"
reason = "Builds"
approved = 2026-11-01

[[deny]]
kind = "action"
id = "evil/action"
reason = "Stole secrets"

[[allow]]
kind = "app-installation"
id = "12345"
owner = "it@acme.example"
reason = "Reviews"
approved = 2026-11-01
`

func parse(t testing.TB, text string) *allowlist.List {
	t.Helper()
	list, err := allowlist.Parse("allowlist.toml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func emit(t testing.TB, list *allowlist.List, target string, options enforce.Options) *enforce.Output {
	t.Helper()
	options.At = now
	output, err := enforce.Emit(list, enforce.TargetNamed(target), options)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func forms(visit func(target *enforce.Target, form enforce.Form)) {
	for _, target := range enforce.Targets() {
		for _, form := range target.Forms {
			visit(target, form)
		}
	}
}

// The files are what a reviewer looks at before they are put in force, and the notes are what the
// policy does not keep.
func TestEveryTargetInEveryForm(t *testing.T) {
	t.Parallel()
	list := parse(t, everything)
	forms(func(target *enforce.Target, form enforce.Form) {
		if target.Name == "chromium" || target.Name == "brave" || target.Name == "edge" && form != enforce.FormJSON {
			return // as Chrome's, but for the place
		}
		t.Run(target.Name+"-"+string(form), func(t *testing.T) {
			t.Parallel()
			output := emit(t, list, target.Name, enforce.Options{Form: form})
			var notes strings.Builder
			notes.WriteString(output.Place + "\n")
			for _, note := range output.Notes {
				notes.WriteString(note.String() + "\n")
			}
			content := string(output.Content)
			if form == enforce.FormReg {
				content = strings.ReplaceAll(fromUTF16(t, output.Content), "\r\n", "\n")
			}
			testkit.Golden(t, "testdata/"+target.Name+"."+string(form)+".golden", content+"\n=== "+notes.String())
		})
	})
}

// Read back, a file is the policy that was asked for, and there is no difference to the allowlist.
func TestWhatIsReadBackDecidesTheSame(t *testing.T) {
	t.Parallel()
	list := parse(t, everything)
	forms(func(target *enforce.Target, form enforce.Form) {
		for _, options := range []enforce.Options{
			{}, {Require: enforce.Normal}, {For: "dev@eng.acme.example"}, {OrgUnit: "/sales"},
		} {
			options.Form, options.At = form, now
			output := emit(t, list, target.Name, options)
			read, err := enforce.Read(target, output.Content)
			if err != nil {
				t.Errorf("%s as %s: %v", target.Name, form, err)
				continue
			}
			wanted, _ := enforce.Wanted(list, target, options)
			if !target.IsBrowser() {
				read.Default = wanted.Default // no part of the file
			}
			if diff := cmp.Diff(normal(target, wanted), normal(target, read), noHints); diff != "" {
				t.Errorf("%s as %s is not what was asked for (-asked +read):\n%s", target.Name, form, diff)
			}
			if differences := enforce.Compare(list, target, options, read); len(differences) > 0 {
				t.Errorf("%s as %s differs from its own allowlist: %+v", target.Name, form, differences)
			}
		}
	})
}

// normal is a policy with what a form cannot tell apart made equal.
func normal(target *enforce.Target, policy *enforce.Policy) *enforce.Policy {
	same := &enforce.Policy{Default: alike(target, policy.Default), Rules: map[inventory.Untrusted]enforce.Rule{}, Remarks: policy.Remarks}
	for id, rule := range policy.Rules {
		same.Rules[id] = alike(target, rule)
	}
	return same
}

func alike(target *enforce.Target, rule enforce.Rule) enforce.Rule {
	if target.Name == "firefox" && rule.Mode == enforce.Removed {
		rule.Mode = enforce.Blocked // which removes there
	}
	if len(rule.AllowedHosts) == 0 {
		rule.AllowedHosts = nil
	}
	if len(rule.BlockedPermissions) == 0 {
		rule.BlockedPermissions = nil
	}
	return rule
}

func TestTheSameListGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	list := parse(t, everything)
	forms(func(target *enforce.Target, form enforce.Form) {
		first := emit(t, list, target.Name, enforce.Options{Form: form})
		for range 3 {
			if string(emit(t, list, target.Name, enforce.Options{Form: form}).Content) != string(first.Content) {
				t.Errorf("%s as %s changes from run to run", target.Name, form)
			}
		}
	})
}

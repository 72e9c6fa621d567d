package enforce_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"guestlist/allowlist"
	"guestlist/allowlist/enforce"
	"guestlist/scanner/inventory"
)

// maker makes random allowlists around a few apps.
type maker struct {
	*rand.Rand
	plain bool // only what a policy of Chromium can express
}

var (
	appIDs = []string{
		strings.Repeat("a", 32), strings.Repeat("b", 32), strings.Repeat("c", 32), "one@acme.example", "two@acme.example",
		"{11111111-2222-3333-4444-555555555555}",
	}
	somePermissions = []string{"storage", "tabs", "cookies", "webRequest", "history"}
	someHosts       = []string{"https://a.example/*", "https://*.b.example/*", "*://c.example/*", "http://d.example/*"}
	someVersions    = []string{"0.9", "1", "1.0.0.1", "1.5", "2", "2.4", "3"}
	oddHosts        = []string{"https://a.example:8443/*", "https://e.example/path/*", "file:///*", "<all_urls>", "=odd"}
	oddVersions     = []string{"<2", ">1.5", "=2.4", "1.*", ">=1, <3", "!=2"}
)

func (m *maker) some(texts []string) []string {
	chosen := slices.DeleteFunc(slices.Clone(texts), func(string) bool { return m.IntN(2) == 0 })
	m.Shuffle(len(chosen), func(a, b int) { chosen[a], chosen[b] = chosen[b], chosen[a] })
	return chosen
}

func (m *maker) one(texts []string) string { return texts[m.IntN(len(texts))] }

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

func list(texts []string) string { return strings.ReplaceAll(fmt.Sprintf("%q", texts), `" "`, `", "`) }

// entry makes an entry of an app.
func (m *maker) entry(part, id string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[[%s]]\nkind = \"extension\"\nid = %q\nreason = \"A reason\"\n", part, id)
	add := func(percent int, format string, args ...any) {
		if m.chance(percent) {
			fmt.Fprintf(&b, format+"\n", args...)
		}
	}
	hosts, ranges := someHosts, []string{">=" + m.one(someVersions)}
	if !m.plain {
		hosts, ranges = slices.Concat(someHosts, oddHosts), append(ranges, oddVersions...)
	}
	switch part {
	case "allow":
		b.WriteString("owner = \"it@acme.example\"\n")
		add(85, "approved = 2026-11-01")
		add(20, "expires = %s", m.one([]string{"2026-11-20", "2027-01-01"}))
		add(60, "permissions = %s", list(m.some(somePermissions)))
		add(60, "hosts = %s", list(m.some(hosts)))
		add(50, "versions = %q", m.one(ranges))
		add(15, "for = [\"*@eng.acme.example\"]")
	case "deny":
		if !m.plain {
			add(40, "versions = %q", m.one(ranges))
		}
	case "defer":
		b.WriteString("until = 2026-12-24\n")
	}
	return b.String()
}

// allowlist makes a list, and repeats until it is a legal one.
func (m *maker) allowlist(t *testing.T) *allowlist.List {
	t.Helper()
	for {
		var b strings.Builder
		b.WriteString("version = 1\n")
		for _, id := range appIDs {
			for _, each := range []struct {
				part    string
				percent int
			}{{"allow", 70}, {"allow", 10}, {"deny", 15}, {"require", 25}, {"defer", 10}} {
				if m.chance(each.percent) {
					b.WriteString("\n" + m.entry(each.part, id))
				}
			}
		}
		made, err := allowlist.Parse("allowlist.toml", []byte(b.String()), nil)
		if problems := (*allowlist.Problems)(nil); errors.As(err, &problems) {
			continue // two entries for the same app and holders
		}
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
}

// item makes what a browser might run.
func (m *maker) item(id string) inventory.Item {
	return inventory.Item{
		Kind: inventory.KindExtension, App: inventory.App{ID: inventory.Untrusted(id)},
		Version: inventory.Untrusted(m.one(someVersions)), Origin: inventory.OriginStore,
		Access: inventory.Access{
			Basis:       inventory.BasisManifest,
			Permissions: inventory.All(m.some(somePermissions)), Hosts: inventory.All(m.some(someHosts)),
		},
	}
}

// stopped are the drifts that stop an app, and not only take something from it.
func stopped(verdict *allowlist.Verdict) bool {
	return slices.ContainsFunc(verdict.Drifts, func(d allowlist.Drift) bool {
		return d.Aspect == allowlist.AspectVersion || len(d.Permissions) > 0
	})
}

const randomLists = 400

// The policy and the allowlist decide the same of an app: whether it may run as it is, and which
// sites it may reach. Emitted and read back, whatever the form, there is no difference.
func TestAPolicyDecidesAsItsAllowlistDoes(t *testing.T) {
	t.Parallel()
	m := &maker{Rand: rand.New(rand.NewPCG(12, 7)), plain: true}
	target := enforce.TargetNamed("chrome")
	for range randomLists {
		made := m.allowlist(t)
		read := readBack(t, m, made, target)
		for _, id := range appIDs[:3] {
			item := m.item(id)
			verdict, rule := made.Decide(&item, now), read.Rule(item.App.ID)
			required := isRequired(made, &item)
			want := verdict.Decision == allowlist.Allowed && !stopped(&verdict) && (verdict.Expiry != allowlist.Expired || required)
			if verdict.Expiry == allowlist.Expired && required {
				continue // it stays, without a limit on its versions
			}
			if got := rule.Permits(item.Version, item.Access.Permissions); got != want {
				t.Fatalf("the policy says %v and the allowlist %v (%s) of %+v, by %+v", got, want, verdict.Why, item, rule)
			}
			if !rule.Mode.Permits() || verdict.Entry.Hosts == nil || len(verdict.Also) > 0 {
				continue
			}
			for _, host := range item.Access.Hosts {
				want := !slices.ContainsFunc(verdict.Drifts, func(d allowlist.Drift) bool { return slices.Contains(d.Hosts, host) })
				if got := rule.Reaches(host); got != want {
					t.Fatalf("the policy says %v and the allowlist %v of %s, by %+v", got, want, host, rule)
				}
			}
		}
	}
}

func isRequired(list *allowlist.List, item *inventory.Item) bool {
	_, requirements := list.InForce(item, now)
	return len(requirements) > 0
}

// What the allowlist approves without drift no policy refuses, in any browser, whatever else it
// cannot express.
func TestNoPolicyRefusesWhatIsApproved(t *testing.T) {
	t.Parallel()
	m := &maker{Rand: rand.New(rand.NewPCG(7, 12))}
	for range randomLists {
		made := m.allowlist(t)
		for _, name := range []string{"chrome", "firefox"} {
			target := enforce.TargetNamed(name)
			read := readBack(t, m, made, target)
			for _, id := range appIDs {
				item := m.item(id)
				verdict := made.Decide(&item, now)
				if verdict.Decision != allowlist.Allowed || len(verdict.Drifts) > 0 || verdict.Expiry == allowlist.Expired ||
					(name == "firefox") != strings.ContainsAny(id, "@{") {
					continue
				}
				rule := read.Rule(item.App.ID)
				if !rule.Permits(item.Version, item.Access.Permissions) ||
					slices.ContainsFunc(item.Access.Hosts, func(host inventory.Untrusted) bool { return !rule.Reaches(host) }) {
					t.Fatalf("%s refuses %+v, which %v approves, by %+v", name, item, verdict.Position, rule)
				}
			}
		}
	}
}

// readBack emits a list in a random form, and reads the file.
func readBack(t *testing.T, m *maker, made *allowlist.List, target *enforce.Target) *enforce.Policy {
	t.Helper()
	options := enforce.Options{Form: target.Forms[m.IntN(len(target.Forms))], At: now}
	output := emit(t, made, target.Name, options)
	read, err := enforce.Read(target, output.Content)
	if err != nil {
		t.Fatal(err)
	}
	if differences := enforce.Compare(made, target, options, read); len(differences) > 0 || len(read.Remarks) > 0 {
		t.Fatalf("as %s: %+v %q", options.Form, differences, read.Remarks)
	}
	return read
}

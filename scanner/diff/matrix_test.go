package diff

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
	"guestlist/scanner/snapshot"
)

// Every remedy there is: everything that can be let in, in every state of the allowlist and against
// every baseline, read by who looks after the list and by who checks what is theirs. With -v the
// test prints them.
func TestEveryRemedyCanBeDoneByWhoReadsIt(t *testing.T) {
	t.Parallel()
	seen := make(map[Rule]map[string]bool)
	for _, self := range []bool{false, true} {
		for _, state := range allowlistStates {
			for name, before := range state.baselines() {
				t.Run(fmt.Sprintf("self=%v/%s/%s", self, state.name, name), func(t *testing.T) {
					for _, f := range judgeEverything(t, state.of, before, self) {
						checkRemedy(t, &f, self)
						if seen[f.Rule] == nil {
							seen[f.Rule] = make(map[string]bool)
						}
						seen[f.Rule][string(f.Remedy)] = true
					}
				})
			}
		}
	}
	for _, info := range Rules {
		switch remedies := slices.Sorted(maps.Keys(seen[info.Rule])); {
		case info.Rule == NotObserved || info.Rule == ApprovalUnused || info.Rule == HeldEarlier ||
			info.Rule == FeedOutOfDate: // of other things than are let in
		case len(remedies) == 0:
			t.Errorf("nothing was %s: its remedies were not looked at", info.Rule)
		default:
			t.Logf("%s\n  %s", info.Rule, strings.Join(remedies, "\n  "))
		}
	}
}

var (
	begins    = regexp.MustCompile(`^(if that was not intended, )?(approve|ask|block|choose|delete|fill in|have|install|open|remove|restart|review|revoke|take|turn|uninstall|use) `)
	misjoined = regexp.MustCompile(`[,;:.]$|[,;] ?[,;]|  |[^,;] or have|: .*[^;] or have|or or|it it`)
	approves  = regexp.MustCompile("have (it|them|its \\w+) approved|to approve |to renew its approval|set a new `approved`|add its host to policy|to allow its host")
	edits     = regexp.MustCompile("fill in|`|\\.toml|policy\\.hook_hosts|have (it|them|its \\w+) approved")
	buttons   = regexp.MustCompile(`remove it at (about:addons|chrome://extensions|Tools)`)
	singular  = regexp.MustCompile(`(revoke|delete|remove|approve|have) it\b`)
)

func checkRemedy(t *testing.T, f *Finding, self bool) {
	t.Helper()
	remedy := string(f.Remedy)
	wrong := func(what string) { t.Errorf("%s: %s: %q", f.Rule, what, remedy) }
	if f.Change == Removed || f.Rule == Removed {
		if remedy != "" {
			wrong("it is gone already")
		}
		return
	}
	if f.Rule == New && f.Kind == "" { // an account: nothing was let in
		return
	}
	switch decides := f.Rule.Info().approval.ask != ""; {
	case !begins.MatchString(remedy):
		wrong("nobody is told to do something")
	case misjoined.MatchString(remedy):
		wrong("it is badly joined")
	case approves.MatchString(remedy) != decides:
		wrong(fmt.Sprintf("the allowlist decides: %v", decides))
	case self && edits.MatchString(remedy):
		wrong("the allowlist is not theirs to edit")
	case hasNoButton(f) && buttons.MatchString(remedy):
		wrong("there is no such button")
	case f.App.ID == "" && f.ItemCount > 1 && singular.MatchString(remedy):
		wrong("there are several")
	}
}

func hasNoButton(f *Finding) bool {
	return slices.ContainsFunc(f.Holders, func(a Affected) bool {
		return a.Origin == inventory.OriginPolicy || a.Origin == inventory.OriginBuiltin || a.Holder.ProfileName == ofTheMachine
	})
}

// allowlistState is what an allowlist says of everything.
type allowlistState struct{ name, of string }

// baselines are those that make a difference: what an entry finds fault with is told whatever was
// there before.
func (s allowlistState) baselines() map[string]*scan {
	all := map[string]*scan{"none": nil}
	if s.of == "" || s.of == signed {
		all["empty"], all["other"] = &scan{}, &scan{items: append(everything(lessAccess), extension("Default", nil))}
	}
	return all
}

// ofTheMachine marks what came with a package.
const ofTheMachine = "of the machine"

// allowlistStates are what an allowlist may say of an app, as the text of its entry; empty is none.
var allowlistStates = []allowlistState{
	{"no-allowlist", ""},
	{"no-entry", "none"},
	{"pending", "[[allow]]\nkind = %q\nid = %q\nowner = \"TODO\"\nreason = \"TODO\"\n"},
	{"pending-with-owner", "[[allow]]\nkind = %q\nid = %q\nowner = \"it@acme.example\"\nreason = \"TODO\"\napproved = 2026-11-01\n"},
	{"deferred", "[[defer]]\nkind = %q\nid = %q\nreason = \"The vendor answers\"\nuntil = 2027-01-01\n"},
	{"deferred-and-due", "[[defer]]\nkind = %q\nid = %q\nowner = \"it@acme.example\"\nreason = \"The vendor answers\"\nuntil = 2026-11-01\n"},
	{"as-approved", signed},
	{"narrower", signed + "permissions = []\nhosts = []\n"},
	{"another-publisher", signed + "publisher = \"Other\"\n"},
	{"another-version", signed + "versions = \">=9\"\n"},
	{"another-origin", signed + "origin = [\"builtin\"]\n"},
	{"expired", strings.Replace(signed, "2026-11-01", "2024-11-01\nexpires = 2025-11-01", 1)},
	{"expiring", strings.Replace(signed, "2026-11-01", "2026-11-01\nexpires = 2026-11-25", 1)},
	{"denied", "[[deny]]\nkind = %q\nid = %q\nreason = \"Sells data\"\n"},
	{"required", "[[require]]\nkind = %q\nid = %q\nreason = \"Keeps passwords\"\n"},
}

const signed = "[[allow]]\nkind = %q\nid = %q\nowner = \"it@acme.example\"\nreason = \"Needed\"\napproved = 2026-11-01\n"

func judgeEverything(t *testing.T, entry string, before *scan, self bool) []Finding {
	t.Helper()
	items := everything(nil)
	input := Input{Now: now, Self: self}
	if entry != "" {
		text := "version = 1\n[policy]\nhook_hosts = [\"*.acme.example\"]\n"
		written := make(map[string]bool)
		for i := range items {
			if entry == "none" || !canBeIn(entry, items[i].Kind) {
				continue
			}
			if one := fmt.Sprintf(entry, items[i].Kind, items[i].App.ID); !written[one] {
				written[one] = true
				text += "\n" + one
			}
		}
		list, err := allowlist.Parse("allowlist.toml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		input.Allowlist = list
	}
	dir := t.TempDir()
	var old *snapshot.Reader
	if before != nil {
		before.coverage = readWholly(items)
		old = write(t, filepath.Join(dir, "old"), *before)
		input.Baseline, input.SameScope = true, true
	}
	input.Pairs = snapshot.Compare(old, write(t, filepath.Join(dir, "new"), scan{coverage: readWholly(items), items: items, accounts: withoutFactor()}))
	judgement, err := Judge(input)
	if err != nil {
		t.Fatal(err)
	}
	return judgement.Findings
}

// canBeIn reports whether the allowlist takes such an entry for a kind.
func canBeIn(entry string, kind inventory.Kind) bool {
	switch {
	case strings.Contains(entry, "[[require]]"), strings.Contains(entry, "versions"), strings.Contains(entry, "origin ="):
		return kind == inventory.KindExtension
	}
	return kind != inventory.KindTokenRequest
}

func readWholly(items []inventory.Item) []inventory.Coverage {
	var all []inventory.Coverage
	for i := range items {
		source := items[i].Source
		if !slices.ContainsFunc(all, func(c inventory.Coverage) bool { return c.Source == source }) {
			all = append(all, inventory.Coverage{Source: source, Status: inventory.StatusComplete})
		}
	}
	return all
}

// withoutFactor are accounts without a second factor: of the organization, and one's own.
func withoutFactor() []inventory.Account {
	return []inventory.Account{
		{
			Source: inventory.Source{Provider: inventory.GitHub, Name: "acme/members"}, ID: "1", Login: "finance",
			TwoFactor: inventory.No,
		},
		{
			Source: inventory.Source{Provider: inventory.GitHub, Name: "employee/account"}, ID: "2", Login: "employee",
			TwoFactor: inventory.No,
			Facts:     map[string]inventory.Untrusted{inventory.FactOwn: "yes", inventory.FactSecretGists: "2"},
		},
	}
}

func lessAccess(item *inventory.Item) {
	item.Access = inventory.Access{}
	item.App.Publisher = "Earlier"
}

// everything is an item of every kind, from every vendor, by every route.
func everything(change func(*inventory.Item)) []inventory.Item {
	items := slices.Concat(ofBrowsers(), ofOrganizations())
	for n := range items {
		item := &items[n]
		item.App.Publisher = "Acme"
		if item.Access.Permissions == nil {
			item.Access.Permissions = []inventory.Untrusted{"tabs"}
		}
		if change != nil {
			change(item)
		}
	}
	return items
}

// ofBrowsers have each an ID of their own, so that each is a finding of its own.
func ofBrowsers() []inventory.Item {
	type route struct {
		origin         inventory.Origin
		state          inventory.State
		path, location inventory.Untrusted
		mark           inventory.MarkName
		class          inventory.MarkClass
	}
	const enabled = inventory.StateEnabled
	routes := []route{
		{origin: inventory.OriginStore, state: enabled}, {origin: inventory.OriginStore, state: inventory.StateDisabled},
		{origin: inventory.OriginPolicy, state: enabled}, {origin: inventory.OriginBuiltin, state: enabled},
		{origin: inventory.OriginSideload, state: enabled, path: "/usr/share/acme.xpi", location: "app-system-share"},
		{origin: inventory.OriginSideload, state: enabled, path: "/home/it/acme.xpi", location: "app-system-user"},
		{origin: inventory.OriginSideload, state: enabled, path: `C:\Users\it\acme.xpi`, location: "winreg-app-user"},
		{origin: inventory.OriginUnpacked, state: enabled, path: "/home/it/src/acme"},
		{origin: inventory.OriginUnpacked, state: enabled, path: "/usr/share/acme", location: "command line"},
		{origin: inventory.OriginUnpacked, state: enabled, path: "/home/it/acme", location: "command line"},
		{origin: inventory.OriginStore, state: inventory.StateLeftover, path: "/home/it/acme"},
		{origin: inventory.OriginStore, state: enabled, mark: inventory.MarkMalware, class: inventory.MarkVendor},
		{origin: inventory.OriginPolicy, state: enabled, mark: inventory.MarkIDMismatch, class: inventory.MarkIdentity},
		{origin: inventory.OriginUnknown, state: enabled},
	}
	kinds := []inventory.Kind{
		inventory.KindExtension, inventory.KindTheme, inventory.KindBrowserApp, inventory.KindSharedModule, inventory.KindLanguagePack,
		inventory.KindDictionary, inventory.KindSitePermission,
	}
	var items []inventory.Item
	for _, browser := range []inventory.Untrusted{"Chromium", "Firefox", "Thunderbird"} {
		for _, kind := range kinds {
			for _, by := range routes {
				item := inventory.Item{
					Source: source("Default"), Kind: kind, Origin: by.origin, State: by.state, Path: by.path, Version: "1.0",
					Holder: inventory.Holder{Host: "laptop-01", Browser: browser},
					Facts:  map[string]inventory.Untrusted{"location": by.location},
				}
				item.App.ID = inventory.Untrusted("aaaabbbbccccddddeeeeffffgggg") + letters(len(items))
				if browser != "Chromium" {
					item.Source = firefoxSource
					item.App.ID = inventory.Untrusted(fmt.Sprintf("add-on-%d@acme.example", len(items)))
					if by.location != "" && by.location != "command line" {
						item.Holder.ProfileName = ofTheMachine
					}
				}
				if by.mark != "" {
					item.Mark(by.class, by.mark, "")
				}
				items = append(items, item)
			}
		}
	}
	return items
}

// letters writes a number with the letters that Chromium's IDs have.
func letters(n int) inventory.Untrusted {
	return inventory.Untrusted([]byte{'a' + byte(n>>12&15), 'a' + byte(n>>8&15), 'a' + byte(n>>4&15), 'a' + byte(n&15)})
}

func ofOrganizations() []inventory.Item {
	google := inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/grants"}
	passwords := inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/app-passwords"}
	managed := inventory.Source{Provider: inventory.ChromeManagement, Name: "acme.example/extensions"}
	github := func(part inventory.Untrusted) inventory.Source {
		return inventory.Source{Provider: inventory.GitHub, Name: "acme/" + part}
	}
	var items []inventory.Item
	add := func(source inventory.Source, kind inventory.Kind, id, page inventory.Untrusted, marks ...inventory.MarkName) {
		item := inventory.Item{
			Source: source, Kind: kind, State: inventory.StateEnabled, App: inventory.App{ID: id, Name: "Acme " + id, URL: page},
			Holder: inventory.Holder{Account: "finance@acme.example"}, Facts: map[string]inventory.Untrusted{"host": "hooks.example.com"},
		}
		for _, mark := range marks {
			item.Mark(inventory.MarkNote, mark, "")
		}
		items = append(items, item)
	}
	add(google, inventory.KindOAuthGrant, "430000000001-aaaa.apps.googleusercontent.com", "")
	add(passwords, inventory.KindAppPassword, "1001", "")
	add(passwords, inventory.KindAppPassword, "1002", "")
	add(managed, inventory.KindExtension, "bbbbbbbbccccddddeeeeffffgggghhhh", "")
	add(managed, inventory.KindExtension, "ccccbbbbccccddddeeeeffffgggghhhh", "")
	items[len(items)-1].Origin = inventory.OriginPolicy
	const page = "https://github.com/organizations/acme/settings/"
	add(github("installations"), inventory.KindInstallation, "3001", page+"installations/5001")
	items[len(items)-1].Access = inventory.Access{
		Permissions: []inventory.Untrusted{"contents:read"}, Requested: []inventory.Untrusted{"contents:write"},
	}
	add(github("installations"), inventory.KindOAuthGrant, "4001", page+"oauth_application_policy")
	add(github("token-requests"), inventory.KindTokenRequest, "5001", page+"personal-access-tokens/pending_requests")
	for _, kind := range []inventory.Kind{
		inventory.KindCredential, inventory.KindAccessToken, inventory.KindSSHKey, inventory.KindGPGKey, inventory.KindDeployKey,
	} {
		for n := range 2 {
			id := inventory.Untrusted(fmt.Sprintf("%s-%d", kind, n))
			add(github("credentials"), kind, id, page+inventory.Untrusted(kind), inventory.MarkNoExpiry, inventory.MarkOwnerLeft)
			items[len(items)-1].LastUsed = now.AddDate(-2, 0, 0)
		}
	}
	add(github("hooks"), inventory.KindWebhook, "hooks.example.com", page+"hooks/7001")
	own := inventory.Source{Provider: inventory.GitHub, Name: "employee/ssh-keys"}
	add(own, inventory.KindSSHKey, "own", "https://github.com/settings/keys")
	return items
}

package diff

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

func grantOf(account, id, project, name string, scopes ...inventory.Untrusted) inventory.Item {
	source := inventory.Source{Provider: inventory.GoogleWorkspace}.Join("acme.example").Join("grants").Join(inventory.Untrusted(account))
	return inventory.Item{
		Source: source, Kind: inventory.KindOAuthGrant, State: inventory.StateEnabled,
		App: inventory.App{ID: inventory.Untrusted(id), Project: inventory.Untrusted(project),
			Name: inventory.Untrusted(name)},
		Holder: inventory.Holder{Account: inventory.Untrusted(account), Organization: "acme.example"},
		Access: inventory.Access{Permissions: scopes},
	}
}

func tokenOf(account, id, name string) inventory.Item {
	source := inventory.Source{Provider: inventory.GitHub}.Join("acme").Join("credentials")
	item := inventory.Item{
		Source: source, Kind: inventory.KindCredential, State: inventory.StateEnabled,
		App:    inventory.App{ID: inventory.Untrusted(id), Name: inventory.Untrusted(name)},
		Holder: inventory.Holder{Account: inventory.Untrusted(account), Organization: "acme"},
		Access: inventory.Access{Permissions: []inventory.Untrusted{"repo"}},
	}
	item.Mark(inventory.MarkNote, inventory.MarkNoExpiry, "")
	return item
}

func judgeItems(t *testing.T, items ...inventory.Item) *Judgement {
	t.Helper()
	return judgeScans(t, "", nil, scan{items: items})
}

func judgeAccounts(t *testing.T, accounts ...inventory.Account) *Judgement {
	t.Helper()
	return judgeScans(t, "", nil, scan{accounts: accounts})
}

func ofRule(findings []Finding, rule Rule) []Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return f.Rule != rule })
}

func TestTheClientsOfOneProjectAreOneFinding(t *testing.T) {
	t.Parallel()
	judgement := judgeItems(t, grantOf("it@acme.example", "42-web.apps.googleusercontent.com", "42", "Ledger", "drive"),
		grantOf("finance@acme.example", "42-ios.apps.googleusercontent.com", "42", "Ledger", "drive.file"),
		grantOf("finance@acme.example", "77-web.apps.googleusercontent.com", "77", "Survey", "openid"),
	)
	found := ofRule(judgement.Findings, Unapproved)
	if len(found) != 2 {
		t.Fatalf("%d findings, want one for each project: %+v", len(found), found)
	}
	ledger := found[slices.IndexFunc(found, func(f Finding) bool { return f.App.Project == "42" })]
	if len(ledger.Also) != 1 || ledger.HolderCount != 2 || ledger.ItemCount != 2 {
		t.Errorf("%+v", ledger)
	}
	// Each client is approved with what it holds itself, not with what both hold together.
	for _, want := range []string{`"42-web.apps`, `"42-ios.apps`, `["drive"]`, `["drive.file"]`} {
		if !strings.Contains(string(ledger.Approve), want) {
			t.Errorf("the proposal lacks %s:\n%s", want, ledger.Approve)
		}
	}
}

func TestNamesThatLookAlikeAreShownAndMatchNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		other string
		like  bool
	}{
		"mixed-scripts":      {"Саlendаr Sync", true}, // with Cyrillic letters
		"zero-width":         {"Calen\u200bdar Sync", true},
		"case-and-space":     {"CALENDAR  sync", true},
		"punctuation":        {"Calendar-Sync", true},
		"another-name":       {"Calendar Sink", false},
		"one-letter-more":    {"Calendar Synch", false},
		"digits-for-letters": {"Ca1endar Sync", true},
		"capitals-for-small": {"CaIendar Sync", true},
		"accents":            {"Calendár Sync", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judgement := judgeItems(t, grantOf("it@acme.example", "41-a.apps.googleusercontent.com", "41", "Calendar Sync",
				"calendar.readonly"),
				grantOf("it@acme.example", "99-z.apps.googleusercontent.com", "99", test.other, "gmail.readonly"),
			)
			found := ofRule(judgement.Findings, Unapproved)
			if len(found) != 2 {
				t.Fatalf("%d findings: a name has matched", len(found))
			}
			for _, finding := range found {
				if (len(finding.Lookalikes) == 1) != test.like {
					t.Errorf("%q has the lookalikes %v", finding.App.Name, finding.Lookalikes)
				}
			}
		})
	}
}

func TestManyCredentialsAreFewFindings(t *testing.T) {
	t.Parallel()
	var items []inventory.Item
	for account := range 3 {
		for n := range 400 {
			items = append(items, tokenOf(fmt.Sprintf("member-%d", account),
				fmt.Sprintf("personal-access-token/%d-%03d", account, n), "script"))
		}
	}
	judgement := judgeItems(t, items...)
	if found := ofRule(judgement.Findings, Unapproved); len(found) != 3 || found[0].ItemCount != 400 ||
		found[0].HolderCount != 1 ||
		len(found[0].Holders) != maxListedHolders {
		t.Errorf("unapproved: %d findings", len(found))
	}
	if found := ofRule(judgement.Findings, TokenNoExpiry); len(found) != 1 || found[0].ItemCount != 1200 ||
		found[0].HolderCount != 3 {
		t.Errorf("without an end: %+v", found)
	}
}

func TestAppPasswordsAreOneFindingOfAnOrganization(t *testing.T) {
	t.Parallel()
	password := func(account, id, name string) inventory.Item {
		item := grantOf(account, id, "", name)
		item.Kind = inventory.KindAppPassword
		return item
	}
	judgement := judgeItems(t, password("finance@acme.example", "1", "Scanner"),
		password("finance@acme.example", "2", "Printer"),
		password("support@acme.example", "1", "Old mail client"))
	found := ofRule(judgement.Findings, AppPassword)
	if len(found) != 1 || found[0].HolderCount != 2 || found[0].ItemCount != 3 || found[0].App != (inventory.App{}) {
		t.Fatalf("%+v", found)
	}
	if details := fmt.Sprint(found[0].Holders[0].Detail, found[0].Holders[1].Detail,
		found[0].Holders[2].Detail); details != "ScannerPrinterOld mail client" {
		t.Errorf("the holders' details are %s", details)
	}
}

func TestOnesOwnAccountIsToldOfItsSecondFactorAndSecretGists(t *testing.T) {
	t.Parallel()
	account := inventory.Account{
		Source: inventory.Source{Provider: inventory.GitHub}.Join("employee").Join("account"), ID: "1", Login: "employee",
		TwoFactor: inventory.No, Facts: map[string]inventory.Untrusted{inventory.FactOwn: "yes",
			inventory.FactSecretGists: "3"},
	}
	judgement := judgeAccounts(t, account)
	if len(ofRule(judgement.Findings, TwoFactorOff)) != 1 || len(ofRule(judgement.Findings, ObscureLink)) != 1 {
		t.Errorf("findings %+v", judgement.Findings)
	}
	// Somebody else's account is told of unless the policy says that it need not have one; unknown
	// is never off.
	account.Facts = nil
	if found := ofRule(judgeAccounts(t, account).Findings, TwoFactorOff); len(found) != 1 ||
		found[0].Severity != inventory.Medium {
		t.Errorf("another's account: %+v", found)
	}
	if findings := judgeScans(t, "[policy]\nrequire_two_factor = false\n", nil,
		scan{accounts: []inventory.Account{account}}).Findings; len(findings) != 0 {
		t.Errorf("where the policy accepts it: %+v", findings)
	}
	account.Facts, account.TwoFactor = map[string]inventory.Untrusted{inventory.FactOwn: "yes",
		inventory.FactSecretGists: "0"}, inventory.Unknown
	if judgement := judgeAccounts(t, account); len(judgement.Findings) != 0 {
		t.Errorf("unknown: %+v", judgement.Findings)
	}
}

func TestEveryNameOfAMakerIsComparedAndShown(t *testing.T) {
	t.Parallel()
	judgement := judgeItems(t, grantOf("finance@acme.example", "41-a.apps.googleusercontent.com", "41",
		"Calendar Sync", "calendar.readonly"),
		grantOf("finance@acme.example", "99-y.apps.googleusercontent.com", "99", "Harmless", "openid"),
		grantOf("it@acme.example", "99-z.apps.googleusercontent.com", "99", "CALENDAR SYNC", "gmail.readonly"),
		grantOf("support@acme.example", "99-z.apps.googleusercontent.com", "99", "Calendar Sync\u200b", "gmail.readonly"),
	)
	for _, f := range ofRule(judgement.Findings, Unapproved) {
		others := 1
		if f.App.Project == "41" {
			others = 2 // it shows two names that look so
		}
		if len(f.Lookalikes) != others {
			t.Errorf("%s looks like %v", f.App.Name, f.Lookalikes)
		}
		if f.App.Project == "99" && !slices.Contains(f.Notes, "also goes by the name CALENDAR SYNC") {
			t.Errorf("notes %q", f.Notes)
		}
	}
}

func TestANameInSeveralAlphabetsIsNoted(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Саlendаr Sync": "[its name mixes Latin and Cyrillic letters]", // with Cyrillic letters
		"Календарь":     "[]",
		"Calendar 日程":   "[]",
		"Calendár":      "[]",
	} {
		item := grantOf("it@acme.example", "41-a.apps.googleusercontent.com", "41", name, "openid")
		if notes := fmt.Sprint(judgeItems(t, item).Findings[0].Notes); notes != want {
			t.Errorf("%s: %s, want %s", name, notes, want)
		}
	}
}

func TestWhatKindOfAppItIsIsShown(t *testing.T) {
	t.Parallel()
	item := grantOf("it@acme.example", "77185425430.apps.googleusercontent.com", "77185425430", "Google Chrome", "openid")
	item.Mark(inventory.MarkNote, inventory.MarkAnonymous, "not registered with Google")
	item.Mark(inventory.MarkNote, inventory.MarkNative, "")
	item.Mark(inventory.MarkNote, inventory.MarkFirstParty, "Google Chrome")
	notes := fmt.Sprint(judgeItems(t, item).Findings[0].Notes)
	for _, want := range []string{"no one vouches", "its ID is no secret", "known as Google's own: Google Chrome"} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes %s lack %q", notes, want)
		}
	}
}

func TestWhatAPresetApprovesIsListed(t *testing.T) {
	t.Parallel()
	chrome := func(account string) inventory.Item {
		return grantOf(account, "77185425430.apps.googleusercontent.com", "77185425430", "Google Chrome",
			"https://www.google.com/accounts/OAuthLogin")
	}
	items := []inventory.Item{chrome("finance@acme.example"), chrome("it@acme.example")}
	judgement := judgeScans(t, "include = [\"google-first-party\"]\n", nil, scan{items: items})
	if len(judgement.Findings) != 0 || len(judgement.Presets) != 1 || judgement.Presets[0].ItemCount != 2 ||
		judgement.Presets[0].Preset != "google-first-party" || judgement.Presets[0].App.Name != "Google Chrome" {
		t.Errorf("findings %+v, presets %+v", judgement.Findings, judgement.Presets)
	}
	// The same name from somebody else is nobody's preset.
	other := grantOf("it@acme.example", "77185425431.apps.googleusercontent.com", "77185425431", "Google Chrome", "openid")
	if judgement := judgeScans(t, "include = [\"google-first-party\"]\n", nil,
		scan{items: []inventory.Item{other}}); len(judgement.Presets) != 0 ||
		len(judgement.Findings) != 1 {
		t.Errorf("another maker's: %+v", judgement)
	}
}

func TestTheProposalOfAProjectApprovesItsClientsAndNoLaterOne(t *testing.T) {
	t.Parallel()
	web := grantOf("it@acme.example", "42-web.apps.googleusercontent.com", "42", "Ledger", "drive")
	ios := grantOf("finance@acme.example", "42-ios.apps.googleusercontent.com", "42", "Ledger", "drive.file")
	proposal := filledIn(string(judgeItems(t, web, ios).Findings[0].Approve))
	if findings := judgeScans(t, proposal, nil, scan{items: []inventory.Item{web, ios}}).Findings; len(findings) != 0 {
		t.Errorf("%s\n%+v", proposal, findings)
	}
	later := grantOf("it@acme.example", "42-android.apps.googleusercontent.com", "42", "Ledger", "drive.file")
	if found := ofRule(judgeScans(t, proposal, nil, scan{items: []inventory.Item{web, ios, later}}).Findings,
		Unapproved); len(found) != 1 ||
		found[0].App.ID != later.App.ID {
		t.Errorf("a later client: %+v", found)
	}
	// The finding is the project's, whichever client is seen first.
	if first, second := judgeItems(t, web).Findings[0].ID, judgeItems(t, ios).Findings[0].ID; first != second {
		t.Errorf("the finding's ID follows the client: %s, %s", first, second)
	}
}

func TestAnOAuthAppOfGitHubIsNeverCalledUnused(t *testing.T) {
	t.Parallel()
	complete := scan{coverage: []inventory.Coverage{
		{Source: inventory.Source{Provider: inventory.GoogleWorkspace, Name: "acme.example/grants"},
			Status: inventory.StatusComplete},
		{Source: inventory.Source{Provider: inventory.GitHub, Name: "acme/audit-log"}, Status: inventory.StatusComplete},
	}}
	for id, unused := range map[string]int{
		"9001": 0, "1234567": 0, "https://github.com/organizations/acme/settings/apps/9001": 0,
		"430000000003-web.apps.googleusercontent.com": 1, "430000000003-web": 1, "77185425430": 1,
		"legacy-importer.example": 1,
	} {
		list := fmt.Sprintf("[[allow]]\nkind = \"oauth-grant\"\nid = %q\nowner = \"it@acme.example\"\nreason = \"needed\"\napproved = 2026-11-01\n", id)
		if found := ofRule(judgeScans(t, list, nil, complete).Findings, ApprovalUnused); len(found) != unused {
			t.Errorf("%s: %d findings, want %d", id, len(found), unused)
		}
	}
}

func TestTheReasonsOfAFindingAreThoseOfAllItsHolders(t *testing.T) {
	t.Parallel()
	const scopes = "https://www.googleapis.com/auth/"
	key := func(id string, scopes ...inventory.Untrusted) inventory.Item {
		item := tokenOf("developer", id, id)
		item.Access.Permissions = scopes
		return item
	}
	for name, test := range map[string]struct {
		items []inventory.Item
		want  []inventory.Untrusted
		tier  inventory.Level
	}{
		"one app": {[]inventory.Item{
			grantOf("a@acme.example", "42-web.apps.googleusercontent.com", "42", "Sync", "https://mail.google.com/"),
			grantOf("b@acme.example", "42-web.apps.googleusercontent.com", "42", "Sync", scopes+"drive"),
			grantOf("c@acme.example", "42-web.apps.googleusercontent.com", "42", "Sync", scopes+"calendar", scopes+"drive"),
		}, []inventory.Untrusted{"https://mail.google.com/", scopes + "drive", scopes + "calendar"}, inventory.Critical},
		"one project": {[]inventory.Item{
			grantOf("a@acme.example", "42-ios.apps.googleusercontent.com", "42", "Sync", scopes+"calendar"),
			grantOf("a@acme.example", "42-web.apps.googleusercontent.com", "42", "Sync", scopes+"drive"),
		}, []inventory.Untrusted{scopes + "drive", scopes + "calendar"}, inventory.Critical},
		"one account's credentials": {[]inventory.Item{key("1", "repo"), key("2", "admin:org")},
			[]inventory.Untrusted{"repo", "admin:org"}, inventory.Critical},
	} {
		found := ofRule(judgeItems(t, test.items...).Findings, Unapproved)
		if len(found) != 1 || found[0].Tier != test.tier {
			t.Fatalf("%s: %+v", name, found)
		}
		var subjects []inventory.Untrusted
		for n, reason := range found[0].Reasons {
			subjects = append(subjects, reason.Subject)
			if n > 0 && reason.Level.Compare(found[0].Reasons[n-1].Level) > 0 {
				t.Errorf("%s: the most serious is not first: %+v", name, found[0].Reasons)
			}
		}
		slices.Sort(subjects)
		slices.Sort(test.want)
		if !slices.Equal(subjects, test.want) {
			t.Errorf("%s: %q, want %q", name, subjects, test.want)
		}
	}
}

package googlefake

import (
	"slices"
	"strings"
	"time"
)

// Client IDs of the apps that have access to the example organization.
const (
	AppCalendar  = "410000000001-calendarsyncaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppLookalike = "419999999999-calendarsynczzzzzzzzzzzzzzzzzzzz.apps.googleusercontent.com"
	AppMailMerge = "420000000002-mailmergeaaaaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppLedger    = "430000000003-ledgerbooksaaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppLedgerIOS = "430000000003-ledgerbooksiosaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppHelpdesk  = "440000000004-helpdeskaaaaaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppDirectory = "450000000005-directorysyncaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppSurvey    = "460000000006-surveysignonaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppBackup    = "470000000007-drivebackupaaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com"
	AppAnonymous = "legacy-importer.example"
	AppChrome    = "77185425430.apps.googleusercontent.com"
)

// Extensions of the example organization that AcmeEarlier lacks or holds with less access.
const (
	extensionPasswords = "aeblfdkhhhdcdjpifhhbdiojplfjncoa"
	extensionCoupons   = "abcdefghijklmnopabcdefghijklmnop"
)

const acmeDomain = "acme.example"

// Acme is the small organization of examples and of the demo. It holds one of every kind of thing
// guestlist reports: restricted scopes, an app whose name looks like that of another, an app that
// is not registered, two clients of one project, app passwords, people without two-step
// verification, an administrator's grants, and a suspended user who answers 401. All its times are
// before now.
func Acme(now time.Time) *Org {
	org := NewOrg("C0acme001", acmeDomain)
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days).UTC().Truncate(time.Second) }
	for _, user := range []User{
		{Email: "it", Name: "IT Department", Unit: "/IT", Admin: true, Enrolled: true, Enforced: true, LastLogin: ago(0)},
		{Email: "security", Name: "Security Desk", Unit: "/IT", Delegated: true, Enrolled: true, Enforced: true,
			LastLogin: ago(1)},
		{Email: "finance", Name: "Finance Office", Unit: "/Finance", Enrolled: true, LastLogin: ago(1)},
		{Email: "support", Name: "Support Desk", Unit: "/Support", Enrolled: true, LastLogin: ago(0)},
		{Email: "sales", Name: "Sales Team", Unit: "/Sales", LastLogin: ago(2)},
		{Email: "people", Name: "People Office", Unit: "/People", Enrolled: true, Enforced: true, LastLogin: ago(3)},
		{Email: "intern", Name: "Intern Desk", Unit: "/Support", LastLogin: ago(5)},
		{Email: "printer", Name: "Office Printer", Unit: "/Devices", LastLogin: time.Time{}},
		{Email: "former", Name: "Former Employee", Unit: "/Sales", Suspended: true, AnswersUnauthorized: true,
			LastLogin: ago(90)},
		{Email: "archive", Name: "Archived Account", Unit: "/Archive", Archived: true, Enrolled: true, LastLogin: ago(400)},
		{Email: "auditor", Name: "External Auditor", Unit: "/Finance", Guest: true, Enrolled: true, LastLogin: ago(20)},
	} {
		user.Email += "@" + acmeDomain
		user.Created = ago(900)
		org.AddUser(user)
	}
	addAcmeGrants(org, ago)
	addAcmeExtensions(org, ago)
	for _, unit := range []string{"orgUnits/root"} {
		org.AddPolicy(Policy{Name: "policies/unconfigured", Unit: unit,
			Type:  "settings/api_controls.unconfigured_third_party_apps",
			Value: map[string]any{"accessLevel": "UNSPECIFIED_UBER_BLOCK"}})
		org.AddPolicy(Policy{Name: "policies/internal", Unit: unit, Type: "settings/api_controls.internal_apps",
			Value: map[string]any{"trustInternalApps": true}})
		org.AddPolicy(Policy{Name: "policies/password", Unit: unit, Type: "settings/security.password",
			Value: map[string]any{"minimumLength": 12}})
	}
	org.AddEvent(Event{
		Application: "admin", Name: "AUTHORIZE_API_CLIENT_ACCESS", Time: ago(40), Visible: ago(40), Email: "it@" + acmeDomain,
		ClientID: "112233445566778899001", Scopes: scopes("admin.directory.user.readonly", "admin.directory.user.security"),
	})
	return org
}

// AcmeEarlier is the same organization as it was a week before now: three grants, one app password
// and one extension were not there yet, Ledger Books held less for one user, as did the password
// manager in every browser, a note taker was still connected, and the sales team had two-step
// verification.
func AcmeEarlier(now time.Time) *Org {
	org := Acme(now)
	then := now.AddDate(0, 0, -7)
	for user, app := range map[string]string{"finance": AppMailMerge, "sales": AppLookalike, "intern": AppLookalike} {
		org.Revoke(user+"@"+acmeDomain, app, then, 0, true)
	}
	org.Grant("finance@"+acmeDomain, Grant{ClientID: AppLedger, Name: "Ledger Books", Scopes: scopes("drive.file")},
		then, 0)
	org.Grant("support@"+acmeDomain, Grant{
		ClientID: "490000000009-notetakeraaaaaaaaaaaaaaaaaaaaaa.apps.googleusercontent.com", Name: "Note Taker",
		Scopes: scopes("documents"),
	}, then, 0)
	org.Change("sales@"+acmeDomain, func(user *User) { user.Enrolled = true })
	for _, m := range org.users {
		m.passwords = slices.DeleteFunc(m.passwords, func(password AppPassword) bool { return password.Created.After(then) })
	}
	org.extensions = slices.DeleteFunc(org.extensions,
		func(extension Extension) bool { return extension.ID == extensionCoupons })
	for n := range org.extensions {
		if extension := &org.extensions[n]; extension.ID == extensionPasswords {
			extension.Version, extension.Permissions = "8.9.4", []string{"tabs", "https://*/*", "http://*/*"}
		}
	}
	return org
}

func addAcmeGrants(org *Org, ago func(days int) time.Time) {
	signOn := []string{"openid", scopePrefix + "userinfo.email", scopePrefix + "userinfo.profile"}
	calendar := Grant{ClientID: AppCalendar, Name: "Calendar Sync", Scopes: append(scopes("calendar.readonly"), signOn...)}
	lookalike := Grant{ClientID: AppLookalike, Name: "Саlendar Sync",
		Scopes: append(scopes("gmail.readonly", "drive"), signOn...)}
	mailMerge := Grant{ClientID: AppMailMerge, Name: "Mail Merge",
		Scopes: append([]string{"https://mail.google.com/"}, scopes("spreadsheets", "script.projects")...)}
	ledger := Grant{ClientID: AppLedger, Name: "Ledger Books",
		Scopes: append(scopes("drive.readonly", "spreadsheets"), signOn...)}
	ledgerIOS := Grant{ClientID: AppLedgerIOS, Name: "Ledger Books", Type: "NATIVE_IOS", Native: true,
		Scopes: append(scopes("drive.file"), signOn...)}
	helpdesk := Grant{ClientID: AppHelpdesk, Name: "Helpdesk",
		Scopes: append(scopes("gmail.send", "gmail.labels"), signOn...)}
	directory := Grant{ClientID: AppDirectory, Name: "Directory Sync",
		Scopes: scopes("admin.directory.user", "admin.directory.group")}
	survey := Grant{ClientID: AppSurvey, Name: "Survey Sign-on", Scopes: signOn}
	backup := Grant{ClientID: AppBackup, Name: "Drive Backup\nand more", Type: "NATIVE_DESKTOP", Native: true,
		Scopes: scopes("drive")}
	anonymous := Grant{ClientID: AppAnonymous, Name: AppAnonymous, Type: "TYPE_UNSPECIFIED", Anonymous: true,
		Scopes: []string{"https://www.google.com/m8/feeds", "https://www.google.com/calendar/feeds"}}
	chrome := Grant{ClientID: AppChrome, Name: "Google Chrome", Type: "NATIVE_APPLICATION", Native: true,
		Scopes: []string{"https://www.google.com/accounts/OAuthLogin"}}
	for _, held := range []struct {
		user  string
		grant Grant
		days  int
	}{
		{"it", directory, 150}, {"it", calendar, 120}, {"it", chrome, 170}, {"it", survey, 9},
		{"security", survey, 10}, {"security", chrome, 160},
		{"finance", ledger, 100}, {"finance", ledgerIOS, 30}, {"finance", mailMerge, 3}, {"finance", chrome, 60},
		{"support", helpdesk, 80}, {"support", calendar, 75}, {"support", survey, 8},
		{"sales", calendar, 70}, {"sales", lookalike, 2}, {"sales", backup, 14},
		{"people", calendar, 50}, {"people", survey, 7},
		{"intern", lookalike, 1}, {"intern", anonymous, 40},
		{"former", backup, 110},
		{"archive", anonymous, 175}, {"auditor", ledger, 20},
	} {
		at := ago(held.days)
		org.Grant(held.user+"@"+acmeDomain, held.grant, at, 2*time.Hour)
	}
	org.AddAppPassword("finance@"+acmeDomain, AppPassword{ID: 1, Name: "Scanner on the 2nd floor", Created: ago(300),
		LastUsed: ago(2)})
	org.AddAppPassword("finance@"+acmeDomain, AppPassword{ID: 2, Name: `=HYPERLINK("https://evil.example")`,
		Created: ago(4)})
	org.AddAppPassword("support@"+acmeDomain, AppPassword{ID: 1, Name: "Old mail client", Created: ago(700),
		LastUsed: ago(200), Seconds: true})
	org.AddAppPassword("archive@"+acmeDomain, AppPassword{ID: 1, Name: "Mail import"})
}

func addAcmeExtensions(org *Org, ago func(days int) time.Time) {
	profiles := func(users ...string) []Profile {
		list := make([]Profile, len(users))
		for n, user := range users {
			list[n] = Profile{Email: user + "@" + acmeDomain, ID: "Default", PermanentID: "profile-" + user,
				Unit: "orgunit-" + user}
		}
		return list
	}
	for _, extension := range []Extension{
		{ID: "cjpalhdlnbpafiamejdnhcphjbkeiagm", Name: "uBlock Origin", Install: "ADMIN", Source: "CHROME_WEBSTORE",
			Version:     "1.60.0",
			Permissions: []string{"storage", "tabs", "webRequest", "<all_urls>"}, Publisher: "Raymond Hill (gorhill)",
			Listed: true,
			Risk:   "RISK_LEVEL_LOW", RiskScore: "12", Published: ago(4000), Updated: ago(60),
			Profiles: profiles("it", "finance", "support")},
		{ID: extensionPasswords, Name: "Password Manager", Install: "NORMAL", Source: "CHROME_WEBSTORE", Version: "8.10.1",
			Permissions: []string{"tabs", "nativeMessaging", "https://*/*", "http://*/*"}, Publisher: "passwords.example",
			Listed: true,
			Risk:   "RISK_LEVEL_MEDIUM", RiskScore: "41", Published: ago(2000), Updated: ago(10),
			Profiles: profiles("it", "people")},
		{ID: extensionCoupons, Name: "Coupon Finder", Install: "NORMAL", Source: "CHROME_WEBSTORE", Version: "2.0.3",
			Permissions: []string{"tabs", "cookies", "history"}, Publisher: "coupons.example",
			SiteAccess: []string{"<all_urls>"},
			Risk:       "RISK_LEVEL_HIGH", RiskScore: "88", Published: ago(300), Updated: ago(250),
			Profiles: profiles("sales", "intern")},
		{ID: "ponmlkjihgfedcbaponmlkjihgfedcba", Name: "Internal Tools (dev)", Install: "DEVELOPMENT", Version: "0.1",
			Permissions: []string{"debugger", "https://intranet.acme.example/*"}, Profiles: profiles("it")},
		{ID: "bcdefghijklmnopabcdefghijklmnopa", Name: "Antivirus Toolbar", Install: "SIDELOAD", Disabled: true,
			Version:     "5.5",
			Permissions: []string{"management", "tabs"}, Devices: []Device{{ID: "device-front-desk", Machine: "FRONT-DESK"}}},
		{ID: "cdefghijklmnopabcdefghijklmnopab", Name: "Autumn Colours", Type: "THEME", Install: "NORMAL",
			Source:    "CHROME_WEBSTORE",
			Publisher: "themes.example", Listed: true, Version: "1", Published: ago(900), Updated: ago(900),
			Profiles: profiles("people")},
	} {
		if extension.Type == "" {
			extension.Type = "EXTENSION"
		}
		org.AddExtension(extension)
	}
}

func scopes(names ...string) []string {
	for n, name := range names {
		if !strings.Contains(name, ":") {
			names[n] = scopePrefix + name
		}
	}
	return names
}

package vendor

import (
	"strings"

	"guestlist/scanner/inventory"
)

var googleWorkspace = Vendor{
	Provider: inventory.GoogleWorkspace, Name: "Google Workspace",
	Also:           []string{"google", "workspace", "gsuite", "google_workspace"},
	scopePrefix:    "https://www.googleapis.com/auth/",
	FirstParty:     "known as Google's own: {detail}",
	MakerByProject: true,
	SecondFactor: SecondFactor{
		Name: "2-Step Verification", TurnOn: other.SecondFactor.TurnOn,
		Enforce: "https://admin.google.com/ac/security/2sv",
	},
	Accounts: AccountWords{
		Admin: "administrator", Guest: "guest", Name: "address", Departed: [2]string{"was deleted", "were deleted"},
		Page: "https://admin.google.com/ac/users", GuestPage: "https://admin.google.com/ac/users",
	},
	Lists: map[inventory.Kind][]string{
		inventory.KindOAuthGrant: {"grants"}, inventory.KindAppPassword: {"app-passwords"},
	},
	forms: map[inventory.Kind]Form{
		inventory.KindOAuthGrant: clientIDs, inventory.KindAppPassword: numbers,
	},
	couldBe: func(kind inventory.Kind, id inventory.Untrusted) bool {
		return kind != inventory.KindOAuthGrant || isGoogleClient(string(id))
	},
	remedies: map[inventory.Kind]remedy{
		inventory.KindOAuthGrant: {ways: []inventory.Untrusted{
			"ask its holders to remove it at https://myaccount.google.com/connections",
			"block it for everyone at https://admin.google.com/ac/owl/list?tab=apps",
		}},
		inventory.KindAppPassword: {
			ways: []inventory.Untrusted{
				"ask its holder to remove it at https://myaccount.google.com/apppasswords",
				"revoke it in the user's security settings at https://admin.google.com/ac/users",
			},
			many: []inventory.Untrusted{
				"ask their holder to remove them at https://myaccount.google.com/apppasswords",
				"revoke them in the user's security settings at https://admin.google.com/ac/users",
			},
		},
	},
}

// chromeManagement is the console of managed browsers, which belong to a Workspace.
var chromeManagement = Vendor{
	Provider: inventory.ChromeManagement, Name: "Chrome Management",
	Also:       []string{"managed-browsers", "chrome_management"},
	FirstParty: "Google's own", SecondFactor: other.SecondFactor, Accounts: other.Accounts,
	Lists: map[inventory.Kind][]string{
		inventory.KindExtension: {"extensions"}, inventory.KindTheme: {"extensions"},
		inventory.KindBrowserApp: {"extensions"},
	},
	couldBe:  func(_ inventory.Kind, id inventory.Untrusted) bool { return IsChromeID(string(id)) },
	takeBack: managedRemedy,
}

// managedRemedy is for extensions that the console lists.
func managedRemedy(item *inventory.Item) Remedy {
	const page = "https://admin.google.com/ac/chrome/apps/user"
	if item.Origin == inventory.OriginPolicy {
		return Remedy{Ways: []inventory.Untrusted{"take it out of the policy that installs it at " + page}}
	}
	return Remedy{Ways: []inventory.Untrusted{"block it for everyone at " + page}}
}

// isGoogleClient reports whether an ID may be one of Google's client IDs: they begin with a project
// number, which is longer than other vendors' numbers, or are a domain.
func isGoogleClient(id string) bool {
	const leastProjectDigits = 9
	digits := len(id) - len(strings.TrimLeft(id, "0123456789"))
	isDomain := digits < len(id) && strings.Contains(id, ".") && !strings.Contains(id, "/")
	return digits >= leastProjectDigits || isDomain
}

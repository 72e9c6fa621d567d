package vendor

import "guestlist/scanner/inventory"

var github = Vendor{
	Provider: inventory.GitHub, Name: "GitHub", Also: []string{"gh", "github.com"}, mainSite: "https://github.com/",
	FirstParty: "{detail}",
	SecondFactor: SecondFactor{
		Name: other.SecondFactor.Name, TurnOn: "turn it on with a key or an app at {site}settings/security",
		Enforce: "{site}organizations/{organization}/settings/security",
	},
	Accounts: AccountWords{
		Admin: "owner", Guest: "outside collaborator", Name: "login", Departed: [2]string{"left", "left"},
		Page: "{site}orgs/{organization}/people", GuestPage: "{site}orgs/{organization}/outside-collaborators",
	},
	// A server with subdomain isolation redirects the path to its gist host.
	obscureLinks: [2]string{"https://gist.github.com/", "{site}gist/"},
	// OAuth apps are reported only by the audit log, which is kept only for a while, and one's own
	// keys are not approved by anyone.
	Lists: map[inventory.Kind][]string{
		inventory.KindInstallation: {"installations"}, inventory.KindCredential: {"credentials"},
		inventory.KindAccessToken: {"tokens"}, inventory.KindTokenRequest: {"token-requests"},
		inventory.KindDeployKey: {"repositories"},
		inventory.KindWebhook:   {"hooks", "repositories"},
	},
	forms: map[inventory.Kind]Form{
		inventory.KindInstallation: slugForm, inventory.KindAccessToken: tokens, inventory.KindDeployKey: keyForm, inventory.KindOAuthGrant: pageForm,
	},
	remedies: map[inventory.Kind]remedy{
		inventory.KindOAuthGrant: {ways: []inventory.Untrusted{"ask an organization owner" + Contact + " to deny it"}, atItsPage: true},
	},
}

package vendor

import "guestlist/scanner/inventory"

// other is the row of a provider without one, and has the words for what a vendor has none of its
// own for.
var other = Vendor{
	FirstParty: "{detail}",
	SecondFactor: SecondFactor{
		Name: "two-factor authentication", TurnOn: "switch it on in your account's security settings",
	},
	Accounts: AccountWords{
		Admin: "administrator", Guest: "guest", Name: "name", Departed: [2]string{"is gone", "are gone"},
	},
	remedies: map[inventory.Kind]remedy{
		inventory.KindOAuthGrant:   {how: "revoke it", atItsPage: true},
		inventory.KindAppPassword:  {how: "revoke it", atItsPage: true},
		inventory.KindInstallation: {how: "ask an organization owner to uninstall or suspend it", atItsPage: true},
		inventory.KindTokenRequest: {how: "approve or deny it", atItsPage: true},
		inventory.KindCredential:   {how: "revoke it", atItsPage: true},
		inventory.KindAccessToken:  {how: "revoke it", atItsPage: true},
		inventory.KindSSHKey:       {how: "delete it", atItsPage: true},
		inventory.KindGPGKey:       {how: "delete it", atItsPage: true},
		inventory.KindDeployKey:    {how: "delete it", atItsPage: true},
		inventory.KindWebhook:      {how: "delete it or point it elsewhere", atItsPage: true},
	},
	takeBack: func(item *inventory.Item) inventory.Untrusted {
		return localRemedy(item, browserPages{items: "the browser's page of extensions", policies: "see its policies"})
	},
}

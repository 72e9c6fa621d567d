package vendor

import "guestlist/scanner/inventory"

// other is the row for a provider that has none, and has the words for what a vendor's row does not
// say.
var other = Vendor{
	FirstParty: "{detail}",
	SecondFactor: SecondFactor{
		Name: "two-factor authentication", TurnOn: "turn it on in your account's security settings",
	},
	Accounts: AccountWords{
		Admin: "administrator", Guest: "guest", Name: "name", Departed: [2]string{"is gone", "are gone"},
	},
	remedies: map[inventory.Kind]remedy{
		inventory.KindOAuthGrant:   itOrThem("revoke"),
		inventory.KindAppPassword:  itOrThem("revoke"),
		inventory.KindInstallation: itOrThem("ask an organization owner" + Contact + " to uninstall or suspend"),
		inventory.KindTokenRequest: itOrThem("approve or deny"),
		inventory.KindCredential:   itOrThem("revoke"),
		inventory.KindAccessToken:  itOrThem("revoke"),
		inventory.KindSSHKey:       itOrThem("delete"),
		inventory.KindGPGKey:       itOrThem("delete"),
		inventory.KindDeployKey:    itOrThem("delete"),
		inventory.KindWebhook: {
			ways: []inventory.Untrusted{"delete it or point it elsewhere"}, atItsPage: true,
		},
	},
	takeBack: func(item *inventory.Item) Remedy {
		return localRemedy(item, browserPages{items: "the browser's page of extensions", policies: "see its policies"})
	},
}

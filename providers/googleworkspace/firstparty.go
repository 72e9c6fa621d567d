package googleworkspace

// FirstPartyApp is an OAuth client of Google's own that shows up among users' grants.
type FirstPartyApp struct{ ID, Name string }

// FirstParty is the preset of Google's own clients. Google publishes no list; these are the ones whose ID is public in the
// software itself or in its documentation. They are reported like any other app, with a mark: an allowlist decides about them.
func FirstParty() []FirstPartyApp {
	return []FirstPartyApp{
		{"77185425430" + clientSuffix, "Google Chrome"},
		{"32555940559" + clientSuffix, "Google Cloud SDK"},
		{"764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur" + clientSuffix, "Google Cloud SDK, application default credentials"},
		{"1095133494869" + clientSuffix, "Google Workspace Sync for Microsoft Outlook"},
		{"407408718192" + clientSuffix, "Google OAuth 2.0 Playground"},
	}
}

func firstPartyName(id string) string {
	for _, app := range FirstParty() {
		if app.ID == id {
			return app.Name
		}
	}
	return ""
}

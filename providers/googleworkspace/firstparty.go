package googleworkspace

// firstParty names Google's own OAuth clients that show up among users' grants, by ID. Google
// publishes no list; these are the ones whose ID is public in the software itself or in its
// documentation. They are reported like any other app, but marked: an allowlist decides about them.
var firstParty = map[string]string{
	"77185425430" + clientSuffix:                                   "Google Chrome",
	"32555940559" + clientSuffix:                                   "Google Cloud SDK",
	"764086051850-6qr4p6gpi6hn506pt8ejuq83di341hur" + clientSuffix: "Google Cloud SDK, application default credentials",
	"1095133494869" + clientSuffix:                                 "Google Workspace Sync for Microsoft Outlook",
	"407408718192" + clientSuffix:                                  "Google OAuth 2.0 Playground",
}

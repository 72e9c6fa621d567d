// Package loopback lends the loopback Google Workspace and GitHub of providers/internal/fake to whoever is not a provider: the demo,
// and the scripts that test whole commands. They listen on 127.0.0.1, speak the vendors' wire formats, and open nothing.
package loopback

import (
	"time"

	githubfake "guestlist/providers/internal/fake/github"
	googlefake "guestlist/providers/internal/fake/google"
)

// The vendors.
type (
	Google         = googlefake.Server
	GoogleOptions  = googlefake.Options
	GoogleFault    = googlefake.Fault
	GoogleExchange = googlefake.Exchange
	GoogleOrg      = googlefake.Org
	GoogleUser     = googlefake.User
	GoogleGrant    = googlefake.Grant

	GitHub         = githubfake.Fake
	GitHubOptions  = githubfake.Options
	GitHubFault    = githubfake.Fault
	GitHubExchange = githubfake.Exchange
	GitHubSignIn   = githubfake.DemoAppKey
)

// GoogleScopes is what the names of Google's scopes begin with.
const GoogleScopes = "https://www.googleapis.com/auth/"

// The tokens of the example organization on GitHub: its owner's, and one employee's.
const (
	GitHubToken         = githubfake.DemoToken
	GitHubEmployeeToken = githubfake.DemoEmployeeToken
)

// StartGoogle serves an organization until it is closed.
func StartGoogle(org googlefake.Organization, options GoogleOptions) (*Google, error) {
	return googlefake.New(org, options)
}

// GoogleExample is the example organization as it is now.
func GoogleExample(now time.Time) *GoogleOrg { return googlefake.Acme(now) }

// GoogleSized is a generated organization of so many users, with four grants each on average.
func GoogleSized(users int) googlefake.Organization {
	return googlefake.Generated{Size: users, GrantsEach: 4}
}

// GoogleFaults are the faults that Google can be told to have, by name.
func GoogleFaults() map[string]func() *GoogleFault {
	return map[string]func() *GoogleFault{
		"unauthorized": googlefake.Unauthorized, "not-found": googlefake.NotFound, "group": googlefake.GroupKey,
		"forbidden": googlefake.Forbidden, "scope": googlefake.InsufficientScope,
		"api-off":      func() *GoogleFault { return googlefake.APIOff("admin.googleapis.com", "fake-project") },
		"user-rate":    googlefake.UserRateLimited,
		"quota":        googlefake.QuotaExceeded,
		"rate":         func() *GoogleFault { return googlefake.RateLimited(time.Second) },
		"backend":      googlefake.BackendError,
		"server-error": googlefake.ServerError,
		"bad-gateway":  googlefake.BadGateway,
		"truncated":    googlefake.Truncated,
		"reset":        googlefake.Reset,
	}
}

// StartGitHub serves organizations until it is closed.
func StartGitHub(options GitHubOptions) (*GitHub, error) { return githubfake.Start(options) }

// GitHubExample is the example organization as it is now, with a GitHub App that may read it.
func GitHubExample(now time.Time) (GitHubOptions, GitHubSignIn, error) {
	return githubfake.DemoApp(now)
}

// GitHubDeviceClient is the client ID of the app that people sign in to the example organization with.
const GitHubDeviceClient = "Iv23liDemoDevice0001"

// GitHubDevice lets the example organization's employee sign in with a code; a token then ends after the given time, or never for zero.
func GitHubDevice(options GitHubOptions, lifetime time.Duration) GitHubOptions {
	options.Device = &githubfake.Device{
		ClientID: GitHubDeviceClient, Token: options.Tokens[GitHubEmployeeToken], Lifetime: lifetime,
	}
	return options
}

// GitHubPlan makes every organization one of that plan: "free", "team", "enterprise" or "server".
func GitHubPlan(options GitHubOptions, plan string) GitHubOptions {
	for _, org := range options.Organizations {
		org.Plan = githubfake.Plan(plan)
		org.SAML = org.Plan == githubfake.Cloud
	}
	options.Server = githubfake.Plan(plan) == githubfake.Server
	return options
}

// GitHubFaultOf is a fault by its kind's name: "502", "primary 403", "foreign redirect".
func GitHubFaultOf(kind string) GitHubFault {
	return githubfake.Fault{Kind: githubfake.FaultKind(kind)}
}

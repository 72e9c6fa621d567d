// Package fake serves the example organizations of the command demo: one Google Workspace and one
// GitHub organization of the made-up company acme.
//
// They are served by the packages below it, which speak the vendors' wire formats on 127.0.0.1 and
// open nothing. Tests of providers and of whole commands use them too; no provider imports them.
package fake

import (
	"errors"
	"time"

	"guestlist/providers/chromemanagement"
	"guestlist/providers/fake/githubfake"
	"guestlist/providers/fake/googlefake"
	"guestlist/providers/github"
	githubapi "guestlist/providers/github/api"
	"guestlist/providers/github/signin"
	"guestlist/providers/googleworkspace"
	googleapi "guestlist/providers/googleworkspace/api"
	"guestlist/scanner"
)

// Organizations describes what the demo has, for help texts.
const Organizations = "a Google Workspace and a GitHub organization"

// Demo serves the example organizations until it is closed.
type Demo struct {
	google *googlefake.Server
	github *githubfake.Fake
	app    githubfake.DemoAppKey
}

// Start serves the example organizations as they are now, or as they were a week earlier. At is
// what the services' clocks show.
func Start(now, at time.Time, earlier bool) (*Demo, error) {
	org, makeOptions := googlefake.Acme(now), githubfake.DemoApp
	if earlier {
		org, makeOptions = googlefake.AcmeEarlier(now), githubfake.DemoAppEarlier
	}
	options, app, err := makeOptions(now)
	if err != nil {
		return nil, err
	}
	clock := func() time.Time { return at }
	options.Now = clock
	d := &Demo{app: app}
	if d.google, err = googlefake.New(org, googlefake.Options{Now: clock}); err != nil {
		return nil, err
	}
	if d.github, err = githubfake.Start(options); err != nil {
		return nil, errors.Join(err, d.google.Close())
	}
	return d, nil
}

// Providers read everything of the example organizations. What they keep of an interrupted scan
// goes to stateDir.
func (d *Demo) Providers(env scanner.Env, stateDir string) ([]scanner.Provider, error) {
	workspace := d.googleWorkspace()
	workspace.StateDir = stateDir
	accounts, err := googleworkspace.New(env, workspace)
	if err != nil {
		return nil, err
	}
	browsers, err := chromemanagement.New(env, workspace.Connection)
	if err != nil {
		return nil, err
	}
	organization, err := github.New(env, d.gitHub())
	if err != nil {
		return nil, err
	}
	return []scanner.Provider{accounts, browsers, organization}, nil
}

// Close stops the services.
func (d *Demo) Close() error { return errors.Join(d.google.Close(), d.github.Close()) }

// noPace sends requests to the loopback services as fast as they answer: they have no limit.
const noPace = -1

func (d *Demo) googleWorkspace() googleworkspace.Config {
	config := googleworkspace.Config{Connection: googleapi.Connection{
		Subject: "it@acme.example", Endpoint: d.google.URL(), RatePerMinute: noPace,
		Credential: googleapi.Credential{KeyJSON: d.google.ServiceAccountKey()},
	}}
	for _, info := range googleapi.Features() {
		config.Features = append(config.Features, info.Feature)
	}
	return config
}

func (d *Demo) gitHub() github.Config {
	return github.Config{
		Connection:    githubapi.Connection{BaseURL: d.github.URL(), RatePerMinute: noPace},
		Organizations: []string{githubfake.DemoOrganization}, DeepRepositories: true, AuditLog: true,
		Credential: signin.App{ClientID: d.app.ClientID, Key: signin.Secret(d.app.Key)},
	}
}

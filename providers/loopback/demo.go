package loopback

import (
	"errors"
	"time"

	githubfake "guestlist/providers/internal/fake/github"
	googlefake "guestlist/providers/internal/fake/google"

	"guestlist/providers/github"
	"guestlist/providers/googleworkspace"
)

// Demo is the example organizations, served until they are closed.
type Demo struct {
	google *Google
	github *GitHub
	app    GitHubSignIn
}

// StartDemo serves the example organizations as they are now, or as they were a week earlier. At is what the services' clocks show.
func StartDemo(now, at time.Time, earlier bool) (*Demo, error) {
	org, options, makeOptions := googlefake.Acme(now), GitHubOptions{}, githubfake.DemoApp
	if earlier {
		org, makeOptions = googlefake.AcmeEarlier(now), githubfake.DemoAppEarlier
	}
	d := &Demo{}
	var err error
	if options, d.app, err = makeOptions(now); err != nil {
		return nil, err
	}
	clock := func() time.Time { return at }
	options.Now = clock
	if d.google, err = StartGoogle(org, GoogleOptions{Now: clock}); err != nil {
		return nil, err
	}
	if d.github, err = StartGitHub(options); err != nil {
		return nil, errors.Join(err, d.google.Close())
	}
	return d, nil
}

// Close stops the services.
func (d *Demo) Close() error { return errors.Join(d.google.Close(), d.github.Close()) }

// noPace asks the loopback services as fast as they answer: they have no limit.
const noPace = -1

// GoogleWorkspace is a configuration that reads everything of the example Workspace.
func (d *Demo) GoogleWorkspace() googleworkspace.Config {
	config := googleworkspace.Config{
		Subject: "it@acme.example", Endpoint: d.google.URL(), RatePerMinute: noPace,
		Credential: googleworkspace.Credential{KeyJSON: d.google.ServiceAccountKey()},
	}
	for _, info := range googleworkspace.Features() {
		config.Features = append(config.Features, info.Feature)
	}
	return config
}

// GitHub is a configuration that reads everything of the example organization.
func (d *Demo) GitHub() github.Config {
	return github.Config{
		BaseURL: d.github.URL(), Organizations: []string{githubfake.DemoOrganization}, DeepRepositories: true, AuditLog: true,
		RatePerMinute: noPace,
		Credential:    github.App{ClientID: d.app.ClientID, Key: github.Secret(d.app.Key)},
	}
}

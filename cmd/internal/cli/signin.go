package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/config"
	"guestlist/providers/github"
	"guestlist/providers/googleworkspace"
	"guestlist/scanner/inventory"
)

func newSignIn(env *Env) *cobra.Command {
	var path, host string
	var debug bool
	words := vocabulary{
		one: "a provider to sign in to", all: "providers", words: []string{string(inventory.GoogleWorkspace), string(inventory.GitHub)},
		others: otherSources(),
	}
	cmd := &cobra.Command{
		Use:   "sign-in google-workspace|github",
		Short: "Sign in as a person, with the browser or a code, for later scans",
		Long: `sign-in is for people. It opens Google's consent page in the browser (client = … in
[google_workspace]), or shows a code to type on GitHub's page (device = … in [[github]]), and
keeps what it is given in a file that only you can read, in the state directory.

A cron job needs none of this: give it a service account or a GitHub App.`,
		Example:           "  guestlist sign-in google-workspace\n  guestlist sign-in github",
		ValidArgsFunction: words.completeOnce,
		Args:              exactly(1, "one provider (google-workspace or github)"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := words.check("", args[0]); err != nil {
				return err
			}
			c, err := env.loadConfig(path)
			if err != nil {
				return err
			}
			if env.stateDir() == "" {
				return usageError(errors.New("there is no state directory to keep the sign-in in"), "set GUESTLIST_STATE_DIR")
			}
			if args[0] == string(inventory.GitHub) {
				return env.signInToGitHub(cmd.Context(), c, host, debug)
			}
			if host != "" {
				return usageError(errors.New("--host is for github"), "guestlist sign-in google-workspace")
			}
			return env.signInToGoogle(cmd.Context(), c, debug)
		},
	}
	addConfigFlag(cmd, &path)
	addDebugFlag(cmd, &debug)
	cmd.Flags().StringVar(&host, "host", "", "sign in to the GitHub `HOST`, if the configuration has several with a device sign-in")
	return cmd
}

func (env *Env) signInToGoogle(ctx context.Context, c *config.Config, debug bool) error {
	if c.Google == nil || c.Google.Client.IsZero() {
		return usageError(errors.New("[google_workspace] names no OAuth client to sign in with"),
			fmt.Sprintf(`write client = { file = "client.json" } in %q`, env.configPath(c)))
	}
	settings, err := c.Google.Config(ctx, env.outside(), env.credentialFile(string(inventory.GoogleWorkspace)))
	if err != nil {
		return usageError(err)
	}
	missing, err := googleworkspace.SignIn(ctx, env.providerEnv(nil, nil, false, debug), settings.Connection, env.openPage)
	if err != nil {
		return runError(err)
	}
	for _, feature := range missing {
		env.hint("%s was left unticked on the consent page: it will not be read until you sign in again", feature)
	}
	fmt.Fprintf(env.Stderr, "guestlist: signed in; kept in %q\n", settings.Credential.TokenFile)
	return nil
}

// openPage shows the address, because a browser may be on another machine, and tries to open it.
func (env *Env) openPage(address string) error {
	fmt.Fprintf(env.Stderr, "guestlist: sign in on this page:\n  %s\n", address)
	if env.OpenBrowser != nil {
		env.OpenBrowser(address) // the address stands above for whoever has no browser here
	}
	return nil
}

func (env *Env) signInToGitHub(ctx context.Context, c *config.Config, host string, debug bool) error {
	g, err := env.deviceAccount(c, host)
	if err != nil {
		return err
	}
	file := env.gitHubTokenFile(g)
	_, err = github.SignInByDevice(ctx, env.providerEnv(nil, nil, false, debug), github.Device{
		File: file, Host: g.Settings.Host, WebURL: g.WebURL, ClientID: g.Device.ClientID, Scopes: g.Device.Scopes,
		Prompt: func(code, page string, expires time.Time) {
			fmt.Fprintf(env.Stderr, "guestlist: type %s on %s until %s\n", clean(code), clean(page), expires.Local().Format("15:04"))
		},
	})
	if err != nil {
		return runError(err)
	}
	fmt.Fprintf(env.Stderr, "guestlist: signed in; kept in %q\n", file)
	return nil
}

// deviceAccount is the one [[github]] with a device sign-in, or that of the host.
func (env *Env) deviceAccount(c *config.Config, host string) (*config.GitHub, error) {
	var found []*config.GitHub
	for _, g := range c.GitHub {
		if g.Device != nil && (host == "" || g.Host() == strings.ToLower(host)) {
			found = append(found, g)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, usageError(errors.New("no [[github]] has a device sign-in"),
			fmt.Sprintf(`write device = { client_id = "…" } in %q; the app needs device flow enabled`, env.configPath(c)))
	}
	return nil, usageError(fmt.Errorf("%d tables [[github]] have a device sign-in", len(found)), "name one with --host")
}

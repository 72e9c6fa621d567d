package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/config"
	"guestlist/providers/googleworkspace"
	"guestlist/scanner/inventory"
)

func newSignIn(env *Env) *cobra.Command {
	var path string
	var debug bool
	cmd := &cobra.Command{
		Use:   "sign-in google-workspace",
		Short: "Sign in as a person, with the browser, for later scans",
		Long: `sign-in is for people. It opens Google's consent page in the browser (client = … in
[google_workspace]) and keeps what it is given in a file that only you can read, in the state
directory.

A cron job needs none of this: give it a service account.`,
		Example:   "  guestlist sign-in google-workspace",
		ValidArgs: []string{string(inventory.GoogleWorkspace)},
		Args:      exactly(1, "the name of a provider"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := env.loadConfig(path)
			if err != nil {
				return err
			}
			if env.stateDir() == "" {
				return usageError(errors.New("there is no state directory to keep the sign-in in"), "set GUESTLIST_STATE_DIR")
			}
			if args[0] == string(inventory.GoogleWorkspace) {
				return env.signInToGoogle(cmd.Context(), c, debug)
			}
			return usageError(fmt.Errorf("%q has no sign-in", inventory.Untrusted(args[0])), cmd.UseLine())
		},
	}
	addConfigFlag(cmd, &path)
	addDebugFlag(cmd, &debug)
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
	missing, err := googleworkspace.SignIn(ctx, env.providerEnv(nil, nil, false, debug), settings, env.openPage)
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

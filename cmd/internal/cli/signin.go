package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"guestlist/cmd/internal/config"
	"guestlist/scanner/inventory"
)

// signInOptions are the flags of sign-in.
type signInOptions struct {
	config, host string
	debug        bool
}

func newSignIn(env *Env) *cobra.Command {
	var o signInOptions
	able := vendorsWhere(canSignIn)
	names := wordsOf(able, providerOf)
	words := vocabulary{one: "a provider to sign in to", all: "providers", words: names, others: otherSources()}
	cmd := &cobra.Command{
		Use:   "sign-in " + strings.Join(names, "|"),
		Short: "Sign in as a person, with the browser or a code, for later scans",
		Long: `sign-in is for people. It ` + strings.Join(wordsOf(able, signInOf), ", or ") + `, and
keeps what it is given in a file that only you can read, in the state directory.

A cron job needs none of this: give it a service account or an App.`,
		Example:           strings.Join(wordsOf(able, signInLine), "\n"),
		ValidArgsFunction: words.completeOnce,
		Args:              exactly(1, "one provider ("+inventory.Enumerate(names, "or")+")"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := words.check("", args[0]); err != nil {
				return err
			}
			return env.signIn(cmd.Context(), able[slices.Index(names, args[0])], &o)
		},
	}
	addConfigFlag(cmd, &o.config)
	addDebugFlag(cmd, &o.debug)
	cmd.Flags().StringVar(&o.host, "host", "", "sign in to the "+
		inventory.Enumerate(wordsOf(vendorsWhere(hasHosts), (*config.Vendor).Name), "or")+
		" `HOST`, if the configuration has several with a device sign-in")
	return cmd
}

func signInLine(v *config.Vendor) string { return "  guestlist sign-in " + providerOf(v) }

func (env *Env) signIn(ctx context.Context, v *config.Vendor, o *signInOptions) error {
	c, err := env.loadConfig(o.config)
	switch {
	case err != nil:
		return err
	case env.stateDir() == "":
		return usageError(errors.New("there is no state directory to keep the sign-in in"), "set GUESTLIST_STATE_DIR")
	case o.host != "" && !v.Hosts:
		return usageError(fmt.Errorf("--host is for %s",
			inventory.Enumerate(wordsOf(vendorsWhere(hasHosts), providerOf), "and")),
			strings.TrimSpace(signInLine(v)))
	}
	run := env.vendorRun(&scanOptions{}, env.providerEnv(nil, nil, false, o.debug), &progress{env: env})
	file, err := c.SignIn(ctx, v, run, &config.Person{
		Host: o.host, ConfigPath: env.configPath(c), OpenPage: env.openPage, ShowCode: env.showCode, Hint: env.hint,
	})
	if setup, ok := errors.AsType[*config.SetupError](err); ok {
		if setup.Hint == "" {
			return usageError(err)
		}
		return usageError(err, setup.Hint)
	}
	if err != nil {
		return runError(err)
	}
	env.say(aNotice, fmt.Sprintf("signed in; kept in %q", file))
	return nil
}

// openPage shows the address, because a browser may be on another machine, and tries to open it.
func (env *Env) openPage(address string) error {
	env.say(aNotice, "sign in on this page:\n  "+address, slog.String("page", address))
	if env.OpenBrowser != nil {
		env.OpenBrowser(address) // the address is shown above, in case there is no browser here
	}
	return nil
}

func (env *Env) showCode(code, page string, expires time.Time) {
	env.say(aNotice, fmt.Sprintf("enter %s on %s before %s", clean(code), clean(page), expires.Local().Format("15:04")))
}

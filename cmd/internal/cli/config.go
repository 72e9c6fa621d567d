package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"guestlist/allowlist/strict"
	"guestlist/cmd/internal/config"
)

func addConfigFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "",
		"the configuration `FILE`, or \"none\" (default: $GUESTLIST_CONFIG, then guestlist.toml in the user's configuration directory)")
}

// loadConfig reads the named configuration, or that of the default place; an empty one when there is none.
//
// The working directory is no default place, unlike for the allowlist: the file names commands to run and hosts that tokens go to,
// and a foreign directory must not have that say.
func (env *Env) loadConfig(named string) (*config.Config, error) {
	path := named
	switch {
	case path == "none":
		return &config.Config{}, nil
	case path == "":
		path = env.Getenv("GUESTLIST_CONFIG")
	}
	if path == "" {
		path = env.defaultConfigPath()
		if _, err := os.Stat(path); path == "" || errors.Is(err, fs.ErrNotExist) {
			return &config.Config{}, nil
		}
	}
	c, err := config.Load(path)
	var problems *strict.Problems
	switch {
	case err == nil:
		return c, nil
	case errors.As(err, &problems):
		return nil, usageError(err)
	case errors.Is(err, fs.ErrNotExist):
		return nil, usageError(fmt.Errorf("--config %q: there is no such file", path))
	}
	return nil, usageError(fmt.Errorf("reading the configuration: %w", err))
}

func (env *Env) defaultConfigPath() string {
	if env.configDir() == "" {
		return ""
	}
	return filepath.Join(env.configDir(), config.FileName)
}

// configPath is where a configuration is, or would be, for messages.
func (env *Env) configPath(c *config.Config) string {
	switch {
	case c.Path != "":
		return c.Path
	case env.defaultConfigPath() != "":
		return env.defaultConfigPath()
	}
	return config.FileName
}

// outside is what reading a secret may touch.
func (env *Env) outside() config.Outside { return config.Outside{Getenv: env.Getenv, Home: env.Home} }

// credentialFile is where a sign-in is kept.
func (env *Env) credentialFile(name string) string {
	if env.stateDir() == "" {
		return ""
	}
	return filepath.Join(env.stateDir(), "credentials", name+".json")
}

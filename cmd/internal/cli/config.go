package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"guestlist/allowlist/strict"
	"guestlist/cmd/internal/config"
)

func addConfigFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "",
		"read the configuration `FILE`, or \"none\" (default: $GUESTLIST_CONFIG, then guestlist.toml in your configuration directory)")
}

// loadConfig reads the named configuration, or the one in the default place; an empty one if there
// is none.
//
// Unlike for the allowlist, the working directory is not a default place: the file names commands
// to run and hosts that tokens go to, and a foreign directory must not decide that.
func (env *Env) loadConfig(named string) (*config.Config, error) {
	file := env.configFile(named)
	if file.path == "" {
		return config.New(), nil
	}
	c, err := config.Load(file.path)
	var problems *strict.Problems
	switch {
	case err == nil:
		return c, nil
	case errors.As(err, &problems):
		return nil, usageError(err)
	}
	return nil, file.fault(err, "--config none reads no configuration")
}

// configFile is the configuration to read, and what named it. Its path is empty if there is none.
func (env *Env) configFile(named string) namedFile {
	switch {
	case named == none:
		return namedFile{}
	case named != "":
		return namedFile{"--config", named}
	case env.Getenv(configVariable) != "":
		return namedFile{"$" + configVariable, env.Getenv(configVariable)}
	}
	path := env.defaultConfigPath()
	if _, err := os.Stat(path); path == "" || errors.Is(err, fs.ErrNotExist) {
		return namedFile{}
	}
	return namedFile{"the configuration", path}
}

// configVariable names another configuration than the default place's.
const configVariable = "GUESTLIST_CONFIG"

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

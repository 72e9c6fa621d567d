package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"guestlist/allowlist"
)

const allowlistName = "allowlist.toml"

// loadAllowlist reads the named allowlist, or the first of the default places that has one; nil when there is none.
func (env *Env) loadAllowlist(named string) (*allowlist.List, error) {
	path := named
	if path == "" {
		if path = env.findAllowlist(); path == "" {
			return nil, nil
		}
	}
	list, err := allowlist.Load(path)
	if err == nil {
		return list, nil
	}
	var problems *allowlist.Problems
	switch {
	case errors.As(err, &problems):
		return nil, usageError(err, fmt.Sprintf("guestlist allow lint %s", path))
	case errors.Is(err, os.ErrNotExist):
		return nil, usageError(fmt.Errorf("--allowlist %q: there is no such file", path), "guestlist allow init > "+allowlistName)
	}
	return nil, usageError(fmt.Errorf("reading the allowlist: %w", err))
}

// findAllowlist looks in this directory, then in the user's configuration directory.
func (env *Env) findAllowlist() string {
	for _, path := range []string{allowlistName, filepath.Join(env.configDir(), allowlistName)} {
		if _, err := os.Stat(path); err == nil || !errors.Is(err, os.ErrNotExist) {
			return path
		}
	}
	return ""
}

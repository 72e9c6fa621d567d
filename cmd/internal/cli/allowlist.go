package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

const allowlistName = "allowlist.toml"

// loadAllowlist reads the named allowlist, or the first one in the default places; nil if there is
// none.
func (env *Env) loadAllowlist(file namedFile) (*allowlist.List, error) {
	if file.path == "" {
		if file = (namedFile{"the allowlist", env.findAllowlist()}); file.path == "" {
			return nil, nil
		}
	}
	list, err := allowlist.Load(file.path)
	var problems *allowlist.Problems
	switch {
	case err == nil:
		return list, nil
	case errors.As(err, &problems) && file.by == "": // allow lint itself
		return nil, usageError(err)
	case errors.As(err, &problems):
		return nil, usageError(err, fmt.Sprintf("guestlist allow lint %q", inventory.Untrusted(file.path)))
	case errors.Is(err, os.ErrNotExist):
		return nil, file.fault(err, "guestlist allow init > "+allowlistName)
	}
	return nil, file.fault(err)
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

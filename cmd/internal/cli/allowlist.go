package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"guestlist/allowlist"
	"guestlist/cmd/internal/remote"
	"guestlist/scanner/inventory"
)

const allowlistName = "allowlist.toml"

// loadAllowlist reads the named allowlist, or the first one in the default places; nil if there is
// none. It fetches the lists that are included from an address.
func (env *Env) loadAllowlist(file namedFile) (*allowlist.List, error) {
	list, err := env.readAllowlist(file, env.fetchList)
	env.warnOfCopies(list, env.warn)
	return list, err
}

// warnOfCopies warns of each list that could not be fetched and of which an earlier copy is used.
func (env *Env) warnOfCopies(list *allowlist.List, warn func(format string, args ...any)) {
	if list == nil {
		return
	}
	for _, source := range list.Sources() {
		if note := source.Note(env.Now()); note != "" {
			warn("%v: %s", source.At, note)
		}
	}
}

// readAllowlist is loadAllowlist with another way to fetch lists; nil fetches none.
func (env *Env) readAllowlist(file namedFile, fetch allowlist.Fetch) (*allowlist.List, error) {
	if file.path == "" {
		if file = (namedFile{"the allowlist", env.findAllowlist()}); file.path == "" {
			return nil, nil
		}
	}
	list, err := allowlist.LoadWith(file.path, fetch)
	var problems *allowlist.Problems
	switch {
	case err == nil:
		return list, nil
	case env.stopped() != nil:
		return nil, runError(errInterrupted)
	case errors.As(err, &problems) && file.by == "": // allow lint itself
		return nil, usageError(err)
	case errors.As(err, &problems):
		return nil, usageError(err, fmt.Sprintf("guestlist allow lint %q", inventory.Untrusted(file.path)))
	case errors.Is(err, os.ErrNotExist):
		return nil, file.fault(err, "guestlist allow init > "+allowlistName)
	}
	return nil, file.fault(err)
}

// fetchList fetches an included list, or takes the last good copy of it from the state directory.
func (env *Env) fetchList(include allowlist.Include) (allowlist.Copy, error) {
	fetcher := remote.Fetcher{Transport: env.Transport, Now: env.Now, UserAgent: "guestlist"}
	if dir := env.stateDir(); dir != "" {
		fetcher.Dir = filepath.Join(dir, "lists")
	}
	return fetcher.Fetch(env.context(), include)
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

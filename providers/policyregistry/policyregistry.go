// Package policyregistry reads the policies of browsers from the registry of Windows: a key of the
// machine's and one of the user's, each with the keys below it. What the policies mean is not its
// question. Other systems have none.
package policyregistry

import (
	"errors"
	"fmt"
	"io/fs"

	"guestlist/providers/internal/winregistry"
)

// Limits on what is read: a policy may have a key for each extension, with a key for each list.
const (
	maxKeys   = 50_000
	maxValues = 10_000 // of one key
	maxDepth  = 4
)

// Key is a key with its values: strings, lists of strings and numbers, by name.
type Key struct {
	Path   string // with the hive
	Values map[string]any
}

// Read returns the key of a path in both hives, and those below it; none if it is in neither.
func Read(path string) ([]Key, error) {
	registry := winregistry.System()
	if registry == nil {
		return nil, nil
	}
	return read(registry, path)
}

func read(registry winregistry.Registry, path string) ([]Key, error) {
	r := &reader{registry: registry}
	for _, hive := range []winregistry.Hive{winregistry.User, winregistry.Machine} {
		if err := r.key(hive, path, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w", hive, err)
		}
	}
	return r.keys, nil
}

type reader struct {
	registry winregistry.Registry
	keys     []Key
}

func (r *reader) key(hive winregistry.Hive, path string, depth int) error {
	values, err := r.registry.Values(hive, path, maxValues)
	if err != nil {
		return err
	}
	if len(r.keys) == maxKeys {
		return fmt.Errorf("more than %d keys", maxKeys)
	}
	r.keys = append(r.keys, Key{Path: string(hive) + `\` + path, Values: values})
	if depth == maxDepth {
		return nil
	}
	names, err := r.registry.Subkeys(hive, path, maxKeys)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range names {
		if err := r.key(hive, path+`\`+name, depth+1); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

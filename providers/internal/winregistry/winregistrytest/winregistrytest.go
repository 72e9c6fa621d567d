// Package winregistrytest is a registry of the Windows kind for tests on every system.
package winregistrytest

import (
	"io/fs"
	"maps"
	"slices"
	"strings"

	"guestlist/providers/internal/winregistry"
)

// Keys is a registry: what keys have for themselves, by hive and path.
type Keys map[string]string

// Subkeys lists the keys below a key, however many.
func (k Keys) Subkeys(hive winregistry.Hive, key string, _ int) ([]string, error) {
	var names []string
	for _, at := range slices.Sorted(maps.Keys(k)) {
		if name, ok := strings.CutPrefix(at, string(hive)+`\`+key+`\`); ok {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil, fs.ErrNotExist
	}
	return names, nil
}

// Default is the default value of a key.
func (k Keys) Default(hive winregistry.Hive, key string) (string, error) {
	text, ok := k[string(hive)+`\`+key]
	if !ok {
		return "", fs.ErrNotExist
	}
	return text, nil
}

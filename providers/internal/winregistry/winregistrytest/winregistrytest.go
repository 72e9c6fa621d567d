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

// Values is the default value of a key, as its only one.
func (k Keys) Values(hive winregistry.Hive, key string, _ int) (map[string]any, error) {
	text, err := k.Default(hive, key)
	if err != nil {
		return nil, err
	}
	return map[string]any{"": text}, nil
}

// Tree is a registry of keys with values: by hive and path, then by name.
type Tree map[string]map[string]any

// Subkeys lists the keys directly below a key, however many.
func (t Tree) Subkeys(hive winregistry.Hive, key string, _ int) ([]string, error) {
	var names []string
	for _, at := range slices.Sorted(maps.Keys(t)) {
		if rest, ok := strings.CutPrefix(at, string(hive)+`\`+key+`\`); ok {
			name, _, _ := strings.Cut(rest, `\`)
			names = append(names, name)
		}
	}
	if _, known := t[string(hive)+`\`+key]; names == nil && !known {
		return nil, fs.ErrNotExist
	}
	return slices.Compact(names), nil
}

// Default is the default value of a key.
func (t Tree) Default(hive winregistry.Hive, key string) (string, error) {
	text, ok := t[string(hive)+`\`+key][""].(string)
	if !ok {
		return "", fs.ErrNotExist
	}
	return text, nil
}

// Values are the values of a key.
func (t Tree) Values(hive winregistry.Hive, key string, _ int) (map[string]any, error) {
	values, ok := t[string(hive)+`\`+key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return values, nil
}

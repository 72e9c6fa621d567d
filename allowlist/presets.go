package allowlist

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/scanner/inventory"
)

// presetFiles are lists that an allowlist includes by name: include = ["google-first-party"]. They
// are allowlists themselves, with entries that need no owner and no approval date: anyone who
// includes one is responsible for it. Adding a file adds a preset.
//
//go:embed presets/*.toml
var presetFiles embed.FS

// Presets returns the names of all presets.
func Presets() []string {
	files, _ := fs.Glob(presetFiles, "presets/*.toml") // the pattern is constant and good
	names := make([]string, len(files))
	for n, file := range files {
		names[n] = strings.TrimSuffix(strings.TrimPrefix(file, "presets/"), ".toml")
	}
	return names
}

// Preset returns a preset's text, to read or copy from, and false if there is none of that name.
func Preset(name string) ([]byte, bool) {
	if !slices.Contains(Presets(), name) {
		return nil, false
	}
	data, err := presetFiles.ReadFile("presets/" + name + ".toml")
	return data, err == nil
}

func parsePreset(name string, data []byte) (*List, error) {
	p := &parser{File: strict.File{Name: inventory.Untrusted("preset:" + name), Words: &words}, preset: name}
	list := p.list(data)
	if err := p.Err(); err != nil {
		return nil, fmt.Errorf("in a preset: %w", err)
	}
	return list, nil
}

package config

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of guestlist.toml (draft 4, which editors for TOML understand). It
// helps while typing; [Parse] decides, and refuses more.
func Schema() []byte { return slices.Clone(schema) }

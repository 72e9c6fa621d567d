package allowlist

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of the allowlist (draft 4, which editors for TOML understand),
// with dates as strings. It helps while typing; [Parse] decides, and refuses more.
func Schema() []byte { return slices.Clone(schema) }

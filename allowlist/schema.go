package allowlist

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema of the allowlist (draft 4, which editors for TOML understand),
// with dates as texts. It helps while typing; [Parse] is the one that decides, and refuses more.
func Schema() []byte { return slices.Clone(schema) }

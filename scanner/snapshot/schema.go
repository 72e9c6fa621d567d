package snapshot

import _ "embed"

//go:embed schema.json
var schemaFile []byte

// Schema is the JSON Schema of a line of a snapshot file.
func Schema() []byte { return schemaFile }

package report

import _ "embed"

//go:embed report.schema.json
var schemaFile []byte

//go:embed line.schema.json
var lineSchemaFile []byte

//go:embed show.schema.json
var shownSchemaFile []byte

//go:embed risk.schema.json
var weighedSchemaFile []byte

// WeighedSchema is the JSON Schema of risk's json format.
func WeighedSchema() []byte { return weighedSchemaFile }

//go:embed lint.schema.json
var lintSchemaFile []byte

// LintSchema is the JSON Schema of allow lint's json format.
func LintSchema() []byte { return lintSchemaFile }

//go:embed compare.schema.json
var comparedSchemaFile []byte

// ComparedSchema is the JSON Schema of allow compare's json format.
func ComparedSchema() []byte { return comparedSchemaFile }

// ShownSchema is the JSON Schema of show's json format.
func ShownSchema() []byte { return shownSchemaFile }

// Schema is the JSON Schema of the json format.
func Schema() []byte { return schemaFile }

// LineSchema is the JSON Schema of a line of the jsonl format.
func LineSchema() []byte { return lineSchemaFile }

package config

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"

	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
)

//go:embed schema.json
var schema []byte

// postMark is where the file has the part that follows from the kinds of channels.
const postMark = `"{post}"`

// Schema returns the JSON Schema of guestlist.toml (draft 4, which editors for TOML understand). It
// helps while typing; [Parse] decides, and refuses more.
func Schema() []byte {
	kinds := make([]any, len(notify.Kinds))
	for n, kind := range notify.Kinds {
		kinds[n] = schemaOfKind(kind)
	}
	part, err := json.MarshalIndent(map[string]any{
		"description": "Where to post what a scan has to say: a channel.",
		"type":        "array",
		"items":       map[string]any{"oneOf": kinds},
	}, "    ", "  ")
	if err != nil { // texts always encode
		return slices.Clone(schema)
	}
	return bytes.Replace(schema, []byte(postMark), part, 1)
}

// schemaOfKind describes a [[post]] of one kind.
func schemaOfKind(kind *notify.Kind) map[string]any {
	properties := map[string]any{
		"name": map[string]any{"description": "The channel's name: lower-case letters, digits, - and _.", "type": "string",
			"pattern": "^[a-z0-9_-]+$"},
		"kind": map[string]any{"description": kind.About, "enum": []string{kind.Name}},
		"severities": listOf(map[string]any{"enum": inventory.Levels()},
			"Which severities it is for; all without it."),
		"providers": listOf(map[string]any{"enum": postProviders()}, "Which providers it is for; all without it."),
		"when":      map[string]any{"description": "Which scans it hears of.", "enum": whenWords()},
		"remind": map[string]any{"description": "How often it is reminded of what is open, such as \"7d\", or \"never\".",
			"type": "string", "pattern": "^([0-9]+[dw]|never)$"},
	}
	required := []string{"name", "kind"}
	for _, key := range kind.Keys {
		properties[key.Name] = schemaOfKey(key)
		if key.Required {
			required = append(required, key.Name)
		}
	}
	return map[string]any{"type": "object", "additionalProperties": false, "required": required, "properties": properties}
}

func schemaOfKey(key notify.Key) map[string]any {
	switch key.Type {
	case notify.SecretKey: // nothing may stand beside a reference
		return map[string]any{"$ref": "#/definitions/secret"}
	case notify.ListKey:
		return listOf(map[string]any{"type": "string", "minLength": 1}, key.About)
	case notify.FlagKey:
		return map[string]any{"description": key.About, "type": "boolean"}
	}
	if len(key.OneOf) > 0 {
		return map[string]any{"description": key.About, "enum": key.OneOf}
	}
	return map[string]any{"description": key.About, "type": "string", "minLength": 1}
}

func listOf(items map[string]any, about string) map[string]any {
	return map[string]any{"description": about, "type": "array", "items": items, "uniqueItems": true}
}

// Package schema derives a JSON Schema (draft 2020-12) from a Go type, so that what is documented
// and what is written cannot drift apart. Tests write the schema files with it and compare them;
// the program only embeds the files.
//
// Objects stay open to further properties and enumerations to further values, since minor versions
// add both.
package schema

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Of returns the indented schema of a type, with a title and an identifier.
func Of(typ reflect.Type, id, title string) ([]byte, error) {
	g := generator{definitions: make(map[string]any)}
	root := g.schema(typ)
	document := map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     id,
		"title":   title,
		"$defs":   g.definitions,
	}
	for key, value := range root {
		document[key] = value
	}
	text, err := json.MarshalIndent(document, "", "  ")
	return append(text, '\n'), err
}

type generator struct{ definitions map[string]any }

func (g *generator) schema(typ reflect.Type) map[string]any {
	switch typ.Kind() {
	case reflect.Pointer:
		return g.schema(typ.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.schema(typ.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": g.schema(typ.Elem())}
	case reflect.Struct:
		if typ == reflect.TypeFor[time.Time]() {
			return map[string]any{"type": "string", "format": "date-time"}
		}
		return g.reference(typ)
	}
	return map[string]any{}
}

// reference puts a structure among the definitions, once.
func (g *generator) reference(typ reflect.Type) map[string]any {
	name := strings.ToLower(typ.Name())
	if _, done := g.definitions[name]; !done {
		g.definitions[name] = nil // stops at recursive types
		properties := make(map[string]any)
		required := make(map[string]bool)
		g.fields(typ, properties, required)
		g.definitions[name] = map[string]any{"type": "object", "properties": properties,
			"required": append([]string{}, slices.Sorted(maps.Keys(required))...)}
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}

// fields adds the properties of a structure. Those of an embedded structure come first, so that
// outer ones with the same name replace them.
func (g *generator) fields(typ reflect.Type, properties map[string]any, required map[string]bool) {
	for field := range typ.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
			continue
		case field.Anonymous && name == "":
			embedded := field.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			g.fields(embedded, properties, required)
			continue
		}
		properties[name] = g.schema(field.Type)
		delete(required, name)
		if !strings.Contains(options, "omit") {
			required[name] = true
		}
	}
}

package testkit

import (
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// PublishedSchema compiles a JSON Schema published by others, from an npm package that .ci/packages
// fetched. Schemas that it refers to are beside it, under the last part of their address.
func PublishedSchema(t testing.TB, pkg string, parts ...string) *jsonschema.Schema {
	t.Helper()
	file := filepath.Join(append([]string{PackageDir(t, pkg)}, parts...)...)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.UseLoader(schemasBeside(filepath.Dir(file)))
	schema, err := compiler.Compile("https://schema.invalid/" + filepath.Base(file))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// schemasBeside loads the schemas of a directory, whatever the address before their names.
type schemasBeside string

// Load implements [jsonschema.URLLoader].
func (dir schemasBeside) Load(address string) (any, error) {
	file, err := os.Open(filepath.Join(string(dir), path.Base(address)))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return jsonschema.UnmarshalJSON(file)
}

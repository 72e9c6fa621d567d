package allowlist_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(allowlist.Schema())))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("allowlist.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("allowlist.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON turns a TOML document into the JSON that editors validate: dates are texts.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var root map[string]any
	if _, err := toml.Decode(text, &root); err != nil {
		t.Fatal(err)
	}
	return jsonValue(root)
}

func jsonValue(value any) any {
	switch value := value.(type) {
	case map[string]any:
		object := map[string]any{}
		for key, member := range value {
			object[key] = jsonValue(member)
		}
		return object
	case []map[string]any:
		array := []any{}
		for _, member := range value {
			array = append(array, jsonValue(member))
		}
		return array
	case []any:
		array := []any{}
		for _, member := range value {
			array = append(array, jsonValue(member))
		}
		return array
	case time.Time:
		return value.Format(time.DateOnly)
	case int64:
		return float64(value)
	}
	return value
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, name := range []string{"design.toml", "lint.toml"} {
		if err := schema.Validate(asJSON(t, string(readTestdata(t, name)))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, preset := range allowlist.Presets() {
		if err := schema.Validate(asJSON(t, fmt.Sprintf("version = 1\ninclude = [%q]\n", preset))); err != nil {
			t.Errorf("including the preset %s: %v", preset, err)
		}
		text, _ := allowlist.Preset(preset)
		if err := schema.Validate(asJSON(t, string(text))); err != nil {
			t.Errorf("preset %s: %v", preset, err)
		}
	}
}

func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	entry := "version = 1\n[[allow]]\nid = \"" + addonID + "\"" + approvedX
	if err := schema.Validate(asJSON(t, entry)); err != nil {
		t.Fatalf("a good entry: %v", err)
	}
	for name, text := range map[string]string{
		"no version":          "[policy]\n",
		"a newer version":     "version = 2",
		"an unknown key":      entry + "Hosts = []",
		"an unknown kind":     entry + "kind = \"extenson\"",
		"an unknown origin":   entry + "origin = [\"web\"]",
		"an empty owner":      "version = 1\n[[allow]]\nid = \"x\"\nowner = \"\"\n",
		"a refusal unfounded": "version = 1\n[[deny]]\nid = \"x\"\n",
		"no ID":               "version = 1\n[[deny]]\nreason = \"y\"\n",
		"an ID and project":   entry + "project = \"1\"\nkind = \"oauth-grant\"\n",
		"project alone":       "version = 1\n[[deny]]\nproject = \"1\"\nreason = \"y\"\n",
		"a bad duration":      "version = 1\n[policy]\nnotice = \"two weeks\"\n",
		"an empty list":       entry + "for = []",
		"text for a list":     entry + "permissions = \"tabs\"",
		"a feed with no way":  "version = 1\n[[feed]]\nname = \"x\"\n",
		"an unknown preset":   "version = 1\ninclude = [\"x\"]\n",
		"an unpinned address": "version = 1\ninclude = [{ url = \"https://acme.example/base.toml\" }]\n",
		"a short digest":      "version = 1\ninclude = [{ path = \"base.toml\", sha256 = \"abcd\" }]\n",
		"two lists in one":    "version = 1\ninclude = [{ path = \"base.toml\", preset = \"google-first-party\" }]\n",
	} {
		if err := schema.Validate(asJSON(t, text)); err == nil {
			t.Errorf("%s is valid", name)
		}
		if _, err := allowlist.Parse("allowlist.toml", []byte(text), nil); err == nil {
			t.Errorf("%s parses", name)
		}
	}
}

// The schema and the parser are two lists of the same keys.
func TestSchemaHasTheParsersKeys(t *testing.T) {
	t.Parallel()
	type object struct {
		Properties map[string]any `json:"properties"`
	}
	var schema struct {
		Properties  map[string]object `json:"properties"`
		Definitions map[string]object `json:"definitions"`
	}
	if err := json.Unmarshal(allowlist.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	names := func(properties map[string]any) []string { return slices.Sorted(maps.Keys(properties)) }
	got := map[string][]string{"": slices.Sorted(maps.Keys(schema.Properties)),
		"policy": names(schema.Properties["policy"].Properties)}
	for part, definition := range schema.Definitions {
		got[part] = names(definition.Properties)
	}
	want := map[string][]string{}
	for part, keys := range allowlist.Keys() {
		want[part] = slices.Sorted(slices.Values(keys))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-parser +schema):\n%s", diff)
	}
	var kinds struct {
		Definitions map[string]struct {
			Properties struct {
				Kind struct {
					Enum []inventory.Kind `json:"enum"`
				} `json:"kind"`
			} `json:"properties"`
		} `json:"definitions"`
	}
	if err := json.Unmarshal(allowlist.Schema(), &kinds); err != nil {
		t.Fatal(err)
	}
	for part, definition := range kinds.Definitions {
		if !slices.Contains(allowlist.Keys()[part], "kind") {
			continue
		}
		if diff := cmp.Diff(inventory.Kinds(), definition.Properties.Kind.Enum); diff != "" {
			t.Errorf("kinds of %s (-inventory +schema):\n%s", part, diff)
		}
	}
}

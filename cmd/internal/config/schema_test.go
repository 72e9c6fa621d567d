package config

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	googleapi "guestlist/providers/googleworkspace/api"
)

func TestTheSchemaKnowsTheKeysOfTheParser(t *testing.T) {
	t.Parallel()
	type object struct {
		Properties map[string]*object `json:"properties"`
		Items      *struct {
			Enum []string `json:"enum"`
		} `json:"items"`
	}
	var document struct {
		Properties  map[string]*object `json:"properties"`
		Definitions map[string]*object `json:"definitions"`
	}
	if err := json.Unmarshal(Schema(), &document); err != nil {
		t.Fatal(err)
	}
	github := document.Definitions["github"]
	for part, place := range map[string]*object{
		"": {Properties: document.Properties}, "google_workspace": document.Properties["google_workspace"], "github": github,
		"history": document.Properties["history"], "heartbeat": document.Properties["heartbeat"], "app": github.Properties["app"], "device": github.Properties["device"],
		"a secret": document.Definitions["secret"],
	} {
		want := slices.Sorted(slices.Values(words().Keys[part]))
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(place.Properties))); diff != "" {
			t.Errorf("keys of %q (-parser +schema):\n%s", part, diff)
		}
	}
	var features []string
	for _, info := range googleapi.Features() {
		features = append(features, string(info.Feature))
	}
	if diff := cmp.Diff(features, document.Properties["google_workspace"].Properties["features"].Items.Enum); diff != "" {
		t.Errorf("features (-provider +schema):\n%s", diff)
	}
}

func TestTheSchemaAgreesWithTheParser(t *testing.T) {
	t.Parallel()
	schema := compiledSchema(t)
	for name, test := range map[string]struct {
		text string
		good bool
	}{
		"everything":             {whole, true},
		"nothing":                {"version = 1\n", true},
		"one GitHub":             {"version = 1\n[github]\nself = true\n", true},
		"a history":              {"version = 1\n[history]\nkeep = 0\nweeks = 4\nmax_size = '1.5 GB'\n", true},
		"a size of no unit":      {"version = 1\n[history]\nmax_size = '500'\n", false},
		"a history of no kind":   {"version = 1\n[history]\nkept = 10\n", false},
		"no version":             {"[github]\nself = true\n", false},
		"a secret in the file":   {"version = 1\n[github]\nself = true\ntoken = 'x'\n", false},
		"two places of a secret": {"version = 1\n[github]\nself = true\ntoken = {env = 'A', file = 'b'}\n", false},
		"nothing to read":        {"version = 1\n[github]\nhost = 'github.com'\n", false},
		"two ways to sign in":    {"version = 1\n[google_workspace]\nkey = {env='K'}\nimpersonate = 'x@y'\n", false},
		"a base alone":           {"version = 1\n[google_workspace]\nkey = {env='K'}\nbase = {env='B'}\n", false},
		"an unknown key":         {"version = 1\n[google_workspace]\nkey = {env='K'}\nsubjet = 'a@b'\n", false},
		"an unknown feature":     {"version = 1\n[google_workspace]\nkey = {env='K'}\nfeatures = ['grant']\n", false},
		"a channel":              {"version = 1\n[[post]]\nname = 'a'\nkind = 'file'\npath = 'x'\nremind = '7d'\n", true},
		"a channel of no kind":   {"version = 1\n[[post]]\nname = 'a'\nkind = 'fax'\npath = 'x'\n", false},
		"a channel without key":  {"version = 1\n[[post]]\nname = 'a'\nkind = 'file'\n", false},
		"a heartbeat":            {"version = 1\n[heartbeat]\nurl = {env='B'}\nstyle = 'healthchecks'\n", true},
		"a heartbeat of nothing": {"version = 1\n[heartbeat]\nstyle = 'plain'\n", false},
		"an App without key":     {"version = 1\n[github]\norganizations = ['acme']\napp = {client_id = 'x'}\n", false},
	} {
		if err := schema.Validate(asJSON(t, test.text)); (err == nil) != test.good {
			t.Errorf("%s: the schema says %v", name, err)
		}
		if _, err := Parse("f.toml", []byte(test.text)); (err == nil) != test.good {
			t.Errorf("%s: the parser says %v", name, err)
		}
	}
}

// compiledSchema is the schema of the file.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("config.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("config.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON is a TOML file as the validator takes it.
func asJSON(t *testing.T, file string) any {
	t.Helper()
	var root map[string]any
	if _, err := toml.Decode(file, &root); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

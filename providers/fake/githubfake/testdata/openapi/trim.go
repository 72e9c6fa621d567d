//go:build ignore

// Trim cuts GitHub's published OpenAPI description down to the operations that guestlist uses.
//
//	go run trim.go DIR
//
// DIR holds api.github.com.json, ghec.json and ghes-3.19.json of the npm package @octokit/openapi
// (see README.md).
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

var wanted = strings.Fields(`
	get:/app get:/app/installations post:/app/installations/{installation_id}/access_tokens get:/apps/{app_slug}
	get:/app/installations/{installation_id}
	get:/orgs/{org} get:/orgs/{org}/installation get:/orgs/{org}/installations get:/orgs/{org}/credential-authorizations
	get:/orgs/{org}/personal-access-tokens get:/orgs/{org}/personal-access-token-requests get:/orgs/{org}/members
	get:/orgs/{org}/outside_collaborators get:/orgs/{org}/hooks get:/orgs/{org}/repos get:/orgs/{org}/audit-log
	get:/repos/{owner}/{repo}/keys get:/repos/{owner}/{repo}/hooks get:/user/installations/{installation_id}/repositories
	get:/enterprises/{enterprise}/installation get:/enterprises/{enterprise}/apps/installable_organizations
	get:/enterprises/{enterprise}/apps/organizations/{org}/installations
	get:/enterprises/{enterprise}/apps/organizations/{org}/installations/{installation_id}/repositories
	get:/orgs/{org}/copilot/coding-agent/permissions get:/orgs/{org}/copilot/coding-agent/permissions/repositories
	get:/orgs/{org}/agents/secrets
	get:/user get:/user/keys get:/user/gpg_keys get:/user/ssh_signing_keys get:/gists`)

func main() {
	for _, name := range []string{"api.github.com", "ghec", "ghes-3.19"} {
		if err := trim(filepath.Join(os.Args[1], name+".json"), name+".json"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func trim(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var description map[string]any
	if err := json.Unmarshal(data, &description); err != nil {
		return err
	}
	out := trimmed{description: description, schemas: map[string]any{}}
	operations := map[string]any{}
	for _, want := range wanted {
		method, path, _ := strings.Cut(want, ":")
		if operation, ok := at(description, "paths", path, method).(map[string]any); ok {
			operations[strings.ToUpper(method)+" "+path] = out.operation(operation)
			if want == "get:/app/installations" {
				// The package's extension demands that the account is both a user and an
				// enterprise; GitHub's own description of the same entry, used by the operations
				// for one installation, says either.
				out.keep("#/components/schemas/installation")
				operations["GET "+path].(map[string]any)["responses"] = map[string]any{"200": map[string]any{
					"type": "array", "items": map[string]any{"$ref": "#/components/schemas/installation"},
				}}
			}
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(map[string]any{
		"version": at(description, "info", "version"), "operations": operations,
		"components": map[string]any{"schemas": out.schemas},
	}); err != nil {
		return err
	}
	return os.WriteFile(to, text.Bytes(), 0o644)
}

type trimmed struct {
	description map[string]any
	schemas     map[string]any
}

func (t *trimmed) operation(operation map[string]any) map[string]any {
	query := map[string]any{}
	for _, each := range list(operation["parameters"]) {
		parameter := t.resolve(each).(map[string]any)
		if parameter["in"] == "query" {
			query[parameter["name"].(string)] = t.schema(parameter["schema"])
		}
	}
	responses := map[string]any{}
	for status, each := range operation["responses"].(map[string]any) {
		response := t.resolve(each).(map[string]any)
		content, _ := response["content"].(map[string]any)
		for kind, body := range content {
			if strings.HasSuffix(kind, "json") && !strings.Contains(kind, "scim") {
				responses[status] = t.schema(body.(map[string]any)["schema"])
			}
		}
	}
	result := map[string]any{"query": query, "responses": responses}
	if body := at(operation, "requestBody", "content", "application/json", "schema"); body != nil {
		result["body"] = t.schema(body)
	}
	return result
}

// schema keeps what validates, and expresses nullable in JSON Schema.
func (t *trimmed) schema(value any) any {
	switch value := value.(type) {
	case []any:
		kept := make([]any, len(value))
		for n, each := range value {
			kept[n] = t.schema(each)
		}
		return kept
	case map[string]any:
		if ref, ok := value["$ref"].(string); ok {
			t.keep(ref)
			return map[string]any{"$ref": ref}
		}
		kept := map[string]any{}
		for key, each := range value {
			switch {
			case key == "properties":
				properties := map[string]any{}
				for name, property := range each.(map[string]any) {
					properties[name] = t.schema(property)
				}
				kept[key] = properties
			case key == "description", key == "title", key == "nullable", key == "deprecated", key == "default",
				strings.HasPrefix(key, "example"), strings.HasPrefix(key, "x-"), key == "externalDocs":
			case key == "required", key == "enum", key == "type", key == "format":
				kept[key] = each
			default:
				kept[key] = t.schema(each)
			}
		}
		if value["nullable"] == true {
			return map[string]any{"anyOf": []any{kept, map[string]any{"type": "null"}}}
		}
		return kept
	}
	return value
}

func (t *trimmed) keep(ref string) {
	name := strings.TrimPrefix(ref, "#/components/schemas/")
	if _, ok := t.schemas[name]; ok {
		return
	}
	t.schemas[name] = nil // a placeholder while it is cut
	t.schemas[name] = t.schema(at(t.description, "components", "schemas", name))
}

func (t *trimmed) resolve(value any) any {
	if ref, ok := at(value, "$ref").(string); ok {
		return at(t.description, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	return value
}

func at(value any, keys ...string) any {
	for _, key := range keys {
		object, _ := value.(map[string]any)
		value = object[key]
	}
	return value
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

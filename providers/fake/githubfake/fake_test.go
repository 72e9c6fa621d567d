package githubfake

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// The answers themselves are checked against GitHub's description by the tests of the provider,
// exchange by exchange.

func TestThePermissionsAreThoseOfTheDescription(t *testing.T) {
	t.Parallel()
	want := map[string][]string{}
	for _, name := range []string{"ghes-3.19", "api.github.com", "ghec"} {
		var description struct {
			Components struct {
				Schemas map[string]jsontext.Value `json:"schemas"`
			} `json:"components"`
		}
		data, err := os.ReadFile(filepath.Join("testdata", "openapi", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &description); err != nil {
			t.Fatal(err)
		}
		var schema struct {
			Properties map[string]struct {
				Enum []string `json:"enum"`
			} `json:"properties"`
		}
		if err := json.Unmarshal(description.Components.Schemas["app-permissions"], &schema); err != nil {
			t.Fatal(err)
		}
		for permission, property := range schema.Properties {
			want[permission] = property.Enum
		}
	}
	if diff := cmp.Diff(want, Permissions()); diff != "" || len(want) < 58 {
		t.Errorf("%d permissions: %s", len(want), diff)
	}
}

func TestEveryOperationIsInTheDescription(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "openapi", "ghec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var description struct {
		Operations map[string]any `json:"operations"`
	}
	if err := json.Unmarshal(data, &description); err != nil {
		t.Fatal(err)
	}
	for _, route := range routes() {
		if _, ok := description.Operations[route.method+" "+route.path]; !ok {
			t.Errorf("%s %s is not described", route.method, route.path)
		}
	}
}

func TestGeneratedOrganizationsAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	sizes := Sizes{Members: 130, Outside: 5, Installations: 40, Credentials: 90, Tokens: 9, Requests: 2, Hooks: 3,
		Repositories: 12}
	if diff := cmp.Diff(Generate("acme", sizes), Generate("acme", sizes)); diff != "" {
		t.Error(diff)
	}
}

func TestPagesFollowTheLinkHeader(t *testing.T) {
	t.Parallel()
	const token = "ghp_x"
	org := Generate("acme", Sizes{Members: 250})
	fake, err := Start(Options{Organizations: []*Organization{org},
		Tokens: map[string]*Token{token: {Kind: Classic, User: org.Members[0].User, Scopes: []string{"read:org"}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	var sizes []int
	seen := map[string]bool{}
	for next := fake.URL() + "orgs/acme/members?per_page=100"; next != ""; {
		request, _ := http.NewRequest(http.MethodGet, next, nil)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		var members []struct {
			Login string `json:"login"`
		}
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatal(err)
		}
		for _, member := range members {
			seen[member.Login] = true
		}
		sizes = append(sizes, len(members))
		next = nextOf(response.Header.Get("Link"))
	}
	if fmt.Sprint(sizes) != "[100 100 50]" || len(seen) != 250 {
		t.Errorf("pages of %v with %d members, want 100, 100, 50 with 250", sizes, len(seen))
	}
}

func TestTheBudgetEndsAndStartsAnew(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	org := Generate("acme", Sizes{Members: 1})
	fake, err := Start(Options{Organizations: []*Organization{org}, Core: 2, Now: func() time.Time { return now },
		Tokens: map[string]*Token{"ghp_x": {Kind: Classic, User: org.Members[0].User}}})
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	ask := func() (int, string) {
		request, _ := http.NewRequest(http.MethodGet, fake.URL()+"orgs/acme", nil)
		request.Header.Set("Authorization", "Bearer ghp_x")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode, response.Header.Get("X-RateLimit-Remaining")
	}
	for n, want := range []string{"200 1", "200 0", "403 0"} {
		if status, remaining := ask(); fmt.Sprintf("%d %s", status, remaining) != want {
			t.Errorf("request %d: %d with %s left, want %s", n+1, status, remaining, want)
		}
	}
	now = now.Add(time.Hour)
	if status, _ := ask(); status != 200 {
		t.Errorf("an hour later: %d", status)
	}
}

func TestTheDemoHoldsNoRealName(t *testing.T) {
	t.Parallel()
	options := Demo(time.Now())
	for _, hook := range options.Organizations[0].Hooks {
		if !strings.Contains(hook.URL, ".example/") {
			t.Errorf("hook to %s", hook.URL)
		}
	}
	names := []string{}
	for _, installation := range options.Organizations[0].Installations {
		names = append(names, installation.App.Slug)
	}
	if slices.ContainsFunc(names, func(name string) bool {
		return !strings.HasPrefix(name, "example-") && !strings.HasPrefix(name, "acme-")
	}) {
		t.Errorf("apps %v", names)
	}
}

func nextOf(link string) string {
	for _, part := range strings.Split(link, ", ") {
		if url, ok := strings.CutSuffix(part, `>; rel="next"`); ok {
			return strings.TrimPrefix(url, "<")
		}
	}
	return ""
}

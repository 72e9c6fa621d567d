package vendor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

// Every combination that a provider can come up with has a remedy, and none names a button that is
// not there.
func TestEveryItemHasARemedy(t *testing.T) {
	t.Parallel()
	origins := []inventory.Origin{
		"", inventory.OriginStore, inventory.OriginPolicy, inventory.OriginSideload, inventory.OriginUnpacked, inventory.OriginBuiltin, inventory.OriginUnknown,
	}
	for _, provider := range append(providers(), "another") {
		for _, kind := range inventory.Kinds() {
			for _, origin := range origins {
				for _, path := range []inventory.Untrusted{"", "relative/path", "/usr/share/x", "/home/it/x"} {
					for _, state := range []inventory.State{inventory.StateEnabled, inventory.StateDisabled, inventory.StateLeftover} {
						item := inventory.Item{
							Source: inventory.Source{Provider: provider, Name: "acme/x"}, Kind: kind, Origin: origin, Path: path, State: state,
							App: inventory.App{ID: "app", URL: "https://example.com/app"},
						}
						how, _ := RemedyFor(&item)
						cannot := origin == inventory.OriginPolicy || origin == inventory.OriginBuiltin || state == inventory.StateLeftover ||
							provider == inventory.Firefox && strings.HasPrefix(string(path), "/usr/")
						what := fmt.Sprintf("%s %s %q %s %s: %q", provider, kind, origin, path, state, how)
						if how == "" || strings.HasSuffix(string(how), " ") || strings.Contains(string(how), "  ") {
							t.Error(what)
						}
						if cannot && strings.HasPrefix(string(how), "remove it at") {
							t.Errorf("there is no such button: %s", what)
						}
						if slices.Contains([]inventory.Untrusted{"relative/path"}, path) && strings.Contains(string(how), "relative") {
							t.Errorf("nobody can go there: %s", what)
						}
					}
				}
			}
		}
	}
}

func TestNobodyIsSentToThePagesOfAnotherVendor(t *testing.T) {
	t.Parallel()
	for provider, foreign := range map[inventory.Provider][]string{
		"another":                 {"google.com", "github", "chrome://", "about:"},
		inventory.GitHub:          {"google.com", "chrome://", "about:"},
		inventory.GoogleWorkspace: {"github", "chrome://", "about:"},
		inventory.Firefox:         {"google.com", "github", "chrome://"},
	} {
		for _, kind := range inventory.Kinds() {
			how, page := RemedyFor(&inventory.Item{Source: inventory.Source{Provider: provider, Name: "acme/x"}, Kind: kind})
			for _, place := range foreign {
				if strings.Contains(string(how+page), place) {
					t.Errorf("%s, %s: %s", provider, kind, how)
				}
			}
		}
	}
}

package vendor

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/inventory"
)

// Every combination that a provider can come up with has a remedy that can be joined to others, and
// none names a button that is not there.
func TestEveryItemHasARemedy(t *testing.T) {
	t.Parallel()
	for item := range allItems() {
		cannot := item.Origin == inventory.OriginPolicy || item.Origin == inventory.OriginBuiltin ||
			item.State == inventory.StateLeftover ||
			item.Source.Provider == inventory.Firefox && isInstalledForMachine(&item)
		for _, way := range allWays(RemedyFor(&item)) {
			what := fmt.Sprintf("%s %s %q %s %s: %q", item.Source.Provider, item.Kind, item.Origin, item.Path, item.State, way)
			if way == "" || strings.TrimSpace(string(way)) != string(way) || strings.Contains(string(way), "  ") {
				t.Error(what)
			}
			if verb, _, _ := strings.Cut(string(way), " "); !slices.Contains(imperatives, verb) {
				t.Errorf("it is not told to anybody: %s", what)
			}
			if strings.ContainsAny(string(way), ",;") || strings.HasSuffix(string(way), ".") {
				t.Errorf("it cannot be joined: %s", what)
			}
			if cannot && strings.HasPrefix(string(way), "remove it at") {
				t.Errorf("there is no such button: %s", what)
			}
			if strings.Contains(string(way), "relative") {
				t.Errorf("nobody can go there: %s", what)
			}
		}
	}
}

// imperatives begin what a person is told to do.
var imperatives = []string{
	"approve", "ask", "block", "choose", "delete", "remove", "restart", "revoke", "take", "uninstall", "use",
}

// allItems yields an item of each combination that decides how it is taken back.
func allItems() iter.Seq[inventory.Item] {
	origins := []inventory.Origin{
		"", inventory.OriginStore, inventory.OriginPolicy, inventory.OriginSideload, inventory.OriginUnpacked,
		inventory.OriginBuiltin, inventory.OriginUnknown,
	}
	paths := []inventory.Untrusted{"", "relative/path", "/usr/share/x", "/home/it/x"}
	states := []inventory.State{inventory.StateEnabled, inventory.StateDisabled, inventory.StateLeftover}
	locations := []inventory.Untrusted{"", "command line", "app-system-share", "app-profile", "winreg-app-user"}
	return func(yield func(inventory.Item) bool) {
		item := inventory.Item{App: inventory.App{ID: "app", URL: "https://example.com/app"}}
		for _, provider := range append(providers(), "another") {
			for _, item.Kind = range inventory.Kinds() {
				for _, item.Origin = range origins {
					for _, item.Path = range paths {
						for _, item.State = range states {
							for _, location := range locations {
								item.Source = inventory.Source{Provider: provider, Name: "acme/x"}
								item.Facts = map[string]inventory.Untrusted{factLocation: location}
								if !yield(item) {
									return
								}
							}
						}
					}
				}
			}
		}
	}
}

func allWays(how Remedy) []inventory.Untrusted {
	if len(how.Ways) == 0 {
		return []inventory.Untrusted{""}
	}
	return slices.Concat(how.Ways, how.Many)
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
			remedy := RemedyFor(&inventory.Item{Source: inventory.Source{Provider: provider, Name: "acme/x"}, Kind: kind})
			for _, place := range foreign {
				if text := fmt.Sprint(allWays(remedy), remedy.Page); strings.Contains(text, place) {
					t.Errorf("%s, %s: %s", provider, kind, text)
				}
			}
		}
	}
}

func TestABrowsersOwnMenuRemovesWhatIsRemovedByHand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		provider inventory.Provider
		browser  inventory.Untrusted
		want     ByHand
	}{
		{inventory.Chromium, "Chrome Beta", ByHand{puzzle, "chrome://extensions/?id=app"}},
		{inventory.Chromium, "Edge (flatpak)", ByHand{puzzle, "edge://extensions/?id=app"}},
		{inventory.Chromium, "A browser of next year", ByHand{puzzle, "chrome://extensions/?id=app"}},
		{inventory.Firefox, "Firefox (snap)", ByHand{"menu > Extensions and themes > ... > Remove", "about:addons"}},
		{inventory.Firefox, "Thunderbird", ByHand{mailAddons, ""}},
	} {
		if how, known := RemoveByHand(test.provider, test.browser, "app"); !known || how != test.want {
			t.Errorf("%s: %+v, want %+v", test.browser, how, test.want)
		}
	}
	for item := range allItems() {
		if _, known := RemoveByHand(item.Source.Provider, "", "app"); RemedyFor(&item).ByHand &&
			Of(item.Source.Provider).Local && !known {
			t.Fatalf("nothing to click for %s %s", item.Source.Provider, item.Kind)
		}
	}
}

package googleworkspace

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guestlist/providers/googleworkspace/api"
	"guestlist/scanner/inventory"
	"guestlist/scanner/testkit"
)

// The scopes that are asked for are exactly those of the README, and read-only where Google has a read-only scope.
func TestTheReadmeNamesEveryFeatureWithItsScope(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| feature | gives | scope | API | role |\n|---|---|---|---|---|\n")
	for _, info := range api.Features() {
		name := fmt.Sprintf("`%s`", info.Feature)
		if slices.Contains(api.UsualFeaturesOf(inventory.GoogleWorkspace), info.Feature) {
			name += " \\*"
		}
		access := "read-only"
		if !info.ReadOnly {
			access = "no read-only scope exists"
		}
		fmt.Fprintf(&table, "| %s | %s | `%s` (%s) | %s | %s |\n", name, info.Gives, info.Scope, access, info.APIName, info.Privilege)
	}
	testkit.GoldenPart(t, filepath.Join("..", "..", "README.md"), "google workspace features", table.String())
}

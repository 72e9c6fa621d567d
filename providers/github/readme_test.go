package github

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"guestlist/scanner/testkit"
)

// What each source needs is told by the README exactly as the code asks for it.
func TestTheReadmeNamesEverySourceWithItsPermission(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("| source | classic scope | App or fine-grained permission | where |\n|---|---|---|---|\n")
	specs := organizationSpecs(&Config{AuditLog: true})
	specs = slices.Insert(specs, slices.IndexFunc(specs, func(s spec) bool { return s.name == specAgents.name })+1, specAgentSecrets)
	specs = append(specs, specRepositories, specKeys, specRepositoryHooks, specEnterprise, specSelf, specSSHKeys, specSigningKeys, specGPGKeys)
	for _, s := range specs {
		scope := "none will do"
		if len(s.scopes) > 0 && !s.appOnly {
			scope = "`" + s.scopes[0] + "`"
		}
		title := s.title
		if s.name == specRepositories.name && s.path != "" {
			title = "repositories, for the two below"
		}
		where := "every plan and Enterprise Server"
		switch {
		case s.name == specEnterprise.name:
			where = "an enterprise; GitHub Apps only"
		case s.optional:
			where = "where Copilot is used; no gap elsewhere"
		case s.cloudOnly:
			where = "Enterprise Cloud"
		case s.planned:
			where = "Enterprise Cloud and Server"
		case s.appOnly:
			where = "every plan; GitHub Apps only"
		}
		fmt.Fprintf(&table, "| %s | %s | `%s` | %s |\n", title, scope, s.permission, where)
	}
	testkit.GoldenPart(t, filepath.Join("..", "..", "README.md"), "github sources", table.String())
}

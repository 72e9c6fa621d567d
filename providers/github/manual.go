package github

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"

	"guestlist/scanner"
)

//go:embed manual.txt
var manual string

// Manual is the page of help: what it reads, what a credential needs for each source, and what no
// API reports.
func Manual() *scanner.Manual {
	return &scanner.Manual{Text: manual, Lists: map[string][]scanner.ManualEntry{
		"requirements": requirementEntries(), "blind spots": scanner.BlindSpots(blindSpots()...),
	}}
}

// requirement is what a credential needs for one source.
type requirement struct {
	Title string // what it lists
	Scope string // of a classic token; empty if no scope is enough
	// Permission is an App's or a fine-grained token's, as the API spells it; Tick is its place on
	// GitHub's pages.
	Permission, Tick string
	Where            string // the plans that have it; empty means every plan and Enterprise Server
}

// requirements lists what every source needs, in the order of the report.
func requirements() []requirement {
	specs := organizationSpecs(&Config{AuditLog: true})
	agents := slices.IndexFunc(specs, func(s spec) bool { return s.name == specAgents.name })
	specs = slices.Insert(specs, agents+1, specAgentSecrets)
	repositories := specRepositories
	repositories.title = "repositories, for the next two"
	specs = append(specs, repositories, specKeys, specRepositoryHooks, specEnterprise, specSelf, specSSHKeys,
		specSigningKeys, specGPGKeys)
	list := make([]requirement, len(specs))
	for n := range specs {
		list[n] = specs[n].requirement()
	}
	return list
}

func (s *spec) requirement() requirement {
	need := requirement{Title: s.title, Permission: s.Permission, Tick: s.Tick}
	if len(s.Scopes) > 0 && !s.appOnly {
		need.Scope = s.Scopes[0]
	}
	switch {
	case s.name == specEnterprise.name:
		need.Where = "an enterprise; GitHub Apps only"
	case s.optional:
		need.Where = "organizations that use Copilot; no gap elsewhere"
	case s.cloudOnly:
		need.Where = "Enterprise Cloud"
	case s.planned:
		need.Where = "Enterprise Cloud and Enterprise Server"
	case s.appOnly:
		need.Where = "every plan; GitHub Apps only"
	}
	return need
}

func requirementEntries() []scanner.ManualEntry {
	var list []scanner.ManualEntry
	for _, need := range requirements() {
		lines := []string{
			"App or fine-grained token: " + need.Permission,
			"where to tick it: " + need.Tick,
			"classic token: " + cmp.Or(need.Scope, "none is enough"),
		}
		if need.Where != "" {
			lines = append(lines, "available in: "+need.Where)
		}
		list = append(list, scanner.ManualEntry{Title: need.Title, Lines: lines})
	}
	return list
}

// blindSpots lists what no API reports to anyone. Pages are below the web host, with ORG or
// ENTERPRISE to fill in.
func blindSpots() []scanner.BlindSpot {
	page := func(pattern string) string { return "/" + strings.ReplaceAll(pattern, "{org}", "ORG") }
	return []scanner.BlindSpot{
		{What: "OAuth apps that the organization approved, beyond the audit log", Page: page(pageOAuthPolicy)},
		{
			What: "apps that members authorized for themselves (guestlist check github sends each of them to their own page)",
			Page: page(pageOwnGrants),
		},
		{What: "webhooks that OAuth apps made", Page: page(specHooks.Page)},
		{
			What: "GitHub Apps installed on an enterprise itself",
			Page: page(strings.ReplaceAll(pageEnterpriseApps, "{enterprise}", "ENTERPRISE")),
		},
		{
			What: "which repositories were selected for an app, unless asked with an owner's classic token or an enterprise's App",
			Page: page(specInstallations.Page),
		},
	}
}

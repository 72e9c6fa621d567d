package github

import (
	"slices"
	"strings"

	"guestlist/scanner"
)

// Requirement is what one source needs of a credential, for manuals.
type Requirement struct {
	Title string // what it lists
	Scope string // of a classic token; empty where none is enough
	// Permission is an App's or a fine-grained token's, as the API spells it; Tick is its place on
	// GitHub's pages.
	Permission, Tick string
	Where            string // the plans that have it; empty: every plan and Enterprise Server
}

// Requirements lists what every source needs, in the order of the report.
func Requirements() []Requirement {
	specs := organizationSpecs(&Config{AuditLog: true})
	agents := slices.IndexFunc(specs, func(s spec) bool { return s.name == specAgents.name })
	specs = slices.Insert(specs, agents+1, specAgentSecrets)
	repositories := specRepositories
	repositories.title = "repositories, for the next two"
	specs = append(specs, repositories, specKeys, specRepositoryHooks, specEnterprise, specSelf, specSSHKeys,
		specSigningKeys, specGPGKeys)
	list := make([]Requirement, len(specs))
	for n := range specs {
		list[n] = specs[n].requirement()
	}
	return list
}

func (s *spec) requirement() Requirement {
	need := Requirement{Title: s.title, Permission: s.Permission, Tick: s.Tick}
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

// BlindSpots lists what no API reports to anyone. Pages are below the web host, with ORG or
// ENTERPRISE to fill in.
func BlindSpots() []scanner.BlindSpot {
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

package github

import (
	"context"
	"net/url"
	"slices"

	"guestlist/providers/github/api"
	"guestlist/providers/github/lenient"
	"guestlist/scanner/inventory"
)

// What Copilot's coding agent may do in an organization: the repositories it may work in, and the
// secrets its sessions get. Many organizations do not use it and many credentials may not ask about
// it, so a refusal is not a gap; any other failure is.
var (
	specAgents = spec{
		name: "coding-agent", title: "where Copilot's coding agent may work",
		path: "orgs/{org}/copilot/coding-agent/permissions",
		Need: api.Need{
			Permission: "organization_copilot_agent_settings:read",
			Tick:       "Organization permissions → Copilot agent settings: Read-only",
			Scopes:     []string{"admin:org"}, Page: api.SettingsPage + "copilot/coding_agent",
		},
		optional: true, single: true,
	}
	specAgentSecrets = spec{
		name: specAgents.name, title: "the names of its secrets", path: "orgs/{org}/agents/secrets",
		Need: api.Need{
			Permission: "organization_agent_secrets:read",
			Tick:       "Organization permissions → Agent secrets: Read-only",
			Scopes:     []string{"admin:org"}, Page: api.SettingsPage + "copilot/coding_agent",
		},
		optional: true,
	}
)

// agentPolicy is GET /orgs/{org}/copilot/coding-agent/permissions.
type agentPolicy struct {
	Enabled lenient.Text `json:"enabled_repositories"`
}

func (p *agentPolicy) IsProven() bool { return p.Enabled != "" }

// agentSecret is one entry of GET /orgs/{org}/agents/secrets, which holds only the secret's name.
type agentSecret struct {
	Name lenient.Text `json:"name"`
}

// codingAgent reads what the coding agent may do. Its error ends the scan.
func (o *organizationScan) codingAgent(ctx context.Context) error {
	where := o.source(&specAgents)
	if failed := o.isOff(&specAgents); failed != nil {
		o.coverFault(where, failed, nil)
		return nil
	}
	var policy agentPolicy
	path := specAgents.pathFor(url.PathEscape(o.login))
	err := o.session.Read(ctx, path, &policy)
	if err != nil {
		if endsScan(ctx, err) {
			return scanError(ctx, err)
		}
		o.coverFault(where, o.explain(err, &specAgents), nil)
		return nil
	}
	said, failed, err := o.agentRepositories(ctx, path, string(policy.Enabled))
	if err != nil {
		return err
	}
	details := []inventory.Untrusted{said}
	if policy.Enabled != "none" {
		secrets, secretFault, err := o.agentSecrets(ctx)
		if err != nil {
			return err
		}
		if failed == nil {
			failed = secretFault
		}
		details = append(details, secrets...)
	}
	coverage := o.coverageOf(where, failed, nil)
	if failed != nil {
		coverage.Status = inventory.StatusPartial
	}
	coverage.Details = limitDetails(append(coverage.Details, details...))
	o.cover(coverage)
	return nil
}

// agentRepositories says where the agent may work. The fault says which part of that is unknown;
// the error ends the scan.
func (o *organizationScan) agentRepositories(
	ctx context.Context, path, enabled string,
) (inventory.Untrusted, *api.Fault, error) {
	switch enabled {
	case "all":
		return "Copilot's coding agent may work in every repository, including future ones", nil, nil
	case "none":
		return "Copilot's coding agent may work in no repository", nil, nil
	case "selected":
	default:
		return inventory.Textf("where Copilot's coding agent may work is set to %q",
			inventory.Clean(enabled, inventory.MaxNameBytes)), nil, nil
	}
	names, failed, err := namesOf(ctx, o, &specAgents, api.List{Path: path + "/repositories", Envelope: "repositories"},
		func(r *repositoryRecord) string { return string(r.Name) })
	return inventory.Textf("Copilot's coding agent may work in %d repositories: ", len(names)) +
			inOneLine(inventory.All(names)),
		failed, err
}

// agentSecrets says which secrets the agent's sessions get. The fault says which part of that is
// unknown; the error ends the scan.
func (o *organizationScan) agentSecrets(ctx context.Context) ([]inventory.Untrusted, *api.Fault, error) {
	if o.about(&specAgentSecrets).SurelyLacks() {
		return []inventory.Untrusted{"the names of its secrets are not shown to this credential"}, nil, nil
	}
	names, failed, err := namesOf(ctx, o, &specAgentSecrets,
		api.List{Path: specAgentSecrets.pathFor(url.PathEscape(o.login)), Envelope: "secrets"},
		func(s *agentSecret) string { return string(s.Name) })
	switch {
	case err != nil:
		return nil, nil, err
	case failed != nil && failed.Unobservable:
		return []inventory.Untrusted{"the names of its secrets are not shown to this credential"}, nil, nil
	case len(names) == 0:
		return nil, failed, nil
	}
	return []inventory.Untrusted{"its sessions are given the secrets: " + inOneLine(inventory.All(names))}, failed, nil
}

// namesOf reads a list and keeps only the names. The fault says which part of it is unknown; the
// error ends the scan.
func namesOf[T any](ctx context.Context, o *organizationScan, source *spec, l api.List,
	name func(*T) string,
) ([]string, *api.Fault, error) {
	var names []string
	err := api.Whole(ctx, o.session, l, func(entry *T) error {
		if name(entry) == "" {
			return api.Skip("an entry came without its name")
		}
		names = append(names, name(entry))
		return nil
	})
	slices.Sort(names)
	switch {
	case err == nil:
		return names, nil, nil
	case endsScan(ctx, err):
		return nil, nil, scanError(ctx, err)
	}
	return names, o.explain(err, source), nil
}

package googleworkspace

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/api/cloudidentity/v1"

	"guestlist/scanner/inventory"
)

// Setting is one of the organization's API settings for one unit, as Google spells it.
type Setting struct {
	Name  inventory.Untrusted // "unconfigured_third_party_apps"
	Unit  inventory.Untrusted // "orgUnits/03ph8a2z1s3ovsg"
	Value inventory.Untrusted // JSON
}

const (
	settingsPrefix  = "settings/api_controls."
	settingsFilter  = `setting.type.matches('^settings/api_controls\\..*$')`
	policiesPerPage = 100
	maxSettings     = 10_000
)

// readSettings reads the API controls. Only those that were set are listed; a missing one has Google's default.
func (p *Provider) readSettings(ctx context.Context) ([]Setting, []inventory.Coverage, error) {
	if !p.config.has(Settings) {
		return nil, nil, nil
	}
	source := p.source(inventory.GoogleWorkspace, "settings")
	var settings []Setting
	for page := ""; ; {
		answer, fault := call(ctx, p.api, Settings, false, func(ctx context.Context) (*cloudidentity.ListPoliciesResponse, error) {
			list := p.api.policies.Policies.List().Filter(settingsFilter).PageSize(policiesPerPage)
			if page != "" {
				list = list.PageToken(page)
			}
			return list.Context(ctx).Do()
		})
		switch {
		case fault != nil && fault.Cause == CauseCancelled:
			return nil, nil, ctx.Err()
		case fault != nil:
			return nil, []inventory.Coverage{gap(source, fault)}, nil
		}
		for _, policy := range answer.Policies {
			if setting, ok := newSetting(policy); ok && len(settings) < maxSettings {
				settings = append(settings, setting)
			}
		}
		if page = answer.NextPageToken; page == "" {
			return settings, []inventory.Coverage{settingsCoverage(source, settings)}, nil
		}
	}
}

func newSetting(policy *cloudidentity.Policy) (Setting, bool) {
	if policy == nil || policy.Setting == nil {
		return Setting{}, false
	}
	name, found := strings.CutPrefix(policy.Setting.Type, settingsPrefix)
	if !found {
		return Setting{}, false
	}
	setting := Setting{
		Name:  inventory.Clean(name, inventory.MaxNameBytes),
		Value: inventory.Clean(string(policy.Setting.Value), inventory.MaxIDBytes),
	}
	if policy.PolicyQuery != nil {
		setting.Unit = inventory.Clean(policy.PolicyQuery.OrgUnit, inventory.MaxNameBytes)
	}
	return setting, true
}

func settingsCoverage(source inventory.Source, settings []Setting) inventory.Coverage {
	coverage := inventory.Coverage{Source: source, Status: inventory.StatusComplete}
	rest := 0
	for _, setting := range settings {
		coverage.Details = addDetail(coverage.Details, &rest, setting.Name+" for "+setting.Unit+": "+setting.Value)
	}
	for _, name := range []inventory.Untrusted{"unconfigured_third_party_apps", "internal_apps"} {
		if !slices.ContainsFunc(settings, func(s Setting) bool { return s.Name == name }) {
			coverage.Details = addDetail(coverage.Details, &rest, name+": not set, so Google's default holds")
		}
	}
	coverage.Details = closeDetails(coverage.Details, rest)
	return coverage
}

package googleworkspace

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/googleworkspace/tally"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// setting is one of the organization's API settings for one unit, as Google spells it.
type setting struct {
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

// policyPage is an answer of policies.list. The API promises no kind, and an empty object is an
// empty list.
type policyPage struct {
	api.Envelope
	Policies api.List[policyEntry] `json:"policies"`
}

func (*policyPage) Promised() string { return "" }
func (p *policyPage) Flaw() string   { return p.Policies.Flaw(&p.Envelope, "", "policies") }

func (p *policyPage) page() *paging.Page[policyEntry] {
	return api.PageOf(0, &p.Policies, "are null", func(policyEntry) bool { return true })
}

type policyEntry struct {
	Name    string `json:"name"`
	Setting struct {
		Type  string         `json:"type"`
		Value jsontext.Value `json:"value"`
	} `json:"setting"`
	Query struct {
		Unit string `json:"orgUnit"`
	} `json:"policyQuery"`
}

// readSettings reads the API controls. Only those that were set are listed; a missing one has
// Google's default.
func (p *Provider) readSettings(ctx context.Context) ([]setting, []inventory.Coverage, error) {
	if !p.api.Has(api.Settings) {
		return nil, nil, nil
	}
	var settings []setting
	_, fault, err := api.Drain(ctx, p.api, api.Settings, paging.List[policyEntry]{
		Fetch: api.Pages(p.api, policyCall(policiesPerPage), (*policyPage).page),
		Key:   func(policy policyEntry) string { return policy.Name }, Size: policiesPerPage,
	}, func(policies []policyEntry) error {
		for n := range policies {
			if setting, ok := newSetting(&policies[n]); ok && len(settings) < maxSettings {
				settings = append(settings, setting)
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	source := p.api.Source(inventory.GoogleWorkspace, "settings")
	switch {
	case fault != nil && len(settings) == 0:
		return nil, []inventory.Coverage{fault.Coverage(source)}, nil
	case fault != nil:
		coverage := inventory.Coverage{Source: source, Status: inventory.StatusPartial, Reason: fault.Text,
			Remedy: fault.Remedy}
		return settings, []inventory.Coverage{coverage}, nil
	}
	return settings, []inventory.Coverage{settingsCoverage(source, settings)}, nil
}

func policyCall(perPage int) api.Call {
	return api.Call{Feature: api.Settings, Path: "v1/policies",
		Query: api.Query("filter", settingsFilter, "pageSize", strconv.Itoa(perPage))}
}

// internalTrap says what trusting internal apps allows, which is not obvious from the setting's
// name. It is Google's default.
func (s *scan) internalTrap(settings []setting) inventory.Untrusted {
	const name = "internal_apps"
	trusts := func(setting setting) bool {
		var value struct {
			Trust bool `json:"trustInternalApps"`
		}
		return setting.Name == name && json.Unmarshal([]byte(setting.Value), &value) == nil && value.Trust
	}
	set := slices.ContainsFunc(settings, func(setting setting) bool { return setting.Name == name })
	if set && !slices.ContainsFunc(settings, trusts) {
		return ""
	}
	text := inventory.Untrusted("internal_apps trusts every app with an OAuth client in a Cloud project of the organization's own, " +
		"which includes an AI service that was given such a client")
	if len(s.projects) == 0 {
		return text + "; name the numbers of these projects as projects under [google_workspace], and such grants are marked"
	}
	return text + inventory.Textf("; %d grants are of such apps", s.internal.Load())
}

func newSetting(policy *policyEntry) (setting, bool) {
	name, found := strings.CutPrefix(policy.Setting.Type, settingsPrefix)
	if !found {
		return setting{}, false
	}
	return setting{
		Name: inventory.Clean(name, inventory.MaxNameBytes), Unit: inventory.Clean(policy.Query.Unit, inventory.MaxNameBytes),
		Value: inventory.Clean(string(policy.Setting.Value), inventory.MaxIDBytes),
	}, true
}

func settingsCoverage(source inventory.Source, settings []setting) inventory.Coverage {
	coverage := inventory.Coverage{Source: source, Status: inventory.StatusComplete}
	rest := 0
	for _, setting := range settings {
		coverage.Details = tally.AddDetail(coverage.Details, &rest, setting.Name+" for "+setting.Unit+": "+setting.Value)
	}
	for _, name := range []inventory.Untrusted{"unconfigured_third_party_apps", "internal_apps"} {
		if !slices.ContainsFunc(settings, func(s setting) bool { return s.Name == name }) {
			coverage.Details = tally.AddDetail(coverage.Details, &rest, name+": not set, so Google's default applies")
		}
	}
	coverage.Details = tally.CloseDetails(coverage.Details, rest)
	return coverage
}

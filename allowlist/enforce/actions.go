package enforce

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"guestlist/allowlist"
	"guestlist/scanner/inventory"
)

// selectedActions is what GitHub takes as an organization's list of allowed actions
// (PUT /orgs/{org}/actions/permissions/selected-actions).
type selectedActions struct {
	GitHubOwned bool     `json:"github_owned_allowed"`
	Verified    bool     `json:"verified_allowed"`
	Patterns    []string `json:"patterns_allowed"`
}

// refuses begins a pattern of what is blocked although another pattern allows it.
const refuses = "!"

// byOwners are the kinds that people decide about on GitHub's own pages, with the reason why no
// policy takes them.
var byOwners = []struct {
	kind inventory.Kind
	why  string
}{
	{inventory.KindInstallation, "GitHub has no list of apps that may be installed: its owners approve each request"},
	{inventory.KindCredential, "the OAuth apps that an organization trusts have no API: owners approve them on its settings page"},
	{inventory.KindAccessToken, "no API limits tokens to a list: owners approve each request, and set the longest lifetime"},
	{inventory.KindDeployKey, "deploy keys have no list of allowed ones: an organization can turn them off as a whole"},
	{inventory.KindWebhook, "webhooks have no list of allowed hosts"},
}

func planActions(p *planner) {
	named := map[inventory.Untrusted][]*allowlist.Entry{}
	for _, e := range p.list.Entries() {
		if e.Kind == inventory.KindAction {
			for _, id := range e.IDs {
				named[inventory.Untrusted(strings.ToLower(string(id)))] = append(named[inventory.Untrusted(strings.ToLower(string(id)))], e)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		app := &app{planner: p, id: id, named: named[id]}
		app.action()
	}
	for _, each := range byOwners {
		p.noteKind(each.kind, each.why)
	}
	if len(p.policy.Rules) > 0 {
		p.note(nil, "the list counts only where the organization allows selected actions (allowed_actions = selected)")
	}
}

// action decides about one pattern of actions.
func (a *app) action() {
	item := a.item(inventory.KindAction, a.id)
	approvals, _ := a.list.InForce(&item, a.options.At)
	verdict := a.list.Decide(&item, a.options.At)
	switch {
	case verdict.Decision == allowlist.Denied:
		a.policy.Rules[a.id] = Rule{Mode: Blocked}
	case len(approvals) > 0:
		a.policy.Rules[a.id] = Rule{Mode: Allowed}
		for _, e := range approvals {
			if !e.Versions.IsZero() {
				a.note(e, `the versions %v are not checked: write the tag or commit into the id, such as "%s@v1"`, e.Versions, a.id)
			}
		}
	}
	a.noteLeftOut()
}

func (p *planner) noteKind(kind inventory.Kind, why string) {
	count := 0
	for _, e := range p.list.Entries() {
		if e.Kind == kind && e.Part != allowlist.PartDefer {
			count++
		}
	}
	if count > 0 {
		p.note(nil, "entries of the kind %s are left out (%d): %s", inventory.Untrusted(kind), count, inventory.Untrusted(why))
	}
}

func writeActions(p *planner) ([]byte, error) {
	selected := selectedActions{Patterns: []string{}}
	for _, pattern := range slices.Sorted(maps.Keys(p.policy.Rules)) {
		text := string(pattern)
		if !strings.ContainsAny(text, "@*") {
			text += "@*" // every version
		}
		if p.policy.Rules[pattern].Mode == Blocked {
			text = refuses + text
		}
		selected.Patterns = append(selected.Patterns, text)
	}
	return encodeJSON(selected, true)
}

// readActions reads an organization's list of allowed actions, as GitHub's API returns it.
func readActions(_ *Target, data []byte) (*Policy, error) {
	object, err := decodeJSON(data)
	if err != nil {
		return nil, err
	}
	var selected selectedActions
	if err := json.Unmarshal(data, &selected); err != nil || selected.Patterns == nil && object["allowed_actions"] == nil {
		return nil, fmt.Errorf("it is not a list of allowed actions: it has no list patterns_allowed")
	}
	policy := &Policy{Default: Rule{Mode: Blocked}, Rules: map[inventory.Untrusted]Rule{}}
	if object["allowed_actions"] == "all" {
		policy.Default.Mode = Allowed
	}
	for owned, text := range map[bool]string{
		selected.GitHubOwned: "every action of GitHub's own is allowed",
		selected.Verified:    "every action of a verified creator is allowed",
	} {
		if owned {
			policy.Remarks = append(policy.Remarks, inventory.Untrusted(text))
		}
	}
	for _, pattern := range selected.Patterns {
		mode := Allowed
		pattern, refused := strings.CutPrefix(strings.ToLower(pattern), refuses)
		if refused {
			mode = Blocked
		}
		pattern = strings.TrimSuffix(pattern, "@*")
		policy.Rules[inventory.Untrusted(pattern)] = Rule{Mode: mode}
	}
	return policy, nil
}

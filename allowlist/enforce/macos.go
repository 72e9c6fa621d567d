package enforce

import (
	"crypto/sha256"
	"fmt"

	"github.com/go-json-experiment/json"

	"guestlist/allowlist/enforce/plist"
)

// managedClient is the payload that holds preferences of any domain, as older profiles have it.
const managedClient = "com.apple.ManagedClient.preferences"

// turnsOn is what Firefox's preferences must hold for the others to count.
const turnsOn = "EnterprisePoliciesEnabled"

func isPlist(data []byte) bool { return plist.Is(data) }

// readPlist returns the policies of a browser from managed preferences, or from the profile that
// sets them.
func readPlist(target *Target, data []byte) (tree, error) {
	dict, err := plist.ReadDict(data)
	if err != nil {
		return nil, fmt.Errorf("it is not a usable property list: %w", err)
	}
	if payloads, ok := dict["PayloadContent"].([]any); ok {
		return fromProfile(target, payloads), nil
	}
	return dict, nil
}

// fromProfile joins the preferences that the payloads of a profile set for the browser.
func fromProfile(target *Target, payloads []any) tree {
	found := tree{}
	add := func(preferences tree) {
		for name, value := range preferences {
			found[name] = value
		}
	}
	for _, each := range payloads {
		payload, _ := each.(tree)
		switch payload["PayloadType"] {
		case target.MacOS:
			add(payload)
		case managedClient:
			domains, _ := payload["PayloadContent"].(tree)
			domain, _ := domains[target.MacOS].(tree)
			forced, _ := domain["Forced"].([]any)
			for _, each := range forced {
				one, _ := each.(tree)
				preferences, _ := one["mcx_preference_settings"].(tree)
				add(preferences)
			}
		}
	}
	return found
}

func (p *planner) writePlist(policies tree) ([]byte, error) {
	preferences, err := p.preferences(policies)
	if err != nil {
		return nil, err
	}
	return plist.WriteXML(preferences, p.comments())
}

// preferences are the policies as values of a property list.
func (p *planner) preferences(policies tree) (tree, error) {
	if p.target.family == &firefox {
		policies[turnsOn] = true
	}
	data, err := encodeJSON(policies, false)
	if err != nil {
		return nil, err
	}
	var plain tree
	return plain, json.Unmarshal(data, &plain)
}

// writeProfile writes a configuration profile for the whole device. Its UUIDs follow from its
// content, so that the same policy is the same profile.
func (p *planner) writeProfile(policies tree) ([]byte, error) {
	payload, err := p.preferences(policies)
	if err != nil {
		return nil, err
	}
	content, err := encodeJSON(payload, false)
	if err != nil {
		return nil, err
	}
	identifier := "guestlist." + p.target.Name
	title := p.target.Title + ": approved extensions"
	payload["PayloadType"], payload["PayloadVersion"] = p.target.MacOS, int64(1)
	payload["PayloadIdentifier"], payload["PayloadUUID"] = identifier+".policy", uuidOf("policy", content)
	payload["PayloadDisplayName"] = title
	return plist.WriteXML(tree{
		"PayloadContent": []any{payload}, "PayloadType": "Configuration", "PayloadVersion": int64(1),
		"PayloadScope": "System", "PayloadIdentifier": identifier, "PayloadUUID": uuidOf("profile", content),
		"PayloadDisplayName": title,
		"PayloadDescription": "What the allowlist approves. Written by guestlist allow emit.",
	}, p.comments())
}

// uuidOf makes a UUID (version 8, of RFC 9562) of content.
func uuidOf(what string, content []byte) string {
	sum := sha256.Sum256(append([]byte(what+"\n"), content...))
	id := sum[:16]
	id[6], id[8] = id[6]&0x0F|0x80, id[8]&0x3F|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

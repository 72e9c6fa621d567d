package webext

import (
	"strings"

	"guestlist/scanner/inventory"
)

// IsHostPattern reports whether an entry in a list of permissions is a host pattern, not the name
// of an API.
func IsHostPattern(permission string) bool {
	return permission == "<all_urls>" || strings.Contains(permission, "://")
}

// Surfaces are the keys of a manifest that give reach without being a permission, as far as both
// families have them.
type Surfaces struct {
	Protocols                       []string // of protocol_handlers
	URLOverrides, SettingsOverrides []string // members of chrome_url_overrides and chrome_settings_overrides
	Connectable                     []string // sites that externally_connectable names
	Policies                        []string // content security policies for pages, not for sandboxes
}

// Names lists the surfaces, each by its key and its value.
func (s *Surfaces) Names() []inventory.Untrusted {
	var found []inventory.Untrusted
	add := func(text string) { found = append(found, inventory.Untrusted(text)) }
	for _, protocol := range s.Protocols {
		add(strings.TrimSpace("protocol_handlers " + strings.ToLower(protocol)))
	}
	for _, name := range s.URLOverrides {
		add("chrome_url_overrides." + name)
	}
	for _, name := range s.SettingsOverrides {
		add("chrome_settings_overrides." + name)
	}
	for _, match := range s.Connectable {
		add("externally_connectable " + match)
	}
	for _, policy := range s.Policies {
		for _, source := range WeakSources(policy) {
			add("content_security_policy " + source)
		}
	}
	return found
}

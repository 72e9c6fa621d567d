package api

import (
	"slices"
	"strings"

	"guestlist/scanner/inventory"
)

// Need says what a credential must hold to read something, and where a person can see it.
type Need struct {
	// Permission is an App's or fine-grained token's, as the API spells it; Tick is its place on
	// GitHub's pages.
	Permission, Tick string
	// Scopes are a classic token's; any one is enough, the first is the one to recommend.
	Scopes []string
	// Page shows the same to an owner, below the web host, with {org} filled in.
	Page string
}

// SettingsPage begins the pages of an organization's settings.
const SettingsPage = "organizations/{org}/settings/"

// enterprisePages begins the pages of an enterprise.
const enterprisePages = "enterprises/{org}/"

// scopeParents lists the scopes that include others.
var scopeParents = map[string][]string{
	"read:org": {"write:org", "admin:org"}, "write:org": {"admin:org"},
	"read:public_key": {"write:public_key", "admin:public_key"}, "read:gpg_key": {"write:gpg_key", "admin:gpg_key"},
	"read:ssh_signing_key": {"write:ssh_signing_key", "admin:ssh_signing_key"}, "read:user": {"user"},
	"user:email": {"user"},
}

// holdsScope reports whether a token with the scopes in have holds any of the others.
func holdsScope(have []string, any []string) bool {
	for _, held := range have {
		for _, want := range any {
			if held == want || slices.Contains(scopeParents[want], held) {
				return true
			}
		}
	}
	return false
}

// holds reports whether an installation was granted "a:read,b:read".
func (s *Standing) holds(permission string) bool {
	for _, each := range strings.Split(permission, ",") {
		name, level, _ := strings.Cut(each, ":")
		if levelRank(s.Permissions.Of[name]) < levelRank(level) {
			return false
		}
	}
	return true
}

// levelRank orders levels; an unknown level ranks above the known ones.
func levelRank(level string) int {
	if level == "" {
		return 0
	}
	rank := slices.Index([]string{"none", "read", "triage", "write", "maintain", "admin"}, level)
	if rank < 0 {
		return 100
	}
	return rank
}

// Wider lists what is wanted beyond what is granted.
func Wider(wanted, granted map[string]string) []inventory.Untrusted {
	var list []inventory.Untrusted
	for name, level := range wanted {
		if level != granted[name] && levelRank(level) > levelRank(granted[name]) {
			list = append(list, inventory.Untrusted(name+":"+level))
		}
	}
	slices.Sort(list)
	return list
}

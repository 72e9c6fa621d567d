package github

import "strings"

// tokenKind is the kind of a token, as its prefix tells.
type tokenKind int

const (
	kindUnknown tokenKind = iota
	kindClassic
	kindFineGrained
	kindOAuth        // an OAuth app's, as gh has
	kindUserToServer // a GitHub App's, for a person
	kindInstallation
)

// kindOf reads a token's prefix, as GitHub documents them.
func kindOf(token string) tokenKind {
	for prefix, kind := range map[string]tokenKind{
		"ghp_": kindClassic, "github_pat_": kindFineGrained, "gho_": kindOAuth, "ghu_": kindUserToServer, "ghs_": kindInstallation,
	} {
		if strings.HasPrefix(token, prefix) {
			return kind
		}
	}
	return kindUnknown
}

func (k tokenKind) String() string {
	return [...]string{
		"token", "personal access token (classic)", "fine-grained personal access token", "OAuth app token", "GitHub App user token",
		"GitHub App installation",
	}[k]
}

// hasScopes reports whether a token of this kind is held by OAuth scopes.
func (k tokenKind) hasScopes() bool { return k == kindClassic || k == kindOAuth }

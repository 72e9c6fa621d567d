package api

import "strings"

// Kind is the kind of a token, as its prefix says.
type Kind int

const (
	KindUnknown Kind = iota
	KindClassic
	KindFineGrained
	kindOAuth        // an OAuth app's, such as gh's
	KindUserToServer // a GitHub App's, for a person
	KindInstallation
)

// KindOf reads a token's prefix, as GitHub documents them.
func KindOf(token string) Kind {
	for prefix, kind := range map[string]Kind{
		"ghp_": KindClassic, "github_pat_": KindFineGrained, "gho_": kindOAuth, "ghu_": KindUserToServer,
		"ghs_": KindInstallation,
	} {
		if strings.HasPrefix(token, prefix) {
			return kind
		}
	}
	return KindUnknown
}

func (k Kind) String() string {
	return [...]string{
		"token", "personal access token (classic)", "fine-grained personal access token", "OAuth app token",
		"GitHub App user token", "GitHub App installation",
	}[k]
}

// HasScopes reports whether OAuth scopes limit a token of this kind.
func (k Kind) HasScopes() bool { return k == KindClassic || k == kindOAuth }

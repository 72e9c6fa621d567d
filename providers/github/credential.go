package github

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Credential is a way to sign in: [Token], [Environment], [App] or [Saved].
type Credential interface {
	// describe says where the credential comes from, without it.
	describe() string
}

// Secret is text that prints as "(secret)" in every form that package fmt, log/slog and JSON know.
type Secret string

// String hides the text.
func (Secret) String() string { return "(secret)" }

// GoString hides the text.
func (Secret) GoString() string { return "(secret)" }

// Format hides the text from every verb.
func (Secret) Format(state fmt.State, _ rune) { fmt.Fprint(state, "(secret)") }

// LogValue hides the text.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// MarshalText hides the text.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Token is a personal access token of either kind, an OAuth app's token or a GitHub App's user token.
type Token struct {
	Value Secret
	From  string // "GH_TOKEN", for messages
}

func (t Token) describe() string {
	if t.From == "" {
		return "a token"
	}
	return "the token from " + t.From
}

// Environment looks for a token where gh looks, in gh's order: GH_TOKEN and GITHUB_TOKEN for github.com and ghe.com hosts,
// GH_ENTERPRISE_TOKEN and GITHUB_ENTERPRISE_TOKEN for other hosts, then `gh auth token`.
type Environment struct{}

func (Environment) describe() string { return "the environment or gh" }

// App is a GitHub App. It reads each organization through its installation there.
type App struct {
	ID       int64  // app ID, or
	ClientID string // client ID, which GitHub prefers
	Key      Secret // private key, PEM, PKCS#1 or PKCS#8
	// InstallationID saves looking the installation up; 0 looks up one for each organization.
	InstallationID int64
}

func (a App) describe() string {
	if a.ClientID != "" {
		return "GitHub App " + a.ClientID
	}
	return fmt.Sprintf("GitHub App %d", a.ID)
}

// ErrNoCredential: there is no token where one was looked for.
var ErrNoCredential = errors.New("no GitHub credential found")

// environmentVariables are the variables that hold a token for a host, in gh's order.
func environmentVariables(kind hostKind) []string {
	if kind == hostServer {
		return []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	}
	return []string{"GH_TOKEN", "GITHUB_TOKEN"}
}

// findToken looks for a token as Environment says.
func (p *Provider) findToken(ctx context.Context) (Token, error) {
	names := environmentVariables(p.host.kind)
	for _, name := range names {
		if value := strings.TrimSpace(p.getenv(name)); value != "" {
			return checkToken(Token{Value: Secret(value), From: name})
		}
	}
	output, err := p.config.run(ctx, "gh", "auth", "token", "--hostname", p.host.name)
	if value := strings.TrimSpace(string(output)); err == nil && value != "" {
		return checkToken(Token{Value: Secret(value), From: "gh auth token"})
	}
	// The command's own words are not passed on: they may hold what it was asked for.
	return Token{}, fmt.Errorf("%w: set %s, or sign in with gh auth login --hostname %s", ErrNoCredential,
		strings.Join(names, " or "), p.host.name)
}

// checkToken refuses what cannot be sent as one header value.
func checkToken(token Token) (Token, error) {
	if token.Value == "" {
		return Token{}, fmt.Errorf("%w: %s is empty", ErrNoCredential, token.describe())
	}
	for _, r := range string(token.Value) {
		if r <= ' ' || r > '~' {
			return Token{}, fmt.Errorf("reading %s: it holds a character no token has", token.describe())
		}
	}
	return token, nil
}

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
func kindOf(token Secret) tokenKind {
	for prefix, kind := range map[string]tokenKind{
		"ghp_": kindClassic, "github_pat_": kindFineGrained, "gho_": kindOAuth, "ghu_": kindUserToServer, "ghs_": kindInstallation,
	} {
		if strings.HasPrefix(string(token), prefix) {
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

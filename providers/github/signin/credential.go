package signin

import (
	"fmt"
	"log/slog"
)

// Credential is a way to sign in: [Token], [Environment], [App] or [Saved].
type Credential interface {
	// describe says where the credential comes from, without revealing it.
	describe() string
}

// Secret is a string that prints as "(secret)" in every form known to fmt, log/slog and JSON.
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

// Token is a personal access token of either kind, an OAuth app's token or a GitHub App's user
// token.
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

// Environment looks for a token where gh looks, in gh's order: GH_TOKEN and GITHUB_TOKEN for
// github.com and ghe.com hosts, GH_ENTERPRISE_TOKEN and GITHUB_ENTERPRISE_TOKEN for other hosts,
// then `gh auth token`.
type Environment struct{}

func (Environment) describe() string { return "the environment or gh" }

// App is a GitHub App. It reads each organization through its installation there.
type App struct {
	ID       int64  // app ID, or
	ClientID string // client ID, which GitHub prefers
	Key      Secret // private key, PEM, PKCS#1 or PKCS#8
	// InstallationID saves a lookup of the installation; if it is 0, one is looked up for each
	// organization.
	InstallationID int64
}

func (a App) describe() string {
	if a.ClientID != "" {
		return "GitHub App " + a.ClientID
	}
	return fmt.Sprintf("GitHub App %d", a.ID)
}

// checkToken rejects tokens that cannot be sent as one header value.
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

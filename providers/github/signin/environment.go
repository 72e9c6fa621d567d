package signin

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"guestlist/providers/github/api"
)

// ErrNoCredential: there is no token where one was looked for.
var ErrNoCredential = errors.New("no GitHub credential found")

// environmentVariables are the variables that hold a token for a host, in gh's order.
func environmentVariables(where api.Host) []string {
	if where.IsServer() {
		return []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	}
	return []string{"GH_TOKEN", "GITHUB_TOKEN"}
}

// findToken looks for a token as described at Environment.
func (s *Sessions) findToken(ctx context.Context) (Token, error) {
	names := environmentVariables(s.client.Host)
	for _, name := range names {
		if value := strings.TrimSpace(s.getenv(name)); value != "" {
			return checkToken(Token{Value: Secret(value), From: name})
		}
	}
	output, err := s.help(ctx, "gh", "auth", "token", "--hostname", s.client.Host.Name)
	if value := strings.TrimSpace(string(output)); err == nil && value != "" {
		return checkToken(Token{Value: Secret(value), From: "gh auth token"})
	}
	// The command's own output is not passed on: it may contain the token.
	return Token{}, fmt.Errorf("%w: set %s, or sign in with gh auth login --hostname %s", ErrNoCredential,
		strings.Join(names, " or "), s.client.Host.Name)
}

func (s *Sessions) getenv(name string) string {
	if s.env.Getenv == nil {
		return ""
	}
	return s.env.Getenv(name)
}

// helperTime bounds a helper command.
const helperTime = 15 * time.Second

// help runs a helper command.
func (s *Sessions) help(ctx context.Context, name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, helperTime)
	defer cancel()
	if s.run != nil {
		return s.run(ctx, name, args...)
	}
	return exec.CommandContext(ctx, name, args...).Output()
}

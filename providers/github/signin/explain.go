package signin

import (
	"errors"
	"net/url"
	"strings"

	"guestlist/providers/github/api"
	"guestlist/providers/internal/httpx"
	"guestlist/scanner/inventory"
)

// Explain turns a failed sign-in into a fault, in words for a coverage; need is that of what was to
// be read.
func (s *Sessions) Explain(err error, need *api.Need) *api.Fault {
	var missing *notInstalled
	if errors.As(err, &missing) {
		return s.explainNotInstalled(missing)
	}
	if api.StatusOf(err) != 0 || isTransportError(err) {
		failed := s.client.About(api.KindInstallation, need).Explain(err)
		if failed.Kind == api.FaultMissing || failed.Kind == api.FaultDenied {
			failed.Kind, failed.Reason = api.FaultSignIn, "GitHub does not know this GitHub App"
			failed.Remedy = "check the client ID (or app ID) and that the private key is the App's"
		}
		return failed
	}
	failed := &api.Fault{Kind: api.FaultSignIn, Reason: inventory.Untrusted(err.Error())}
	if errors.Is(err, ErrNoCredential) {
		failed.Remedy = inventory.Untrusted("make a token at " + s.client.Host.Web + "settings/tokens")
	}
	return failed
}

func isTransportError(err error) bool {
	var limit *httpx.LimitError
	var failed *url.Error
	return errors.As(err, &limit) || errors.As(err, &failed) || errors.Is(err, api.ErrNotDocumented)
}

func (s *Sessions) explainNotInstalled(missing *notInstalled) *api.Fault {
	page := s.client.Host.Web + "apps/" + string(missing.app.Slug) + "/installations/new"
	where := "the organization"
	if strings.HasPrefix(missing.where, "enterprise:") {
		where = "the enterprise"
	}
	return &api.Fault{Kind: api.FaultSignIn, Page: page,
		Reason: inventory.Untrusted("the GitHub App is not installed on " + where),
		Remedy: inventory.Untrusted("install it at " + page)}
}

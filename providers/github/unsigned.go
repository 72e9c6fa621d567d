package github

import (
	"errors"
	"net/url"
	"strings"

	"guestlist/providers/internal/httpx"
	"guestlist/scanner/inventory"
)

// explain turns a failed sign-in into the words of a coverage. What was to be read needs something of its own.
func (s *sessions) explain(err error, need *need) *fault {
	var missing *notInstalled
	if errors.As(err, &missing) {
		return s.explainNotInstalled(missing)
	}
	if statusOf(err) != 0 || isTransportError(err) {
		failed := s.client.asker(kindInstallation, need).explain(err)
		if failed.kind == faultMissing || failed.kind == faultDenied {
			failed.kind, failed.reason = faultSignIn, "GitHub does not know this GitHub App"
			failed.remedy = "check the client ID (or app ID) and that the private key is the App's"
		}
		return failed
	}
	failed := &fault{kind: faultSignIn, reason: inventory.Untrusted(err.Error())}
	if errors.Is(err, ErrNoCredential) {
		failed.remedy = inventory.Untrusted("make a token at " + s.client.host.web + "settings/tokens")
	}
	return failed
}

func isTransportError(err error) bool {
	var limit *httpx.LimitError
	var failed *url.Error
	return errors.As(err, &limit) || errors.As(err, &failed) || errors.Is(err, errNotDocumented)
}

func (s *sessions) explainNotInstalled(missing *notInstalled) *fault {
	page := s.client.host.web + "apps/" + string(missing.app.Slug) + "/installations/new"
	where := "the organization"
	if strings.HasPrefix(missing.where, "enterprise:") {
		where = "the enterprise"
	}
	return &fault{kind: faultSignIn, page: page, reason: inventory.Untrusted("the GitHub App is not installed on " + where),
		remedy: inventory.Untrusted("install it at " + page)}
}

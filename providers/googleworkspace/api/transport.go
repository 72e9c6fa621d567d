package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/oauth2"
)

// redirect sends requests for Google's sign-in hosts to the endpoint that replaces all of Google.
type redirect struct {
	endpoint string
	next     http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (r *redirect) RoundTrip(request *http.Request) (*http.Response, error) {
	next := r.next
	if next == nil {
		next = http.DefaultTransport
	}
	if !slices.Contains(signInHosts, request.URL.Hostname()) {
		return next.RoundTrip(request)
	}
	target, err := url.Parse(r.endpoint)
	if err != nil {
		return nil, err
	}
	sent := request.Clone(request.Context())
	sent.URL.Scheme, sent.URL.Host, sent.Host = target.Scheme, target.Host, ""
	return next.RoundTrip(sent)
}

// firstKnown sends requests to known origins through a client that waits and retries, and all
// others directly: another cloud's base identity calls that cloud's own addresses.
type firstKnown struct {
	bases       []string
	known, rest http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (f *firstKnown) RoundTrip(request *http.Request) (*http.Response, error) {
	for _, base := range f.bases {
		u, err := url.Parse(base)
		if err == nil && request.Method == http.MethodPost && u.Scheme == request.URL.Scheme && u.Host == request.URL.Host {
			return f.known.RoundTrip(request)
		}
	}
	rest := f.rest
	if rest == nil {
		rest = http.DefaultTransport
	}
	return rest.RoundTrip(request)
}

// bearerFor adds a token to requests to one host.
type bearerFor struct {
	host   string
	source oauth2.TokenSource
	next   http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (b *bearerFor) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Hostname() != b.host {
		return b.next.RoundTrip(request)
	}
	token, err := b.source.Token()
	if err != nil {
		if request.Body != nil {
			request.Body.Close()
		}
		return nil, err
	}
	sent := request.Clone(request.Context())
	token.SetAuthHeader(sent)
	return b.next.RoundTrip(sent)
}

// withContext binds a client's requests to a context: x/oauth2 sends its own requests without one.
func withContext(ctx context.Context, client *http.Client) *http.Client {
	bound := *client
	bound.Transport = boundTransport{ctx, client.Transport}
	return &bound
}

type boundTransport struct {
	ctx  context.Context
	next http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (b boundTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	next := b.next
	if next == nil {
		next = http.DefaultTransport
	}
	return next.RoundTrip(request.WithContext(b.ctx))
}

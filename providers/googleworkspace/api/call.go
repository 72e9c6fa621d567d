package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"google.golang.org/api/googleapi"

	"guestlist/providers/internal/httpx"
)

// Call is one GET of a feature.
type Call struct {
	Feature   Feature
	Path      string // below the service's root, its variable parts escaped
	Query     url.Values
	Suspended bool // the user asked about may answer 401 for good
}

// Query makes parameters from pairs of names and values, without those whose value is empty.
func Query(pairs ...string) url.Values {
	values := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			values.Set(pair[0], pair[1])
		}
	}
	return values
}

// at is the same call for another page of its list.
func (c Call) at(cursor string) Call {
	if cursor != "" {
		c.Query = maps.Clone(c.Query)
		c.Query.Set("pageToken", cursor)
	}
	return c
}

// request makes the call's request. Google indents its JSON unless asked not to.
func (a *Client) request(ctx context.Context, c Call) (*http.Request, error) {
	line := a.lines[c.Feature]
	if line == nil {
		return nil, fmt.Errorf("no service is known for the feature %q", c.Feature)
	}
	address := line.root.String() + c.Path + "?alt=json&prettyPrint=false"
	if len(c.Query) > 0 {
		address += "&" + c.Query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err == nil && a.signIn.quotaProject != "" {
		request.Header.Set("X-Goog-User-Project", a.signIn.quotaProject) // Google requires it for personal credentials
	}
	return request, err
}

// get makes one call and keeps what came back with a good status.
func (a *Client) get(ctx context.Context, c Call, state *callState) error {
	request, err := a.request(ctx, c)
	if err != nil {
		return err
	}
	response, err := a.lines[c.Feature].client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := httpx.Body(response)
	if err != nil {
		return err
	}
	state.status, state.body = response.StatusCode, body
	return googleapi.CheckResponseWithBody(response, body)
}

// callState travels with a call: whose token it needs, which one it used, and what came back.
type callState struct {
	feature    Feature
	generation int
	status     int
	body       []byte
}

type callKey struct{}

// authorize returns the token of the call's feature.
func (a *Client) authorize(ctx context.Context) (string, error) {
	state, ok := ctx.Value(callKey{}).(*callState)
	if !ok {
		return "", errors.New("a call without a feature")
	}
	token, generation, err := a.keepers[state.feature].get(ctx)
	if err != nil {
		return "", err
	}
	state.generation = generation
	return "Bearer " + token.AccessToken, nil
}

// call makes one call and returns what came back with a good status.
func (a *Client) call(ctx context.Context, c Call) (*callState, *Fault) {
	state := &callState{feature: c.Feature}
	calling := context.WithValue(ctx, callKey{}, state)
	keeper := a.keepers[c.Feature]
	fault := newFault(ctx, c.Feature, a.get(calling, c, state))
	if fault != nil && fault.Cause == CauseUnauthorized && keeper.mayRenew(state.generation, c.Suspended) {
		keeper.drop(state.generation)
		fault = newFault(ctx, c.Feature, a.get(calling, c, state))
	}
	if fault == nil {
		keeper.proven.Store(int64(state.generation))
		return state, nil
	}
	fault.Feature = c.Feature
	if c.Feature != Grants && c.Feature != AppPasswords {
		fault.aboutNobody()
	}
	return nil, a.signIn.explain(fault)
}

func (k *keeper) mayRenew(generation int, suspended bool) bool {
	if suspended && k.proven.Load() == int64(generation) {
		return false
	}
	return k.renewals.Add(1) <= maxRenewals
}

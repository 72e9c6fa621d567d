package googleworkspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"google.golang.org/api/googleapi"
)

// call is one GET of a feature.
type call struct {
	feature   Feature
	path      string // below the service's root, with what varies escaped
	query     url.Values
	suspended bool // the user asked about may answer 401 for good
}

// query makes parameters of pairs, without those that are empty.
func query(pairs ...string) url.Values {
	values := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			values.Set(pair[0], pair[1])
		}
	}
	return values
}

// at is the same call for another page of its list.
func (c call) at(cursor string) call {
	if cursor != "" {
		c.query = maps.Clone(c.query)
		c.query.Set("pageToken", cursor)
	}
	return c
}

// request makes the call's request. Google writes JSON for people unless it is told not to.
func (a *api) request(ctx context.Context, c call) (*http.Request, error) {
	line := a.lines[c.feature]
	if line == nil {
		return nil, fmt.Errorf("no service is known for the feature %q", c.feature)
	}
	address := line.root.String() + c.path + "?alt=json&prettyPrint=false"
	if len(c.query) > 0 {
		address += "&" + c.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err == nil && a.signIn.quotaProject != "" {
		request.Header.Set("X-Goog-User-Project", a.signIn.quotaProject) // Google asks it of a person's own credential
	}
	return request, err
}

// get makes one call and keeps what came back with a good status.
func (a *api) get(ctx context.Context, c call, state *callState) error {
	request, err := a.request(ctx, c)
	if err != nil {
		return err
	}
	response, err := a.lines[c.feature].client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body) // in memory already, within httpx's limit
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
func (a *api) authorize(ctx context.Context) (string, error) {
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
func (a *api) call(ctx context.Context, c call) (*callState, *Fault) {
	state := &callState{feature: c.feature}
	calling := context.WithValue(ctx, callKey{}, state)
	keeper := a.keepers[c.feature]
	fault := newFault(ctx, c.feature, a.get(calling, c, state))
	if fault != nil && fault.Cause == CauseUnauthorized && keeper.mayRenew(state.generation, c.suspended) {
		keeper.drop(state.generation)
		fault = newFault(ctx, c.feature, a.get(calling, c, state))
	}
	if fault == nil {
		keeper.proven.Store(int64(state.generation))
		return state, nil
	}
	fault.Feature = c.feature
	if c.feature != Grants && c.feature != AppPasswords {
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

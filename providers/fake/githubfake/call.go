package githubfake

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// call is one request on its way to an answer.
type call struct {
	fake    *Fake
	request *http.Request
	path    string
	query   url.Values
	params  map[string]string
	sent    []byte
	header  http.Header
	token   *Token
	fault   *Fault
}

// failure is an answer that is not a success.
type failure struct {
	status  int
	message string
	docs    string
}

func (f *failure) Error() string { return f.message }

func fail(status int, message string) error { return &failure{status: status, message: message} }

func (c *call) answer(route *route) (int, []byte) {
	c.header.Set("Content-Type", "application/json; charset=utf-8")
	c.header.Set("X-GitHub-Media-Type", "github.v3; format=json")
	c.header.Set("X-GitHub-Request-Id", "FAKE:0001")
	c.header.Set("Date", c.fake.options.Now().UTC().Format(http.TimeFormat))
	body, err := c.serve(route)
	status := http.StatusOK
	if c.request.Method == http.MethodPost {
		status = http.StatusCreated
	}
	var failed *failure
	switch {
	case errors.As(err, &failed):
		status = failed.status
		c.header.Del("Link")
		body = map[string]any{"message": failed.message, "documentation_url": failed.documentation(),
			"status": strconv.Itoa(status)}
	case err != nil:
		status, body = http.StatusInternalServerError, map[string]any{"message": err.Error()}
	}
	text := encode(body)
	if status == http.StatusOK && c.request.Method == http.MethodGet {
		// The Link header is not part of it: GitHub answers 304, with a new Link, when a page is no
		// longer the last.
		etag := etagOf(text)
		c.header.Set("ETag", etag)
		if c.request.Header.Get("If-None-Match") == etag {
			return http.StatusNotModified, nil
		}
	}
	return status, text
}

func (f *failure) documentation() string {
	if f.docs != "" {
		return f.docs
	}
	return "https://docs.github.com/rest"
}

func (c *call) serve(route *route) (any, error) {
	if err := c.checkVersion(); err != nil {
		return nil, err
	}
	if route == nil {
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	if err := c.authenticate(route); err != nil {
		return nil, err
	}
	if err := c.spend(route); err != nil {
		return nil, err
	}
	if err := c.scriptedFailure(); err != nil {
		return nil, err
	}
	return route.serve(c)
}

// checkVersion refuses versions of the API that this host does not support, as GitHub does.
func (c *call) checkVersion() error {
	const older, newer = "2022-11-28", "2026-03-10"
	version := c.request.Header.Get("X-GitHub-Api-Version")
	if version == "" || version == older || version == newer && !c.fake.options.Server {
		return nil
	}
	return fail(http.StatusBadRequest, "The API version in the 'X-GitHub-Api-Version' header is not supported.")
}

func etagOf(text []byte) string {
	sum := uint64(14695981039346656037)
	for _, b := range text {
		sum = (sum ^ uint64(b)) * 1099511628211
	}
	return fmt.Sprintf(`W/"%016x"`, sum)
}

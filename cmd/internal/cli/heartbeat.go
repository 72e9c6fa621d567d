package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"guestlist/cmd/internal/config"
)

const (
	beatTime     = 10 * time.Second // for one request
	beatAttempts = 2
	maxBeatBytes = 4 << 10
)

// start tells a heartbeat that knows it that a run begins.
func (p *posting) start(ctx context.Context) {
	if p != nil && p.heartbeat != nil && p.heartbeat.Healthchecks {
		p.ask(ctx, p.heartbeat.URL, "/start")
	}
}

// beat asks for the heartbeat's URL after a run. If the run failed, it asks for the one of failures,
// or for none: the silence then says it.
func (p *posting) beat(ctx context.Context, failed bool) {
	switch h := p.heartbeat; {
	case h == nil:
	case !failed:
		p.ask(ctx, h.URL, "")
	case h.Healthchecks:
		p.ask(ctx, h.URL, "/fail")
	case !h.FailURL.IsZero():
		p.ask(ctx, h.FailURL, "")
	}
}

// ask asks for one URL. It never fails a run.
func (p *posting) ask(ctx context.Context, secret config.Secret, suffix string) {
	address, err := p.heartbeat.Read(ctx, secret, p.env.outside())
	if err != nil {
		p.env.warn("the heartbeat: %v", err)
		return
	}
	for range beatAttempts {
		if err = p.request(ctx, address, suffix); err == nil {
			return
		}
	}
	p.env.warn("the heartbeat: %v", err)
}

// request asks once. Errors name the host only: the rest of the URL is a secret.
func (p *posting) request(ctx context.Context, address, suffix string) error {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" || target.Scheme != "https" && target.Scheme != "http" {
		return errors.New("its URL is not valid")
	}
	target.Path = strings.TrimSuffix(target.Path, "/") + suffix
	ctx, cancel := context.WithTimeout(ctx, beatTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return errors.New("its URL is not valid")
	}
	request.Header.Set("User-Agent", "guestlist")
	client := http.Client{Transport: p.env.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		if failed := (*url.Error)(nil); errors.As(err, &failed) { // it has the whole URL
			err = failed.Err
		}
		return beatError(target.Host, err.Error())
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, maxBeatBytes)) // so that the connection can be used again
	if response.StatusCode/100 != 2 {
		return beatError(target.Host, response.Status)
	}
	return nil
}

func beatError(host, why string) error { return errors.New(host + ": " + why) }

package cli

import (
	"context"
	"fmt"

	"guestlist/cmd/internal/config"
	"guestlist/scanner/notify"
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

// checkHeartbeat says why one of its URLs could not be asked for, without asking.
func (p *posting) checkHeartbeat(ctx context.Context) error {
	for _, row := range []struct {
		key    string
		secret config.Secret
	}{{"url", p.heartbeat.URL}, {"fail_url", p.heartbeat.FailURL}} {
		if row.secret.IsZero() {
			continue
		}
		address, err := p.heartbeat.Read(ctx, row.secret, p.env.outside())
		if err == nil {
			err = notify.CheckPing(address)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.key, err)
		}
	}
	return nil
}

// ask asks for one URL. It never fails a run.
func (p *posting) ask(ctx context.Context, secret config.Secret, suffix string) {
	address, err := p.heartbeat.Read(ctx, secret, p.env.outside())
	if err == nil {
		err = notify.Ping(ctx, p.outside, address, suffix)
	}
	if err != nil {
		p.env.warn("the heartbeat: %v", err)
	}
}

package httpx

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// tellFrom is the shortest wait for which OnWait is called.
const tellFrom = time.Second

// waitTurn waits out a pause that any answer asked for, then takes a place in the rate limit.
func (c *Client) waitTurn(ctx context.Context) error {
	for {
		until, reason := c.pause.get()
		wait := until.Sub(c.options.Now())
		if wait <= 0 {
			break
		}
		if wait > c.options.MaxWait {
			return &LimitError{Until: until, Reason: reason}
		}
		c.announce(wait, Wait{Until: until, Reason: reason})
		if err := c.sleep(ctx, wait); err != nil {
			return err
		}
	}
	if c.options.Limiter == nil {
		return ctx.Err()
	}
	now := c.options.Now()
	return c.sleep(ctx, c.options.Limiter.ReserveN(now, 1).DelayFrom(now))
}

// limited makes all callers wait for a limit, or gives up: after the last attempt, or when the wait
// is too long. A limit that refuses only this request, while others are answered, is its own fault
// where that is possible.
func (s *sending) limited(ctx context.Context, answer *Answer, verdict Verdict) (*http.Response, error) {
	c := s.client
	isLoad := answer.Status == http.StatusServiceUnavailable
	met := s.meetLimit()
	if met.isOwn && (isLoad || c.options.OwnLimits) {
		c.ownLimits.Store(true)
		return s.refused(ctx, answer, verdict, true)
	}
	s.waits++
	now := c.options.Now()
	until := verdict.Until
	if !until.After(now) || met.isDoubtful {
		until = now.Add(c.limitBackoff(s.attempt)) // "go on at once" is not what a limit means
	}
	isLong := until.Sub(now) > c.options.MaxWait
	isOver := isLong || !s.mayWait(now)
	switch {
	case isOver && met.isAlone, isLong && isLoad:
		// One resource may be out of service for long; that is no reason not to ask for others.
	case met.isAlone:
		c.announce(until.Sub(now), Wait{Until: until, Reason: verdict.Reason})
		return nil, c.sleep(ctx, until.Sub(now))
	default:
		c.pause.extend(until, verdict.Reason)
		if c.options.OnLimit != nil && !met.isDoubtful {
			c.options.OnLimit()
		}
	}
	if isOver {
		c.lost.Add(1)
		return nil, c.describe(s.request, &LimitError{Until: until, Reason: verdict.Reason, Waits: s.waits - 1})
	}
	return nil, nil
}

// metLimit is what can be known of a limit when it is met.
type metLimit struct {
	isOwn      bool // others were answered since it refused this request before
	isAlone    bool // it refused this request again and no other meanwhile: the next refusal shows whose it is
	isDoubtful bool // a first refusal among good answers, where limits were seen to be single requests' own
}

func (s *sending) meetLimit() metLimit {
	c := s.client
	met := metLimit{isOwn: s.isOwn()}
	isAmongOthers := c.served.Load() > c.limited.Swap(s.refusedAt)
	limits := c.limits.Add(1)
	if c.options.OwnLimits {
		met.isAlone = s.attempt > 1 && limits == s.limits+1
		if !met.isOwn && !met.isAlone && s.attempt > 1 {
			c.ownLimits.Store(false)
		}
		met.isDoubtful = s.attempt == 1 && isAmongOthers && c.ownLimits.Load()
	}
	s.limits = limits
	return met
}

// mayWait reports whether a limit is worth another wait. The more requests were given up since one
// was answered, the fewer waits it is worth.
func (s *sending) mayWait(now time.Time) bool {
	if s.since.IsZero() {
		s.since = now
	}
	attempts, lost := s.client.options.Attempts, s.client.lost.Load()
	most := min(attempts>>min(lost, 10), s.most()+1)
	if lost == 0 && most == attempts && now.Sub(s.since) < s.client.options.LimitWindow {
		most = limitAttempts * attempts
	}
	return s.attempt < most
}

// limitBackoff is a wait for a limit that states no time: short enough to try several times within
// the limit's window.
func (c *Client) limitBackoff(attempt int) time.Duration {
	wait := c.backoff(attempt)
	if longest := c.options.LimitWindow / looksInWindow; longest > 0 {
		wait = min(wait, longest)
	}
	return wait
}

// announce reports a wait that is long enough to notice.
func (c *Client) announce(wait time.Duration, said Wait) {
	if wait >= tellFrom {
		c.tell(said)
	}
}

func (c *Client) tell(wait Wait) {
	c.options.Log.Info("waiting for the platform's limit", "reason", wait.Reason, "until",
		wait.Until.UTC().Format(time.RFC3339))
	if c.options.OnWait != nil {
		c.options.OnWait(wait)
	}
}

func isCertificateError(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &name)
}

func attrs(c *Client, request *http.Request, status, size int, started time.Time) []slog.Attr {
	return []slog.Attr{
		slog.String("method", request.Method), slog.String("url", redactURL(request.URL, c.plain)),
		slog.Int("status", status), slog.Int("bytes", size), slog.Duration("took", c.options.Now().Sub(started)),
	}
}

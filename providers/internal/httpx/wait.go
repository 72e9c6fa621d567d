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

// tellFrom is the shortest wait that OnWait is told of.
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

// limited makes all callers wait for a limit, or gives up: after the last attempt, or when the wait is too long. A pause for load
// (503) that meets this request alone, while others are answered, is a fault of its own.
func (s *sending) limited(ctx context.Context, answer *Answer, verdict Verdict) (*http.Response, error) {
	c := s.client
	isLoad := answer.Status == http.StatusServiceUnavailable
	if s.isOwn() && isLoad {
		return s.refused(ctx, answer, verdict, true)
	}
	s.waits++
	now := c.options.Now()
	until := verdict.Until
	if !until.After(now) {
		until = now.Add(c.backoff(s.attempt)) // "go on at once" is not what a limit means
	}
	isLong := until.Sub(now) > c.options.MaxWait
	if !isLong || !isLoad {
		// One resource may be out of service for long; that is no reason to ask for no other.
		c.pause.extend(until, verdict.Reason)
	}
	if isLong || s.attempt >= c.options.Attempts {
		return nil, c.describe(s.request, &LimitError{Until: until, Reason: verdict.Reason, Waits: s.waits - 1})
	}
	return nil, nil
}

// announce says of a wait that is long enough to notice.
func (c *Client) announce(wait time.Duration, said Wait) {
	if wait >= tellFrom {
		c.tell(said)
	}
}

func (c *Client) tell(wait Wait) {
	c.options.Log.Info("waiting for the platform's limit", "reason", wait.Reason, "until", wait.Until.UTC().Format(time.RFC3339))
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

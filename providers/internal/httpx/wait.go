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
		if wait >= tellFrom {
			c.tell(Wait{Until: until, Reason: reason})
		}
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

// slowDown makes all callers wait for a limit, or gives up: after the last attempt, or when the wait is too long.
func (c *Client) slowDown(verdict Verdict, attempt, waits int) error {
	until := verdict.Until
	if until.IsZero() {
		until = c.options.Now().Add(c.backoff(attempt))
	}
	c.pause.extend(until, verdict.Reason)
	if attempt >= c.options.Attempts {
		return &LimitError{Until: until, Reason: verdict.Reason, Waits: waits - 1}
	}
	if until.Sub(c.options.Now()) > c.options.MaxWait {
		return &LimitError{Until: until, Reason: verdict.Reason, Waits: waits - 1}
	}
	return nil
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

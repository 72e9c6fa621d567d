package notify

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	pingTime     = 10 * time.Second // for one request
	pingAttempts = 2
)

// CheckPing reports whether [Ping] would ask for a URL, without asking. Errors name its host alone.
func CheckPing(address string) error {
	_, err := targetOf(address)
	return err
}

// Ping asks for a URL, with a suffix to its path, until it is answered with a 2xx; a few times, and
// not for long. Errors name the URL's host alone: the rest is a secret.
func Ping(ctx context.Context, out *Outside, address, suffix string) error {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return errors.New("its URL is not valid") // which must not be shown
	}
	target.Path = strings.TrimSuffix(target.Path, "/") + suffix
	for range pingAttempts {
		attempt, cancel := context.WithTimeout(ctx, pingTime)
		_, err = out.do(attempt, request{method: http.MethodGet, url: target.String()})
		cancel()
		if err == nil {
			return nil
		}
	}
	return err
}

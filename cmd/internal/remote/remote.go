// Package remote fetches the lists that an allowlist includes from an address, and keeps the last
// good copy of each.
//
// Nothing counts that is not pinned: what a server sends is checked against the digest or the keys
// that the allowlist names, and so is the kept copy whenever it is used. A pinned digest is fetched
// once, because its content never changes. Everything else is asked for when the copy is older than
// an hour. If the server does not answer, answers with something else, or is too slow, the last good
// copy is used and the reason is passed on; a copy that is older than the include's max_age is not.
//
// A request carries no credential. Redirects are followed on the same host only. Size, time and the
// number of redirects are bounded, and what is fetched is read as TOML and nothing else.
package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/allowlist"
	"guestlist/allowlist/pin"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/inventory"
)

// Limits.
const (
	DefaultTimeout = 20 * time.Second // for one list and its signature
	freshFor       = time.Hour        // how long a copy is used without asking
	maxRedirects   = 3
	maxKeptBytes   = 2 * (allowlist.MaxFileBytes + pin.MaxSignatureBytes) // of a kept copy, which is Base64
)

// Fetcher fetches lists.
type Fetcher struct {
	// Dir is where copies are kept; "" keeps none.
	Dir       string
	Transport http.RoundTripper // nil: the usual one
	Now       func() time.Time
	Timeout   time.Duration // zero: DefaultTimeout
	UserAgent string
}

// kept is a copy in a file.
type kept struct {
	URL       string    `json:"url"`
	Fetched   time.Time `json:"fetched"`
	Data      []byte    `json:"data"`
	Signature []byte    `json:"signature,omitempty"`
}

// Fetch implements [allowlist.Fetch].
func (f *Fetcher) Fetch(ctx context.Context, include allowlist.Include) (allowlist.Copy, error) {
	last, known := f.last(include)
	now := f.Now()
	if known && (include.Pin.IsDigest() || now.Sub(last.Fetched) < freshFor && !now.Before(last.Fetched)) {
		return allowlist.Copy{Data: last.Data, Fetched: last.Fetched}, nil
	}
	got, err := f.get(ctx, include)
	if err == nil {
		f.keep(got)
		return allowlist.Copy{Data: got.Data, Fetched: got.Fetched}, nil
	}
	if errors.Is(err, context.Canceled) || !known {
		return allowlist.Copy{}, allowlist.Refusal{Text: err.Error()}
	}
	if oldest := now.AddDate(0, 0, -int(include.MaxAge)); last.Fetched.Before(oldest) {
		return allowlist.Copy{}, allowlist.Refusal{
			Text: fmt.Sprintf("%v; the last good copy is from %s, older than max_age %v allows", err,
				last.Fetched.UTC().Format(time.DateOnly), include.MaxAge),
			Hint: "make the address available, or raise max_age",
		}
	}
	return allowlist.Copy{Data: last.Data, Fetched: last.Fetched, Stale: err}, nil
}

// get asks the server for a list and its signature, and checks both.
func (f *Fetcher) get(ctx context.Context, include allowlist.Include) (*kept, error) {
	timeout := f.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	data, err := f.download(ctx, include.URL, allowlist.MaxFileBytes)
	if err != nil {
		return nil, fmt.Errorf("could not be fetched: %w", explain(err, timeout))
	}
	got := &kept{URL: include.URL, Fetched: f.Now().UTC(), Data: data}
	if suffix := include.Pin.SignatureSuffix(); suffix != "" {
		if got.Signature, err = f.download(ctx, beside(include.URL, suffix), pin.MaxSignatureBytes); err != nil {
			return nil, fmt.Errorf("has no signature at %s: %w", suffix, explain(err, timeout))
		}
	}
	if err := include.Pin.Check(got.Data, got.Signature); err != nil {
		return nil, fmt.Errorf("is not what was pinned: %w", err)
	}
	return got, nil
}

// beside is the address of a file whose name has a suffix.
func beside(address, suffix string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address + suffix
	}
	parsed.Path += suffix
	parsed.RawPath = ""
	return parsed.String()
}

func (f *Fetcher) download(ctx context.Context, address string, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", f.UserAgent)
	client := &http.Client{Transport: f.Transport, CheckRedirect: checkRedirect}
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %q", inventory.Untrusted(answer.Status))
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than the limit of %d KiB", limit>>10)
	}
	return data, err
}

// checkRedirect keeps to the host that the allowlist names.
func checkRedirect(next *http.Request, earlier []*http.Request) error {
	first := earlier[0].URL
	switch {
	case next.URL.Host != first.Host || next.URL.Scheme != first.Scheme || next.URL.User != nil:
		return fmt.Errorf("it redirects to %q: name that address instead",
			inventory.Untrusted(next.URL.Scheme+"://"+next.URL.Host))
	case len(earlier) > maxRedirects:
		return fmt.Errorf("it redirects more than %d times", maxRedirects)
	}
	return nil
}

// explain leaves out the address, which the message names already.
func explain(err error, timeout time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no whole answer within %v", timeout)
	}
	if failed, is := errors.AsType[*url.Error](err); is {
		return failed.Err
	}
	return err
}

// path is the file of an address's copy.
func (f *Fetcher) path(address string) string {
	sum := sha256.Sum256([]byte(address))
	return filepath.Join(f.Dir, hex.EncodeToString(sum[:16])+".json")
}

// last is the last good copy, if there is one that is what is pinned now.
func (f *Fetcher) last(include allowlist.Include) (kept, bool) {
	if f.Dir == "" {
		return kept{}, false
	}
	file, err := os.Open(f.path(include.URL))
	if err != nil {
		return kept{}, false
	}
	defer file.Close()
	var copied kept
	err = json.UnmarshalRead(io.LimitReader(file, maxKeptBytes), &copied)
	return copied, err == nil && copied.URL == include.URL && include.Pin.Check(copied.Data, copied.Signature) == nil
}

// keep writes a copy. Where that fails, the next run needs the server.
func (f *Fetcher) keep(got *kept) {
	text, err := json.Marshal(got)
	if f.Dir == "" || err != nil || os.MkdirAll(f.Dir, 0o700) != nil {
		return
	}
	atomicfile.WriteFile(f.path(got.URL), text, atomicfile.Options{})
}

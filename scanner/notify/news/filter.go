package news

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"guestlist/scanner/inventory"
)

// When says which scans a channel hears of.
type When string

// The values of `when`.
const (
	Changes  When = "changes"  // something changed: new, worse, back, gone, no longer read, read again
	Always   When = "always"   // every scan
	Findings When = "findings" // something needs a person, or can no longer be read
)

// Whens lists every When with what it means, the default first.
var Whens = []struct {
	When  When
	About string
}{
	{Changes, "when something changed: new, worse, back, gone, no longer read, read again"},
	{Findings, "when something needs a person and is new, worse or back, or can no longer be read"},
	{Always, "after every scan"},
}

// Filter says what a channel is for.
type Filter struct {
	// Severities and Providers limit what it hears of; empty means all. A source that cannot be read
	// has no severity, and a scan that failed no provider: no filter leaves these out.
	Severities []inventory.Level
	Providers  []inventory.Provider
	When       When
	// Remind is how often it is reminded of what is still open; 0: never.
	Remind time.Duration
	// Kind is that of the channel, and Living as in notify.Kind.
	Kind   string
	Living bool
}

func (f *Filter) wantsLevel(level inventory.Level) bool {
	return len(f.Severities) == 0 || slices.Contains(f.Severities, level)
}

// wantsProvider reports whether the channel is for a provider. What belongs to none is for every
// channel.
func (f *Filter) wantsProvider(provider inventory.Provider) bool {
	return len(f.Providers) == 0 || provider == "" || slices.Contains(f.Providers, provider)
}

// digest is the same for filters that let the same through.
func (f *Filter) digest() string {
	levels, providers := slices.Clone(f.Severities), slices.Clone(f.Providers)
	slices.Sort(levels)
	slices.Sort(providers)
	return shortHash(fmt.Sprintf("%q %q", levels, providers))
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

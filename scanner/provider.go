package scanner

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"guestlist/scanner/inventory"
)

// Provider reads one platform. It enumerates and reports; it judges nothing, so it imports none of
// allowlist, diff, report and notify.
type Provider interface {
	// Name is the provider's name in commands, snapshots and reports.
	Name() inventory.Provider
	// Collect reads every source it finds and adds what it observes to the sink. It returns one
	// coverage for each source, or for a source and everything below it (see [inventory.Source]).
	// No source found is an empty list, not an error.
	//
	// A source that cannot be read is a coverage that is not complete, with the reason, and never
	// costs another source. An error means that nothing from this provider can be trusted; a sink's
	// error is returned as it is.
	Collect(ctx context.Context, sink Sink) ([]inventory.Coverage, error)
}

// Sink takes what a provider observes, in any order, from any goroutine. It keeps nothing of what
// it is given, so the caller may reuse it. An error means the scan cannot go on: stop and return
// it.
type Sink interface {
	AddItem(item *inventory.Item) error
	AddAccount(account *inventory.Account) error
}

// DefaultSourceLimit is how long reading one local source may take. A thousand extensions on a slow
// disk take seconds.
const DefaultSourceLimit = 2 * time.Minute

// Env is everything in the outside world that a provider may touch. Tests and the real program both
// go through it.
type Env struct {
	OS     string // as runtime.GOOS
	Host   inventory.Untrusted
	Now    func() time.Time
	Getenv func(string) string
	// Sleep waits for a duration or until the context is done; nil waits in real time. A test whose
	// clock stands still needs a Sleep that moves it.
	Sleep func(context.Context, time.Duration) error
	// SourceLimit is how long reading one local source may take; 0 is [DefaultSourceLimit]. Sources
	// behind an API have the limits of its requests.
	SourceLimit time.Duration
	// After is the clock of that limit; nil is time.After.
	After func(time.Duration) <-chan time.Time
	// Transport carries all network traffic; nil is the default transport.
	Transport http.RoundTripper
	Log       *slog.Logger

	// Homes are the home directories to read.
	Homes []Home
	// ProfileDirs are browser directories named by the user, wherever they are.
	ProfileDirs []string
	// SystemRoot is where absolute paths start: "/" or a directory that takes its place.
	SystemRoot string
	// Builtin asks for the browser's own components too.
	Builtin bool
	// Locale is the user's language ("de_AT"), for names in several languages.
	Locale string
	// Observe, if set, is called for every file opened for reading. Benchmarks count with it.
	Observe func(path string)
}

// Home is one home directory.
type Home struct {
	Dir  string
	User inventory.Untrusted // names the home in sources and holders
	// Own says that the scan runs as this home's user, so that the environment variables
	// (XDG_CONFIG_HOME, APPDATA) apply.
	Own bool
	// AnyOS asks for the places of every operating system, for a home copied from another machine.
	AnyOS bool
}

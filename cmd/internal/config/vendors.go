package config

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"guestlist/allowlist/strict"
	"guestlist/scanner"
	"guestlist/scanner/inventory"
	"guestlist/scanner/notify"
	"guestlist/scanner/vendor"
)

// vendors are all rows, in the order of the documentation.
func vendors() []*Vendor { return []*Vendor{&googleVendor, &githubVendor} }

// Vendor is everything that the command line knows about a vendor that has to be configured: its
// part of the file, what help and hints say about it, and how to make its providers. Each is one
// value in a file of its own.
type Vendor struct {
	// Providers are the ones that it configures. The first is the one that a person signs in to.
	Providers []inventory.Provider
	// Examples are the minimum that makes each of them work, as in "write … in FILE".
	Examples map[inventory.Provider]string
	// Table is the vendor's table as it is written: "[[github]]".
	Table string

	// SignIn says what "sign-in" does for the vendor.
	SignIn string
	// Hosts: the vendor has several, so that a sign-in may have to say which one.
	Hosts bool
	// SelfCheck says what a person learns about their own account, after the command. Empty: only
	// an administrator can read anything.
	SelfCheck string
	// Manual is its page of help, named after its first provider.
	Manual func() *scanner.Manual
	// Variables are the environment variables that credentials are looked for in.
	Variables []scanner.Variable
	// Incremental: its logs say what may have changed since the last scan.
	Incremental bool

	key       string              // of the vendor's table
	parts     map[string][]string // the keys of each of its tables
	otherKeys map[string]string   // what people write instead of a key
	// parse reads its part of a whole file.
	parse func(p *parser, root *strict.Table) accounts
	none  accounts // for a file that does not name it
}

// Vendors returns every row, in the order of the documentation.
func Vendors() []*Vendor { return vendors() }

// Name is the vendor's name for people.
func (v *Vendor) Name() string { return vendor.Of(v.Providers[0]).Name }

// accounts are what a file says about one vendor.
type accounts interface {
	// sources reads the credentials and makes what the run reads. An account whose credential
	// cannot be read becomes a provider that says so.
	sources(ctx context.Context, run *Run) []Source
	// signIn signs a person in for later scans and returns the file that keeps it. The error is a
	// *[SetupError] where the file is what has to change.
	signIn(ctx context.Context, run *Run, person *Person) (file string, err error)
	// signInHosts are the hosts that a person can sign in to.
	signInHosts() []string
}

// Source is a provider of one account.
type Source struct {
	scanner.Provider
	// Targets are the organizations that it reads, with everything that decides whether two scans
	// have the same scope.
	Targets []string
}

// Run is what one command asks of every vendor, and what it provides to them.
type Run struct {
	Env     scanner.Env
	Outside Outside
	// Named are the providers that are asked for; empty means all that are configured.
	Named []string
	// StateDir is where they keep what they must remember; empty if nowhere.
	StateDir string
	// Self is a self-check: it reads only the person's own account, if that was named, and keeps
	// nothing.
	Self        bool
	Incremental bool
	// OnUsers is called with the number of an organization's users that were read, OnWait with what
	// makes the run wait.
	OnUsers func(done, total int)
	OnWait  func(until time.Time, reason string)
}

func (r *Run) wants(name inventory.Provider) bool { return len(r.Named) == 0 || r.names(name) }

func (r *Run) names(name inventory.Provider) bool { return slices.Contains(r.Named, string(name)) }

// credentialFile is where a sign-in is kept.
func (r *Run) credentialFile(name string) string {
	if r.StateDir == "" {
		return ""
	}
	return filepath.Join(r.StateDir, "credentials", name+".json")
}

// Person is who signs in.
type Person struct {
	Host string // the one they mean; empty if there is only one
	// ConfigPath is where the configuration is, or would be, for hints.
	ConfigPath string
	// OpenPage shows an address, ShowCode a code to type on a page, Hint something to know.
	OpenPage func(address string) error
	ShowCode func(code, page string, expires time.Time)
	Hint     func(format string, args ...any)
}

// SetupError says what a command needs that the file lacks, and what to write.
type SetupError struct {
	Err  error
	Hint string // may be empty
}

func (e *SetupError) Error() string { return e.Err.Error() }
func (e *SetupError) Unwrap() error { return e.Err }

// Sources makes the providers of a run from everything that is configured.
func (c *Config) Sources(ctx context.Context, run *Run) []Source {
	var list []Source
	for _, v := range vendors() {
		list = append(list, c.of(v).sources(ctx, run)...)
	}
	return list
}

// SignIn signs a person in to a vendor for later scans and returns the file that keeps it. The
// error is a *[SetupError] where the file is what has to change.
func (c *Config) SignIn(ctx context.Context, v *Vendor, run *Run, person *Person) (file string, err error) {
	return c.of(v).signIn(ctx, run, person)
}

// SignInHosts lists the hosts that a person can sign in to.
func (c *Config) SignInHosts() []string {
	var hosts []string
	for _, v := range vendors() {
		hosts = append(hosts, c.of(v).signInHosts()...)
	}
	return hosts
}

func (c *Config) of(v *Vendor) accounts {
	if found := c.accounts[v]; found != nil {
		return found
	}
	return v.none
}

// words are the keys that the file knows.
func words() *strict.Words {
	all := &strict.Words{
		Keys: map[string][]string{"": {"version", partHistory, partPost, partHeartbeat}, partHistory: historyKeys,
			partPost: postKeys(notify.Kinds...), partHeartbeat: {"url", "fail_url", "style"},
			partSecret: {"file", "env", "command"}},
		OtherNames: map[string]string{
			"path": "file", "environment": "env", "variable": "env", "cmd": "command", "private_key": "key",
			"rate": "rate_per_minute", "last": "keep", "size": "max_size", "max_bytes": "max_size",
		},
	}
	maps.Copy(all.OtherNames, otherPostKeys)
	for _, v := range vendors() {
		all.Keys[""] = append(all.Keys[""], v.key)
		maps.Copy(all.Keys, v.parts)
		maps.Copy(all.OtherNames, v.otherKeys)
	}
	return all
}

package notify

import (
	"context"
	"errors"
)

// Kinds are the kinds of channels, in the order of the documentation. Each is declared beside its
// code.
var Kinds = []*Kind{
	slackKind,
	slackBotKind,
	teamsKind,
	googleChatKind,
	discordKind,
	emailKind,
	githubIssueKind,
	pagerDutyKind,
	opsgenieKind,
	webhookKind,
	syslogKind,
	commandKind,
	fileKind,
}

// Kind is a kind of channel, as `kind = "…"` in [[post]] names it.
type Kind struct {
	Name  string
	About string // a phrase for help texts
	Help  string // sentences for its part of the page of help: how to set it up, its limits
	// Keys are what [[post]] may or must say for this kind, besides the keys of every channel.
	Keys []Key
	// Twice says what happens to a message that is delivered again after a crash: empty if the
	// service recognizes it and it appears once; otherwise a sentence for people.
	Twice string
	// Living: the channel shows everything that is open, and rewrites it. It gets the digest of every
	// scan, in order, with Still.
	Living bool
	// Whole: its channels use the digest's Page or Document.
	Whole bool
	// New makes a channel. Errors are about the settings, and hold no secret.
	New func(Settings) (Channel, error)
}

// Key is a key of [[post]].
type Key struct {
	Name     string
	Type     KeyType
	Required bool
	About    string // a phrase for help and the schema
	Example  string // as TOML
	OneOf    []string
}

// KeyType is what the value of a key must be.
type KeyType int

// The types of keys.
const (
	TextKey   KeyType = iota
	ListKey           // a list of strings
	SecretKey         // { file = "…" }, { env = "…" } or { command = […] }
	FlagKey           // a boolean
	PathKey           // a file, relative to guestlist.toml's directory
)

// Settings are the values of one [[post]]; they have been checked against the kind's keys.
type Settings struct {
	Name  string
	Texts map[string]string
	Lists map[string][]string
	Flags map[string]bool
	// Secret reads the secret of a key; it is empty if the key is absent. Errors say where it was looked
	// for, and hold none of it.
	Secret func(ctx context.Context, key string) (string, error)
}

// ErrNoCheck means that the service offers no way to check a channel without posting.
var ErrNoCheck = errors.New("there is no way to check this channel without posting: run guestlist post --test")

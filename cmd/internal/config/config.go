// Package config reads guestlist.toml, which says how to scan: which organizations, with which
// credentials, and how carefully, and where to post what a scan has to say. What is approved is in another file, the allowlist, because that
// one is shared with everyone.
//
// The file holds no secret. It refers to one (see [Secret]): a file that only its owner can read,
// an environment variable, or a helper command. It is read strictly, like the allowlist: every
// problem has its line.
package config

import (
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"guestlist/allowlist/strict"
	"guestlist/scanner/atomicfile"
	"guestlist/scanner/history"
	"guestlist/scanner/inventory"
)

// FileName is the file's usual name.
const FileName = "guestlist.toml"

const (
	fileVersion  = 1
	maxFileBytes = 1 << 20
)

// Config is a file's content. [New] returns the one without a file.
type Config struct {
	Path      string // of the file; empty if there is none
	History   history.Policy
	Posts     []*Post    // channels, in the order of the file
	Heartbeat *Heartbeat // nil: none
	accounts  map[*Vendor]accounts
}

// New returns the configuration without a file.
func New() *Config { return &Config{History: history.DefaultPolicy()} }

// partSecret is a table that says where a secret is, whatever its key.
const partSecret = "a secret"

// maxRatePerMinute is more requests than any vendor allows.
const maxRatePerMinute = 1_000_000

// Load reads a file. The error is a *[strict.Problems] if the content is wrong, and an error that
// names the path if the file cannot be read or others may change it: it names commands to run and
// hosts to send tokens to.
func Load(path string) (*Config, error) {
	file, err := atomicfile.OpenToRead(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%q is a directory", inventory.Untrusted(path))
	case runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o002 != 0:
		return nil, fmt.Errorf("%q is world-writable (mode %04o) and names commands to run: run chmod o-w on it",
			inventory.Untrusted(path), info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse reads a file's content. Paths in it are relative to the directory of the file. The error is
// a *[strict.Problems].
func Parse(path string, data []byte) (*Config, error) {
	p := &parser{File: strict.File{Name: inventory.Untrusted(path), Words: words()}, dir: filepath.Dir(path)}
	c := &Config{Path: path, accounts: map[*Vendor]accounts{}}
	if root, ok := p.Decode(data, maxFileBytes); ok && p.Version(root, fileVersion) {
		root.CheckKeys("")
		c.History = p.history(root)
		c.Posts, c.Heartbeat = p.posts(root), p.heartbeat(root)
		for _, v := range vendors() {
			c.accounts[v] = v.parse(p, root)
		}
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// parser reads one file.
type parser struct {
	strict.File
	dir string
}

// path resolves a file's path in the configuration.
func (p *parser) path(text inventory.Untrusted) string {
	path := filepath.FromSlash(string(text))
	if filepath.IsAbs(path) || strings.HasPrefix(path, "~"+string(filepath.Separator)) ||
		strings.HasPrefix(path, serviceCredentials+string(filepath.Separator)) {
		return path
	}
	return filepath.Join(p.dir, path)
}

// given counts which of the keys a table has.
func given(t *strict.Table, keys ...string) int {
	count := 0
	for _, key := range keys {
		if t.Has(key) {
			count++
		}
	}
	return count
}

// texts reads a list of strings; nil if the key is missing.
func texts(t *strict.Table, key string) []string {
	list, found := t.List(key)
	if !found {
		return nil
	}
	return strict.NamesOf(list)
}

package risk

import (
	"fmt"
	"strings"

	"golang.org/x/net/publicsuffix"

	"guestlist/scanner/access"
	"guestlist/scanner/inventory"
)

// reach is how far a match pattern reaches.
type reach int

const (
	reachOwn     reach = iota // the browser's own pages
	reachUnknown              // not a pattern that we can read
	reachNamed                // certain sites
	reachJewel                // a site that opens everything else
	reachFile                 // local files
	reachSome                 // certain pages of every site
	reachAll                  // every page
	reaches                   // how many there are
)

// hosts is the table of reaches.
type hosts struct {
	rows    [reaches]row // that of reachJewel is not used: each jewel has its own
	fileOff row
	// jewels by host; below has those that lie below a host ("google.com" → mail.google.com).
	jewels, below map[string]*jewel
}

type jewel struct {
	row
	wildcard bool
}

func loadHosts() (*hosts, error) {
	var f struct {
		Jewels []row `toml:"jewels"`
		Hosts  struct {
			All     row `toml:"all"`
			Some    row `toml:"some"`
			File    row `toml:"file"`
			FileOff row `toml:"file_off"`
			Named   row `toml:"named"`
			Own     row `toml:"own"`
			Unknown row `toml:"unknown"`
		} `toml:"hosts"`
	}
	if err := decode("hosts", &f); err != nil {
		return nil, err
	}
	t := &hosts{fileOff: f.Hosts.FileOff, jewels: make(map[string]*jewel), below: make(map[string]*jewel)}
	t.rows = [reaches]row{
		reachOwn: f.Hosts.Own, reachUnknown: f.Hosts.Unknown, reachNamed: f.Hosts.Named, reachJewel: f.Hosts.Named, reachFile: f.Hosts.File,
		reachSome: f.Hosts.Some, reachAll: f.Hosts.All,
	}
	for _, r := range append(t.rows[:], t.fileOff) {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("reading the table hosts: %w", err)
		}
	}
	if _, err := indexOf(f.Jewels); err != nil {
		return nil, fmt.Errorf("reading the table hosts: %w", err)
	}
	for _, r := range f.Jewels {
		if err := t.addJewel(r); err != nil {
			return nil, fmt.Errorf("reading the table hosts: %w", err)
		}
	}
	return t, nil
}

func (t *hosts) addJewel(r row) error {
	if _, err := access.Parse(inventory.Untrusted(r.Name)); err != nil {
		return err
	}
	_, host, _ := splitPattern(r.Name)
	name, wildcard := strings.CutPrefix(host, "*.")
	added := &jewel{r, wildcard}
	t.jewels[name] = added
	for _, parent, ok := strings.Cut(name, "."); ok && strings.Contains(parent, "."); _, parent, ok = strings.Cut(parent, ".") {
		if before := t.below[parent]; before == nil || before.Level.Compare(added.Level) < 0 {
			t.below[parent] = added
		}
	}
	return nil
}

// reachOf says how far a match pattern reaches. The row is nil where the reach's own row speaks.
func (t *hosts) reachOf(text inventory.Untrusted) (reach, *row) {
	if text == access.AllURLs {
		return reachAll, nil
	}
	pattern, err := access.Parse(text)
	if err != nil {
		return reachUnknown, nil
	}
	if pattern.IsAllHosts() {
		return reachAll, nil
	}
	scheme, host, path := splitPattern(string(text))
	switch scheme {
	case "*", "http", "https", "ws", "wss", "ftp":
		return t.webReach(host, path)
	case "file":
		return reachFile, nil
	}
	return reachOwn, nil
}

func (t *hosts) webReach(host, path string) (reach, *row) {
	if host == "*" {
		return reachSome, nil
	}
	name, wildcard := strings.CutPrefix(host, "*.")
	if wildcard {
		// "*.com" is as good as every site, and browsers say so.
		if suffix, registered := publicsuffix.PublicSuffix(name); registered && suffix == name {
			if path == "/*" {
				return reachAll, nil
			}
			return reachSome, nil
		}
	}
	if found := t.jewelOf(name, wildcard); found != nil {
		return reachJewel, &found.row
	}
	return reachNamed, nil
}

// jewelOf finds a jewel that a host, with what lies below it if wildcard, touches.
func (t *hosts) jewelOf(host string, wildcard bool) *jewel {
	if found := t.jewels[host]; found != nil {
		return found
	}
	if wildcard {
		if found := t.below[host]; found != nil {
			return found
		}
	}
	for _, parent, ok := strings.Cut(host, "."); ok; _, parent, ok = strings.Cut(parent, ".") {
		if found := t.jewels[parent]; found != nil && found.wildcard {
			return found
		}
	}
	return nil
}

// splitPattern cuts a valid match pattern into scheme, host in lower case without port, and path.
func splitPattern(text string) (scheme, host, path string) {
	scheme, rest, _ := strings.Cut(text, "://")
	host, path, _ = strings.Cut(rest, "/")
	if cut := strings.LastIndexByte(host, ':'); cut >= 0 && !strings.HasSuffix(host, "]") {
		host = host[:cut]
	}
	return scheme, strings.ToLower(strings.TrimSuffix(host, ".")), "/" + path
}

// isHost reports whether a text is a match pattern and not the name of a permission, nor a surface that has one as its value
// ("externally_connectable https://app.example/*").
func isHost(text inventory.Untrusted) bool {
	scheme, _, found := strings.Cut(string(text), "://")
	return text == access.AllURLs || found && !strings.Contains(scheme, " ")
}

package risk

import (
	"cmp"
	"slices"
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
	jewels  []jewel // sorted by host
}

// jewel is a host whose pages open everything else, with what lies below it if wildcard.
type jewel struct {
	row
	host     string
	wildcard bool
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
	switch {
	case isWeb(scheme):
		return t.webReach(host, path)
	case scheme == "file":
		return reachFile, nil
	}
	return reachOwn, nil
}

func isWeb(scheme string) bool {
	return slices.Contains([]string{"*", "http", "https", "ws", "wss", "ftp"}, scheme)
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
	if found := t.jewel(host); found != nil {
		return found
	}
	if wildcard {
		if found := t.below(host); found != nil {
			return found
		}
	}
	for _, parent, ok := strings.Cut(host, "."); ok; _, parent, ok = strings.Cut(parent, ".") {
		if found := t.jewel(parent); found != nil && found.wildcard {
			return found
		}
	}
	return nil
}

func (t *hosts) jewel(host string) *jewel {
	n, found := slices.BinarySearchFunc(t.jewels, host,
		func(each jewel, host string) int { return cmp.Compare(each.host, host) })
	if !found {
		return nil
	}
	return &t.jewels[n]
}

// below finds the most serious jewel below a host.
func (t *hosts) below(host string) *jewel {
	var most *jewel
	for n := range t.jewels {
		each := &t.jewels[n]
		if rest, found := strings.CutSuffix(each.host, host); found && strings.HasSuffix(rest, ".") &&
			(most == nil || most.Level.Compare(each.Level) < 0) {
			most = each
		}
	}
	return most
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

// askedName is what an update of Chromium's family compares of a pattern, where hosts have names:
// the host without the suffix under which it is registered, so that example.com, example.net and
// example.co.uk are one, and no scheme, port or path. It is empty for a pattern of every host, and
// for what is not on the web.
func askedName(pattern inventory.Untrusted) string {
	scheme, host, _ := splitPattern(string(pattern))
	if !isWeb(scheme) || host == "*" {
		return ""
	}
	bare, _ := strings.CutPrefix(host, "*.")
	suffix, icann := publicsuffix.PublicSuffix(bare)
	for !icann && strings.Contains(suffix, ".") { // a company's, such as github.io, is below a registry's
		_, suffix, _ = strings.Cut(suffix, ".")
		suffix, icann = publicsuffix.PublicSuffix(suffix)
	}
	if !icann {
		return host
	}
	return strings.TrimSuffix(host, suffix)
}

// coversName reports whether an update that adds a name to one that was accepted asks nobody. What
// lies below "*.example." is accepted with it, under whichever suffix.
func coversName(accepted, added string) bool {
	if accepted == added {
		return true
	}
	below, wildcard := strings.CutPrefix(accepted, "*.")
	return wildcard && below != "" && (added == below || strings.HasSuffix(added, "."+below))
}

// isHost reports whether a text is a match pattern and not the name of a permission, nor a surface
// that has one as its value ("externally_connectable https://app.example/*").
func isHost(text inventory.Untrusted) bool {
	scheme, _, found := strings.Cut(string(text), "://")
	return text == access.AllURLs || found && !strings.Contains(scheme, " ")
}

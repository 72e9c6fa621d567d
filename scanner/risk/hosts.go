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
	reachUnknown              // not a pattern we can parse
	reachNamed                // certain sites
	reachJewel                // a site that opens everything else
	reachFile                 // local files
	reachSome                 // certain pages of every site
	reachAll                  // every page
	reaches                   // their number
)

// hosts is the table of reaches.
type hosts struct {
	source  string
	rows    [reaches]row // the row of reachJewel is unused: each jewel has its own
	fileOff row
	jewels  []jewel // sorted by host
}

// jewel is a host whose pages open everything else, including its subdomains if wildcard.
type jewel struct {
	row
	host     string
	wildcard bool
}

// reachOf says how far a match pattern reaches. The row is nil where that of the reach applies.
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
		// "*.com" is as good as every site, and browsers treat it so.
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

// jewelOf finds a jewel that a host, including its subdomains if wildcard, touches.
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

// askedName is the part of a pattern that browsers of Chromium's family compare on an update: the
// host without its registry suffix, so that example.com, example.net and example.co.uk are the
// same, and without scheme, port and path. It is empty for a pattern that matches every host, and
// for one that is not for the web.
func askedName(pattern inventory.Untrusted) string {
	scheme, host, _ := splitPattern(string(pattern))
	if !isWeb(scheme) || host == "*" {
		return ""
	}
	bare, _ := strings.CutPrefix(host, "*.")
	suffix, icann := publicsuffix.PublicSuffix(bare)
	for !icann && strings.Contains(suffix, ".") { // a company's suffix, such as github.io, is below a registry's
		_, suffix, _ = strings.Cut(suffix, ".")
		suffix, icann = publicsuffix.PublicSuffix(suffix)
	}
	if !icann {
		return host
	}
	return strings.TrimSuffix(host, suffix)
}

// coversName reports whether an update that adds a name to an accepted one raises no prompt. What
// is below "*.example." is accepted with it, under any suffix.
func coversName(accepted, added string) bool {
	if accepted == added {
		return true
	}
	below, wildcard := strings.CutPrefix(accepted, "*.")
	return wildcard && below != "" && (added == below || strings.HasSuffix(added, "."+below))
}

// isHost reports whether a text is a match pattern, and neither the name of a permission nor a
// surface with a pattern as its value ("externally_connectable https://app.example/*").
func isHost(text inventory.Untrusted) bool {
	scheme, _, found := strings.Cut(string(text), "://")
	return text == access.AllURLs || found && !strings.Contains(scheme, " ")
}

package access

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"guestlist/scanner/inventory"
)

// AllURLs is the pattern that matches every page.
const AllURLs = "<all_urls>"

// Pattern is a parsed match pattern. The zero value matches nothing.
type Pattern struct {
	text    string
	valid   bool
	schemes schemes
	scheme  string // the scheme's name, where schemes is schemeOther
	below   bool   // the host's subdomains too ("*." in front)
	host    string // lower-case, punycode, without trailing dot; "*" is any host, empty for file
	address bool   // host is an IP address, which has no subdomains
	port    string // empty is every port
	path    string // with "*" for any text
}

// schemes is a set of URL schemes.
type schemes uint16

const (
	schemeHTTP schemes = 1 << iota
	schemeHTTPS
	schemeWS
	schemeWSS
	schemeFTP
	schemeFile
	schemeFavicon // chrome://favicon/ alone, which Chrome adds to <all_urls>
	schemeOther   // one named scheme, see Pattern.scheme

	// schemesWeb is what "*" means in every browser.
	schemesWeb = schemeHTTP | schemeHTTPS
	// schemesStar is what "*" means where it is more: in Firefox.
	schemesStar = schemesWeb | schemeWS | schemeWSS
	schemesAll  = schemesStar | schemeFTP | schemeFile | schemeFavicon
)

var schemeNames = map[string]schemes{
	"*": schemesStar, "http": schemeHTTP, "https": schemeHTTPS, "ws": schemeWS, "wss": schemeWSS, "ftp": schemeFTP,
	"file":   schemeFile,
	"chrome": schemeOther, "chrome-untrusted": schemeOther, "chrome-extension": schemeOther, "devtools": schemeOther,
	"edge": schemeOther, "brave": schemeOther, "opera": schemeOther, "vivaldi": schemeOther,
	"extension": schemeOther, "moz-extension": schemeOther, "resource": schemeOther,
	"isolated-app": schemeOther, "uuid-in-package": schemeOther, "filesystem": schemeOther,
}

// Parse reads a match pattern. The error says what is wrong with it, for the person who wrote it;
// the pattern returned with an error is usable and covers only its own text.
func Parse(text inventory.Untrusted) (Pattern, error) {
	p := Pattern{text: string(text)}
	err := p.parse()
	if err != nil {
		return Pattern{text: string(text)}, err
	}
	p.valid = true
	return p, nil
}

// IsAllHosts reports whether the pattern matches pages of every host, at least over http or https.
func (p Pattern) IsAllHosts() bool {
	return p.valid && p.host == "*" && p.schemes&schemesWeb != 0 && p.port == "" && CoversText(p.path, "/*")
}

// Site returns what the pattern says of the network, as patterns without a path are written:
// scheme and host ("https://*.example.com"), and the port apart; empty for every port. Exact is
// false if it names some paths only. Not ok is a pattern without a network host, or <all_urls>,
// which has more than one scheme.
func (p Pattern) Site() (site, port string, exact, ok bool) {
	if !p.valid || p.host == "" || p.text == AllURLs || p.schemes&^schemesAll != 0 || p.schemes == schemeFavicon {
		return "", "", false, false
	}
	scheme, _, _ := strings.Cut(p.text, "://")
	below := ""
	if p.below {
		below = "*."
	}
	return scheme + "://" + below + p.host, p.port, CoversText(p.path, "/*"), true
}

// Covers reports whether p matches every page that inner matches.
func (p Pattern) Covers(inner Pattern) bool {
	if !p.valid || !inner.valid {
		return p.text == inner.text
	}
	return inner.needs()&^p.schemes == 0 && p.coversPlace(inner)
}

// Covers reports whether the match pattern outer matches every page that inner matches.
func Covers(outer, inner inventory.Untrusted) bool {
	if outer == inner {
		return true
	}
	o, _ := Parse(outer)
	i, _ := Parse(inner)
	return o.Covers(i)
}

// needs returns the schemes that another pattern must have to cover p. Chrome's "*" is http and
// https, so these are enough: what Firefox adds, ws and wss, reaches no page.
func (p Pattern) needs() schemes {
	if p.schemes == schemesStar {
		return schemesWeb
	}
	return p.schemes
}

// coversPlace compares everything but the set of schemes.
func (p Pattern) coversPlace(inner Pattern) bool {
	if p.schemes == schemesAll {
		return true
	}
	return (p.schemes != schemeOther || p.scheme == inner.scheme) &&
		p.coversHost(inner) &&
		(p.port == "" || p.port == inner.port) &&
		CoversText(p.path, inner.path)
}

func (p Pattern) coversHost(inner Pattern) bool {
	switch {
	case p.host == "*":
		return true
	case p.host == inner.host:
		return p.below || !inner.below
	case !p.below || inner.address:
		return false
	}
	return strings.HasSuffix(inner.host, "."+p.host)
}

func (p *Pattern) parse() error {
	if p.text == AllURLs {
		p.schemes, p.host, p.path = schemesAll, "*", "/*"
		return nil
	}
	scheme, rest, found := strings.Cut(p.text, "://")
	if !found {
		return errors.New(`it has no scheme, such as "https://"`)
	}
	set, known := schemeNames[scheme]
	if !known {
		return fmt.Errorf("%q is not a scheme that browsers match", inventory.Untrusted(scheme))
	}
	p.schemes = set
	switch set {
	case schemeFile:
		p.path = filePath(rest)
		return nil
	case schemeOther:
		p.scheme = scheme
	}
	host, path, found := strings.Cut(rest, "/")
	if !found {
		return errors.New(`it has no path: end it with "/*"`)
	}
	p.path = "/" + path
	if err := p.parseHost(host); err != nil {
		return err
	}
	p.inner()
	return nil
}

// inner handles the browser's own pages: Chrome ignores the path there, and adds chrome://favicon
// to <all_urls>.
func (p *Pattern) inner() {
	if p.schemes != schemeOther {
		return
	}
	p.path = "/*"
	if p.scheme == "chrome" && p.host == "favicon" && !p.below {
		p.schemes = schemeFavicon
	}
}

func (p *Pattern) parseHost(host string) error {
	host, port, err := cutPort(host)
	if err != nil {
		return err
	}
	if port != "*" {
		p.port = port
	}
	switch {
	case host == "":
		return errors.New("it has no host")
	case host == "*":
		p.host = "*"
		return nil
	}
	if below, found := strings.CutPrefix(host, "*."); found {
		p.below, host = true, below
	}
	if strings.Contains(host, "*") {
		return errors.New(`"*" stands only alone or as "*." at the start of a host`)
	}
	p.host, p.address, err = canonicalHost(host)
	if err != nil {
		return err
	}
	if p.address && p.below {
		return errors.New("an IP address has no subdomains")
	}
	return nil
}

func cutPort(host string) (name, port string, err error) {
	end := strings.LastIndexByte(host, ':')
	if end < 0 || end < strings.LastIndexByte(host, ']') {
		return host, "", nil
	}
	name, port = host[:end], host[end+1:]
	if port == "*" {
		return name, port, nil
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || strconv.FormatUint(number, 10) != port {
		return "", "", fmt.Errorf("%q is not a port", inventory.Untrusted(port))
	}
	return name, port, nil
}

// canonicalHost normalizes a host for comparison.
func canonicalHost(host string) (canonical string, address bool, err error) {
	if bracketed, found := strings.CutPrefix(host, "["); found {
		ip, err := netip.ParseAddr(strings.TrimSuffix(bracketed, "]"))
		if err != nil || !ip.Is6() || ip.Zone() != "" {
			return "", false, fmt.Errorf("%q is not an IPv6 address", inventory.Untrusted(host))
		}
		return "[" + ip.String() + "]", true, nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		return ip.String(), true, nil
	}
	canonical = strings.ToLower(strings.TrimSuffix(host, "."))
	if !isASCII(canonical) {
		if ascii, err := idna.Lookup.ToASCII(canonical); err == nil {
			canonical = strings.TrimSuffix(ascii, ".")
		}
	}
	if canonical == "" || strings.HasPrefix(canonical, ".") || strings.Contains(canonical, "..") ||
		strings.ContainsFunc(canonical, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`@#?%\<>[]":^|`+"`{}\x7F", r) }) {
		return "", false, fmt.Errorf("%q is not a host", inventory.Untrusted(host))
	}
	return canonical, false, nil
}

// filePath reads what follows "file://". Chrome ignores a host there, and takes file://* to mean file:///*.
func filePath(rest string) string {
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return "/" + rest
	}
	return rest[slash:]
}

// CoversText reports whether a text pattern, in which "*" matches any text, matches everything that
// inner matches; a plain text matches itself. Only a "*" of outer can match a "*" of inner, so inner
// is treated as plain text in which "*" is a letter like no other.
func CoversText(outer, inner string) bool {
	o, i, star, back := 0, 0, -1, 0
	for i < len(inner) {
		switch {
		case o < len(outer) && outer[o] == '*':
			star, back = o, i
			o++
		case o < len(outer) && outer[o] == inner[i]:
			o++
			i++
		case star >= 0:
			back++
			o, i = star+1, back
		default:
			return false
		}
	}
	return strings.Trim(outer[o:], "*") == ""
}

func isASCII(text string) bool {
	for n := range len(text) {
		if text[n] >= 0x80 {
			return false
		}
	}
	return true
}

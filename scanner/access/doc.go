// Package access compares what items may do, by meaning: whether a host pattern is within another,
// what an item holds beyond its pins, and what it gained since the last scan.
//
// Host patterns follow the match patterns of Chrome (URLPattern) and Firefox (MatchPattern), as
// manifests, profiles and allowlists spell them:
//
//	<all_urls>                   every page, local files included
//	*://*.example.com/*          http and https (in Firefox ws and wss too), the domain and everything below it
//	https://example.com:8443/a*  one host, one port, paths that begin with /a; without a port every port
//	file:///*, chrome://favicon/ no network host
//
// A pattern that no browser would accept gives no access, so it covers only its own text. The
// package is pure and knows nothing of risk: which access is dangerous is package risk's question.
package access

package api

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	gogithub "github.com/google/go-github/v57/github"

	"guestlist/providers/internal/paging"
)

const (
	pageSize = 100 // entries of a page: GitHub's largest
	// maxPages bounds a list to 100,000 entries. GitHub's numbered lists declare their length; one
	// that does not is bounded by maxUndeclared.
	maxPages      = 1000
	maxUndeclared = 100
)

// List is one list to be read page by page.
type List struct {
	Path     string
	Query    url.Values
	Envelope string // the field that holds the entries; empty if the body is the list
	NonEmpty bool   // it cannot be empty
	Naming   pageNaming
	MaxPages int // 0 means the limit above
}

// pageNaming is how a list names its pages.
type pageNaming int

const (
	byNumber pageNaming = iota
	ByToken             // a token, which need not increase, takes the place of a number
	ByCursor
)

// Walk reads a list and calls each for every page with the page's new entries. It returns the
// number of entries. If the list was not read whole, as package paging decides, the error is a
// [paging.Gap] or what the answers say about themselves. An error from each ends the list, except
// an entryError, which costs only the entry.
func (s *Session) Walk(ctx context.Context, l List, each func(entries []jsontext.Value) error) (int, error) {
	p := &pager{session: s, list: l}
	pages := paging.List[jsontext.Value]{
		First: pageCursor(1), Fetch: p.fetch, Key: entryKey, Size: pageSize, NonEmpty: l.NonEmpty, MaxPages: maxPages,
	}
	if l.MaxPages > 0 {
		pages.MaxPages = l.MaxPages
	}
	if l.Naming != ByCursor {
		pages.Number = pageCursor
	}
	if l.Naming == byNumber && l.Envelope == "" {
		pages.Count, pages.MaxUndeclared = p.count, maxUndeclared
	}
	result, err := paging.Walk(ctx, pages, each)
	switch {
	case err != nil:
		return result.Read, err
	case result.Gap != nil && result.Gap.Kind == paging.Doubtful:
		return result.Read, p.doubt
	}
	return result.Read, result.Err()
}

// clientFor is the client whose budget a list is read from.
func (s *Session) clientFor(l List) *gogithub.Client {
	if l.Naming == ByCursor {
		return s.audit
	}
	return s.core
}

// pager requests the pages of one list.
type pager struct {
	session *Session
	list    List
	doubt   error // the first thing that an answer said against itself
}

// pageCursor is the cursor of a numbered page: what its query has beyond the first page's.
func pageCursor(number int) string { return "page=" + strconv.Itoa(number) }

func (p *pager) fetch(ctx context.Context, cursor string) (*paging.Page[jsontext.Value], error) {
	place, err := url.ParseQuery(cursor)
	if err != nil {
		return nil, ErrNotDocumented
	}
	if cursor == pageCursor(1) {
		place = nil
	}
	answer, err := p.ask(ctx, pageSize, place)
	if err != nil {
		return nil, err
	}
	entries, total, err := decodePage(answer.body, p.list.Envelope)
	if err != nil {
		return nil, err
	}
	page := &paging.Page[jsontext.Value]{Entries: entries, Total: total}
	if p.doubt == nil {
		p.doubt = answer.doubt
	}
	if p.doubt == nil && p.list.Envelope != "" && total == paging.Unknown {
		p.doubt = errNoTotal
	}
	if p.doubt == nil && p.list.Naming == ByCursor && len(answer.links) == 0 &&
		paging.MayBeCut(len(entries), pageSize) {
		p.doubt = errNoEnd
	}
	if p.doubt != nil {
		page.Doubt = p.doubt.Error()
	}
	page.Next, page.Last = p.follow(answer.links, place)
	return page, nil
}

// follow returns the cursor that an answer's links lead to, and whether they say that this page is
// the last. Only the place is taken from a link's address, so that it cannot lead to another host,
// path or query.
func (p *pager) follow(links map[string]url.Values, place url.Values) (next string, last bool) {
	if len(links) == 0 {
		return "", false
	}
	here := max(1, numberOf(place))
	to, found := links["next"]
	switch {
	case p.list.Naming == ByCursor:
		to.Del("page") // that list has no numbers
	case p.list.Naming == ByToken:
	case numberOf(to) > here, !found && numberOf(links["last"]) > here:
		return pageCursor(here + 1), false // the pages in between are read too
	}
	if found && len(to) == 0 {
		return pageCursor(1), false // a link without a place is not an end: it is the same page again
	}
	return to.Encode(), !found
}

func numberOf(place url.Values) int {
	number, err := strconv.Atoi(place.Get("page"))
	if err != nil {
		return 0
	}
	return number
}

// count returns how many entries the list has: the number of the last page, with one entry per
// page.
func (p *pager) count(ctx context.Context) int {
	answer, err := p.ask(ctx, 1, nil)
	if err != nil {
		return paging.Unknown
	}
	entries, _, err := decodePage(answer.body, p.list.Envelope)
	last := numberOf(answer.links["last"])
	if err != nil || len(entries) != 1 || last == 0 {
		return paging.Unknown
	}
	return last
}

func (p *pager) ask(ctx context.Context, size int, place url.Values) (*response, error) {
	query := url.Values{}
	maps.Copy(query, p.list.Query)
	query.Set("per_page", strconv.Itoa(size))
	maps.Copy(query, place)
	return p.session.get(ctx, p.session.clientFor(p.list), p.list.Path, query)
}

// errNoTotal: a list that declares how much it holds did not.
var errNoTotal = errors.New("GitHub's answer does not declare how many entries there are")

// errNoEnd: a full page neither names a next one nor says that it is the last.
var errNoEnd = errors.New("GitHub's answer is a full page and does not say whether more follows")

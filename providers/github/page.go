package github

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/lenient"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

const (
	pageSize = 100 // entries of a page: GitHub's largest
	// maxPages bounds a list, to 100,000 entries. One that says nowhere how long it is, although GitHub's numbered lists do, is
	// bounded by maxUndeclared.
	maxPages      = 1000
	maxUndeclared = 100
)

// list is one list to be read page by page.
type list struct {
	path     string
	query    url.Values
	envelope string // the field that holds the entries; empty where the body is the list
	nonEmpty bool   // it cannot be empty
	naming   pageNaming
	maxPages int // 0 is the limit above
}

// pageNaming is how a list names its pages.
type pageNaming int

const (
	byNumber pageNaming = iota
	byToken             // in the place of a number stands a token, which need not count up
	byCursor
)

// entryError, returned for an entry, says that it could not be read, or not whole.
type entryError struct{ reason string }

func (e *entryError) Error() string { return e.reason }

// walk reads a list and calls each for every page with the page's new entries. It returns how many there were. A list that was not
// read whole, as package paging decides it, is a [paging.Gap] or what its answers say of themselves. Each's errors end the list,
// save an entryError, which costs the entry.
func (s *session) walk(ctx context.Context, l list, each func(entries []jsontext.Value) error) (int, error) {
	p := &pager{session: s, list: l}
	pages := paging.List[jsontext.Value]{
		First: pageCursor(1), Fetch: p.fetch, Key: entryKey, Size: pageSize, NonEmpty: l.nonEmpty, MaxPages: maxPages,
	}
	if l.maxPages > 0 {
		pages.MaxPages = l.maxPages
	}
	if l.naming != byCursor {
		pages.Number = pageCursor
	}
	if l.naming == byNumber && l.envelope == "" {
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

// pager asks for the pages of one list.
type pager struct {
	session *session
	list    list
	doubt   error // the first thing that an answer said against itself
}

// pageCursor is the cursor of a page with a number: what its question has beyond the first page's.
func pageCursor(number int) string { return "page=" + strconv.Itoa(number) }

func (p *pager) fetch(ctx context.Context, cursor string) (*paging.Page[jsontext.Value], error) {
	place, err := url.ParseQuery(cursor)
	if err != nil {
		return nil, errNotDocumented
	}
	if cursor == pageCursor(1) {
		place = nil
	}
	answer, err := p.ask(ctx, pageSize, place)
	if err != nil {
		return nil, err
	}
	entries, total, err := decodePage(answer.body, p.list.envelope)
	if err != nil {
		return nil, err
	}
	page := &paging.Page[jsontext.Value]{Entries: entries, Total: total}
	if p.doubt == nil {
		p.doubt = answer.doubt
	}
	if p.doubt == nil && p.list.envelope != "" && total == paging.Unknown {
		p.doubt = errNoTotal
	}
	if p.doubt == nil && p.list.naming == byCursor && len(answer.links) == 0 && paging.MayBeCut(len(entries), pageSize) {
		p.doubt = errNoEnd
	}
	if p.doubt != nil {
		page.Doubt = p.doubt.Error()
	}
	page.Next, page.Last = p.follow(answer.links, place)
	return page, nil
}

// follow returns the cursor that an answer's links lead to, and whether they say that this page is the last. Of a link's address
// nothing but the place is used, so that it leads to no other host, path or question.
func (p *pager) follow(links map[string]url.Values, place url.Values) (next string, last bool) {
	if len(links) == 0 {
		return "", false
	}
	here := max(1, numberOf(place))
	to, found := links["next"]
	switch {
	case p.list.naming == byCursor:
		to.Del("page") // that list has no numbers
	case p.list.naming == byToken:
	case numberOf(to) > here, !found && numberOf(links["last"]) > here:
		return pageCursor(here + 1), false // whatever lies between is read as well
	}
	if found && len(to) == 0 {
		return pageCursor(1), false // a link that names no place is no end: it is the same page again
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

// count returns how many entries the list has: with one on each page, the number of the last page.
func (p *pager) count(ctx context.Context) int {
	answer, err := p.ask(ctx, 1, nil)
	if err != nil {
		return paging.Unknown
	}
	entries, _, err := decodePage(answer.body, p.list.envelope)
	last := numberOf(answer.links["last"])
	if err != nil || len(entries) != 1 || last == 0 {
		return paging.Unknown
	}
	return last
}

func (p *pager) ask(ctx context.Context, size int, place url.Values) (*response, error) {
	query := url.Values{}
	maps.Copy(query, p.list.query)
	query.Set("per_page", strconv.Itoa(size))
	maps.Copy(query, place)
	api := p.session.core
	if p.list.naming == byCursor {
		api = p.session.audit
	}
	return p.session.get(ctx, api, p.list.path, query)
}

var (
	linkPattern = regexp.MustCompile(`<([^>]*)>\s*;([^<]*)`)
	relPattern  = regexp.MustCompile(`(?i)\brel\s*=\s*"?(next|last|prev|first)\b`)
)

// readLinks returns the places that a Link header names, by relation: a page's number or token, or a cursor.
func readLinks(header http.Header) map[string]url.Values {
	links := map[string]url.Values{}
	for _, link := range linkPattern.FindAllStringSubmatch(strings.Join(header.Values("Link"), ", "), -1) {
		rel := relPattern.FindStringSubmatch(link[2])
		if rel == nil {
			continue
		}
		place := url.Values{}
		if address, err := url.Parse(link[1]); err == nil {
			for _, name := range []string{"page", "after", "cursor", "since"} {
				if value := address.Query().Get(name); value != "" {
					place.Set(name, value)
				}
			}
		}
		links[strings.ToLower(rel[1])] = place
	}
	return links
}

// decodePage returns the entries of a page, each still as it came, and the total where the page says one.
func decodePage(body []byte, envelope string) ([]jsontext.Value, int, error) {
	entries := jsontext.Value(body)
	total := paging.Unknown
	if envelope != "" {
		var fields map[string]jsontext.Value
		if err := lenient.Unmarshal(body, &fields); err != nil {
			return nil, total, errNotDocumented
		}
		entries = fields[envelope]
		if count, err := strconv.Atoi(lenient.Scalar(fields["total_count"])); err == nil && count >= 0 {
			total = count
		}
	}
	var list []jsontext.Value
	if entries.Kind() != '[' || lenient.Unmarshal(entries, &list) != nil {
		return nil, total, errNotDocumented
	}
	return list, total, nil
}

// entryKey identifies an entry by its ID, or by all of it. One that says nothing has no key.
func entryKey(entry jsontext.Value) string {
	var ids struct {
		ID         lenient.Text `json:"id"`
		Credential lenient.Text `json:"credential_id"`
		Document   lenient.Text `json:"_document_id"`
	}
	if entry.Kind() != '{' || lenient.Unmarshal(entry, &ids) != nil {
		return ""
	}
	if id := string(cmp.Or(ids.ID, ids.Credential, ids.Document)); id != "" {
		return id
	}
	return string(entry)
}

// each calls one for every entry, decoded into a fresh T. Entries that cannot be read are collected in faults.
func each[T any](entries []jsontext.Value, faults *[]inventory.Untrusted, one func(*T) error) error {
	for _, entry := range entries {
		var value T
		err := lenient.Unmarshal(entry, &value)
		if err != nil || entry.Kind() != '{' {
			*faults = append(*faults, "an entry is not of the form that GitHub documents")
			continue
		}
		var skipped *entryError
		if err := one(&value); errors.As(err, &skipped) {
			*faults = append(*faults, inventory.Untrusted(skipped.reason))
		} else if err != nil {
			return err
		}
	}
	return nil
}

package github

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"guestlist/scanner/inventory"
)

const (
	pageSize = 100    // entries of a page: GitHub's largest
	maxPages = 10_000 // pages of one list
)

// list is one list to be read page by page.
type list struct {
	path     string
	query    url.Values
	envelope string // the field that holds the entries; empty where the body is the list
	// unlinked: GitHub documents no Link header for it, so a full page without one may not be the last.
	unlinked bool
}

// listed is how reading a list went.
type listed struct {
	read  int
	total int // as GitHub says, or -1
}

// entryError, returned for an entry, says that it could not be read, or not whole.
type entryError struct{ reason string }

func (e *entryError) Error() string { return e.reason }

// walk reads a list and calls each for every page with the page's new entries. An entry that repeats is left out; a list whose
// pages do not advance is ended with a pagingError. Each's errors end the list, save an entryError, which costs the entry.
func (s *session) walk(ctx context.Context, l list, each func(entries []jsontext.Value) error) (*listed, error) {
	result := &listed{total: -1}
	seen, asked := map[uint64]struct{}{}, map[string]bool{}
	var where url.Values // nil is the first page
	for number := 1; number <= maxPages; number++ {
		query := url.Values{}
		maps.Copy(query, l.query)
		query.Set("per_page", strconv.Itoa(pageSize))
		maps.Copy(query, where)
		asked[where.Encode()] = true
		answer, err := s.get(ctx, s.core, l.path, query)
		if err != nil {
			return result, err
		}
		entries, total, err := decodePage(answer.body, l.envelope)
		if err != nil {
			return result, err
		}
		if total >= 0 {
			result.total = total
		}
		whole := len(entries)
		entries = unseen(entries, seen)
		if whole > 0 && len(entries) == 0 {
			return result, &pagingError{"GitHub sent the same page again and again"}
		}
		result.read += len(entries)
		if err := each(entries); err != nil {
			return result, err
		}
		switch {
		case answer.next != nil:
			where = answer.next
		case l.unlinked && !answer.linked && whole >= pageSize:
			where = url.Values{"page": {strconv.Itoa(number + 1)}}
		default:
			return result, result.check()
		}
		if asked[where.Encode()] || number == 1 && where.Get("page") == "1" {
			return result, &pagingError{"GitHub's list does not advance: it names a page that was read already"}
		}
	}
	return result, &pagingError{fmt.Sprintf("GitHub's list has more than %d pages", maxPages)}
}

var (
	linkPattern = regexp.MustCompile(`<([^>]*)>\s*;([^<]*)`)
	relNext     = regexp.MustCompile(`(?i)\brel\s*=\s*"?next\b`)
)

// nextPage returns where the next page starts, as a Link header names it: a page's number or token, or a cursor. Of the address nothing
// else is used, so that it leads to no other host, path or question.
func nextPage(header http.Header) url.Values {
	for _, link := range linkPattern.FindAllStringSubmatch(strings.Join(header.Values("Link"), ", "), -1) {
		if !relNext.MatchString(link[2]) {
			continue
		}
		next := url.Values{} // one that names no place is no end: it is the same page again
		if address, err := url.Parse(link[1]); err == nil {
			for _, name := range []string{"page", "after", "cursor", "since"} {
				if value := address.Query().Get(name); value != "" {
					next.Set(name, value)
				}
			}
		}
		return next
	}
	return nil
}

// check compares what was read to what GitHub said there is.
func (l *listed) check() error {
	if l.total > l.read {
		return &pagingError{fmt.Sprintf("GitHub says there are %d, its pages held %d", l.total, l.read)}
	}
	return nil
}

// decodePage returns the entries of a page, each still as it came, and the total where the page says one.
func decodePage(body []byte, envelope string) ([]jsontext.Value, int, error) {
	entries := jsontext.Value(body)
	total := -1
	if envelope != "" {
		var fields map[string]jsontext.Value
		if err := json.Unmarshal(body, &fields, lenient); err != nil {
			return nil, total, errNotDocumented
		}
		entries = fields[envelope]
		var count number
		if said, ok := fields["total_count"]; ok && json.Unmarshal(said, &count, lenient) == nil {
			total = int(count)
		}
	}
	var list []jsontext.Value
	if entries.Kind() != '[' || json.Unmarshal(entries, &list, lenient) != nil {
		return nil, total, errNotDocumented
	}
	return list, total, nil
}

// unseen leaves out entries that came on an earlier page: lists shift while they are read.
func unseen(entries []jsontext.Value, seen map[uint64]struct{}) []jsontext.Value {
	fresh := entries[:0]
	for _, entry := range entries {
		key := entryKey(entry)
		if _, ok := seen[key]; ok {
			continue
		}
		seen[key] = struct{}{}
		fresh = append(fresh, entry)
	}
	return fresh
}

// entryKey identifies an entry by its ID, or by all of it.
func entryKey(entry jsontext.Value) uint64 {
	var ids struct {
		ID         text `json:"id"`
		Credential text `json:"credential_id"`
	}
	sum := fnv.New64a()
	_ = json.Unmarshal(entry, &ids, lenient)
	if id := string(ids.ID) + "/" + string(ids.Credential); id != "/" {
		sum.Write([]byte(id))
	} else {
		sum.Write(entry)
	}
	return sum.Sum64()
}

// each calls one for every entry, decoded into a fresh T. Entries that cannot be read are collected in faults.
func each[T any](entries []jsontext.Value, faults *[]inventory.Untrusted, one func(*T) error) error {
	for _, entry := range entries {
		var value T
		err := json.Unmarshal(entry, &value, lenient)
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

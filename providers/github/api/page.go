package api

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/github/lenient"
	"guestlist/providers/internal/paging"
)

var (
	linkPattern = regexp.MustCompile(`<([^>]*)>\s*;([^<]*)`)
	relPattern  = regexp.MustCompile(`(?i)\brel\s*=\s*"?(next|last|prev|first)\b`)
)

// readLinks returns the places that a Link header names, by relation: a page's number or token, or
// a cursor.
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

// decodePage returns the entries of a page, each as it came, and the total if the page declares
// one.
func decodePage(body []byte, envelope string) ([]jsontext.Value, int, error) {
	entries := jsontext.Value(body)
	total := paging.Unknown
	if envelope != "" {
		var fields map[string]jsontext.Value
		if err := lenient.Unmarshal(body, &fields); err != nil {
			return nil, total, ErrNotDocumented
		}
		entries = fields[envelope]
		if count, err := strconv.Atoi(lenient.Scalar(fields["total_count"])); err == nil && count >= 0 {
			total = count
		}
	}
	var list []jsontext.Value
	if entries.Kind() != '[' || lenient.Unmarshal(entries, &list) != nil {
		return nil, total, ErrNotDocumented
	}
	return list, total, nil
}

// entryKey identifies an entry by its ID, or else by all of its content. An empty one has no key.
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

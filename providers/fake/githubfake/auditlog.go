package githubfake

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (c *call) auditLog() (any, error) {
	org, err := c.asOwner()
	if err != nil {
		return nil, err
	}
	if !c.fake.options.Server && org.Plan != Cloud {
		return nil, fail(http.StatusNotFound, "Not Found")
	}
	var chosen []map[string]any
	for _, entry := range org.Audit {
		if matchesPhrase(entry, c.query.Get("phrase")) {
			chosen = append(chosen, entry)
		}
	}
	size := c.pageSize()
	start, _ := strconv.Atoi(strings.TrimPrefix(c.query.Get("after"), auditCursor))
	start = min(start, len(chosen))
	end := min(start+size, len(chosen))
	var links []string
	add := func(cursor, rel string, at int) {
		query := maps.Clone(c.query)
		query.Del("after")
		query.Set(cursor, auditCursor+strconv.Itoa(at))
		links = append(links, fmt.Sprintf(`<http://%s%s?%s>; rel="%s"`, c.request.Host, c.request.URL.Path,
			query.Encode(), rel))
	}
	if end < len(chosen) {
		add("after", "next", end)
	}
	if start > 0 {
		add("before", "prev", start)
	}
	if len(links) > 0 {
		c.header.Set("Link", strings.Join(links, ", "))
	}
	return append([]map[string]any{}, chosen[start:end]...), nil
}

// auditCursor is the prefix of the audit log's cursors, which are strings.
const auditCursor = "cursor-"

// matchesPhrase knows the qualifiers action: (a whole action or its category) and created:>=DATE.
func matchesPhrase(entry map[string]any, phrase string) bool {
	action, _ := entry["action"].(string)
	for _, word := range strings.Fields(phrase) {
		if want, ok := strings.CutPrefix(word, "action:"); ok && action != want &&
			!strings.HasPrefix(action, want+".") {
			return false
		}
		if since, ok := strings.CutPrefix(word, "created:>="); ok {
			date, err := time.Parse(time.DateOnly, since)
			created, _ := entry["created_at"].(int64)
			if err != nil || time.UnixMilli(created).Before(date) {
				return false
			}
		}
	}
	return true
}

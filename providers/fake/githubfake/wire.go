package githubfake

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// epoch is the creation time of everything without a date of its own.
var epoch = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)

const (
	defaultPage = 30  // entries of a page that names no size
	largestPage = 100 // entries of the largest page
)

// paged returns the page that the query asks for and, where there are more, sets the Link header as
// GitHub does.
func paged[T any](c *call, all []T, link bool, body func(T) any) []any {
	size := c.pageSize()
	page := max(1, c.pageNumber())
	if c.fault != nil && (c.fault.Kind == RepeatedPages) {
		page = 1
	}
	last := max(1, (len(all)+size-1)/size)
	start := min((page-1)*size, len(all))
	entries := make([]any, 0, size)
	for _, each := range all[start:min(start+size, len(all))] {
		entries = append(entries, body(each))
	}
	if !link {
		return entries
	}
	var links []string
	add := func(number int, rel string) {
		query := maps.Clone(c.query)
		query.Set("page", c.pageName(number))
		links = append(links, fmt.Sprintf(`<http://%s%s?%s>; rel="%s"`, c.request.Host, c.request.URL.Path,
			query.Encode(), rel))
	}
	if page > 1 {
		add(page-1, "prev")
	}
	if page < last {
		add(page+1, "next")
		add(last, "last")
	}
	if page > 1 {
		add(1, "first")
	}
	if len(links) > 0 {
		c.header.Set("Link", strings.Join(links, ", "))
	}
	return entries
}

// pageToken is the number from which page tokens count down.
const pageToken = 1_000_000

func (c *call) hasPageTokens() bool {
	return c.fake.options.PageTokens && strings.HasSuffix(c.path, "/credential-authorizations")
}

func (c *call) pageNumber() int {
	page := atoi(c.query.Get("page"))
	if page > 0 && c.hasPageTokens() {
		return pageToken - page
	}
	return page
}

func (c *call) pageName(number int) string {
	if c.hasPageTokens() {
		number = pageToken - number
	}
	return strconv.Itoa(number)
}

func (c *call) pageSize() int {
	size := atoi(c.query.Get("per_page"))
	if size <= 0 {
		return defaultPage
	}
	return min(size, largestPage)
}

// simpleUser is the short form of an account.
func (c *call) simpleUser(u *User, kind string) object {
	self := c.api() + "users/" + u.Login
	return object{
		"login": u.Login, "id": u.ID, "node_id": nodeID("U", u.ID),
		"avatar_url": c.web() + "images/error/octocat_happy.gif", "gravatar_id": "", "url": self,
		"html_url": c.web() + u.Login, "followers_url": self + "/followers",
		"following_url": self + "/following{/other_user}", "gists_url": self + "/gists{/gist_id}",
		"starred_url": self + "/starred{/owner}{/repo}", "subscriptions_url": self + "/subscriptions",
		"organizations_url": self + "/orgs", "repos_url": self + "/repos", "events_url": self + "/events{/privacy}",
		"received_events_url": self + "/received_events", "type": kind, "site_admin": false,
	}
}

// api and web are the bases of the addresses inside bodies. They name GitHub, as the real ones do,
// so that a test notices if one is followed.
func (c *call) api() string {
	if c.fake.options.Server {
		return "https://ghe.acme.example/api/v3/"
	}
	return "https://api.github.com/"
}

func (c *call) web() string {
	if c.fake.options.Server {
		return "https://ghe.acme.example/"
	}
	return "https://github.com/"
}

func encode(body any) []byte {
	text, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return []byte(`{"message":"the fake could not encode its answer"}`)
	}
	return text
}

// twist makes a right answer wrong in the way a fault names.
func twist(answer []byte, kind FaultKind) []byte {
	var body any
	if err := json.Unmarshal(answer, &body); err != nil {
		return answer
	}
	switch kind {
	case TypeChange:
		body = changeTypes(body)
	case NullFields:
		body = nullFields(body, 0)
	case Object:
		body = object{"message": "not a list"}
	}
	return encode(body)
}

// changeTypes makes numbers and booleans strings, and dates Unix seconds.
func changeTypes(value any) any {
	switch value := value.(type) {
	case float64:
		return strconv.FormatInt(int64(value), 10)
	case bool:
		return strconv.FormatBool(value)
	case string:
		if date, err := time.Parse(time.RFC3339, value); err == nil {
			return jsontext.Value(strconv.FormatInt(date.Unix(), 10))
		}
		return value
	case []any:
		for n, each := range value {
			value[n] = changeTypes(each)
		}
	case map[string]any:
		for name, each := range value {
			value[name] = changeTypes(each)
		}
	}
	return value
}

func nullFields(value any, depth int) any {
	switch value := value.(type) {
	case []any:
		for n, each := range value {
			value[n] = nullFields(each, depth)
		}
	case map[string]any:
		for name, each := range value {
			if list, ok := each.([]any); ok && depth == 0 && (name == "installations" || name == "repositories") {
				value[name] = nullFields(list, depth)
				continue
			}
			if !strings.HasSuffix(name, "id") && name != "total_count" && name != "login" {
				value[name] = nil
			}
		}
	}
	return value
}

func cutEnterprise(name string) (string, bool) { return strings.CutPrefix(name, "enterprise:") }

func stamp(t time.Time) string {
	if t.IsZero() {
		t = epoch
	}
	return t.UTC().Format(time.RFC3339)
}

func stampOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t)
}

func stringOrNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func idOrNil(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func orNone(list []string) []string { return append([]string{}, list...) }

func orEmpty(permissions map[string]string) map[string]string {
	if permissions == nil {
		return map[string]string{}
	}
	return permissions
}

func nodeID(kind string, id int64) string {
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s_%d", kind, id))
}

func atoi(text string) int {
	number, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return number
}

type object = map[string]any

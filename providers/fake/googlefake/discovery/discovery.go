// Package discovery checks exchanges with Google's services against the discovery documents that
// ship inside the module google.golang.org/api: that the route and its parameters exist and hold
// permitted values, that every field asked for exists, and that the answer's body has the types the
// document promises.
//
// It follows https://developers.google.com/discovery/v1/reference/apis. It is for tests; nothing in
// the program imports it.
package discovery

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"guestlist/scanner/testkit"
)

// Documents are the discovery documents of the services guestlist reads, below the module's
// directory.
var documents = []string{
	"admin/directory/v1/admin-api.json",
	"admin/reports/v1/admin-api.json",
	"chromemanagement/v1/chromemanagement-api.json",
	"cloudidentity/v1/cloudidentity-api.json",
}

// Checker holds the methods of several services.
type Checker struct{ methods []method }

// Exchange is one call and its answer.
type Exchange struct {
	Method, Path string // the path as it was sent, escaped
	Query        url.Values
	Status       int
	Body         []byte
}

type document struct {
	ServicePath string                `json:"servicePath"`
	Parameters  map[string]*parameter `json:"parameters"`
	Schemas     map[string]*schema    `json:"schemas"`
	resource
}

type resource struct {
	Methods   map[string]*methodText `json:"methods"`
	Resources map[string]*resource   `json:"resources"`
}

type methodText struct {
	ID         string                `json:"id"`
	HTTPMethod string                `json:"httpMethod"`
	Path       string                `json:"path"`
	FlatPath   string                `json:"flatPath"`
	Parameters map[string]*parameter `json:"parameters"`
	Response   struct {
		Ref string `json:"$ref"`
	} `json:"response"`
	Scopes []string `json:"scopes"`
}

type parameter struct {
	Type     string   `json:"type"`
	Location string   `json:"location"`
	Pattern  string   `json:"pattern"`
	Enum     []string `json:"enum"`
	Minimum  string   `json:"minimum"`
	Maximum  string   `json:"maximum"`
	Required bool     `json:"required"`
}

type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Format               string             `json:"format"`
	Enum                 []string           `json:"enum"`
	Properties           map[string]*schema `json:"properties"`
	AdditionalProperties *schema            `json:"additionalProperties"`
	Items                *schema            `json:"items"`
}

type method struct {
	*methodText
	doc  *document
	path *regexp.Regexp
}

// Open reads the documents of the services that guestlist reads from the module that it is built
// with. If the module's source is not here, it ends the test.
func Open(t testing.TB) *Checker {
	t.Helper()
	dir := testkit.ModuleDir(t, "google.golang.org/api")
	c := &Checker{}
	for _, name := range documents {
		if err := c.read(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func (c *Checker) read(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading a discovery document: %w", err)
	}
	doc := &document{}
	if err := json.Unmarshal(text, doc); err != nil {
		return fmt.Errorf("reading discovery document %q: %w", path, err)
	}
	return c.add(doc, &doc.resource)
}

func (c *Checker) add(doc *document, r *resource) error {
	for _, text := range r.Methods {
		path := text.FlatPath
		if path == "" {
			path = text.Path
		}
		var pattern strings.Builder
		for part := range strings.SplitSeq(doc.ServicePath+path, "{") {
			name, rest, found := strings.Cut(part, "}")
			if !found {
				pattern.WriteString(regexp.QuoteMeta(part))
				continue
			}
			fmt.Fprintf(&pattern, "(?P<%s>[^/]+)%s", name, regexp.QuoteMeta(rest))
		}
		expression, err := regexp.Compile("^/" + pattern.String() + "$")
		if err != nil {
			return fmt.Errorf("reading the path of %q: %w", text.ID, err)
		}
		c.methods = append(c.methods, method{text, doc, expression})
	}
	for _, inner := range r.Resources {
		if err := c.add(doc, inner); err != nil {
			return err
		}
	}
	return nil
}

// Check returns what is wrong with an exchange, or nil. The body is checked only for status 200.
func (c *Checker) Check(e Exchange) error {
	// Two templates may match one path ("usage/users/all" and "usage/{entityType}/{entityKey}"): one
	// of them has to fit.
	err := fmt.Errorf("%s %s: no such method in the discovery documents", e.Method, e.Path)
	for n := range c.methods {
		m := &c.methods[n]
		if m.HTTPMethod != e.Method || !m.path.MatchString(e.Path) {
			continue
		}
		if err = m.check(e); err == nil {
			return nil
		}
	}
	return err
}

// Scopes returns the scopes of which a call needs any one.
func (c *Checker) Scopes(id string) []string {
	for _, m := range c.methods {
		if m.ID == id {
			return m.methodText.Scopes
		}
	}
	return nil
}

func (m *method) check(e Exchange) error {
	if err := m.checkParameters(e); err != nil {
		return fmt.Errorf("%s: %w", m.ID, err)
	}
	if e.Status != 200 {
		return nil
	}
	var body any
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return nil // a truncated answer is a fault on purpose
	}
	if err := m.doc.checkValue(&schema{Ref: m.Response.Ref}, body, m.Response.Ref); err != nil {
		return fmt.Errorf("%s: %w", m.ID, err)
	}
	return nil
}

func (m *method) checkParameters(e Exchange) error {
	groups := m.path.FindStringSubmatch(e.Path)
	for n, name := range m.path.SubexpNames() {
		if p := m.Parameters[name]; n > 0 && p != nil {
			value, err := url.PathUnescape(groups[n])
			if err != nil {
				return err
			}
			if err := p.check(name, value); err != nil {
				return err
			}
		}
	}
	for name, values := range e.Query {
		p := m.Parameters[name]
		if p == nil {
			p = m.doc.Parameters[name]
		}
		if p == nil || p.Location != "query" {
			return fmt.Errorf("no query parameter %q", name)
		}
		for _, value := range values {
			if err := p.check(name, value); err != nil {
				return err
			}
		}
	}
	for name, p := range m.Parameters {
		if p.Required && p.Location == "query" && !e.Query.Has(name) {
			return fmt.Errorf("required parameter %q is missing", name)
		}
	}
	if fields := e.Query.Get("fields"); fields != "" {
		rest, err := m.doc.checkFields(&schema{Ref: m.Response.Ref}, fields)
		if err == nil && rest != "" {
			err = fmt.Errorf("unbalanced parentheses in fields %q", fields)
		}
		return err
	}
	return nil
}

func (p *parameter) check(name, value string) error {
	if p.Pattern != "" && !regexp.MustCompile("^(?:"+p.Pattern+")$").MatchString(value) {
		return fmt.Errorf("parameter %s=%q does not match %s", name, value, p.Pattern)
	}
	if len(p.Enum) > 0 && !slices.Contains(p.Enum, value) {
		return fmt.Errorf("parameter %s=%q is not one of %q", name, value, p.Enum)
	}
	if p.Type == "boolean" && value != "true" && value != "false" {
		return fmt.Errorf("parameter %s=%q is not a boolean", name, value)
	}
	if p.Type != "integer" {
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("parameter %s=%q is not a number", name, value)
	}
	if low, err := strconv.Atoi(p.Minimum); err == nil && n < low {
		return fmt.Errorf("parameter %s=%d is below %d", name, n, low)
	}
	if high, err := strconv.Atoi(p.Maximum); err == nil && n > high {
		return fmt.Errorf("parameter %s=%d is above %d", name, n, high)
	}
	return nil
}

// checkFields walks one selection "a,b(c),d/e" along the schema and returns what follows it.
func (d *document) checkFields(s *schema, text string) (rest string, err error) {
	for {
		rest, err = d.checkField(s, text)
		if err != nil || !strings.HasPrefix(rest, ",") {
			return rest, err
		}
		text = rest[1:]
	}
}

func (d *document) checkField(s *schema, text string) (rest string, err error) {
	end := strings.IndexAny(text, ",()/")
	if end < 0 {
		end = len(text)
	}
	name := text[:end]
	rest = text[end:]
	s = d.resolve(s)
	for s != nil && s.Type == "array" {
		s = d.resolve(s.Items)
	}
	if s == nil || s.Properties[name] == nil {
		return rest, fmt.Errorf("fields asks for %q, which the answer does not have", name)
	}
	inner := s.Properties[name]
	switch {
	case strings.HasPrefix(rest, "/"):
		return d.checkField(inner, rest[1:])
	case strings.HasPrefix(rest, "("):
		rest, err = d.checkFields(inner, rest[1:])
		if err == nil && !strings.HasPrefix(rest, ")") {
			return rest, fmt.Errorf("missing ) behind %q", name)
		}
		return strings.TrimPrefix(rest, ")"), err
	}
	return rest, nil
}

func (d *document) resolve(s *schema) *schema {
	for s != nil && s.Ref != "" {
		s = d.Schemas[s.Ref]
	}
	return s
}

func (d *document) checkValue(s *schema, value any, path string) error {
	s = d.resolve(s)
	if s == nil {
		return fmt.Errorf("%s: no schema", path)
	}
	wrong := func() error { return fmt.Errorf("%s: %T is not %s %s", path, value, s.Type, s.Format) }
	switch s.Type {
	case "any":
		return nil
	case "object":
		object, ok := value.(map[string]any)
		if !ok {
			return wrong()
		}
		return d.checkObject(s, object, path)
	case "array":
		list, ok := value.([]any)
		if !ok {
			return wrong()
		}
		for n, element := range list {
			if err := d.checkValue(s.Items, element, fmt.Sprintf("%s[%d]", path, n)); err != nil {
				return err
			}
		}
	case "string":
		text, ok := value.(string)
		if !ok || !s.holds(text) {
			return wrong()
		}
	case "boolean":
		if _, ok := value.(bool); !ok {
			return wrong()
		}
	case "integer", "number":
		number, ok := value.(float64)
		if !ok || s.Type == "integer" && number != float64(int64(number)) {
			return wrong()
		}
	default:
		return fmt.Errorf("%s: unknown type %q", path, s.Type)
	}
	return nil
}

func (d *document) checkObject(s *schema, object map[string]any, path string) error {
	for name, member := range object {
		inner := s.Properties[name]
		if inner == nil {
			inner = s.AdditionalProperties
		}
		if inner == nil {
			return fmt.Errorf("%s.%s is not in the schema", path, name)
		}
		if err := d.checkValue(inner, member, path+"."+name); err != nil {
			return err
		}
	}
	return nil
}

// holds reports whether a string has its schema's format and is one of its values.
func (s *schema) holds(text string) bool {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		return false
	}
	switch s.Format {
	case "int64":
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	case "date-time", "google-datetime":
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	}
	return true
}

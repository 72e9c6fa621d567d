package notify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"guestlist/scanner/inventory"
)

var githubIssueKind = &Kind{
	Name: "github-issue", About: "one issue on GitHub that always says what is open, and is closed when nothing is",
	Help: `The issue is found by a hidden line at the beginning of its text, and never by its title, which may be changed. ` +
		`Each scan rewrites its text if something changed; since a rewritten text notifies nobody, news are also a comment. ` +
		`It is closed when a complete scan finds nothing, and opened again; a scan that could not look closes nothing. ` +
		`The token needs Issues: read and write on this one repository: a fine-grained personal access token, an ` +
		`installation token of a GitHub App, or GITHUB_TOKEN in Actions. labels are put on a new issue; by the first of ` +
		`them it is found at once, and without it among the newest 1,000 issues. Names are code, so that they mention nobody. The text has at most 60,000 bytes and counts ` +
		`what it leaves out. A message that is sent again finds the issue and its comment, and changes nothing.`,
	Keys: []Key{
		{Name: "repository", Type: TextKey, Required: true, About: "where the issue is", Example: `"acme/security"`},
		{Name: "token", Type: SecretKey, Required: true, About: "a token that may write issues", Example: `{ env = "ISSUES_TOKEN" }`},
		{Name: "title", Type: TextKey, About: "the title of a new issue", Example: `"Third-party software that needs attention"`},
		{Name: "labels", Type: ListKey, About: "labels of a new issue", Example: `["guestlist"]`},
		{Name: "assignees", Type: ListKey, About: "who is assigned a new issue", Example: `["octocat"]`},
		{Name: "url", Type: TextKey, About: "the API of a GitHub Enterprise Server", Example: `"https://github.acme.example/api/v3"`},
	},
	Living: true,
	New:    newGitHubIssue,
}

// GitHub's limits, and ours.
const (
	githubAPI        = "https://api.github.com"
	githubVersion    = "2022-11-28"
	githubPage       = 50
	githubMaxPages   = 20
	maxIssuesBytes   = 8 << 20 // of a page
	maxIssueTitle    = 200     // characters; GitHub takes 256
	maxIssueBody     = 60_000  // bytes; GitHub takes 65,536 characters
	defaultTitle     = "guestlist: what needs attention"
	stateOpen        = "open"
	stateClosed      = "closed"
	commentsAreSince = 24 * time.Hour // before the message, for clocks that differ
)

// githubIssue keeps one issue.
type githubIssue struct {
	name       string // of the channel
	repository string // the address of its API
	title      string
	labels     []string
	assignees  []string
	secret     func(context.Context, string) (string, error)
}

var repositoryName = regexp.MustCompile(`^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$`)

func newGitHubIssue(s Settings) (Channel, error) {
	api := strings.TrimSuffix(cmp.Or(s.Texts["url"], githubAPI), "/")
	if target, err := url.Parse(api); err != nil || target.Host == "" || target.User != nil || target.RawQuery != "" {
		return nil, errors.New("url must be an address such as https://github.acme.example/api/v3")
	}
	name := s.Texts["repository"]
	if _, repository, _ := strings.Cut(name, "/"); !repositoryName.MatchString(name) || repository == "." || repository == ".." {
		return nil, fmt.Errorf("repository must be an owner and a name, such as acme/security, is %q", inventory.Untrusted(name))
	}
	return &githubIssue{name: s.Name, repository: api + "/repos/" + name, secret: s.Secret,
		title: cut(cmp.Or(s.Texts["title"], defaultTitle), maxIssueTitle), labels: s.Lists["labels"], assignees: s.Lists["assignees"]}, nil
}

// What a payload says about an issue, besides its text.
const (
	aboutState   = "state"   // open, closed, or empty: as it is
	aboutComment = "comment" // what is news; empty: nothing
	aboutKeep    = "keep"    // the text is only for a new issue
	aboutTitle   = "title"
)

// Prepare implements [Channel].
func (g *githubIssue) Prepare(d *Digest) ([]Payload, error) {
	about := map[string]string{aboutTitle: g.title}
	total := len(d.Unread)
	for _, n := range d.Open {
		total += n
	}
	switch {
	case d.Clean:
		about[aboutState] = stateClosed
	case d.Occasion == Test:
		about[aboutKeep] = "yes"
	case d.Occasion == Failed:
		about[aboutState], about[aboutKeep] = stateOpen, "yes"
	case total > 0:
		about[aboutState] = stateOpen
	}
	if g.isNews(d) {
		about[aboutComment] = markdown(d, d.news(), maxIssueBody)
	}
	body := g.marker(d.Finished) + "\n" + markdown(d.standing(), d.standing().parts(), maxIssueBody)
	return []Payload{{ContentType: "text/markdown; charset=utf-8", Body: []byte(body), About: about}}, nil
}

// isNews reports whether people are to be notified: a new issue does that by itself.
func (g *githubIssue) isNews(d *Digest) bool {
	return d.Occasion != First && (d.Occasion != News || len(d.Act)+len(d.Unread) > 0 || d.Clean && len(d.Gone) > 0)
}

// news are the parts of a digest that are told once.
func (d *Digest) news() []part {
	return slices.DeleteFunc(d.parts(), func(p part) bool { return p.name == "still" && d.Occasion != Reminder })
}

// standing is a digest of what is open, whether it was told before or not. What is told once, and
// the sentence about it, are left out.
func (d *Digest) standing() *Digest {
	s := *d
	s.Act, s.Changes, s.Gone = nil, nil, nil
	s.Still = slices.SortedFunc(slices.Values(slices.Concat(d.Act, d.Still)), func(a, b Line) int {
		return cmp.Or(b.Urgency.Compare(a.Urgency), cmp.Compare(a.Title, b.Title), cmp.Compare(a.ID, b.ID))
	})
	for i := range s.Still {
		s.Still[i].Sign, s.Still[i].Change = "", ""
	}
	if len(d.Verdict) > 1 && d.Occasion != Failed && d.Occasion != Test {
		s.Verdict = d.Verdict[1:]
	}
	return &s
}

// marker is the first line of the issue, by which it is found again.
func (g *githubIssue) marker(scan time.Time) string {
	return fmt.Sprintf("<!-- guestlist: channel %s, scan %s -->", asAtom(g.name), scan.UTC().Format(time.RFC3339))
}

// marked is what a marker says.
var marked = regexp.MustCompile(`^<!-- guestlist: channel ([A-Za-z0-9_-]+), scan (\S+) -->\r?\n`)

// issue is what is read of one.
type issue struct {
	Number      int       `json:"number"`
	Body        string    `json:"body"`
	State       string    `json:"state"`
	Association string    `json:"author_association"`
	PullRequest *struct{} `json:"pull_request"`
	User        struct {
		Type string `json:"type"`
	} `json:"user"`
	Labels []struct {
		Name string `json:"name"`
	} `json:"labels"`
}

// Deliver implements [Channel].
func (g *githubIssue) Deliver(ctx context.Context, out *Outside, m *Message) error {
	found, err := g.find(ctx, out)
	if err != nil {
		return err
	}
	if found == nil {
		if found, err = g.create(ctx, out, m); err != nil || found == nil {
			return err
		}
	}
	if err := g.rewrite(ctx, out, found, m); err != nil {
		return err
	}
	return g.comment(ctx, out, found, m)
}

// find returns the issue of this channel, nil if there is none. The list of a repository's issues
// has a new one at once, other than the search. The list of those with the label is short.
func (g *githubIssue) find(ctx context.Context, out *Outside) (*issue, error) {
	filters := []string{"direction=desc"} // the newest first: there may be many
	if len(g.labels) > 0 {
		filters = []string{"direction=asc&labels=" + url.QueryEscape(g.labels[0]), "direction=desc"}
	}
	for _, filter := range filters {
		for page := 1; page <= githubMaxPages; page++ {
			var list []issue
			path := fmt.Sprintf("/issues?state=all&sort=created&per_page=%d&page=%d&%s", githubPage, page, filter)
			if err := g.ask(ctx, out, http.MethodGet, path, nil, &list); err != nil {
				return nil, err
			}
			for i := range list {
				if g.isOurs(&list[i]) {
					return &list[i], nil
				}
			}
			if len(list) < githubPage {
				break
			}
		}
	}
	return nil, nil
}

// isOurs reports whether an issue is this channel's. In a public repository anyone may write an
// issue with our marker: only one of a member, of a program or with our label is taken for ours.
func (g *githubIssue) isOurs(i *issue) bool {
	name := marked.FindStringSubmatch(i.Body)
	if i.PullRequest != nil || name == nil || name[1] != asAtom(g.name) {
		return false
	}
	for _, label := range i.Labels {
		if slices.Contains(g.labels, label.Name) {
			return true
		}
	}
	return i.User.Type == "Bot" || slices.Contains([]string{"OWNER", "MEMBER", "COLLABORATOR"}, i.Association)
}

// create opens the issue, unless nothing is open. That of a test is closed at once.
func (g *githubIssue) create(ctx context.Context, out *Outside, m *Message) (*issue, error) {
	isTest := m.About[aboutState] == "" && m.About[aboutKeep] != ""
	if m.About[aboutState] != stateOpen && !isTest {
		return nil, nil
	}
	request := map[string]any{"title": m.About[aboutTitle], "body": string(m.Body)}
	if len(g.labels) > 0 {
		request["labels"] = g.labels
	}
	if len(g.assignees) > 0 {
		request["assignees"] = g.assignees
	}
	created := &issue{}
	err := g.ask(ctx, out, http.MethodPost, "/issues", request, created)
	if err == nil && isTest {
		err = g.update(ctx, out, created, map[string]any{"state": stateClosed, "state_reason": "completed"})
	}
	return created, err
}

// rewrite makes the issue say what the message says, unless it says something newer.
func (g *githubIssue) rewrite(ctx context.Context, out *Outside, i *issue, m *Message) error {
	change := map[string]any{}
	there, ours := splitMarker(i.Body), splitMarker(string(m.Body))
	if there.scan.After(ours.scan) {
		return nil
	}
	if m.About[aboutKeep] == "" && there.text != ours.text {
		change["body"] = string(m.Body)
	}
	if state := m.About[aboutState]; state != "" && state != i.State {
		change["state"] = state
		if state == stateClosed {
			change["state_reason"] = "completed"
		}
	}
	if len(change) == 0 {
		return nil
	}
	return g.update(ctx, out, i, change)
}

func (g *githubIssue) update(ctx context.Context, out *Outside, i *issue, change map[string]any) error {
	return g.ask(ctx, out, http.MethodPatch, fmt.Sprintf("/issues/%d", i.Number), change, nil)
}

// markedText is a text with its marker taken apart.
type markedText struct {
	scan time.Time
	text string
}

func splitMarker(body string) markedText {
	found := marked.FindStringSubmatch(body)
	if found == nil {
		return markedText{text: body}
	}
	scan, _ := time.Parse(time.RFC3339, found[2]) // somebody may have changed it
	text := strings.ReplaceAll(body[len(found[0]):], "\r\n", "\n")
	return markedText{scan, strings.TrimSpace(text)}
}

// comment says what is news, once.
func (g *githubIssue) comment(ctx context.Context, out *Outside, i *issue, m *Message) error {
	if m.About[aboutComment] == "" {
		return nil
	}
	marker := fmt.Sprintf("<!-- guestlist: message %s -->", asAtom(m.ID))
	path := fmt.Sprintf("/issues/%d/comments", i.Number)
	since := url.QueryEscape(m.Created.Add(-commentsAreSince).UTC().Format(time.RFC3339))
	for page := 1; page <= githubMaxPages; page++ {
		var list []struct {
			Body string `json:"body"`
		}
		query := fmt.Sprintf("%s?since=%s&per_page=%d&page=%d", path, since, githubPage, page)
		if err := g.ask(ctx, out, http.MethodGet, query, nil, &list); err != nil {
			return err
		}
		for _, said := range list {
			if strings.HasPrefix(said.Body, marker) {
				return nil
			}
		}
		if len(list) < githubPage {
			break
		}
	}
	return g.ask(ctx, out, http.MethodPost, path, map[string]any{"body": marker + "\n" + m.About[aboutComment]}, nil)
}

// Check implements [Channel]. Whether the token may write is not to be known without writing.
func (g *githubIssue) Check(ctx context.Context, out *Outside) error {
	var repository struct {
		HasIssues bool `json:"has_issues"`
		Archived  bool `json:"archived"`
	}
	if err := g.ask(ctx, out, http.MethodGet, "", nil, &repository); err != nil {
		return err
	}
	if !repository.HasIssues || repository.Archived {
		return errors.New("the repository takes no issues: turn them on in its settings, or choose another one")
	}
	return g.ask(ctx, out, http.MethodGet, "/issues?per_page=1", nil, &[]issue{})
}

// ask sends a request to the repository's API and reads the answer, if it is needed.
func (g *githubIssue) ask(ctx context.Context, out *Outside, method, path string, content, into any) error {
	token, err := g.secret(ctx, "token")
	if err != nil {
		return err
	}
	r := request{method: method, url: g.repository + path, most: maxIssuesBytes, mask: []string{token}, refusal: messageOf,
		header: http.Header{"Accept": {"application/vnd.github+json"}, "Authorization": {"Bearer " + token},
			"X-Github-Api-Version": {githubVersion}}}
	if content != nil {
		if r.body, err = json.Marshal(content); err != nil {
			return err
		}
		r.header.Set("Content-Type", "application/json")
	}
	answer, err := out.do(ctx, r)
	if err != nil {
		return withHint(err)
	}
	if into == nil {
		return nil
	}
	if json.Unmarshal(bytes.TrimSpace(answer.body), into) != nil {
		f := answer.unlike()
		f.Unsure = method != http.MethodGet
		return f
	}
	return nil
}

// githubHints say what an answer of GitHub means here.
var githubHints = map[int]string{
	http.StatusUnauthorized:     "the token is wrong or has expired",
	http.StatusForbidden:        "the token needs Issues: read and write, and the repository must not be archived",
	http.StatusNotFound:         "there is no such repository, or the token has no access to it",
	http.StatusGone:             "issues are turned off in this repository",
	http.StatusMovedPermanently: "the repository has another name now",
}

// withHint adds what to do to a failure.
func withHint(err error) error {
	var f *Failure
	if errors.As(err, &f) && !f.Temporary && githubHints[f.Status] != "" {
		f.Detail = inventory.Textf("%s: %s", githubHints[f.Status], f.Detail)
	}
	return err
}

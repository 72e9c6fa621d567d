package receiver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// GitHub's limits, by its reference of issues and what it answers.
const (
	githubBody   = 65_536
	githubTitle  = 256
	githubPages  = 100
	githubLabels = 100
	githubToken  = "placeholder0of0the0installation0token"
	githubPath   = "/repos/acme/security"
)

// Repository is a repository on GitHub as a token sees it that may write its issues. Its fields are
// safe to use while no request is under way.
type Repository struct {
	Issues []*Issue
	// DropsLabels: the token may not make labels, so a new issue has none, without a word.
	DropsLabels bool
	// NoIssues: issues are turned off.
	NoIssues bool
	now      func() time.Time
}

// Issue is one of them.
type Issue struct {
	Number      int               `json:"number"`
	Title       string            `json:"title"`
	Body        string            `json:"body"`
	State       string            `json:"state"`
	Association string            `json:"author_association"`
	User        map[string]string `json:"user"`
	Labels      []Label           `json:"labels"`
	PullRequest map[string]string `json:"pull_request,omitempty"`
	Comments    []Comment         `json:"-"`
	Edits       int               `json:"-"`
}

// Label is one of an issue.
type Label struct {
	Name string `json:"name"`
}

// Comment is one below an issue.
type Comment struct {
	Body      string    `json:"body"`
	UpdatedAt time.Time `json:"updated_at"`
}

// NewRepository returns one without issues.
func NewRepository(now func() time.Time) *Repository { return &Repository{now: now} }

// Service is the API of the repository.
func (p *Repository) Service() Service {
	return Service{
		Name: "github-issue", URL: "https://api.github.com" + githubPath, Token: githubToken,
		Lie: &Answer{Status: http.StatusOK, Body: loginPage},
		Limited: func(wait time.Duration) Answer {
			return Answer{Status: http.StatusForbidden, Header: retryAfter(wait),
				Body: `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}`}
		},
		Answer: func(r *Request) Answer {
			switch {
			case r.Header.Get("Authorization") != "Bearer "+githubToken:
				return refusal(http.StatusUnauthorized, `{"message":"Bad credentials"}`)
			case r.Header.Get("X-GitHub-Api-Version") == "" || r.Header.Get("Accept") != "application/vnd.github+json":
				return refusal(http.StatusBadRequest, `{"message":"the version of the API is not named"}`)
			}
			return p.route(r)
		},
	}
}

var (
	issuePath   = regexp.MustCompile(`^` + githubPath + `/issues/(\d+)$`)
	commentPath = regexp.MustCompile(`^` + githubPath + `/issues/(\d+)/comments$`)
)

func (p *Repository) route(r *Request) Answer {
	path := r.URL.Path
	one, comments := issuePath.FindStringSubmatch(path), commentPath.FindStringSubmatch(path)
	switch {
	case path == githubPath && r.Method == http.MethodGet:
		return asJSON(http.StatusOK, map[string]bool{"has_issues": !p.NoIssues, "archived": false})
	case p.NoIssues:
		return refusal(http.StatusGone, `{"message":"Issues has been disabled in this repository."}`)
	case path == githubPath+"/issues" && r.Method == http.MethodGet:
		return p.list(r)
	case path == githubPath+"/issues" && isPost(r):
		return p.create(r)
	case one != nil && p.issue(one[1]) != nil && r.Method == http.MethodPatch:
		return p.update(r, p.issue(one[1]))
	case comments != nil && p.issue(comments[1]) != nil && r.Method == http.MethodGet:
		return p.listComments(r, p.issue(comments[1]))
	case comments != nil && p.issue(comments[1]) != nil && isPost(r):
		return p.comment(r, p.issue(comments[1]))
	}
	return refusal(http.StatusNotFound, `{"message":"Not Found"}`)
}

func (p *Repository) issue(number string) *Issue {
	for _, i := range p.Issues {
		if strconv.Itoa(i.Number) == number {
			return i
		}
	}
	return nil
}

func (p *Repository) list(r *Request) Answer {
	query := r.URL.Query()
	list := []*Issue{}
	for _, i := range p.Issues {
		has := query.Get("labels") == ""
		for _, label := range i.Labels {
			has = has || label.Name == query.Get("labels")
		}
		if !has || query.Get("state") != "all" && i.State != "open" {
			continue
		}
		if list = append(list, i); query.Get("direction") != "asc" {
			copy(list[1:], list[:len(list)-1])
			list[0] = i
		}
	}
	return asJSON(http.StatusOK, page(r, list))
}

func (p *Repository) create(r *Request) Answer {
	var asked struct {
		Title     string   `json:"title"`
		Body      string   `json:"body"`
		Labels    []string `json:"labels"`
		Assignees []string `json:"assignees"`
	}
	if err := strictly(r, &asked); err != nil {
		return refusal(http.StatusBadRequest, fmt.Sprintf(`{"message":%q}`, err))
	}
	var broken limits
	broken.length("title", asked.Title, githubTitle)
	broken.most("body", characters(asked.Body), githubBody)
	broken.most("labels", len(asked.Labels), githubLabels)
	if len(broken) > 0 {
		return invalid(broken)
	}
	created := &Issue{Number: len(p.Issues) + 1, Title: asked.Title, Body: asked.Body, State: "open", Association: "NONE",
		User: map[string]string{"login": "guestlist[bot]", "type": "Bot"}, Labels: []Label{}}
	if !p.DropsLabels {
		for _, name := range asked.Labels {
			created.Labels = append(created.Labels, Label{name})
		}
	}
	p.Issues = append(p.Issues, created)
	return taken(asJSON(http.StatusCreated, created))
}

func (p *Repository) update(r *Request, i *Issue) Answer {
	var asked struct {
		Body   *string `json:"body"`
		State  *string `json:"state"`
		Reason string  `json:"state_reason"`
	}
	if err := strictly(r, &asked); err != nil {
		return refusal(http.StatusBadRequest, fmt.Sprintf(`{"message":%q}`, err))
	}
	var broken limits
	if asked.Body != nil {
		broken.most("body", characters(*asked.Body), githubBody)
	}
	if asked.State != nil {
		broken.must(*asked.State == "open" || *asked.State == "closed", "state")
	}
	broken.must(asked.Reason == "" || asked.Reason == "completed" && asked.State != nil && *asked.State == "closed", "state_reason")
	if len(broken) > 0 {
		return invalid(broken)
	}
	if asked.Body != nil {
		i.Body = strings.ReplaceAll(*asked.Body, "\n", "\r\n") // as an edit in a browser leaves it
	}
	if asked.State != nil {
		i.State = *asked.State
	}
	i.Edits++
	return taken(asJSON(http.StatusOK, i))
}

func (p *Repository) listComments(r *Request, i *Issue) Answer {
	since, err := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
	if err != nil {
		return invalid(limits{"since"})
	}
	list := []Comment{}
	for _, c := range i.Comments {
		if !c.UpdatedAt.Before(since) {
			list = append(list, c)
		}
	}
	return asJSON(http.StatusOK, page(r, list))
}

func (p *Repository) comment(r *Request, i *Issue) Answer {
	var asked Comment
	var broken limits
	if err := strictly(r, &struct {
		Body *string `json:"body"`
	}{&asked.Body}); err != nil {
		return refusal(http.StatusBadRequest, fmt.Sprintf(`{"message":%q}`, err))
	}
	broken.length("body", asked.Body, githubBody)
	if len(broken) > 0 {
		return invalid(broken)
	}
	asked.UpdatedAt = p.now()
	i.Comments = append(i.Comments, asked)
	return taken(asJSON(http.StatusCreated, asked))
}

// page is the page of a list that a request asks for.
func page[T any](r *Request, list []T) []T {
	size, err := strconv.Atoi(r.URL.Query().Get("per_page"))
	if err != nil || size < 1 || size > githubPages {
		size = 30
	}
	number, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	start := min((number-1)*size, len(list))
	return list[start:min(start+size, len(list))]
}

func asJSON(status int, value any) Answer {
	text, err := json.Marshal(value)
	if err != nil {
		return refusal(http.StatusInternalServerError, err.Error())
	}
	return Answer{Status: status, Body: string(text)}
}

func taken(answer Answer) Answer {
	answer.Taken = true
	return answer
}

func invalid(broken limits) Answer {
	return refusal(http.StatusUnprocessableEntity, fmt.Sprintf(`{"message":"Validation Failed","errors":[%q]}`, strings.Join(broken, "; ")))
}

package receiver

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Opsgenie's limits in characters, by its reference of alerts.
const (
	opsgenieMessage     = 130
	opsgenieAlias       = 512
	opsgenieDescription = 15_000
	opsgenieTags        = 20
	opsgenieTag         = 50
	opsgenieDetails     = 8000
	opsgenieEntity      = 512
	opsgenieSource      = 100
	opsgenieNote        = 25_000
	opsgeniePath        = "/v2/alerts"
	opsgenieToken       = "placeholder-of-the-api-key"
)

// Opsgenie is an API integration of a team. An alert for an alias that is open, and an end for one
// that is not, change nothing that people see.
func Opsgenie() Service {
	open := map[string]bool{}
	return Service{
		Name:  "opsgenie",
		URL:   "https://api.opsgenie.com" + opsgeniePath,
		Token: opsgenieToken,
		Rate:  Rate{60, time.Minute},
		Lie:   &Answer{Status: http.StatusOK, Body: loginPage},
		Answer: func(r *Request) Answer {
			if r.Header.Get("Authorization") != "GenieKey "+opsgenieToken {
				return refusal(http.StatusUnauthorized, `{"message":"Could not authenticate"}`)
			}
			if r.Method == http.MethodGet && r.URL.Path == opsgeniePath {
				return Answer{Status: http.StatusOK, Body: `{"data":[]}`}
			}
			alias, opens, broken := opsgenieRequest(r)
			switch {
			case alias == "" && len(broken) == 0:
				return refusal(http.StatusNotFound, "")
			case len(broken) > 0:
				return refusal(http.StatusUnprocessableEntity, fmt.Sprintf(`{"message":%q}`, strings.Join(broken, "; ")))
			}
			known := open[alias] == opens
			open[alias] = opens
			return Answer{Status: http.StatusAccepted, Taken: true, Known: known,
				Body: `{"result":"Request will be processed","took":0.1,"requestId":"placeholder"}`}
		},
	}
}

// opsgenieRequest reads which alert a request opens or ends.
func opsgenieRequest(r *Request) (alias string, opens bool, broken limits) {
	if !isPost(r) {
		return "", false, nil
	}
	if r.URL.Path == opsgeniePath {
		var a opsgenieAlert
		if err := strictly(r, &a); err != nil {
			return "", false, limits{err.Error()}
		}
		return a.Alias, true, a.check()
	}
	rest, found := strings.CutPrefix(r.URL.EscapedPath(), opsgeniePath+"/")
	name, ends := strings.CutSuffix(rest, "/close")
	if !found || !ends || r.URL.Query().Get("identifierType") != "alias" || strings.Contains(name, "/") {
		return "", false, nil
	}
	var end struct {
		User   string `json:"user"`
		Source string `json:"source"`
		Note   string `json:"note"`
	}
	if err := strictly(r, &end); err != nil {
		return "", false, limits{err.Error()}
	}
	broken.most("note", characters(end.Note), opsgenieNote)
	broken.most("source", characters(end.Source), opsgenieSource)
	alias, err := url.PathUnescape(name)
	if err != nil {
		return "", false, limits{err.Error()}
	}
	return alias, false, broken
}

type opsgenieAlert struct {
	Message     string            `json:"message"`
	Alias       string            `json:"alias"`
	Description string            `json:"description"`
	Responders  []any             `json:"responders"`
	VisibleTo   []any             `json:"visibleTo"`
	Actions     []string          `json:"actions"`
	Tags        []string          `json:"tags"`
	Details     map[string]string `json:"details"`
	Entity      string            `json:"entity"`
	Source      string            `json:"source"`
	Priority    string            `json:"priority"`
	User        string            `json:"user"`
	Note        string            `json:"note"`
}

func (a *opsgenieAlert) check() (broken limits) {
	broken.length("message", a.Message, opsgenieMessage)
	broken.length("alias", a.Alias, opsgenieAlias)
	broken.most("description", characters(a.Description), opsgenieDescription)
	broken.most("entity", characters(a.Entity), opsgenieEntity)
	broken.most("source", characters(a.Source), opsgenieSource)
	broken.most("note", characters(a.Note), opsgenieNote)
	broken.most("tags", len(a.Tags), opsgenieTags)
	for _, tag := range a.Tags {
		broken.most("tag", characters(tag), opsgenieTag)
	}
	details := 0
	for name, value := range a.Details {
		details += characters(name) + characters(value)
	}
	broken.most("details", details, opsgenieDetails)
	broken.must(len(a.Priority) == 2 && a.Priority >= "P1" && a.Priority <= "P5", "priority: "+a.Priority)
	return broken
}

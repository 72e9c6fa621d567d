package googleworkspace

import (
	"cmp"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"guestlist/providers/googleworkspace/api"
	"guestlist/providers/internal/paging"
	"guestlist/scanner/inventory"
)

// activityPage is an answer of activities.list. One without kind and entries is not an empty log:
// its reader must say so and decide nothing from it.
type activityPage struct {
	api.Envelope
	Items api.List[activity] `json:"items"`
}

func (*activityPage) Promised() string { return api.KindActivities }

func (p *activityPage) Flaw() string {
	if p.Items.Null {
		return "null instead of log entries"
	}
	return ""
}

// proven reports whether the answer says that it is the log, by kind or by entries.
func (p *activityPage) proven() bool { return p.Kind != "" || p.Items.Said }

func (p *activityPage) page() *paging.Page[*activityPage] { return api.WholePage(p, &p.Items) }

// id identifies a page by its first and last entry: a log is too long to remember every entry.
func (p *activityPage) id() string {
	if len(p.Items.Entries) == 0 {
		return ""
	}
	first, last := &p.Items.Entries[0], &p.Items.Entries[len(p.Items.Entries)-1]
	return fmt.Sprintf("%s %s %s %s %d", first.ID.Time, first.ID.Qualifier, last.ID.Time, last.ID.Qualifier,
		len(p.Items.Entries))
}

type activity struct {
	ID struct {
		Time      string         `json:"time"`
		Qualifier jsontext.Value `json:"uniqueQualifier"`
	} `json:"id"`
	Actor struct {
		ProfileID string `json:"profileId"`
		Email     string `json:"email"`
		Agent     agent  `json:"agentAttributionInfo"`
	} `json:"actor"`
	IsAgentic bool                    `json:"isAgenticAction"`
	Events    api.List[activityEvent] `json:"events"`
}

// agent is an AI agent that acted for a person.
type agent struct {
	ID    string `json:"agentId"`
	Name  string `json:"agentName"`
	Owner string `json:"agentOwner"`
	Type  string `json:"agentType"`
}

type activityEvent struct {
	Name       string                      `json:"name"`
	Parameters api.List[activityParameter] `json:"parameters"`
}

type activityParameter struct {
	Name   string   `json:"name"`
	Value  string   `json:"value"`
	Values []string `json:"multiValue"`
}

// nobodysProfile is what Google writes in place of a profile ID that it does not disclose.
const nobodysProfile = "105250506097979753968"

// agentText names the AI agent that acted, and is empty where a person did.
func (a *activity) agentText() string {
	by := a.Actor.Agent
	name := cmp.Or(by.Name, by.ID)
	switch {
	case name == "" && (a.IsAgentic || by != agent{}):
		name = "an agent without a name"
	case name == "":
		return ""
	}
	if by.Type != "" {
		name += " (" + by.Type + ")"
	}
	if by.Owner != "" {
		name += ", owner " + by.Owner
	}
	return string(inventory.Clean(name, inventory.MaxNameBytes))
}

func activityTime(item *activity) time.Time { return api.ParseTime(item.ID.Time) }

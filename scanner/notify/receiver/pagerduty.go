package receiver

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// PagerDuty's limits, by its reference of the Events API v2.
const (
	pagerDutyBytes   = 512 << 10
	pagerDutySummary = 1024
	pagerDutyKey     = 255
	pagerDutyToken   = "placeholder0of0the0routing0key00"
)

// PagerDuty is an integration of the Events API v2. A trigger for an alert that is open, and a
// resolve for one that is not, change nothing.
func PagerDuty() Service {
	open := map[string]bool{}
	return Service{
		Name:  "pagerduty",
		URL:   "https://events.pagerduty.com/v2/enqueue",
		Token: pagerDutyToken,
		Rate:  Rate{120, time.Minute},
		Lie:   &Answer{Status: http.StatusOK, Body: loginPage},
		Answer: func(r *Request) Answer {
			var e pagerDutyEvent
			var broken limits
			switch err := strictly(r, &e); {
			case r.URL.Path != "/v2/enqueue" || !isPost(r):
				return refusal(http.StatusNotFound, "")
			case len(r.Body) > pagerDutyBytes:
				return refusal(http.StatusRequestEntityTooLarge, "")
			case err != nil:
				broken = limits{err.Error()}
			default:
				broken = e.check()
			}
			if len(broken) > 0 {
				return refusal(http.StatusBadRequest, fmt.Sprintf(
					`{"status":"invalid event","message":"Event object is invalid","errors":%q}`, strings.Join(broken, "; ")))
			}
			opens := e.Action == "trigger"
			known := open[e.Key] == opens
			open[e.Key] = opens
			return Answer{Status: http.StatusAccepted, Taken: true, Known: known,
				Body: fmt.Sprintf(`{"status":"success","message":"Event processed","dedup_key":%q}`, e.Key)}
		},
	}
}

type pagerDutyEvent struct {
	RoutingKey string `json:"routing_key"`
	Action     string `json:"event_action"`
	Key        string `json:"dedup_key"`
	Client     string `json:"client"`
	ClientURL  string `json:"client_url"`
	Payload    *struct {
		Summary   string         `json:"summary"`
		Source    string         `json:"source"`
		Severity  string         `json:"severity"`
		Timestamp time.Time      `json:"timestamp"`
		Component string         `json:"component"`
		Group     string         `json:"group"`
		Class     string         `json:"class"`
		Details   map[string]any `json:"custom_details"`
	} `json:"payload"`
	Links  []any `json:"links"`
	Images []any `json:"images"`
}

func (e *pagerDutyEvent) check() (broken limits) {
	broken.must(e.RoutingKey == pagerDutyToken, "'routing_key' is invalid (must be a valid routing key)")
	broken.most("dedup_key", len(e.Key), pagerDutyKey)
	switch e.Action {
	case "trigger":
		if e.Payload == nil {
			return append(broken, "'payload' is missing or blank")
		}
		broken.length("summary", e.Payload.Summary, pagerDutySummary)
		broken.must(e.Payload.Source != "", "'source' is missing or blank")
		broken.must(strings.Contains(" critical error warning info ", " "+e.Payload.Severity+" "), "'severity' is invalid")
	case "resolve", "acknowledge":
		broken.must(e.Key != "", "'dedup_key' is missing or blank")
	default:
		broken.must(false, "'event_action' is invalid")
	}
	return broken
}

package api

import (
	"bytes"
	"net/http"

	"golang.org/x/time/rate"

	"guestlist/providers/internal/httpx"
)

// pace is the rate limit of one service. It slows down when Google asks for it and recovers as
// calls go well.
type pace struct {
	limiter *rate.Limiter
	full    rate.Limit
	busy503 bool // a 503 is the service's limit
}

const (
	slowDown  = 0.7   // of the rate, at each limit answer
	slowest   = 0.1   // of the full rate
	recovered = 0.002 // of the full rate, regained by each good answer
)

func newPace(perMinute int) *pace {
	if perMinute <= 0 {
		return &pace{}
	}
	full := rate.Limit(float64(perMinute) / 60)
	return &pace{limiter: rate.NewLimiter(full, min(burst, perMinute)), full: full}
}

// Reasons for a 403 that go away when all callers slow down.
var passingLimits = [][]byte{
	[]byte(`"quotaExceeded"`), []byte(`"userRateLimitExceeded"`), []byte(`"rateLimitExceeded"`),
	[]byte(`"RATE_LIMIT_EXCEEDED"`),
}

// reasonLoad is the reason for a wait after a 503.
const reasonLoad = "pause for load"

// classify knows Google's ways to say "slow down": 429, 403 with a quota reason, and 503 from
// Reports. Elsewhere a 503 concerns only the request that got it, and the others go on.
func (p *pace) classify(answer *httpx.Answer) httpx.Verdict {
	verdict := httpx.Classify(answer)
	if verdict.Meaning == httpx.Accept && answer.Status == http.StatusForbidden {
		for _, reason := range passingLimits {
			if bytes.Contains(answer.Body, reason) {
				verdict = httpx.Verdict{Meaning: httpx.Limit, Until: httpx.RetryAfter(answer.Header, answer.Now),
					Reason: "rate limit"}
			}
		}
	}
	if answer.Status == http.StatusServiceUnavailable {
		verdict.Meaning = httpx.Retry
		if p.busy503 {
			verdict.Meaning, verdict.Reason = httpx.Limit, reasonLoad
		}
	}
	if verdict.Meaning != httpx.Limit {
		p.recover()
	}
	return verdict
}

// slow lowers the pace after a limit that applies to all callers.
func (p *pace) slow() {
	if p.limiter != nil {
		p.limiter.SetLimit(max(p.limiter.Limit()*slowDown, p.full*slowest))
	}
}

func (p *pace) recover() {
	if p.limiter != nil && p.limiter.Limit() < p.full {
		p.limiter.SetLimit(min(p.limiter.Limit()+p.full*recovered, p.full))
	}
}

package githubfake

import (
	"net/http"
	"strconv"
	"time"
)

// budget is one of GitHub's primary rate limits: n requests within the hour that starts with the
// first.
type budget struct {
	resource string
	limit    int
	used     int
	reset    time.Time
}

// spend takes one request from its budget, or refuses it. An unchanged page costs nothing; the fake
// only learns later that it answers 304, so a conditional request is not charged at all.
func (c *call) spend(route *route) error {
	c.fake.mu.Lock()
	defer c.fake.mu.Unlock()
	budget := c.fake.budgets["core"]
	if route.audit {
		budget = c.fake.budgets["audit_log"]
	}
	if budget.limit == 0 {
		return nil // GitHub Enterprise Server has its limits off, and then sends no headers
	}
	now := c.fake.options.Now()
	if !now.Before(budget.reset) {
		budget.used, budget.reset = 0, now.Add(time.Hour)
	}
	refused := budget.used >= budget.limit
	if !refused && c.request.Header.Get("If-None-Match") == "" {
		budget.used++
	}
	c.limitHeaders(budget.resource, budget.limit, budget.limit-budget.used, budget.reset)
	if refused {
		return &failure{status: http.StatusForbidden, message: "API rate limit exceeded for installation ID 1.",
			docs: "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}
	}
	return nil
}

func (c *call) limitHeaders(resource string, limit, remaining int, reset time.Time) {
	c.header.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	c.header.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
	c.header.Set("X-RateLimit-Used", strconv.Itoa(limit-remaining))
	c.header.Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	c.header.Set("X-RateLimit-Resource", resource)
}

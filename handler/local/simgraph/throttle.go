package simgraph

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// budget says which published limit an operation counts against. Units is its
// cost in the directory, before the query's discounts.
type budget struct {
	kind  budgetKind
	units int
}

type budgetKind uint8

const (
	free       budgetKind = iota // $batch: each part counts by itself
	directory                    // resource units, and writes
	teamPost                     // POST /teams
	teamPut                      // PUT /groups/{id}/team
	teamGet                      // GET /teams/{id}
	teamPatch                    // PATCH /teams/{id}
	teamPeople                   // GET /teams/{id}/members
	teamRead                     // every other GET of Teams
	teamWrite                    // every other request of Teams
	elsewhere                    // what Planner answers; its limits are not published
)

// perSecond is Teams' limit on the kind for one app in one tenant.
func (k budgetKind) perSecond() int {
	switch k {
	case teamPost:
		return 10
	case teamPut:
		return 6
	case teamPeople:
		return 60
	default:
		return 30
	}
}

// The limits on one team, and on the directory's writes (per 150 s).
const (
	oneTeam         = 4
	directoryWrites = 3000
)

// cost is the price in resource units: $select and a small $top make a request
// cheaper, nothing makes it free.
func (b budget) cost(r *http.Request) int {
	units := b.units
	query := r.URL.Query()
	if query.Has("$select") {
		units--
	}
	if top, err := strconv.Atoi(query.Get("$top")); err == nil && top < 20 {
		units--
	}
	return max(units, 1)
}

// limiter holds the token buckets. It is safe for concurrent use.
type limiter struct {
	units int // resource units in ten seconds, by the size of the tenant

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

func newLimiter(users int) *limiter {
	units := 8000
	switch {
	case users < 50:
		units = 3500
	case users <= 500:
		units = 5000
	}
	return &limiter{units: units, buckets: make(map[string]*rate.Limiter)}
}

// admit takes the request's cost from its buckets, or refuses.
func (l *limiter) admit(c *call, to route) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if to.budget.kind == directory {
		if err := l.take(c, "units", l.units, 10*time.Second, to.budget.cost(c.request), "ResourceUnitLimitExceeded"); err != nil || !to.write {
			return err
		}
		return l.take(c, "writes", directoryWrites, 150*time.Second, 1, "WriteLimitExceeded")
	}
	key := fmt.Sprint("teams ", to.budget.kind)
	if err := l.take(c, key, to.budget.kind.perSecond(), time.Second, 1, "ApplicationLimitExceeded"); err != nil || len(c.args) == 0 {
		return err
	}
	return l.take(c, "team "+fold(c.args[0]), oneTeam, time.Second, 1, "TeamLimitExceeded")
}

// take consumes from one bucket. A refused request counts too, up to one whole
// period of debt: hammering makes it longer, as with the real service.
func (l *limiter) take(c *call, key string, limit int, period time.Duration, cost int, information string) error {
	bucket := l.buckets[key]
	if bucket == nil {
		bucket = rate.NewLimiter(rate.Limit(float64(limit)/period.Seconds()), limit)
		l.buckets[key] = bucket
	}
	left := bucket.TokensAt(c.now)
	if left > -float64(limit) {
		bucket.ReserveN(c.now, cost)
	}
	if left >= float64(cost) {
		return nil
	}
	wait := (float64(cost) - left) / float64(bucket.Limit())
	scope := "Tenant_Application/ReadWrite/" + key
	return throttled(int(math.Ceil(wait)), scope, information)
}

// throttled is a 429. Seconds 0 leaves out the Retry-After, as the service
// sometimes does.
func throttled(seconds int, scope, information string) error {
	header := map[string]string{"x-ms-throttle-scope": scope, "x-ms-throttle-information": information}
	if seconds > 0 {
		header["Retry-After"] = strconv.Itoa(seconds)
	}
	return &refusal{
		status: http.StatusTooManyRequests, code: "TooManyRequests", header: header,
		message: "Too many requests. The request was throttled; wait before trying again.",
	}
}

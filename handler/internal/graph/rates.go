package graph

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"github.com/storeteams/storeteams/handler/internal/batch"
	"github.com/storeteams/storeteams/handler/internal/fault"
)

// Rates keeps one process's requests below Graph's published limits ("Microsoft
// Graph service-specific throttling limits": Teams, identity and access), and
// below one of our own where none is published: Planner's. Its methods are for
// outbound.Options; they are safe for concurrent use.
type Rates struct {
	share float64 // of the published limits, 1 = all

	createTeam  *rate.Limiter // POST /teams
	listMembers *rate.Limiter // GET /teams/{id}/members
	readTeam    *rate.Limiter // GET /teams/{id}
	otherRead   *rate.Limiter // any other GET of Teams
	otherWrite  *rate.Limiter // anything else of Teams

	units  *rate.Limiter // the directory's resource units
	writes *rate.Limiter // its writes, which cost a unit too

	planner *rate.Limiter // anything of Planner, also in a $batch

	mu    sync.Mutex
	teams map[string]*rate.Limiter // by team
}

// The published limits, per app and tenant, in requests or units a second.
// Resource units are those of the smallest class of tenant.
const (
	createTeamRate  = 10
	listMembersRate = 60
	readTeamRate    = 30
	otherReadRate   = 30
	otherWriteRate  = 30
	perTeamRate     = 4 // on any one team, whatever the request
	unitRate        = 3500.0 / 10
	writeRate       = 3000.0 / 150
)

// plannerRate is what Planner gets unless SetPlanner says otherwise.
const plannerRate = 20

// batchUnits is what a full $batch of Groups costs: per group 1 for itself, 2
// for its members and 1 for its owners. Inside a $batch every request counts.
const batchUnits = groupsPerBatch * 4

// teamsKept bounds how many teams have a limiter of their own at a time. Idle
// ones, which are as good as new, are dropped when there are more.
const teamsKept = 1024

// NewRates returns rates of percent of the published limits: several processes
// share them. Less than 1 counts as 1.
func NewRates(percent int) *Rates {
	share := float64(max(percent, 1)) / 100
	each := func(perSecond float64) *rate.Limiter { return rate.NewLimiter(rate.Limit(perSecond*share), 1) }
	return &Rates{
		share:       share,
		createTeam:  each(createTeamRate),
		listMembers: each(listMembersRate),
		readTeam:    each(readTeamRate),
		otherRead:   each(otherReadRate),
		otherWrite:  each(otherWriteRate),
		// These two are published over 10 s and over 150 s: a second's worth may
		// go at once, and any single request must be able to go at all.
		units:  rate.NewLimiter(rate.Limit(unitRate*share), max(batchUnits, int(unitRate*share))),
		writes: rate.NewLimiter(rate.Limit(writeRate*share), max(1, int(writeRate*share))),
		teams:  map[string]*rate.Limiter{},

		planner: rate.NewLimiter(plannerRate, batch.Limit),
	}
}

// SetPlanner sets how many requests Planner gets a second, those in a $batch
// counted one by one; a full batch may go at once. Planner's limits are not
// published, so that there is nothing to have a share of. What is not above 0
// leaves it as it is.
func (r *Rates) SetPlanner(perSecond float64) {
	if perSecond > 0 {
		r.planner.SetLimit(rate.Limit(perSecond))
	}
}

// Label names a request's class: its method and path with the ids taken out,
// such as "POST /teams/{id}/members/add".
func (r *Rates) Label(req *http.Request) string { return routeOf(req).label() }

// Admit waits until the request may leave. It returns the request's context's
// end, and at once if that is known to come first.
func (r *Rates) Admit(req *http.Request) error {
	rt := routeOf(req)
	var err error
	items := 0
	if rt.is("$batch") {
		items = plannerItems(req)
	}
	switch {
	case items > 0:
		err = r.planner.WaitN(req.Context(), items)
	case rt.isPlanner():
		err = r.planner.Wait(req.Context())
	case rt.isTeams():
		err = r.admitToTeams(req.Context(), rt)
	case rt.isDirectory():
		err = r.admitToDirectory(req, rt)
	}
	if err == nil {
		return nil
	}
	kind := fault.Unavailable
	if errors.Is(req.Context().Err(), context.Canceled) {
		kind = fault.Canceled
	}
	return fault.New(kind, "graph: wait for our own rate", err)
}

func (r *Rates) admitToTeams(ctx context.Context, rt route) error {
	if rt.id != "" {
		if err := r.team(rt.id).Wait(ctx); err != nil {
			return err
		}
	}
	return r.class(rt).Wait(ctx)
}

func (r *Rates) class(rt route) *rate.Limiter {
	read := rt.method == http.MethodGet
	switch {
	case rt.method == http.MethodPost && rt.is("teams"):
		return r.createTeam
	case read && rt.is("teams/{id}/members"):
		return r.listMembers
	case read && rt.is("teams/{id}"):
		return r.readTeam
	case read:
		return r.otherRead
	}
	return r.otherWrite
}

// team returns the limiter of one team.
func (r *Rates) team(id string) *rate.Limiter {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.teams[id]; ok {
		return known
	}
	if len(r.teams) >= teamsKept {
		for other, limiter := range r.teams {
			if limiter.Tokens() >= 1 {
				delete(r.teams, other)
			}
		}
	}
	limiter := rate.NewLimiter(rate.Limit(perTeamRate*r.share), 1)
	r.teams[id] = limiter
	return limiter
}

func (r *Rates) admitToDirectory(req *http.Request, rt route) error {
	if rt.method != http.MethodGet && !rt.is("$batch") {
		if err := r.writes.Wait(req.Context()); err != nil {
			return err
		}
	}
	return r.units.WaitN(req.Context(), units(req, rt))
}

// plannerItems counts what of a $batch is Planner's. Ours are all of it or none
// of it; one whose body cannot be read counts as the directory's.
func plannerItems(req *http.Request) int {
	if req.GetBody == nil {
		return 0
	}
	body, err := req.GetBody()
	if err != nil {
		return 0
	}
	var asked struct {
		Requests []struct {
			Method string `json:"method"`
			URL    string `json:"url"`
		} `json:"requests"`
	}
	err = json.NewDecoder(body).Decode(&asked)
	// azcore's body is the one that is about to be sent, wound back; so wind it
	// back once more.
	if again, wound := req.GetBody(); wound == nil {
		req.Body = again
	}
	if err != nil {
		return 0
	}
	items := 0
	for _, item := range asked.Requests {
		if path, _, _ := strings.Cut(item.URL, "?"); routeTo(item.Method, path).isPlanner() {
			items++
		}
	}
	return min(items, batch.Limit)
}

// units is a request's cost: the published one of its kind, less 1 for $select
// and for a $top under 20, more by 1 for $expand, never under 1.
func units(req *http.Request, rt route) int {
	switch {
	case rt.is("$batch"):
		return batchUnits
	case rt.method != http.MethodGet:
		return 1
	}
	cost := 1
	switch {
	case rt.is("groups/{id}/members"), rt.is("subscribedSkus"):
		cost = 3
	case rt.parts[0] == "users" && (len(rt.parts) == 1 || rt.is("users/delta")):
		cost = 2
	}
	query := req.URL.Query()
	if query.Has("$select") {
		cost--
	}
	if query.Has("$expand") {
		cost++
	}
	if top, err := strconv.Atoi(strings.TrimSpace(query.Get("$top"))); err == nil && top < 20 {
		cost--
	}
	return max(cost, 1)
}

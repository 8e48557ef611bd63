package plan

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// How package graph and the engine carry changes out. A test of package orgsync
// holds these against the calls of real runs.
const (
	addsPerCall    = 200 // people of one members/add
	removesPerCall = 20  // people of one members/remove
	teamsAtOnce    = 256 // teams under way at a time
)

// The requests that changes take, named as run records name them.
const (
	findGroup     = "GET /groups(uniqueName)"
	makeGroup     = "PATCH /groups(uniqueName)"
	addGroupOwner = "POST /groups/{id}/owners/$ref"
	renameGroup   = "PATCH /groups/{id}"
	restoreGroup  = "POST /directory/deletedItems/{id}/restore"
	makeTeam      = "POST /teams"
	pollOperation = "GET /teams/{id}/operations/{id}"
	listMembers   = "GET /teams/{id}/members"
	addMembers    = "POST /teams/{id}/members/add"
	removeMembers = "POST /teams/{id}/members/remove"
	changeMember  = "PATCH /teams/{id}/members/{id}"
	archiveTeam   = "POST /teams/{id}/archive"
	unarchiveTeam = "POST /teams/{id}/unarchive"
)

// Rates are how fast Graph is asked, in requests (or resource units) a second:
// the published limits at GRAPH_RATE_PERCENT. One that is not above 0 does not
// limit.
type Rates struct {
	CreateTeam  float64 // POST /teams
	ListMembers float64 // GET /teams/{id}/members
	OtherRead   float64 // any other GET of Teams
	OtherWrite  float64 // any other write of Teams
	PerTeam     float64 // on any one team
	Units       float64 // the directory's resource units; each request of a plan costs one
	Writes      float64 // the directory's writes

	Poll time.Duration // TEAM_POLL_INTERVAL: how long Microsoft is waited for before asking
}

// Cost is what carrying a plan out takes, at least. It leaves out
//
//   - reading: Commerce, the delta feeds, groups read whole, the daily
//     verification, which every run does with or without changes;
//   - what goes wrong: retries, Graph's own throttling, groups too young to get
//     a team, operations that are not done when first asked about, people whom
//     an answer does not confirm;
//   - members lists of more than a page, and bulk calls that carry fewer people
//     because somebody is waited for;
//   - the time between runs, where the plan takes longer than RUN_BUDGET;
//   - what held changes would take.
//
// A creation that was under way already takes less.
type Cost struct {
	Calls   map[string]int `json:"calls"`   // Graph requests by class, e.g. "POST /teams"
	Total   int            `json:"total"`   // of them
	Seconds int            `json:"seconds"` // the least time they take
}

// Cost estimates what carrying the plan out takes. One that is held as a whole
// costs nothing.
func (p Plan) Cost(rates Rates) Cost {
	e := estimate{calls: map[string]int{}, rates: rates}
	if p.Hold == "" {
		for _, changes := range p.ByTeam() {
			e.team(changes)
		}
	}
	cost := Cost{Calls: e.calls, Seconds: int(math.Ceil(e.time().Seconds()))}
	for _, n := range e.calls {
		cost.Total += n
	}
	return cost
}

// String says the cost in words: "about 6,576 Graph calls, about 4 minutes".
func (c Cost) String() string {
	switch c.Total {
	case 0:
		return "no Graph calls"
	case 1:
		return "about 1 Graph call, " + about(c.Seconds)
	}
	return fmt.Sprintf("about %s Graph calls, %s", thousands(c.Total), about(c.Seconds))
}

// about rounds a time to what people say.
func about(seconds int) string {
	const minute, hour = 60, 3600
	switch {
	case seconds <= 1:
		return "about a second"
	case seconds < 100:
		return "about " + number(seconds, "second")
	case seconds < 100*minute:
		return "about " + number((seconds+minute/2)/minute, "minute")
	}
	return "about " + number((seconds+hour/2)/hour, "hour")
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// estimate adds up what the teams of a plan take.
type estimate struct {
	rates   Rates
	calls   map[string]int
	waits   int           // times that Microsoft is waited for
	slowest time.Duration // that any one team takes
}

// team adds one team's changes.
func (e *estimate) team(changes []Change) {
	count := map[Kind]int{}
	named := 0
	for _, c := range changes {
		count[c.Kind]++
		if c.Kind == MakeTeam && !c.User.IsZero() {
			named++
		}
	}
	adds, removes := calls(count[AddOwner]+count[AddMember], addsPerCall), calls(count[Remove], removesPerCall)
	moves, made, archived := count[Promote]+count[Demote], count[CreateTeam]+count[MakeTeam], count[Archive]+count[Unarchive]

	e.add(findGroup, count[CreateTeam])
	e.add(makeGroup, count[CreateTeam])
	e.add(addGroupOwner, named)
	e.add(renameGroup, count[Rename])
	e.add(restoreGroup, count[RestoreTeam])
	e.add(makeTeam, made)
	e.add(pollOperation, made+archived)
	e.add(listMembers, moves+min(removes, 1))
	e.add(addMembers, adds)
	e.add(removeMembers, removes)
	e.add(changeMember, moves)
	e.add(archiveTeam, count[Archive])
	e.add(unarchiveTeam, count[Unarchive])

	waits := made + archived
	e.waits += waits
	ofTeam := waits + moves*2 + min(removes, 1) + adds + removes + archived // requests that name the team
	e.slowest = max(e.slowest, at(e.rates.PerTeam, ofTeam)+time.Duration(waits)*e.rates.Poll)
}

func (e *estimate) add(class string, n int) {
	if n > 0 {
		e.calls[class] += n
	}
}

// calls is how many calls so many people take.
func calls(people, perCall int) int { return (people + perCall - 1) / perCall }

// at is how long requests take at a rate.
func at(perSecond float64, requests int) time.Duration {
	if perSecond <= 0 {
		return 0
	}
	return time.Duration(float64(requests) / perSecond * float64(time.Second))
}

// time is the least that all of it takes: as long as the busiest rate, or as
// waiting for Microsoft so many teams at a time. The last team waits once more.
func (e *estimate) time() time.Duration {
	n, r := e.calls, e.rates
	writes := n[makeGroup] + n[addGroupOwner] + n[renameGroup] + n[restoreGroup]
	busiest := max(
		at(r.CreateTeam, n[makeTeam]),
		at(r.ListMembers, n[listMembers]),
		at(r.OtherRead, n[pollOperation]),
		at(r.OtherWrite, n[addMembers]+n[removeMembers]+n[changeMember]+n[archiveTeam]+n[unarchiveTeam]),
		at(r.Writes, writes),
		at(r.Units, writes+n[findGroup]),
	)
	if e.waits > 0 {
		before := time.Duration((e.waits-1)/teamsAtOnce) * r.Poll
		busiest = max(busiest, before) + r.Poll
	}
	return max(busiest, e.slowest)
}

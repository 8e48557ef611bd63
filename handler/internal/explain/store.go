package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// shop is the store that a question is about.
type shop struct {
	key    org.TeamKey
	name   string // "store 000101"
	rows   org.StoreRows
	listed bool // RetailStores has it
	team   *org.Team
	found  plan.Found
	exists bool
}

// Store explains what becomes of a store and its team, and who belongs to it.
// Events are those about its team, oldest first. It is a fault.NotFound if
// nothing knows the number, whose case does not matter.
func Store(s *orgsync.Survey, store org.StoreNumber, events []ledger.Event) (Explanation, error) {
	const op = "explain: store"
	store = org.StoreNumber(strings.TrimSpace(string(store)))
	if store == "" {
		return Explanation{}, fault.Newf(fault.Invalid, op, "no store number is given")
	}
	q := newInquiry(s, events)
	key, known := q.storeKey(store)
	if !known {
		return Explanation{}, fault.Newf(fault.NotFound, op,
			"nothing knows a store %s: RetailStores, IntegrationSourceMappings and CLOSED_STORES do not name it in the reading of %s, no team of it is known, and nothing was done about it",
			store, moment(s.Snapshot.ReadAt))
	}
	h := &shop{key: key, name: key.String(), team: q.team(key)}
	h.rows, h.listed = q.rows.Store(key.Store)
	h.found, h.exists = s.Found[key]
	return Explanation{Subject: h.name, Verdict: q.storeVerdict(h), Steps: []Step{
		q.storeReading(h), q.storeCommerce(h), q.storePlace(h), q.storeRoster(h), q.storeName(h),
		q.storeTenant(h), q.storeNext(h), q.storeHistory(h),
	}}, nil
}

// storeVerdict answers in one or two sentences.
func (q *inquiry) storeVerdict(h *shop) string {
	name := capital(h.name)
	switch {
	case h.rows.Presence == org.OutOfScope:
		return fmt.Sprintf("%s is out of SCOPE: %s.", name, q.letGo(h))
	case h.rows.Presence != org.InScope:
		return fmt.Sprintf("%s. %s.", capital(q.presenceText(h.key, h.rows.Presence)), q.closingText(h))
	case q.survey.Plan.Hold != "":
		return fmt.Sprintf("%s is in scope, but all changes are held, because %s.", name, q.survey.Plan.Hold)
	}
	st := standing{key: h.key}
	q.ahead(&st)
	for _, s := range st.barred {
		if s.state == held || !h.exists || !h.found.HasTeam || s.Rail == plan.RailNotOurs && !h.found.Archived {
			return fmt.Sprintf("%s: %s.", name, strings.TrimSuffix(q.barred(&st), "."))
		}
	}
	return fmt.Sprintf("%s %s.%s", name, q.teamVerdict(h, &st), q.peopleVerdict(h))
}

func (q *inquiry) letGo(h *shop) string {
	if h.exists {
		return "its team is let go as it is"
	}
	return "it gets no team"
}

// closingText says what becomes of the team of a store that is not shown.
func (q *inquiry) closingText(h *shop) string {
	link := q.survey.Links[h.key]
	switch closing := q.survey.Closings[h.key]; {
	case link == nil:
		return "It has no team of storeteams"
	case !link.Archived.IsZero():
		return "Its team was archived on " + moment(link.Archived)
	case !closing.Closed.IsZero():
		return fmt.Sprintf("It counts as closed since %s: only who left the company goes from its team, which is archived after %s",
			moment(closing.Closed), moment(closing.Closed.Add(q.survey.Settings.ArchiveAfter)))
	}
	return "Its team is left as it is until another complete reading says the same; only who left the company goes"
}

// teamVerdict says how the team is, and what the next run does to it.
func (q *inquiry) teamVerdict(h *shop, st *standing) string {
	changes := q.changes(h.key)
	does, slowed := q.pace(changes...)
	if q.changesNothing() {
		does, slowed = "by MODE=plan nothing is done, but a run", ""
	}
	switch {
	case len(st.making) > 0:
		return fmt.Sprintf("has no team that works yet: %s would do this first: %s%s%s", does, st.making[0], q.makingFailure(h.key), slowed)
	case len(changes) > 0:
		return fmt.Sprintf("has its team, and %s would make %s: %s%s", does, number(len(changes), "change"), countsText(changes), slowed)
	}
	return "has its team as Commerce wants it, as far as anything may be changed now: " + q.sizeText(h)
}

func countsText(changes []plan.Change) string {
	counts := plan.Plan{Changes: changes}.Counts()
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, counts[kind]))
	}
	return strings.Join(parts, ", ")
}

func (q *inquiry) sizeText(h *shop) string {
	owners := 0
	for _, p := range h.found.People {
		if p.Role == org.Owner {
			owners++
		}
	}
	return fmt.Sprintf("%s, %s", number(owners, "owner"), number(len(h.found.People)-owners, "member"))
}

// peopleVerdict says what about the people somebody should look at.
func (q *inquiry) peopleVerdict(h *shop) string {
	var parts []string
	if n := len(q.unmapped(h.key)); n > 0 {
		parts = append(parts, number(n, "worker")+" cannot be added though they belong there")
	}
	if h.team != nil && h.team.Caretaker {
		parts = append(parts, "a caretaker owns it, as the store has no manager")
	}
	stopped := map[string]int{}
	for _, s := range q.stops(h.key) {
		stopped[s.state] += len(s.Changes)
	}
	for _, state := range []string{held, later, leftAlone} {
		if n := stopped[state]; n > 0 {
			parts = append(parts, state+": "+number(n, "change"))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " " + capital(strings.Join(parts, "; ")) + "."
}

// unmapped are the workers who belong to a team and cannot be added.
func (q *inquiry) unmapped(key org.TeamKey) []org.Unmapped {
	var unmapped []org.Unmapped
	for _, u := range q.survey.Roster.Unmapped {
		if slices.Contains(u.Teams, key) {
			unmapped = append(unmapped, u)
		}
	}
	return unmapped
}

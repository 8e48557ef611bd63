package orgsync_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// leave ends all lies. People mend what only they can, the servers have the feeds
// read anew, and three days later the tenant is as Commerce wants it.
func (a *adversary) leave() {
	a.gone, a.lies, a.left = true, nil, time.Now().Add(-time.Second)
	for _, feed := range []string{"GET /groups/delta", "GET /users/delta"} {
		a.tenant.Inject(simgraph.Fault{Route: feed, Times: 1, Do: simgraph.Refuse(410, "syncStateNotFound", 0)})
	}
	for group := range a.judge.teams {
		_ = a.tenant.RestoreGroup(group) // deleted by nobody, mostly
	}
	for _, team := range a.tenant.Teams() {
		if team.Archived {
			_ = a.tenant.Archive(team.ID, false) // it may be ours to do
		}
	}
	for tries, end := 0, time.Now().Add(3*day); time.Now().Before(end) && !a.t.Failed(); tries++ {
		a.runs(1)
		a.judge.look()
		a.decide()
		a.toNextTick(2 + 2*min(tries, 14)) // what is still to be done then waits for time to pass
	}
	if !a.t.Failed() {
		a.compare()
	}
}

// decide is the operator's part: the smaller source is right, and what is held
// may happen, but for a new team.
func (a *adversary) decide() {
	s := a.syncer(a.t)
	if record, err := s.LastRun(a.t.Context()); err == nil && record.Short != "" && record.SnapshotAt.After(a.left) {
		_, err := s.AcceptBaseline(a.t.Context(), record.SnapshotAt)
		must(a.t, err)
		a.judge.accept()
	}
	holds, err := s.Holds(a.t.Context())
	must(a.t, err)
	for _, hold := range holds {
		if hold.Rail == plan.RailNewTeam || hold.Decision != "waiting" {
			continue
		}
		for group, key := range a.judge.teams {
			for _, change := range hold.Changes {
				if key == hold.Team {
					a.judge.allowed[placement{group, change.User.String()}] = true
				}
			}
		}
		_, err := s.Decide(a.t.Context(), hold.Hash, true)
		must(a.t, err)
	}
}

// accept makes the last reading the one that later ones are compared with.
func (j *judge) accept() {
	j.mu.Lock()
	defer j.mu.Unlock()
	last := j.readings[len(j.readings)-1]
	last.short, last.maybe = false, false
	j.baselines = append(j.baselines, last.rows)
}

// compare holds the tenant against what Commerce wants.
func (a *adversary) compare() {
	users := a.judge.shownUsers()
	e := naive.Expect(naive.World{Commerce: a.world.Commerce, Users: users, Groups: markers(a.settings.Instance, a.judge.storeNumbers())}, a.settings, time.Now())
	if e.Held {
		return // rightly so: nothing says what the teams are to be
	}
	gone := map[string]bool{}
	for _, u := range a.everybody {
		gone[u["id"].(string)] = true
	}
	for _, u := range users {
		gone[u["id"].(string)] = u["accountEnabled"] != true
	}
	record, err := a.syncer(a.t).LastRun(a.t.Context())
	must(a.t, err)
	// What cannot be read may be about anybody, and random worlds are full of what
	// is taken for neither yes nor no: there people may stay.
	a.unread = a.random || record.BadRows > 0
	var wrong []string
	for _, team := range a.tenant.Teams() {
		key, ours := a.judge.teams[team.ID]
		if !ours {
			continue
		}
		want := e.Communications
		if key.IsStore() {
			want = e.Stores[string(key.Store)]
		}
		for _, fault := range a.faults(team, want, gone) {
			wrong = append(wrong, fmt.Sprintf("%s: %s", key, fault))
		}
	}
	if len(wrong) > 0 {
		a.judge.accuse("three days later:\n%s\nplan:\n%s\nnotes: %+v", strings.Join(wrong, "\n"), record.Plan, record.Notes)
	}
}

// faults says what is wrong with a team.
func (a *adversary) faults(team simgraph.TeamState, want naive.Team, gone map[string]bool) []string {
	wanted := want.Marker != "" && want.Skipped == ""
	faults := a.tooMuch(team, want, wanted, gone)
	if !wanted {
		return faults
	}
	for _, user := range slices.Concat(want.Owners, want.Members) {
		if !slices.Contains(team.Owners, user) && !slices.Contains(team.Members, user) {
			faults = append(faults, user+" is not in")
		}
	}
	for _, user := range want.Owners {
		if !slices.Contains(team.Owners, user) {
			faults = append(faults, user+" is no owner")
		}
	}
	if team.Archived {
		faults = append(faults, "it is archived")
	}
	return faults
}

// tooMuch says who is in a team, or owns it, and should not. Who is protected may,
// and a last owner, and whom somebody put there by hand.
func (a *adversary) tooMuch(team simgraph.TeamState, want naive.Team, wanted bool, gone map[string]bool) (faults []string) {
	for _, user := range slices.Concat(team.Owners, team.Members) {
		last := slices.Equal(team.Owners, []string{user})
		role, managed := a.managedAs(team.ID, user)
		switch {
		case slices.Contains(a.protected, user), last, !managed, a.extras[placement{team.ID, user}]:
		case gone[user]:
			faults = append(faults, user+" left the company and is still in")
		case a.unread, !wanted:
		case has(want, user, org.Member):
			if role == org.Owner && slices.Contains(want.Members, user) && slices.Contains(team.Owners, user) {
				faults = append(faults, user+" is still an owner")
			}
		case !a.believedIn(team.ID, user, want):
			faults = append(faults, user+" is still in")
		}
	}
	return faults
}

// believedIn reports whether somebody belongs to a team but for their account, or
// for the account that their worker has now and that cannot come.
func (a *adversary) believedIn(group, user string, want naive.Team) bool {
	j := a.judge
	j.mu.Lock()
	defer j.mu.Unlock()
	last := j.readings[len(j.readings)-1]
	w := j.wanted(last, time.Now())
	team, _ := w.of(w.believed, j.teams[group])
	if has(team, user, org.Member) {
		return true
	}
	workers := j.workersOf(user)
	return slices.ContainsFunc(last.rowsIn("RetailStaff"), func(row map[string]any) bool {
		other := cellText(row, "ExternalSubIdentifier")
		return workers[cellText(row, "PersonnelNumber")] && has(team, other, org.Member) && !has(want, other, org.Member)
	})
}

// managedAs says as what somebody is managed in a team. Who was put there for a
// lie that did not last until they were seen there is an extra from then on.
func (a *adversary) managedAs(group, user string) (org.Role, bool) {
	m, managed := a.link(a.t, a.judge.teams[group]).Managed.Of(userID(a.t, user))
	return m.Role, managed
}

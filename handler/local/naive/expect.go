package naive

import (
	"slices"
	"strings"
	"time"
)

// Expect works out which teams the rules want, and who in them, at that time.
func Expect(w World, s Settings, now time.Time) Expectation {
	f := gather(w, s, now)
	e := Expectation{Stores: map[string]Team{}, Unmapped: map[string]string{}}
	stores := slices.DeleteFunc(slices.Clone(f.shops), func(st store) bool { return !f.inScope(st) })
	// With no store in scope nothing is done, not even the communications team.
	if len(stores) == 0 {
		e.Communications = f.communicationsTeam(nil)
		e.Communications.Skipped = NoStore
		return e
	}
	unmanaged := 0
	taken := map[string]int{}
	for _, st := range stores {
		people := f.accounts(f.wanted(st), e.Unmapped)
		if !hasOwner(people) {
			// A store without a manager still gets its team: a caretaker is its
			// only owner.
			unmanaged++
			if u, found := f.caretaker(st, taken); found {
				taken[u.id]++
				people[u.id] = true
			}
		}
		e.Stores[st.number] = f.storeTeam(st, people)
	}
	e.Communications = f.communicationsTeam(f.communicationsPeople(e.Unmapped))
	// More than 20 % of the stores in scope without a manager hold the run.
	e.Held = unmanaged*100 > len(stores)*20
	return e
}

// accounts turns workers into accounts: who has none that may be added is
// unmapped; two workers with one account are one person with the stronger role;
// guests are members at most.
func (f *facts) accounts(workers map[string]bool, unmapped map[string]string) map[string]bool {
	people := map[string]bool{}
	for _, worker := range sortedKeys(workers) {
		u, cause := f.account(worker)
		if cause != "" {
			unmapped[worker] = cause
			continue
		}
		people[u.id] = people[u.id] || workers[worker] && !u.guest
	}
	return people
}

// hasOwner reports whether anybody is an owner.
func hasOwner(people map[string]bool) bool {
	for _, owner := range people {
		if owner {
			return true
		}
	}
	return false
}

// storeTeam is the team of a store with these people. A store with a group
// already keeps that: renamed if it carries our marker, with its own name if it
// is adopted.
func (f *facts) storeTeam(st store, people map[string]bool) Team {
	t := Team{Name: f.teamName(st), Marker: StoreMarker(f.set.Instance, st.number)}
	g, adopted, skipped := f.existing(st)
	if skipped != "" {
		t.Skipped = skipped
		return t
	}
	if !hasOwner(people) && len(g.owners) == 0 {
		t.Skipped = NoOwner
		return t
	}
	t.Group = g.id
	// An adopted team keeps its name, and so does one whose store's name Commerce
	// does not tell any more.
	if adopted || g.id != "" && strings.TrimSpace(f.unitOf(st).text["Name"]) == "" {
		t.Name = g.name
	}
	t.Owners, t.Members = split(people)
	return t
}

// communicationsTeam is the communications team with these people.
func (f *facts) communicationsTeam(people map[string]bool) Team {
	t := Team{Name: strings.TrimSpace(f.set.CommunicationsTeamName), Marker: CommunicationsMarker(f.set.Instance)}
	g, _ := f.marked(t.Marker)
	if !hasOwner(people) && len(g.owners) == 0 {
		t.Skipped = NoOwner
		return t
	}
	t.Group = g.id
	t.Owners, t.Members = split(people)
	return t
}

// split sorts people into owners and members.
func split(people map[string]bool) (owners, members []string) {
	for _, id := range sortedKeys(people) {
		if people[id] {
			owners = append(owners, id)
		} else {
			members = append(members, id)
		}
	}
	return owners, members
}

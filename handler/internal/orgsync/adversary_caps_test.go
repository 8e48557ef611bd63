package orgsync_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// capWindow is the 24 hours of the caps, less what a run may take from passing
// them to the last of its writes.
const capWindow = 24*time.Hour - 45*time.Minute

// size is how many people were in each of our teams at a time.
type size struct {
	at    time.Time
	teams map[string]int
}

// look takes in the state of the tenant between two runs.
func (j *judge) look() {
	links, err := j.book().Links(j.t.Context())
	must(j.t, err)
	j.mu.Lock()
	defer j.mu.Unlock()
	for key, link := range links {
		if _, known := j.teams[string(link.Group)]; !known {
			j.teams[string(link.Group)] = key
			for _, r := range slices.Concat(j.readings, j.views) {
				clear(r.wants) // they knew fewer teams
			}
		}
	}
	s := size{at: time.Now(), teams: map[string]int{}}
	for _, team := range j.tenant.Teams() {
		if _, ours := j.teams[team.ID]; ours {
			s.teams[team.ID] = len(team.Owners) + len(team.Members)
		}
	}
	j.sizes = append(j.sizes, s)
	j.checkTeams(j.tenant.Teams())
}

// checkTeams looks for a second team of a store.
func (j *judge) checkTeams(teams []simgraph.TeamState) {
	of := map[string][]string{}
	for group, key := range j.teams {
		marker := naive.CommunicationsMarker(j.settings.Instance)
		if key.IsStore() {
			marker = naive.StoreMarker(j.settings.Instance, string(key.Store))
		}
		of[marker] = append(of[marker], group)
	}
	for _, team := range teams {
		if groups, known := of[team.UniqueName]; known && !slices.Contains(groups, team.ID) {
			of[team.UniqueName] = append(groups, team.ID)
		}
	}
	for marker, groups := range of {
		if len(groups) > 1 {
			j.accuse("%s has the groups %v", marker, groups)
		}
	}
}

// checkCaps counts what was taken in the last 24 hours.
func (j *judge) checkCaps(last taking) {
	count := func(stated bool, group string) int {
		n := 0
		for _, t := range j.takings {
			sure := t.stated != t.absent && t.stated == stated // what rests on both counts for neither
			if sure && t.at.After(last.at.Add(-capWindow)) && (group == "" || t.group == group) && !j.allowed[t.placement] {
				n++
			}
		}
		return n
	}
	most, gone := j.base("")
	all := most + gone
	most, gone = j.base(last.group)
	base := most + gone
	for _, stated := range []bool{false, true} {
		factor, basis := 1, "rows are gone"
		if stated {
			factor, basis = 5, "rows say so"
		}
		limit := min(j.limits.Removals, max(1, all*j.limits.RemovalPercent/100)) * factor
		if n := count(stated, ""); n > limit {
			j.accuse("within 24 hours %d were taken out because %s, and the limit for all teams is %d", n, basis, limit)
		}
		limit = max(1, base*j.limits.TeamPercent/100) * factor
		if most < 5 || !j.honestList {
			continue // a team that is, or seems to be, small has no cap of its own
		}
		if n := count(stated, last.group); n > limit {
			j.accuse("within 24 hours %d of about %d were taken out of %s because %s, and the limit is %d", n, base, j.teams[last.group], basis, limit)
		}
	}
}

// base is how many people were there at most in the last day, and how many were
// taken out in it: of one group, or of all. Those may be among the first.
func (j *judge) base(group string) (most, gone int) {
	now := time.Now()
	for _, s := range j.sizes {
		if now.Sub(s.at) > 25*time.Hour {
			continue
		}
		n := s.teams[group]
		if group == "" {
			for _, people := range s.teams {
				n += people
			}
		}
		most = max(most, n)
	}
	out := map[placement]bool{}
	for _, t := range j.takings {
		if !t.demoted && now.Sub(t.at) <= 25*time.Hour && (group == "" || t.group == group) {
			out[t.placement] = true
		}
	}
	return most, len(out)
}

// onWrite looks at a group around a write: it never loses its last
// owner.
func (j *judge) onWrite(phase simgraph.Phase, r *http.Request) {
	teams := j.tenant.Teams()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.whoCame(phase, teams)
	group := groupIn(r.URL.Path)
	if group == "" {
		return
	}
	owners := 0
	for _, team := range teams {
		if team.ID == group {
			owners = len(team.Owners)
		}
	}
	if phase == simgraph.Before {
		j.owned[group] = owners
	} else if j.owned[group] > 0 && owners == 0 {
		j.accuse("%s lost its last owner", j.teams[group])
	}
}

// whoCame notes whom a request brought into a team. Nobody does anything by hand
// while processes run.
func (j *judge) whoCame(phase simgraph.Phase, teams []simgraph.TeamState) {
	for _, team := range teams {
		for _, user := range slices.Concat(team.Owners, team.Members) {
			at := placement{team.ID, user}
			if phase == simgraph.After && !j.there[at] {
				j.brought[at] = true
			}
		}
	}
	clear(j.there)
	for _, team := range teams {
		for _, user := range slices.Concat(team.Owners, team.Members) {
			j.there[placement{team.ID, user}] = true
		}
	}
}

// groupIn is the group that a path names.
func groupIn(path string) string {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts[:max(0, len(parts)-1)] {
		if part == "teams" || part == "groups" {
			return parts[i+1]
		}
	}
	return ""
}

// refusedOwner accuses who asks to take out a last owner, though they were told
// the truth of the team.
func (j *judge) refusedOwner(r *http.Request, body []byte) {
	if j.honestList && strings.Contains(string(body), "last owner") {
		j.accuse("%s %s asked to take out the last owner of %s", r.Method, r.URL.Path, j.teams[groupIn(r.URL.Path)])
	}
}

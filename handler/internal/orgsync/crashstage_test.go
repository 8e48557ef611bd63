package orgsync_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// stage is a bench under watch: whatever happens to the processes on it, what
// must never be is looked for at every write to the tenant, as it happens.
type stage struct {
	*bench
	t    *testing.T
	lags bool // reads of the tenant do

	mu       sync.Mutex
	seated   map[seat]org.Role      // whom Commerce wanted while they were there, in the strongest such role
	left     map[string]bool        // users of whom a row, or a person, says that they left
	edited   time.Time              // when Commerce last changed
	readings []time.Time            // when Commerce was read since
	taken    []time.Time            // when somebody was removed or demoted
	groups   map[org.TeamKey]string // those that were there at mark
	names    map[string]string      // whose each group is, by id
}

// seat is somebody's place in a group.
type seat struct{ group, user string }

// newStage is a stage over a world of MODE=full. The caps of so small a world
// would let nobody go; where they are tested they are set again.
func newStage(t *testing.T, w naive.World, options simgraph.Options) *stage {
	t.Helper()
	s := &stage{t: t, seated: map[seat]org.Role{}, left: map[string]bool{}, groups: map[org.TeamKey]string{}, names: map[string]string{}}
	options.OnWrite = func(_ int, phase simgraph.Phase, r *http.Request) {
		if phase == simgraph.After {
			s.look(r.Method + " " + r.URL.Path)
		}
	}
	options.OnRemove, options.OnDemote = s.removed, s.demoted
	s.bench = newBenchOf(t, w, options)
	s.mode, s.lags = orgsync.ModeFull, options.ReadLag > 0
	if s.lags {
		s.limits.HandsDelay = time.Hour // the default: a shorter one takes a read that lags for somebody's hand
	}
	s.minSource, s.limits.RemovalPercent, s.limits.TeamPercent = 50, 100, 100
	return s
}

// wanted says who the rules want in each team now, and whether as its owner.
func (s *stage) wanted() map[org.TeamKey]map[string]bool {
	e := naive.Expect(s.world, s.settings, time.Now())
	all := map[org.TeamKey]map[string]bool{}
	take := func(key org.TeamKey, team naive.Team) {
		all[key] = map[string]bool{}
		for _, user := range team.Members {
			all[key][user] = false
		}
		for _, user := range team.Owners {
			all[key][user] = true
		}
	}
	take(org.Communications, e.Communications)
	for number, team := range e.Stores {
		take(org.TeamKey{Store: org.StoreNumber(number)}, team)
	}
	return all
}

// keyOf says whose team a group is: by its marker, or by Commerce's mapping.
func (s *stage) keyOf(id, marker string) (org.TeamKey, bool) {
	if marker == naive.CommunicationsMarker("test") {
		return org.Communications, true
	}
	for _, row := range s.world.Commerce["IntegrationSourceMappings"] {
		if row["TeamId"] == id {
			return org.TeamKey{Store: org.StoreNumber(row["SourceId"].(string))}, true
		}
	}
	number, ours := strings.CutPrefix(marker, naive.StoreMarker("test", ""))
	return org.TeamKey{Store: org.StoreNumber(number)}, ours
}

// look looks at the whole tenant.
func (s *stage) look(after string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	wanted, seen := s.wanted(), map[org.TeamKey]string{}
	for _, team := range s.tenant.Teams() {
		if team.HasTeam && len(team.Owners) == 0 {
			s.t.Errorf("after %s: team %s has no owner", after, team.ID)
		}
		key, ours := s.keyOf(team.ID, team.UniqueName)
		if !ours {
			continue
		}
		if other := seen[key]; other != "" {
			s.t.Errorf("after %s: %s has two groups, %s and %s", after, key, other, team.ID)
		}
		seen[key], s.names[team.ID] = team.ID, key.String()
		for i, user := range slices.Concat(team.Owners, team.Members) {
			if owner, in := wanted[key][user]; in {
				at := seat{team.ID, user}
				s.seated[at] = max(s.seated[at], org.Member)
				if owner && i < len(team.Owners) {
					s.seated[at] = org.Owner
				}
			}
		}
	}
}

// named puts the team's name in the place of a group's id, which is drawn by
// lot, and leaves a membership's out.
func (s *stage) named(text string) string {
	if path, membership, one := strings.Cut(text, "/members/"); one && membership != "add" && membership != "remove" {
		text = path + "/members/one"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, name := range s.names {
		text = strings.ReplaceAll(text, id, "("+name+")")
	}
	return text
}

// reads notes that a run is about to read Commerce.
func (s *stage) reads() {
	s.look("an edit")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readings = append(s.readings, time.Now())
}

// edits notes that Commerce has changed, and who left by what it says.
func (s *stage) edits(left ...string) {
	s.look("an edit")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.edited, s.readings = time.Now(), nil
	for _, user := range left {
		s.left[user] = true
	}
}

func (s *stage) removed(group, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ours := s.seated[seat{group, user}]; !ours {
		s.t.Errorf("%s, who was never wanted in %s, is removed", user, group)
	}
	key := s.taking(group, user, plan.Remove)
	if _, wants := s.wanted()[key][user]; wants && !s.left[user] {
		s.t.Errorf("%s is removed from %s, which wants them", user, key)
	}
	delete(s.seated, seat{group, user})
}

func (s *stage) demoted(group, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seated[seat{group, user}] != org.Owner {
		s.t.Errorf("%s, who was never wanted as owner of %s, is demoted", user, group)
	}
	key := s.taking(group, user, plan.Demote)
	if owner, wants := s.wanted()[key][user]; !wants || owner {
		s.t.Errorf("%s is demoted in %s", user, key)
	}
	s.seated[seat{group, user}] = org.Member
}

// taking checks what every removal and demotion needs: it is counted already,
// and a row says that they left, or it is not there in two readings.
func (s *stage) taking(group, user string, kind plan.Kind) (key org.TeamKey) {
	now := time.Now()
	for _, team := range s.tenant.Teams() {
		if team.ID == group {
			key, _ = s.keyOf(team.ID, team.UniqueName)
		}
	}
	twice := len(s.readings) > 1 && !s.readings[len(s.readings)-1].Before(s.readings[0].Add(s.limits.SightingInterval))
	if !s.left[user] && !twice {
		s.t.Errorf("%s goes from %s after the readings %v of what changed at %v", user, key, s.readings, s.edited)
	}
	s.taken = append(s.taken, now)
	inWindow := 0
	for _, at := range s.taken {
		if now.Sub(at) < day {
			inWindow++
		}
	}
	takings, err := s.book().Takings(s.t.Context())
	if err != nil {
		s.t.Errorf("the takings cannot be read: %v", err)
		return key
	}
	counted, this := 0, false
	for _, taking := range takings.All {
		if now.Sub(taking.At) < day {
			counted++
			this = this || taking.Team == key && taking.User.String() == user && taking.Kind == kind
		}
	}
	if counted < inWindow || !this {
		s.t.Errorf("%d have gone, %s from %s is the last, and counted are %+v", inWindow, user, key, takings.All)
	}
	return key
}

// mark remembers which groups there are: none of them may be replaced.
func (s *stage) mark() {
	for _, team := range s.tenant.Teams() {
		if key, ours := s.keyOf(team.ID, team.UniqueName); ours {
			s.groups[key] = team.ID
		}
	}
}

// calm runs tick by tick until so many runs one after the other have nothing to
// do and write nothing.
func (s *stage) calm(t *testing.T, runs int) {
	t.Helper()
	var record orgsync.Record
	still := 0
	for range patience {
		writes := s.tenant.Writes()
		record = s.step(t)
		switch {
		case len(record.Planned) > 0 || record.Later > 0:
			still = 0
		case s.tenant.Writes() > writes:
			t.Fatal("a run with nothing to do wrote to the tenant")
		default:
			still++
		}
		if still == runs {
			return
		}
	}
	t.Fatalf("there is always something to do:\n%s\nnotes: %+v", record.Plan, record.Notes)
}

// step is tick, watched.
func (s *stage) step(t *testing.T) orgsync.Record {
	t.Helper()
	pass(tick)
	s.reads()
	return s.run(t, t)
}

// passDay lets a day go by with a run every three hours, which is enough for
// every team's daily verification.
func (s *stage) passDay(t *testing.T) {
	t.Helper()
	for range 9 {
		pass(3*time.Hour - tick)
		s.step(t)
	}
}

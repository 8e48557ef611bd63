package orgsync_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/naive"
)

// judge knows what the processes were served, and who lost what by them. It
// works out with package naive what the served rows mean.
type judge struct {
	*adversary

	mu          sync.Mutex
	readings    []*reading
	views       []*reading       // the same, and again whenever other accounts were known
	viewed      view             // the last
	baselines   []map[string]int // what a reading may be compared with
	users       map[string]map[string]any
	userList    []map[string]any
	entries     []userEntryOf
	askers      []*asker // that live
	fresh       []taking // that nobody was blamed for yet
	takings     []taking
	teams       map[string]org.TeamKey // by group
	sizes       []size
	owned       map[string]int // owners of groups before a write
	allowed     map[placement]bool
	there       map[placement]bool // who was in which group at the last write
	brought     map[placement]bool // whom the engine itself put there
	accusations atomic.Int32
}

// userEntryOf is an item of the user feed, and who got it.
type userEntryOf struct {
	userEntry
	asker *asker
	whole bool
}

// taking is somebody who was removed or demoted by a process.
type taking struct {
	placement
	demoted        bool
	at             time.Time
	absent, stated bool // what it may rest on
}

func newJudge(a *adversary) *judge {
	return &judge{
		adversary: a, users: map[string]map[string]any{}, teams: map[string]org.TeamKey{},
		owned: map[string]int{}, allowed: map[placement]bool{},
		there: map[placement]bool{}, brought: map[placement]bool{},
	}
}

// accuse fails the test, with a story of the first few offences only.
func (j *judge) accuse(format string, args ...any) {
	if j.accusations.Add(1) <= 5 {
		j.t.Errorf("seed %d at %s: %s (lies: %v)", j.seed, time.Now().Format("02 15:04:05"), fmt.Sprintf(format, args...), j.lies)
	}
}

// hears notes that a process begins.
func (j *judge) hears(p *asker) {
	j.mu.Lock()
	defer j.mu.Unlock()
	p.heard = hearing{tables: map[string]*table{}, statements: map[string][]map[string]any{}}
	j.askers = append(j.askers, p)
}

// close notes that the processes ended.
func (j *judge) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, p := range j.askers {
		for _, e := range p.heard.users {
			j.entries = append(j.entries, userEntryOf{e, p, p.heard.usersWhole && p.alive() && !p.failed})
		}
		j.learn(p)
		j.conclude(p)
		j.keep(p)
		j.view(p)
	}
	j.askers = nil
}

// taken is told by the tenant that a request took something from somebody.
func (j *judge) taken(of placement, demoted bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fresh = append(j.fresh, taking{placement: of, demoted: demoted, at: time.Now()})
}

// wrote judges what a process just did to the tenant.
func (j *judge) wrote(p *asker) {
	j.mu.Lock()
	defer j.mu.Unlock()
	fresh := j.fresh
	j.fresh = nil
	if len(fresh) == 0 {
		return
	}
	j.learn(p)
	j.conclude(p)
	for _, t := range fresh {
		j.weigh(p, &t)
		j.takings = append(j.takings, t)
		j.checkCaps(t)
	}
}

// weigh says if a process could take that from somebody.
func (j *judge) weigh(p *asker, t *taking) {
	key, ours := j.teams[t.group]
	role := org.Member
	what := fmt.Sprintf("%s (%s)", t.user, strings.Join(slices.Sorted(maps.Keys(j.workersOf(t.user))), " "))
	if t.demoted {
		role = org.Owner
		what = "the owner " + what
	}
	what += " of " + key.String()
	switch {
	case !ours:
		j.accuse("%s: group %s is none of ours", what, t.group)
		return
	case slices.Contains(j.protected, t.user):
		j.accuse("%s is protected", what)
	// Of two processes at once each may see other accounts, and only the views of
	// the end are kept. Whom the engine brought it may take out again, for good
	// reasons.
	case !j.brought[t.placement] && !j.everWanted(key, t.user, role, t.at):
		j.accuse("%s was never wanted there", what)
	}
	t.stated = j.stated(p, key, t)
	t.absent = j.absent(p, key, t.user, role, t.at)
	if !t.stated && !t.absent {
		j.accuse("%s was taken out, which no row states, nor two readings bear out: %s", what, j.story(p, key, t.user, role, t.at))
	}
}

// story says what the last readings said of somebody.
func (j *judge) story(p *asker, key org.TeamKey, user string, role org.Role, at time.Time) string {
	var told []string
	var last opinion
	for _, r := range j.readings[max(0, len(j.readings)-100):] {
		now := j.says(r, key, user, role, at)
		if now == last && r.asker != p {
			continue
		}
		last = now
		text := fmt.Sprintf("%s %s", r.at.Format("02 15:04"), now)
		if r.asker == p {
			text += " (its own)"
		}
		if r.doubtful {
			text += " doubtful"
		}
		told = append(told, text)
	}
	return strings.Join(told, ", ")
}

// absent reports whether two readings that could be relied on, far enough from
// each other, did not want somebody, and none since the first wanted them.
func (j *judge) absent(p *asker, key org.TeamKey, user string, role org.Role, at time.Time) bool {
	var second *reading
	var wanted time.Time // by the last that did
	for _, r := range slices.Backward(j.readings) {
		if r.at.Before(wanted) {
			return false // two made at one time may disagree, and neither is the later one
		}
		switch j.says(r, key, user, role, at) {
		case wants:
			aside := r.asker != p && (r.doubtful || !r.done.Before(p.began))
			if !aside && wanted.IsZero() {
				wanted = r.at
			}
		case lacks:
			if second == nil {
				second = r
			}
			if second.at.Sub(r.at) >= j.limits.SightingInterval {
				return true
			}
		}
	}
	return false
}

// opinion is what a reading says of somebody's place in a team.
type opinion string

const (
	wants   opinion = "wants"
	lacks   opinion = "lacks"
	silent  opinion = "is silent"
	isShort opinion = "is short"
)

// says asks a reading about somebody at a time.
func (j *judge) says(r *reading, key org.TeamKey, user string, role org.Role, at time.Time) opinion {
	if r.short {
		return isShort
	}
	w := j.wanted(r, at)
	team, there := w.of(w.served, key)
	believed, _ := w.of(w.believed, key)
	switch {
	case has(believed, user, role), has(team, user, role):
		if r.maybe {
			return silent
		}
		return wants
	case !there || w.served.Held:
		return silent
	}
	return lacks
}

// has reports whether somebody is wanted in a team, in that role at least.
func has(team naive.Team, user string, role org.Role) bool {
	return slices.Contains(team.Owners, user) || role == org.Member && slices.Contains(team.Members, user)
}

// wantKey is when a reading is looked at.
type wantKey int64

// wanted is what a reading means: served is what the rows said as they came, with
// the accounts as Graph had shown them; believed had every row been readable and
// every account usable.
type wanted struct{ served, believed naive.Expectation }

func (j *judge) wanted(r *reading, at time.Time) *wanted {
	key := wantKey(at.Unix())
	if w := r.wants[key]; w != nil {
		return w
	}
	served, truth := map[string][]map[string]any{}, map[string][]map[string]any{}
	for name, t := range r.tables {
		t.decode()
		served[name], truth[name] = t.rows, t.truth
	}
	generous := j.settings
	generous.AllowGuests = true
	groups := markers(j.settings.Instance, j.storeNumbers())
	w := &wanted{
		served:   naive.Expect(naive.World{Commerce: served, Users: r.users, Groups: groups}, j.settings, at),
		believed: naive.Expect(naive.World{Commerce: truth, Users: j.usable(), Groups: groups}, generous, at),
	}
	r.wants[key] = w
	return w
}

// of finds a team, if the reading speaks of it.
func (w *wanted) of(e naive.Expectation, key org.TeamKey) (naive.Team, bool) {
	if !key.IsStore() {
		return e.Communications, e.Communications.Skipped == ""
	}
	team, there := e.Stores[string(key.Store)]
	return team, there && team.Skipped == ""
}

func (j *judge) storeNumbers() []string {
	var numbers []string
	for _, key := range j.teams {
		if key.IsStore() {
			numbers = append(numbers, string(key.Store))
		}
	}
	slices.Sort(numbers)
	return numbers
}

// everWanted reports whether some reading wanted somebody there.
func (j *judge) everWanted(key org.TeamKey, user string, role org.Role, at time.Time) bool {
	return slices.ContainsFunc(slices.Concat(j.views, j.readings), func(r *reading) bool {
		for _, when := range []time.Time{r.at, at} {
			w := j.wanted(r, when)
			for _, e := range []naive.Expectation{w.served, w.believed} {
				if team, _ := w.of(e, key); has(team, user, role) {
					return true
				}
			}
		}
		return false
	})
}

package simplanner

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options sets how Planner behaves. The zero value is usable: everybody belongs
// to every group, answers come at once, and every run is the same.
type Options struct {
	// Root is the path below which the service lives; default "/v1.0".
	Root string
	// BaseURL is scheme and host of the links in answers, without Root. Empty:
	// derived from each request's Host.
	BaseURL string
	// Seed makes the ids; the same seed gives the same.
	Seed uint64
	// Now is the clock; default time.Now.
	Now func() time.Time
	// AppID is the client id of the app behind every bearer token that names no
	// user; a fixed one if empty.
	AppID string
	// Group tells when a unified group was made; false when there is none by
	// that id now. Plans of a group that is gone are hidden, not forgotten: they
	// are back when the group is. Nil: every id is a group, made long ago.
	Group func(id string) (made time.Time, exists bool)
	// Belongs tells whether a user is a member or owner of a group. Nil: yes.
	Belongs func(group, user string) bool
	// PageSize is how many rows a page of a listing has; default 400.
	PageSize int
	// Limits are the most of everything.
	Limits Limits
	// GroupDelay is how old a group must be before Planner knows it. Until then
	// whatever concerns its plans gets GroupDelayStatus.
	GroupDelay time.Duration
	// GroupDelayStatus is 403 or 404; default 404.
	GroupDelayStatus int
	// DetailsDelay is how old a task must be before its details are found.
	DetailsDelay time.Duration
	// ReadLag is how old the state is that GET shows. Writes are checked against
	// the state as it is.
	ReadLag time.Duration
}

// Limits are the most there may be of something. Zero is the published limit;
// of two published ones, the smaller.
type Limits struct {
	Plans       int // of a group; 200
	Buckets     int // of a plan; 200
	Tasks       int // of a plan, completed ones included; 9,000
	ActiveTasks int // of a plan, not completed; 2,400
	Assignees   int // of a task; 20
	Checklist   int // items of a task; 20
	References  int // of a task; 10
}

// Service is the simulated Planner: an http.Handler over state in memory. It is
// safe for concurrent use.
type Service struct {
	opts   Options
	routes []route

	mu      sync.Mutex // guards everything below
	rng     *rand.Rand
	serial  uint64 // numbers resources and order hints
	answers uint64
	groups  map[string][]*plan // by lower-case group id, in the order they were made
	plans   map[string]*plan
	buckets map[string]*bucket
	tasks   map[string]*task
}

// New makes a Planner without plans.
func New(opts Options) *Service {
	opts = withDefaults(opts)
	s := &Service{
		opts:    opts,
		rng:     rand.New(rand.NewPCG(opts.Seed, 0x706c616e)),
		groups:  make(map[string][]*plan),
		plans:   make(map[string]*plan),
		buckets: make(map[string]*bucket),
		tasks:   make(map[string]*task),
	}
	s.routes = s.table()
	return s
}

func withDefaults(opts Options) Options {
	if opts.Root == "" {
		opts.Root = "/v1.0"
	}
	opts.BaseURL = strings.TrimSuffix(opts.BaseURL, "/")
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.AppID == "" {
		opts.AppID = "5b0f7d52-3c1e-4f0a-9a58-8d1f6f3f2a11"
	}
	if opts.Group == nil {
		opts.Group = func(string) (time.Time, bool) { return time.Time{}, true }
	}
	if opts.Belongs == nil {
		opts.Belongs = func(string, string) bool { return true }
	}
	if opts.PageSize <= 0 {
		opts.PageSize = 400
	}
	if opts.GroupDelayStatus == 0 {
		opts.GroupDelayStatus = http.StatusNotFound
	}
	opts.Limits = opts.Limits.orPublished()
	return opts
}

func (l Limits) orPublished() Limits {
	or := func(n *int, published int) {
		if *n <= 0 {
			*n = published
		}
	}
	or(&l.Plans, 200)
	or(&l.Buckets, 200)
	or(&l.Tasks, 9_000)
	or(&l.ActiveTasks, 2_400)
	or(&l.Assignees, 20)
	or(&l.Checklist, 20)
	or(&l.References, 10)
	return l
}

// Plans lists the plans of a group as they are, the oldest first, also while
// reads lag or the group is deleted.
func (s *Service) Plans(group string) []Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Plan
	for _, p := range s.groups[fold(group)] {
		if p.main.now.exists() {
			list = append(list, p.copied())
		}
	}
	return list
}

// Tasks lists the tasks of a plan with their details as they are, the oldest
// first, also while reads lag or the group is deleted.
func (s *Service) Tasks(plan string) []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.plans[plan]
	if p == nil || !p.main.now.exists() {
		return nil
	}
	var list []Task
	for _, t := range p.tasks {
		if t.main.now.exists() {
			list = append(list, t.copied())
		}
	}
	return list
}

// fold makes ids of the directory comparable; Planner's own are case-sensitive.
func fold(id string) string { return strings.ToLower(id) }

// prune forgets what was deleted so long ago that no lagging read shows it.
func (s *Service) prune(p *plan, now time.Time) {
	horizon := now.Add(-s.opts.ReadLag)
	p.tasks = slices.DeleteFunc(p.tasks, func(t *task) bool {
		over := t.main.forgotten(horizon)
		if over {
			delete(s.tasks, t.main.id)
		}
		return over
	})
	p.buckets = slices.DeleteFunc(p.buckets, func(b *bucket) bool {
		over := b.main.forgotten(horizon)
		if over {
			delete(s.buckets, b.main.id)
		}
		return over
	})
	s.groups[p.group] = slices.DeleteFunc(s.groups[p.group], func(p *plan) bool {
		over := p.main.forgotten(horizon)
		if over {
			delete(s.plans, p.main.id)
		}
		return over
	})
}

// number is the next serial number.
func (s *Service) number() uint64 {
	s.serial++
	return s.serial
}

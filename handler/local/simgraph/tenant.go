package simgraph

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options sets how the tenant behaves. The zero value is usable: it answers at
// once, never throttles, refuses what the service refuses, and is the same on
// every run.
type Options struct {
	// Root is the path below which the service lives; default "/v1.0".
	Root string
	// BaseURL is scheme and host of the links in answers, without Root. Empty:
	// derived from each request's Host.
	BaseURL string
	// TenantID is the tenant's GUID as memberships and the organization show it;
	// a fixed one if empty.
	TenantID string
	// Seed makes ids, orders and empty pages; the same seed gives the same.
	Seed uint64
	// Now is the tenant's clock; default time.Now.
	Now func() time.Time
	// PageSize is how many rows a page has when $top does not say; default 100.
	// It counts delta items too.
	PageSize int
	// DeltaLinks is how many members one delta item carries at most before the
	// same group comes again; default 200.
	DeltaLinks int
	// GroupDelay is how old a group must be before a team can be made of it.
	GroupDelay time.Duration
	// ReadLag is how long reads of members, and delta, go on showing the state
	// before a change.
	ReadLag time.Duration
	// PollsUntilDone is how many looks at a running operation find it running.
	PollsUntilDone int
	// OperationTime is how long operations take. With PollsUntilDone too, the
	// first to be reached ends the operation; with neither they end at once.
	OperationTime time.Duration
	// Outcome decides how an operation of this type (createTeam, teamifyGroup,
	// archiveTeam, unarchiveTeam) on this team ends; nil: all succeed.
	Outcome func(operationType, teamID string) Outcome
	// AddExisting makes adding somebody who is in the team already succeed (and
	// promote, if the row says owner). The default refuses it.
	AddExisting bool
	// MemberTags serves memberships in teams with an @odata.etag. If-Match counts
	// without it too.
	MemberTags bool
	// DeltaOwners shows owners@delta to who selects owners.
	DeltaOwners bool
	// DeltaReplay serves items twice within a round, and the changes of the
	// last round again in the next.
	DeltaReplay bool
	// ExpiredStatus is the answer to a delta token older than seven days: zero
	// for 410 with a Location, or a 4xx status with the code syncStateNotFound.
	ExpiredStatus int
	// Throttle turns the published limits on, measured by Now.
	Throttle bool
	// DateAhead is how far the clock that the Date header is taken from is ahead
	// of Now; negative, how far behind. With 0 the header is the server's own.
	DateAhead time.Duration
	// Record is given every request with its answer's status, also those inside
	// a $batch. It may be called from many goroutines.
	Record func(Exchange)
	// OnWrite is called around every state-changing request, without any lock
	// held. Seq counts from 1. After is called once the effect is there and
	// before a byte of the answer is sent, also when the write was refused.
	OnWrite func(seq int, phase Phase, r *http.Request)
	// Planner answers what lies below /planner and /groups/{id}/planner; nil: a
	// tenant without it, and 400.
	Planner Planner
	// Client posts notifications and validations; nil: one that waits ten seconds.
	Client *http.Client
	// TeamSubscriptionLife is how long subscriptions about teams may live; zero:
	// an hour.
	TeamSubscriptionLife time.Duration
	// NotifyBatch is how many items a body has at most; zero: 100.
	NotifyBatch int
	// Fate decides what becomes of a notification; nil: it is delivered. It is
	// called under the tenant's lock.
	Fate func(Notification) Fate
	// OnRemove and OnDemote are called for each user whom a request takes out of
	// a group, or makes a member where they were an owner; what is done by hand
	// and the deletion of a group do not count. They are called under OnWrite's
	// terms, before its After.
	OnRemove, OnDemote func(groupID, userID string)
}

// Phase says on which side of a write OnWrite is called.
type Phase uint8

// The phases of a write.
const (
	Before Phase = iota
	After
)

// Exchange is one request as it came, its body unpacked, and what it got.
// Status 0 means that the connection was dropped without an answer.
type Exchange struct {
	Method string
	URL    string // path and query as received
	Body   []byte
	Status int
}

// Tenant is the simulated tenant: an http.Handler over state in memory. It is
// safe for concurrent use.
type Tenant struct {
	opts   Options
	names  schema
	routes []route
	faults *faultList
	counts *counter
	limits *limiter

	mu     sync.Mutex // guards everything below
	rng    *rand.Rand
	users  []*user
	groups []*group
	skus   func() []SubscribedSku

	userByID    map[string]*user  // lower-case id
	userByUPN   map[string]*user  // lower-case userPrincipalName
	groupByID   map[string]*group // lower-case id
	groupByNick map[string]*group // lower-case mailNickname
	groupByName map[string]*group // lower-case uniqueName

	ops     map[string]*operation
	running []*operation

	seq    uint64
	log    []change // in order of seq
	rounds map[string]*round
	oldest []string // keys of rounds, the oldest first

	subscriptions []*subscription
	notices       []*notice
	endpoints     map[string]*endpoint // by address
	delivering    sync.Mutex           // held by who delivers; never taken with mu held

	joined int // numbers memberships in the order they began
}

// New makes a tenant of the world. It fails if the world contradicts itself,
// naming the row.
func New(world World, opts Options) (*Tenant, error) {
	opts = withDefaults(opts)
	t := &Tenant{
		opts:        opts,
		names:       newSchema(),
		faults:      &faultList{},
		counts:      newCounter(),
		rng:         rand.New(rand.NewPCG(opts.Seed, 0x67726170)),
		userByID:    make(map[string]*user, len(world.Users)),
		userByUPN:   make(map[string]*user, len(world.Users)),
		groupByID:   make(map[string]*group, len(world.Groups)),
		groupByNick: make(map[string]*group, len(world.Groups)),
		groupByName: make(map[string]*group, len(world.Groups)),
		ops:         make(map[string]*operation),
		rounds:      make(map[string]*round),
	}
	t.skus = t.frontline
	t.limits = newLimiter(len(world.Users))
	var err error
	if t.routes, err = t.table(); err != nil {
		return nil, fmt.Errorf("simgraph: %w", err)
	}
	if err := t.load(world); err != nil {
		return nil, fmt.Errorf("simgraph: %w", err)
	}
	return t, nil
}

func withDefaults(opts Options) Options {
	if opts.Root == "" {
		opts.Root = "/v1.0"
	}
	if opts.TenantID == "" {
		opts.TenantID = "84841066-274d-4ec0-a5c1-276be684bdd3"
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.PageSize <= 0 {
		opts.PageSize = 100
	}
	if opts.DeltaLinks <= 0 {
		opts.DeltaLinks = 200
	}
	opts.BaseURL = strings.TrimSuffix(opts.BaseURL, "/")
	if opts.Client == nil {
		opts.Client = &http.Client{Timeout: answerTime}
	}
	return opts
}

// guid makes a version 4 GUID from the tenant's random numbers.
func (t *Tenant) guid() string {
	hi := t.rng.Uint64()&^0xf000 | 0x4000
	lo := t.rng.Uint64()&^(0xc<<60) | 0x8<<60
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

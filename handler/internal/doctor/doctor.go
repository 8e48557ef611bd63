package doctor

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/progress"
	"github.com/storeteams/storeteams/handler/internal/subscription"
)

const (
	// patience is how long one probe may take. A server that does not answer by
	// then is as good as down for whoever waits for the report.
	patience = 60 * time.Second

	// surveyPatience is how long the survey may take: it reads all of the ledger,
	// and waits for a run that is under way.
	surveyPatience = 3 * time.Minute
)

// Parts are what a Doctor looks with.
type Parts struct {
	Commerce Commerce
	Tenant   Tenant
	Ledger   Ledger
	Book     Book
	Queue    Queue // nil with TASK_MODE=off

	Hints   Queue                                              // of the organization; nil beside Notices
	Notices func(context.Context) (subscription.Health, error) // nil without a Service Bus

	// Survey is orgsync's: a fault.NotFound says that nothing was read yet.
	Survey func(context.Context) (*orgsync.Survey, error)
}

// Doctor examines an app that runs. It is safe for concurrent use if its parts
// are.
type Doctor struct {
	parts    Parts
	settings config.Config
}

// New returns a Doctor for an app with these settings.
func New(parts Parts, settings config.Config) *Doctor {
	return &Doctor{parts: parts, settings: settings}
}

// Examine looks at everything side by side, and returns what it found, in the
// order of the checks and with at least one finding for each. It takes at most
// three minutes. What could not be looked at, because it failed or because ctx
// ended, is a finding itself. Progress is reported per part looked at.
func (d *Doctor) Examine(ctx context.Context) Report {
	return d.look(ctx).judge()
}

// signs are what the probes brought.
type signs struct {
	now      time.Time
	settings config.Config

	collections []Collection
	calls       []Call

	roles      []string
	rolesKnown bool
	rolesErr   error

	licences    []Licence
	licencesErr error

	ledgerErr error // of the ledger's probe
	queueErr  error // of the queue's

	hintsErr  error // of the probe of the organization's queue
	health    subscription.Health
	healthErr error

	runs          []*ledger.Run // oldest first
	quarantine    *ledger.Quarantine
	runsErr       error
	quarantineErr error

	survey    *orgsync.Survey // nil beside surveyErr
	surveyErr error
	late      bool // the survey failed because its time was over
}

// probe looks at one part, and writes to fields of the signs that no other
// probe writes to.
type probe struct {
	part     string
	patience time.Duration
	look     func(context.Context, *signs)
}

func (d *Doctor) probes() []probe {
	return []probe{
		{"Commerce", patience, func(ctx context.Context, s *signs) { s.collections = d.parts.Commerce.Probe(ctx) }},
		{"Graph", patience, func(ctx context.Context, s *signs) { s.calls = d.parts.Tenant.Probe(ctx) }},
		{"permissions", patience, func(ctx context.Context, s *signs) {
			s.roles, s.rolesKnown, s.rolesErr = d.parts.Tenant.Roles(ctx)
		}},
		{"licences", patience, func(ctx context.Context, s *signs) { s.licences, s.licencesErr = d.parts.Tenant.Licences(ctx) }},
		{"tables", patience, func(ctx context.Context, s *signs) { s.ledgerErr = d.parts.Ledger.Probe(ctx) }},
		{"service bus", patience, func(ctx context.Context, s *signs) {
			if d.parts.Queue != nil {
				s.queueErr = d.parts.Queue.Probe(ctx)
			}
		}},
		{"notifications", patience, func(ctx context.Context, s *signs) {
			if d.parts.Notices == nil {
				return
			}
			if d.parts.Hints != nil {
				s.hintsErr = d.parts.Hints.Probe(ctx)
			}
			s.health, s.healthErr = d.parts.Notices(ctx)
		}},
		{"runs", patience, func(ctx context.Context, s *signs) {
			s.runs, s.runsErr = d.parts.Book.Runs(ctx)
			s.quarantine, s.quarantineErr = d.parts.Book.Quarantine(ctx)
		}},
		{"stores and people", surveyPatience, func(ctx context.Context, s *signs) {
			s.survey, s.surveyErr = d.parts.Survey(ctx)
			s.late = s.surveyErr != nil && errors.Is(ctx.Err(), context.DeadlineExceeded)
		}},
	}
}

// look runs the probes side by side, each for as long as its patience lasts.
func (d *Doctor) look(ctx context.Context) *signs {
	s := &signs{settings: d.settings}
	probes := d.probes()
	var (
		group errgroup.Group
		mu    sync.Mutex // progress is told in order
		done  int
	)
	progress.Report(ctx, progress.Progress{Doing: "looking", Total: len(probes)})
	for _, p := range probes {
		group.Go(func() error {
			limited, cancel := context.WithTimeout(ctx, p.patience)
			defer cancel()
			p.look(limited, s)
			mu.Lock()
			defer mu.Unlock()
			done++
			progress.Report(ctx, progress.Progress{Doing: "looked at " + p.part, Done: done, Total: len(probes)})
			return nil
		})
	}
	_ = group.Wait() // what went wrong is in the signs
	s.now = time.Now()
	return s
}

// check is one thing to look at.
type check struct {
	name  string
	judge func(*signs) []Finding
	well  string // what to say when there is nothing else to say
}

// The checks' names that are mentioned in more than one place.
const (
	checkSettings = "settings"
	checkCommerce = "commerce"
	checkStores   = "stores"
)

func checks() []check {
	return []check{
		{checkSettings, (*signs).onSettings, ""},
		{checkCommerce, (*signs).onCommerce, "every collection can be read"},
		{"graph", (*signs).onGraph, "every kind of read works"},
		{"permissions", (*signs).onPermissions, "the token carries what MODE needs, and nothing else"},
		{"tables", (*signs).onTables, "a row was written, read, changed and deleted"},
		{"service bus", (*signs).onServiceBus, ""},
		{"notifications", (*signs).onNotifications, ""},
		{"tasks", (*signs).onTasks, "the settings about tasks fit each other"},
		{"clock", (*signs).onClock, ""},
		{"licences", (*signs).onLicences, ""},
		{"runs", (*signs).onRuns, "the runs go well"},
		{checkStores, (*signs).onStores, "every store has a manager, and nothing is in the way of its team"},
		{"people", (*signs).onPeople, "everybody who belongs somewhere has an account that may be there"},
		{"integration", (*signs).onIntegration, ""},
	}
}

// judge makes findings of the signs.
func (s *signs) judge() Report {
	var r Report
	for _, c := range checks() {
		findings := c.judge(s)
		if len(findings) == 0 {
			findings = []Finding{fine("", c.well)}
		}
		for _, f := range findings {
			f.Check = c.name
			r.Findings = append(r.Findings, f)
		}
	}
	return r
}

func fine(subject, text string) Finding { return Finding{Subject: subject, Level: Fine, Text: text} }

func note(subject, text, fix string) Finding {
	return Finding{Subject: subject, Level: Note, Text: text, Fix: fix}
}

func wrong(subject, text, fix string) Finding {
	return Finding{Subject: subject, Level: Wrong, Text: text, Fix: fix}
}

func unknown(text, fix string) Finding {
	return Finding{Level: Unknown, Text: text, Fix: fix}
}

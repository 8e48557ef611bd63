// Package desk answers operators: it puts what the engine, the explanations, the
// doctor and the targeting hierarchy know into the shapes that package trigger
// shows. It decides nothing and writes nothing itself.
//
// openapi.yaml describes what it answers.
package desk

import (
	"context"
	"fmt"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/explain"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/subscription"
	"github.com/storeteams/storeteams/handler/internal/targeting"
	"github.com/storeteams/storeteams/handler/internal/trigger"
)

var _ trigger.Operations = (*Desk)(nil)

// Parts are what a Desk works with.
type Parts struct {
	Syncer  *orgsync.Syncer
	Book    *ledger.Book
	Doctor  *doctor.Doctor
	Tasks   *Tasks  // nil with TASK_MODE=off
	Letters Letters // nil without a Service Bus
	Notices func(context.Context) (subscription.Health, error)
	Rates   plan.Rates // what a plan's cost is reckoned with
	Version string     // of the program
}

// Desk implements trigger.Operations.
type Desk struct{ Parts }

// New returns a Desk.
func New(parts Parts) *Desk { return &Desk{parts} }

// status is orgsync's, with the program's version and how notifications do.
type status struct {
	Version string `json:"version"`
	orgsync.Status
	Notifications subscription.Health `json:"notifications"`
}

// Status implements trigger.Reports.
func (d *Desk) Status(ctx context.Context) (any, error) {
	now, err := d.Syncer.Status(ctx)
	if err != nil {
		return nil, err
	}
	notices, err := d.Notices(ctx)
	if err != nil {
		return nil, err
	}
	return status{d.Version, now, notices}, nil
}

// Runs implements trigger.Reports.
func (d *Desk) Runs(ctx context.Context, limit int) (any, error) {
	return shown(d.Syncer.Runs(ctx, limit))
}

// Run implements trigger.Reports.
func (d *Desk) Run(ctx context.Context, id string) (any, error) {
	if id == "last" {
		return shown(d.Syncer.LastRun(ctx))
	}
	return shown(d.Syncer.ReadRun(ctx, id))
}

// Reconcile implements trigger.Operations.
func (d *Desk) Reconcile(ctx context.Context, invocation, store string) (any, error) {
	return shown(d.Syncer.RunNow(ctx, invocation, store))
}

// Plan implements trigger.Reports.
func (d *Desk) Plan(ctx context.Context, store string) (any, error) {
	survey, err := d.Syncer.Survey(ctx)
	if err != nil {
		return nil, err
	}
	p := survey.Plan
	if store != "" {
		number, err := survey.StoreNumber(store)
		if err != nil {
			return nil, err
		}
		p = p.Of(org.TeamKey{Store: number})
	}
	return plan.Priced{Plan: p, Cost: p.Cost(d.Rates)}, nil
}

// Explain implements trigger.Reports.
func (d *Desk) Explain(ctx context.Context, about trigger.Subject) (any, error) {
	var user org.UserID
	if about.User != "" {
		var err error
		if user, err = d.Syncer.Whom(ctx, about.User, ""); err != nil {
			return nil, err
		}
	}
	survey, err := d.Syncer.Survey(ctx)
	if err != nil {
		return nil, err
	}
	var store org.StoreNumber
	if about.Store != "" {
		if store, err = survey.StoreNumber(about.Store); err != nil {
			return nil, err
		}
	}
	events, err := d.Book.Events(ctx, concerns(survey, user, org.PersonnelNumber(about.Worker), store))
	if err != nil {
		return nil, err
	}
	switch {
	case about.Worker != "":
		return shown(explain.Worker(survey, org.PersonnelNumber(about.Worker), store, events))
	case about.User != "":
		return shown(explain.User(survey, user, store, events))
	}
	return shown(explain.Store(survey, store, events))
}

// concerns reports of events whether they are about somebody, or with nobody
// given about a store. A worker's accounts are taken along, former ones too:
// what was done to them need not name the worker.
func concerns(survey *orgsync.Survey, user org.UserID, worker org.PersonnelNumber, store org.StoreNumber) func(ledger.Event) bool {
	accounts := map[org.UserID]bool{user: !user.IsZero()}
	if worker != "" {
		account, _ := org.AccountOf(survey.Snapshot, survey.Users, worker, survey.At)
		accounts[account] = !account.IsZero()
		for _, link := range survey.Links {
			for _, m := range link.Managed {
				if m.Worker == worker {
					accounts[m.User] = true
				}
			}
		}
	}
	teams := teamsOf(survey, accounts, worker)
	teams[org.TeamKey{Store: store}] = store != ""
	return func(e ledger.Event) bool {
		if store != "" && e.Team != nil && e.Team.Store != store {
			return false
		}
		if worker == "" && user.IsZero() {
			return e.Team != nil && e.Team.Store == store
		}
		// Without a team there is nobody in it: its making is about them too.
		return worker != "" && e.Worker == worker || accounts[e.User] || e.Team != nil && teams[*e.Team] && aboutTeam(e)
	}
}

// teamsOf are the teams that want somebody, or would if they had an account.
func teamsOf(survey *orgsync.Survey, accounts map[org.UserID]bool, worker org.PersonnelNumber) map[org.TeamKey]bool {
	teams := map[org.TeamKey]bool{}
	for _, team := range survey.Roster.Teams {
		for _, e := range team.Entries {
			if accounts[e.User] || worker != "" && e.Worker == worker {
				teams[team.Key] = true
			}
		}
	}
	for _, u := range survey.Roster.Unmapped {
		if u.Worker == worker {
			for _, key := range u.Teams {
				teams[key] = true
			}
		}
	}
	return teams
}

// aboutTeam reports whether an event is about a team as a whole. The makings of
// one name its first owner.
func aboutTeam(e ledger.Event) bool {
	var kind plan.Kind
	if kind.UnmarshalText([]byte(e.What)) != nil {
		return e.Run != "" && e.User.IsZero() // what failed before any change
	}
	return kind <= plan.Unarchive
}

// Hierarchy implements trigger.Reports.
func (d *Desk) Hierarchy(ctx context.Context) (any, error) {
	survey, err := d.Syncer.Survey(ctx)
	if err != nil {
		return nil, err
	}
	return targeting.Build(survey), nil
}

// Doctor implements trigger.Reports.
func (d *Desk) Doctor(ctx context.Context) (any, error) {
	report := d.Parts.Doctor.Examine(ctx)
	if ctx.Err() != nil {
		return nil, fault.New(fault.KindOf(ctx.Err()), "examine", fmt.Errorf("the time for it was used up: %w", ctx.Err()))
	}
	return report, nil
}

// shown is a result that operators are shown, or nothing beside an error.
func shown[T any](result T, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return result, nil
}

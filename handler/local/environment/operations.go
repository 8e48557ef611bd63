package environment

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Run is what Operations tells of a run, as far as anybody here looks.
type Run struct {
	ID            string         `json:"id"`
	Invocation    string         `json:"invocation"`
	Mode          string         `json:"mode"`
	Started       time.Time      `json:"started"`
	Ended         time.Time      `json:"ended"`
	Outcome       string         `json:"outcome"`
	Error         string         `json:"error"`
	BadRows       int            `json:"badRows"`
	Stores        int            `json:"stores"`
	People        int            `json:"people"`
	Planned       map[string]int `json:"planned"`
	Done          map[string]int `json:"done"`
	Failed        map[string]int `json:"failed"`
	Waiting       int            `json:"waiting"`
	Held          int            `json:"held"`  // stopped, until a person decides
	Later         int            `json:"later"` // stopped, until time passes or Commerce is read again
	Unmapped      map[string]int `json:"unmapped"`
	Findings      map[string]int `json:"findings"`
	Notes         []Note         `json:"notes"`
	GraphCalls    map[string]int `json:"graphCalls"`
	CommerceCalls map[string]int `json:"commerceCalls"`
	Plan          string         `json:"plan"`
}

// Settled reports whether the run found nothing to do, neither now nor in a
// later run. What is held waits for a person, and nothing settles that.
func (r Run) Settled() bool { return len(r.Planned) == 0 && r.Later == 0 }

// Note is one thing about a run in words.
type Note struct {
	Kind string `json:"kind"`
	Team string `json:"team"`
	Text string `json:"text"`
}

// Sync runs OrgSync once and returns its record.
func (e *Environment) Sync(ctx context.Context) (Run, error) {
	if _, err := e.Host.Invoke(ctx, "OrgSync"); err != nil {
		return Run{}, fmt.Errorf("environment: run OrgSync: %w", err)
	}
	return e.LastRun(ctx)
}

// LastRun asks Operations for the newest run.
func (e *Environment) LastRun(ctx context.Context) (Run, error) {
	var answer struct {
		Run Run `json:"run"`
	}
	if err := e.Operator().ask(ctx, http.MethodGet, "runs/last", nil, &answer); err != nil {
		return Run{}, err
	}
	return answer.Run, nil
}

// Operator returns an operator of this environment's handler.
func (e *Environment) Operator() Operator {
	return Operator{App: e.Host.URL(), Key: e.options.Key}
}

package orgsync_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// runFor runs with so much time, and checks that the record is closed.
func (b *bench) runFor(t *testing.T, left time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), left)
	defer cancel()
	err := b.syncer(t).Run(ctx, "test")
	if err != nil {
		t.Logf("the run failed: %v", err)
	}
	for _, run := range b.runs(t) {
		if run.Ended.IsZero() || (run.Outcome == ledger.Failed) != (err != nil) {
			t.Errorf("the record says %s, ended %v; the error was %v", run.Outcome, run.Ended, err)
		}
	}
}

func (b *bench) runs(t *testing.T) []*ledger.Run {
	t.Helper()
	runs, err := b.book().Runs(t.Context())
	must(t, err)
	return runs
}

// One team of three refuses everything: the others are not held up, the record
// says what failed and how, and when it gives in the team is finished.
func TestOneTeamRefuses(t *testing.T) {
	cases := map[string]struct {
		do   func(http.ResponseWriter, *http.Request, http.Handler)
		kind string
	}{
		"forbidden":   {simgraph.Refuse(403, "Forbidden", 0), "denied"},
		"bad request": {simgraph.Refuse(400, "BadRequest", 0), "invalid"},
		"throttled":   {simgraph.Refuse(429, "TooManyRequests", 20), "throttled"},
		"broken":      {simgraph.Refuse(502, "BadGateway", 0), "unavailable"},
		"not found":   {simgraph.Refuse(404, "NotFound", 0), "not found"},
		"gibberish":   {gibberish, ""}, // one kind or another
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 3, 3, simgraph.Options{})
				b.disturbed(t)
				bad := b.team(t, store(1)).ID
				var over atomic.Bool
				b.tenant.Inject(simgraph.Fault{Do: about(bad, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if over.Load() || r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1.0/groups/") {
						next.ServeHTTP(w, r) // the feed has shown a change: the group can be read
						return
					}
					c.do(w, r, next)
				})})
				record := b.tick(t)
				if record.Outcome != ledger.Partial || sum(record.Failed) == 0 || c.kind != "" && record.Errors[c.kind] != sum(record.Failed) {
					t.Errorf("the run is %s, failed %v as %v", record.Outcome, record.Failed, record.Errors)
				}
				if sum(record.Planned) != sum(record.Done)+sum(record.Failed) {
					t.Errorf("planned %v, done %v, failed %v", record.Planned, record.Done, record.Failed)
				}
				if !hasNote(record.Run, "failed", store(1)) || b.made() != 4 {
					t.Errorf("%d teams are made; notes: %+v", b.made(), record.Notes)
				}
				over.Store(true)
				b.settles(t, 3)
			})
		})
	}
}

// gibberish answers with what is no JSON.
func gibberish(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte("<html>"))
}

func sum(counts map[string]int) int {
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// Somebody leaves the tenant between the plan and the call that would add them.
func TestUserIsGoneInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 1, 4, simgraph.Options{})
		gone := b.worker(t, 1, 2)
		b.tenant.Inject(simgraph.Fault{Route: "POST /teams/{team}/members/add", Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			must(t, b.tenant.DeleteUser(gone))
			next.ServeHTTP(w, r)
		}})
		record := b.run(t, t)
		if record.Outcome != ledger.Partial || record.Failed["add member"] != 1 || record.Errors["not found"] != 1 {
			t.Errorf("the run is %s, failed are %v as %v", record.Outcome, record.Failed, record.Errors)
		}
		wantPeople(t, b.team(t, store(1)), []string{b.worker(t, 1, 0)}, []string{b.worker(t, 1, 1), b.worker(t, 1, 3)})
		b.wantManaged(t, store(1), map[string]org.Role{
			b.worker(t, 1, 0): org.Owner, b.worker(t, 1, 1): org.Member, b.worker(t, 1, 3): org.Member,
		})
		next := b.tick(t)
		if next.Outcome != ledger.Done || next.Unmapped[string(org.NotInTenant)] != 1 || len(next.Planned) > 0 {
			t.Errorf("the next run is %s, unmapped are %v, planned %v", next.Outcome, next.Unmapped, next.Planned)
		}
	})
}

// The first owner leaves while their team is being made.
func TestFirstOwnerIsGoneInTheMiddle(t *testing.T) {
	for _, route := range []string{"PATCH /groups(uniqueName='{name}')", "POST /teams", "POST /teams/{team}/members/add"} {
		t.Run(route, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 6, 3, simgraph.Options{}) // one of six without a manager holds no run
				gone := b.worker(t, 1, 0)
				var once atomic.Bool
				b.tenant.Inject(simgraph.Fault{Route: route, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if !once.Swap(true) {
						must(t, b.tenant.DeleteUser(gone))
					}
					next.ServeHTTP(w, r)
				}})
				b.despite(t)
				b.tick(t)
				last := b.tick(t)
				if last.Outcome != ledger.Done || len(last.Planned) > 0 {
					t.Errorf("the last run is %s, planned %v", last.Outcome, last.Planned)
				}
				if team := b.team(t, store(1)); !team.HasTeam {
					t.Error("store 1 has no team")
				}
				if n := len(b.tenant.Teams()); n != 7 {
					t.Errorf("there are %d groups, want 7", n)
				}
				// The region's communications manager, who works there, stands in.
				wantPeople(t, b.team(t, store(1)), []string{b.worker(t, 1, 2)}, []string{b.worker(t, 1, 1)})
			})
		})
	}
}

// The mirror shows a member who is not in the team any more: promoting them
// fails, and the next run adds them.
func TestPromotedIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 1, 3, simgraph.Options{})
		b.run(t, t)
		team, manager := b.team(t, store(1)).ID, b.worker(t, 1, 0)
		must(t, b.tenant.AddOwner(team, b.office(1)))
		must(t, b.tenant.Demote(team, manager))
		b.tenant.Inject(simgraph.Fault{Route: "GET /teams/{team}/members", Times: 1, Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			must(t, b.tenant.RemoveMember(team, manager))
			next.ServeHTTP(w, r)
		}})
		record := b.tick(t)
		if record.Failed["promote"] != 1 || record.Errors["not found"] != 1 {
			t.Errorf("failed are %v as %v", record.Failed, record.Errors)
		}
		b.tick(t)
		wantPeople(t, b.team(t, store(1)), []string{manager, b.office(1)}, []string{b.worker(t, 1, 1), b.worker(t, 1, 2)})
	})
}

// A run that is told to stop at some write leaves a record that says so, and
// the next one goes on.
func TestRunIsCanceled(t *testing.T) {
	for n := 1; n <= 12; n++ {
		t.Run(fmt.Sprintf("at write %d", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stop, cancel := context.WithCancel(t.Context())
				defer cancel()
				b := newChain(t, 3, 3, simgraph.Options{OperationTime: time.Minute, OnWrite: func(seq int, phase simgraph.Phase, _ *http.Request) {
					if seq == n && phase == simgraph.After {
						cancel()
					}
				}})
				err := b.syncer(t).Run(stop, "test")
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("the run ended with %v", err)
				}
				record, lookup := b.syncer(t).LastRun(t.Context())
				must(t, lookup)
				if record.Outcome != ledger.Failed || record.Error != err.Error() || record.Ended.IsZero() {
					t.Errorf("the record says %s, %q, ended %v", record.Outcome, record.Error, record.Ended)
				}
				b.settles(t, 4)
			})
		})
	}
}

// Two runs at once in one process take turns.
func TestRunWaitsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 2, 2, simgraph.Options{OperationTime: time.Minute})
		instance := b.syncer(t)
		ended := make(chan error)
		for range 2 {
			go func() { ended <- instance.Run(t.Context(), "test") }()
		}
		for range 2 {
			must(t, <-ended)
		}
		impatient, cancel := context.WithCancel(t.Context())
		cancel()
		if err := instance.Run(impatient, "test"); !errors.Is(err, context.Canceled) {
			t.Errorf("a run told to stop before it began: %v", err)
		}
		if runs := b.runs(t); len(runs) != 2 || runs[0].Outcome != ledger.Done || runs[1].Outcome != ledger.Done || len(runs[1].Planned) > 0 {
			t.Errorf("there are %d records: %+v", len(runs), runs)
		}
		b.settles(t, 1)
	})
}

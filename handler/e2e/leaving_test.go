package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// departure is one way to leave. Store and worker are those of a chain.
type departure struct {
	name, store, worker string
	leave               func(t *testing.T, s *site, worker, account string)
	runs                int // after which they are out, and not before
}

func departures() []departure {
	disable := func(t *testing.T, s *site, _, account string) {
		do(t, s.Tenant.SetUser(account, func(u *simgraph.User) { u.AccountEnabled = false }))
	}
	employed := func(until time.Time) func(*testing.T, *site, string, string) {
		return func(t *testing.T, s *site, worker, _ string) {
			s.edit(t, "Employees", having(row{"PersonnelNumber": worker}), row{"EmploymentEndDate": until.UTC().Format(time.RFC3339)})
		}
	}
	return []departure{
		{"flag", "000001", "000001001", func(t *testing.T, s *site, worker, _ string) { s.leaves(t, worker, "000001") }, 1},
		{"employment ended", "000002", "000002001", employed(time.Now().Add(-time.Hour)), 1},
		{"employment ends next year", "000002", "000002002", employed(time.Now().AddDate(1, 0, 0)), 0},
		{"account disabled", "000003", "000003001", disable, 1},
		{"manager's account disabled", "000003", "000003000", disable, 1},
		{"account deleted", "000004", "000004001", func(t *testing.T, s *site, _, account string) {
			do(t, s.Tenant.DeleteUser(account))
		}, 1},
		{"row gone", "000005", "000005001", func(t *testing.T, s *site, worker, _ string) {
			do(t, s.hq().Unlist(t.Context(), worker, "000005"))
		}, 2},
	}
}

// Who leaves is out of the store's team, by a statement at once and for want of
// a row after a second reading, and nobody else is.
func TestLeave(t *testing.T) {
	t.Parallel()
	w := chain(7, 4)
	s := full(t, w)
	for _, test := range departures() {
		t.Run(test.name, func(t *testing.T) {
			account := account(t, w, test.worker)
			before, was := s.rest(t, test.store), s.store(t, test.store)
			test.leave(t, s, test.worker, account)
			for n := range test.runs {
				if n > 0 && len(s.store(t, test.store).Members) != len(was.Members) {
					t.Errorf("somebody went in run %d of %d", n, test.runs)
				}
				s.sync(t)
			}
			if test.runs > 0 {
				s.are(t, test.store, out, account)
			}
			now := s.store(t, test.store)
			for _, user := range slices.Concat(was.Owners, was.Members) {
				if user != account && !slices.Contains(slices.Concat(now.Owners, now.Members), user) {
					t.Errorf("%s went too", user)
				}
			}
			if len(now.Owners) == 0 {
				t.Error("nobody owns the team")
			}
			s.check(t, s.settle(t))
			s.untouched(t, before, test.store)
			s.calm(t)
		})
	}
}

// Between two readings of Commerce, the rows that state a leave are asked for by
// themselves. A row that is gone shows in a reading only, and two runs on one
// reading are not two readings.
func TestLeaveBetweenReadings(t *testing.T) {
	t.Parallel()
	w := chain(3, 4)
	given := fullSetup(t, w)
	given.handler["SNAPSHOT_MAX_AGE"] = "1h"
	s := start(t, given)
	s.settle(t)

	do(t, s.hq().Unlist(t.Context(), "000001001", "000001"))
	s.leaves(t, "000002001", "000002")
	run := s.sync(t)
	s.are(t, "000002", out, account(t, w, "000002001"))
	if run.CommerceCalls["RetailStores"] > 0 || run.CommerceCalls["RetailChannelWorkers"] != 1 {
		t.Errorf("Commerce was asked %v", run.CommerceCalls)
	}
	s.still(t)
	s.are(t, "000001", member, account(t, w, "000001001"))

	s.restartWith(t, map[string]string{"SNAPSHOT_MAX_AGE": "0s"})
	s.sync(t)
	s.are(t, "000001", member, account(t, w, "000001001"))
	s.check(t, s.settle(t))
	s.are(t, "000001", out, account(t, w, "000001001"))
}

// A worker of two stores who leaves one stays in the other.
func TestLeaveOneOfTwo(t *testing.T) {
	t.Parallel()
	w := chain(3, 3)
	s := full(t, w)
	id := account(t, w, "000001001")
	s.assign(t, row{"RetailChannelId": "C000002", "PersonnelNumber": "000001001", "IsActive": "Yes"})
	s.settle(t)
	s.are(t, "000002", member, id)
	s.leaves(t, "000001001", "000001")
	s.check(t, s.settle(t))
	s.are(t, "000001", out, id)
	s.are(t, "000002", member, id)
}

// protected is a chain in which one worker, and one manager, is protected.
func protected(t *testing.T) (*site, naive.World) {
	t.Helper()
	w := chain(3, 4)
	given := fullSetup(t, w)
	given.handler["PROTECTED_USERS"] = "w000001001@contoso.example," + account(t, w, "000002001")
	s := start(t, given)
	s.settle(t)
	return s, w
}

// PROTECTED_USERS stay, whatever rows say. What MODE=add and MODE=plan do not
// do, MODE=full does on the same ledger.
func TestModes(t *testing.T) {
	t.Parallel()
	s, w := protected(t)
	one, two, three := account(t, w, "000001001"), account(t, w, "000002001"), account(t, w, "000003001")
	s.leaves(t, "000001001", "000001")
	do(t, s.hq().Unlist(t.Context(), "000002001", "000002"))
	run := s.still(t)
	s.are(t, "000001", member, one)
	s.are(t, "000002", member, two)
	if noted(run, "skipped", "000001") == "" || noted(run, "skipped", "000002") == "" {
		t.Errorf("the protected are not in the record: %+v", run.Notes)
	}

	s.restartWith(t, map[string]string{"MODE": "add"})
	s.leaves(t, "000003001", "000003")
	s.still(t)
	s.are(t, "000003", member, three)

	s.restartWith(t, map[string]string{"MODE": "plan"})
	writes := s.Tenant.Writes()
	run = s.still(t)
	if now := s.Tenant.Writes(); now != writes {
		t.Errorf("planning made %d writes", now-writes)
	}
	s.shows(t, run, "  - out "+three+", worker 000003001: a row says that they left the store\n")

	s.restartWith(t, map[string]string{"MODE": "full"})
	s.sync(t)
	s.are(t, "000003", out, three)
	s.are(t, "000001", member, one)

	s.restartWith(t, map[string]string{"PROTECTED_USERS": ""})
	s.check(t, s.settle(t))
	s.are(t, "000001", out, one)
	s.are(t, "000002", out, two)
}

// shows checks that a line is in a run's plan, in Operations' too.
func (s *site) shows(t *testing.T, run environment.Run, line string) {
	t.Helper()
	for _, text := range []string{run.Plan, s.planned(t)} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is not in the plan:\n%s", line, text)
		}
	}
}

// planned are the changes of Operations' plan, a line each, written as in a
// run's plan.
func (s *site) planned(t *testing.T) string {
	t.Helper()
	var said struct {
		Plan struct {
			Changes []struct{ Sign, Text string }
		}
	}
	do(t, json.Unmarshal([]byte(s.ask(t, "/api/ops/plan").body), &said))
	var lines strings.Builder
	for _, change := range said.Plan.Changes {
		fmt.Fprintf(&lines, "  %s %s\n", change.Sign, change.Text)
	}
	return lines.String()
}

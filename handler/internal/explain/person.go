package explain

import (
	"slices"
	"strings"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// person is whom a question is about: a worker with their account, or a user
// with the workers behind them.
type person struct {
	name    string // "worker 001008"
	workers []worker
	user    org.UserID           // the account that counts; zero: there is none
	account org.Account          // what became of it
	former  []org.UserID         // accounts that came in for the worker before
	roles   []org.RoleAssignment // rows of the communications role
}

// worker is what is known of one worker.
type worker struct {
	number  org.PersonnelNumber
	rows    org.WorkerRows
	account org.Account
}

func (p *person) isWorker(number org.PersonnelNumber) bool {
	return number != "" && slices.ContainsFunc(p.workers, func(w worker) bool { return w.number == number })
}

// trouble says what is wrong with their account, and what a person can do.
func (p *person) trouble() string {
	deleted := p.account.User.Deleted ||
		slices.ContainsFunc(p.account.Records, func(r org.Recorded) bool { return r.User.Deleted })
	if p.account.Cause == org.NotInTenant && deleted {
		return "the account recorded for them was deleted in Entra: link another one"
	}
	return p.account.Cause.Trouble()
}

// left reports whether every employment of every worker has ended.
func (p *person) left() bool {
	return len(p.workers) > 0 && !slices.ContainsFunc(p.workers, func(w worker) bool { return !w.rows.Left })
}

// Worker explains where a worker belongs, where they are, and why: in one store,
// or (empty) wherever they have something to do with. Events are those about the
// worker and their account, oldest first.
//
// It is a fault.NotFound if nothing knows the personnel number, or the store.
func Worker(s *orgsync.Survey, number org.PersonnelNumber, store org.StoreNumber, events []ledger.Event) (Explanation, error) {
	const op = "explain: worker"
	number = org.PersonnelNumber(strings.TrimSpace(string(number)))
	if number == "" {
		return Explanation{}, fault.Newf(fault.Invalid, op, "no personnel number is given")
	}
	q := newInquiry(s, events)
	p := &person{name: "worker " + string(number), workers: []worker{q.worker(number)}}
	p.account = p.workers[0].account
	p.user = p.account.User.ID
	p.former = q.former(number, p.user)
	p.roles = p.workers[0].rows.Roles
	keys := q.teamsOf(p)
	if !q.knows(p.workers[0]) && len(keys) == 0 {
		return Explanation{}, fault.Newf(fault.NotFound, op,
			"nothing knows a worker %s: no row of Workers, RetailStaff, RetailChannelWorkers, Employees, OperatingUnits or PositionWorkerAssignmentsV2 names them in the reading of %s, no team has them, and nothing was done about them",
			number, moment(s.Snapshot.ReadAt))
	}
	return q.explainPerson(op, p, keys, store)
}

// User explains the same of a user by object id, with the workers whose account
// it is. It is a fault.NotFound if nothing knows the user, or the store.
func User(s *orgsync.Survey, user org.UserID, store org.StoreNumber, events []ledger.Event) (Explanation, error) {
	const op = "explain: user"
	if user.IsZero() {
		return Explanation{}, fault.Newf(fault.Invalid, op, "no object id is given")
	}
	q := newInquiry(s, events)
	p := &person{name: "user " + user.String(), user: user, account: q.rows.AccountOfUser(user)}
	named := org.User{ID: user, UPN: p.account.User.UPN}
	for _, number := range q.rows.RecordedFor(named) {
		if w := q.worker(number); w.account.User.ID == user {
			p.workers = append(p.workers, w)
		}
	}
	p.roles = q.rows.RolesOf(named)
	for _, w := range p.workers {
		p.roles = append(p.roles, w.rows.Roles...)
	}
	p.roles = distinct(p.roles)
	keys := q.teamsOf(p)
	known := !p.account.User.ID.IsZero() || len(q.rows.RecordedFor(named)) > 0 || len(events) > 0 ||
		slices.ContainsFunc(s.Settings.Rules.Blocks, func(b org.Block) bool { return b.User == user })
	if !known && len(keys) == 0 {
		return Explanation{}, fault.Newf(fault.NotFound, op,
			"nothing knows a user %s: the tenant's users as last read do not have them, Commerce's reading of %s records the account for nobody, no team has them, and nothing was done about them",
			user, moment(s.Snapshot.ReadAt))
	}
	return q.explainPerson(op, p, keys, store)
}

func (q *inquiry) worker(number org.PersonnelNumber) worker {
	return worker{number: number, rows: q.rows.Worker(number), account: q.rows.Account(number)}
}

// knows reports whether a row, an event or the memory of a team names a worker.
func (q *inquiry) knows(w worker) bool {
	r := w.rows
	named := len(r.Workers) + len(r.Staff) + len(r.Employments) + len(r.Channels) + len(r.Positions) + len(r.UnitsOf)
	return named > 0 || len(q.events) > 0 ||
		slices.ContainsFunc(q.survey.Snapshot.BadRows, func(row org.BadRow) bool { return row.Worker == w.number })
}

// former lists the accounts, other than the one that counts, that are managed
// for a worker.
func (q *inquiry) former(number org.PersonnelNumber, user org.UserID) []org.UserID {
	var former []org.UserID
	for _, found := range q.survey.Found {
		for _, m := range found.Managed {
			if m.Worker == number && m.User != user && !slices.Contains(former, m.User) {
				former = append(former, m.User)
			}
		}
	}
	slices.SortFunc(former, compareUsers)
	return former
}

// teamsOf lists the teams that a person has to do with: by a row, by the roster,
// or because they are in them or were put there.
func (q *inquiry) teamsOf(p *person) []org.TeamKey {
	keys := map[org.TeamKey]bool{}
	for _, w := range p.workers {
		for _, store := range q.rows.StoresOf(w.number, w.rows) {
			keys[org.TeamKey{Store: store}] = true
		}
	}
	if len(p.roles) > 0 {
		keys[org.Communications] = true
	}
	for _, team := range q.survey.Roster.Teams {
		wants := func(e org.Entry) bool { return e.User == p.user && !p.user.IsZero() || p.isWorker(e.Worker) }
		if slices.ContainsFunc(team.Entries, wants) {
			keys[team.Key] = true
		}
	}
	for key, found := range q.survey.Found {
		for _, user := range append([]org.UserID{p.user}, p.former...) {
			_, in := ledger.People(found.People).Role(user)
			_, managed := ledger.Managed(found.Managed).Of(user)
			if !user.IsZero() && (in || managed) {
				keys[key] = true
			}
		}
	}
	all := make([]org.TeamKey, 0, len(keys))
	for key := range keys {
		all = append(all, key)
	}
	slices.SortFunc(all, compareKeys)
	return all
}

// explainPerson answers for one store, or for all teams.
func (q *inquiry) explainPerson(op string, p *person, keys []org.TeamKey, store org.StoreNumber) (Explanation, error) {
	if store = org.StoreNumber(strings.TrimSpace(string(store))); store != "" {
		key, known := q.storeKey(store)
		if !known {
			return Explanation{}, fault.Newf(fault.NotFound, op,
				"nothing knows a store %s: RetailStores has no such number in the reading of %s, and there is no team of it", store, moment(q.survey.Snapshot.ReadAt))
		}
		keys = []org.TeamKey{key}
	}
	standings := make([]standing, len(keys))
	for i, key := range keys {
		standings[i] = q.stand(p, key)
	}
	e := Explanation{Subject: p.name, Verdict: q.verdict(p, standings)}
	e.Steps = []Step{
		q.readingStep(p, keys), q.commerceStep(p), q.accountStep(p), q.storesStep(p, standings),
		q.tenantStep(p, standings), q.nextStep(p, standings), q.historyStep(p, standings),
	}
	return e, nil
}

package orgsync_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// cellText is a text of a row, as lenient as the rules are.
func cellText(row map[string]any, name string) string {
	text, _ := row[name].(string)
	return strings.TrimSpace(text)
}

// sameID compares ids and UPNs, which come in any case and in braces.
func sameID(a, b string) bool {
	bare := func(s string) string { return strings.Trim(strings.ToLower(strings.TrimSpace(s)), "{}") }
	return a != "" && bare(a) == bare(b)
}

// workersOf are the workers that some reading tied to an account.
func (j *judge) workersOf(user string) map[string]bool {
	upn := ""
	for _, u := range j.everybody {
		if u["id"] == user {
			upn, _ = u["userPrincipalName"].(string)
		}
	}
	is := func(text string) bool { return sameID(text, user) || sameID(text, upn) }
	workers := map[string]bool{}
	seen := map[*table]bool{}
	for _, r := range j.readings {
		staff, persons := r.tables["RetailStaff"], r.tables["PersonUsers"]
		if seen[staff] && seen[persons] {
			continue
		}
		seen[staff], seen[persons] = true, true
		for _, row := range r.rowsIn("RetailStaff") {
			if is(cellText(row, "ExternalSubIdentifier")) || is(cellText(row, "ExternalIdentityAlias")) {
				workers[cellText(row, "PersonnelNumber")] = true
			}
		}
		for _, login := range r.rowsIn("SystemUsers") {
			if is(cellText(login, "UserObjectId")) || is(cellText(login, "Alias")) {
				r.workersBehind(cellText(login, "UserID"), workers)
			}
		}
	}
	return workers
}

// workersBehind are the workers whose party has an F&O user.
func (r *reading) workersBehind(login string, workers map[string]bool) {
	for _, person := range r.rowsIn("PersonUsers") {
		if !strings.EqualFold(cellText(person, "UserId"), login) {
			continue
		}
		for _, worker := range r.rowsIn("Workers") {
			if cellText(worker, "PartyNumber") == cellText(person, "PartyNumber") {
				workers[cellText(worker, "PersonnelNumber")] = true
			}
		}
	}
}

func (r *reading) rowsIn(name string) []map[string]any {
	r.tables[name].decode()
	return r.tables[name].rows
}

// stated reports whether a row that a process could go by says that somebody
// left: the company, the store, or the position.
func (j *judge) stated(p *asker, key org.TeamKey, t *taking) bool {
	if !t.demoted && j.accountGone(p, t.user) {
		return true
	}
	workers := j.workersOf(t.user)
	for _, r := range j.current(p) {
		if !t.demoted && r.employmentOver(p, workers, t.at) {
			return true
		}
		if key.IsStore() && (r.positionOver(workers, t.at) || !t.demoted && r.inactive(p, string(key.Store), workers)) {
			return true
		}
	}
	return false
}

// accountGone reports whether the user feed said that an account is disabled or
// deleted, and nobody who could tell heard since that it is not.
func (j *judge) accountGone(p *asker, user string) bool {
	all := slices.Clone(j.entries)
	for _, other := range j.askers { // what one heard of two at once the other may read in the ledger
		for _, e := range other.heard.users {
			all = append(all, userEntryOf{e, other, other == p})
		}
	}
	for _, e := range slices.Backward(all) {
		switch {
		case e.id != user:
		case e.gone:
			return true
		case e.here && e.whole:
			return false
		}
	}
	return false
}

// current are the readings that a process may go by: its own, else the last one
// that was surely kept and those since.
func (j *judge) current(p *asker) []*reading {
	if p.reading != nil {
		return []*reading{p.reading}
	}
	var some []*reading
	var kept time.Time // the last that surely was
	for _, r := range slices.Backward(j.readings) {
		if r.at.Before(kept) {
			break // of two made at one time either may have been kept last
		}
		some = append(some, r)
		if kept.IsZero() && !r.doubtful && r.done.Before(p.began) {
			kept = r.at
		}
	}
	return some
}

// inactive reports whether a row says that one of the workers is not active in
// the store.
func (r *reading) inactive(p *asker, number string, workers map[string]bool) bool {
	for _, store := range r.rowsIn("RetailStores") {
		if !strings.EqualFold(cellText(store, "StoreNumber"), number) {
			continue
		}
		says := func(row map[string]any) bool {
			flag, _ := row["IsActive"].(bool)
			_, isBool := row["IsActive"].(bool)
			no := isBool && !flag || row["IsActive"] == 0.0 || slices.Contains([]string{"no", "false", "0"}, strings.ToLower(cellText(row, "IsActive")))
			return no && workers[cellText(row, "PersonnelNumber")] && cellText(row, "RetailChannelId") == cellText(store, "RetailChannelId")
		}
		if slices.ContainsFunc(r.rowsIn("RetailChannelWorkers"), says) || slices.ContainsFunc(p.heard.statements["RetailChannelWorkers"], says) {
			return true
		}
	}
	return false
}

// employmentOver reports whether every employment of one of the workers ended.
func (r *reading) employmentOver(p *asker, workers map[string]bool, now time.Time) bool {
	for worker := range workers {
		going, ended := 0, 0
		for _, row := range r.rowsIn("Employees") {
			if cellText(row, "PersonnelNumber") != worker {
				continue
			}
			if over(cellText(row, "EmploymentEndDate"), now) {
				ended++
			} else {
				going++
			}
		}
		news, still := 0, 0
		for _, row := range p.heard.statements["Employees"] {
			switch {
			case cellText(row, "PersonnelNumber") != worker:
			case over(cellText(row, "EmploymentEndDate"), now):
				news++
			default:
				still++
			}
		}
		if ended+news > 0 && (going <= news || news > 0 && still == 0) {
			return true
		}
	}
	return false
}

// positionOver reports whether a position of one of the workers ended.
func (r *reading) positionOver(workers map[string]bool, now time.Time) bool {
	return slices.ContainsFunc(r.rowsIn("PositionWorkerAssignmentsV2"), func(row map[string]any) bool {
		return workers[cellText(row, "PersonnelNumber")] && over(cellText(row, "ValidTo"), now)
	})
}

// over reports whether what ends then has ended. 1900-01-01 is no end.
func over(text string, now time.Time) bool {
	end, err := time.Parse(time.RFC3339, text)
	if err != nil {
		end, err = time.Parse(time.DateOnly, text)
	}
	return err == nil && end.Year() > 1900 && !end.After(now)
}

// overlaid are the tables of a reading with what a process was told since of who
// left.
func (r *reading) overlaid(p *asker) map[string]*table {
	tables := maps.Clone(r.tables)
	for name, keys := range map[string][]string{"RetailChannelWorkers": {"PersonnelNumber", "RetailChannelId"}, "Employees": {"PersonnelNumber"}} {
		told := p.heard.statements[name]
		of := func(rows []map[string]any) []map[string]any {
			rows = slices.Clone(rows)
			for _, row := range told {
				same := func(other map[string]any) bool {
					return !slices.ContainsFunc(keys, func(key string) bool { return cellText(row, key) != cellText(other, key) })
				}
				rows = append(slices.DeleteFunc(rows, same), row)
			}
			return rows
		}
		if len(told) > 0 {
			t := tables[name]
			t.decode()
			tables[name] = &table{done: true, rows: of(t.rows), truth: of(t.truth), count: t.count}
		}
	}
	return tables
}

// view looks at the last readings with the accounts as they are known now, and
// with what the process was told on top.
func (j *judge) view(p *asker) {
	users := j.shownUsers()
	told := len(p.heard.statements["RetailChannelWorkers"]) + len(p.heard.statements["Employees"])
	for _, r := range j.current(p) {
		if told == 0 && j.viewed == viewOf(r, users) {
			continue
		}
		j.viewed = viewOf(r, users)
		j.views = append(j.views, &reading{at: p.began, tables: r.overlaid(p), users: users, wants: map[wantKey]*wanted{}})
	}
}

// view is a reading with some accounts.
type view struct {
	reading *reading
	users   *map[string]any
}

func viewOf(r *reading, users []map[string]any) view {
	if len(users) == 0 {
		return view{reading: r}
	}
	return view{r, &users[0]}
}

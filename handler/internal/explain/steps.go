package explain

import (
	"fmt"
	"slices"

	"github.com/storeteams/storeteams/handler/internal/org"
)

const (
	// maxTeams is how many teams of a person are shown with all their rows: who
	// stands in for two hundred stores is asked about one of them.
	maxTeams = 20

	// maxRows bounds the rows and events of one kind; the newest, or first, tell.
	maxRows = 50
)

// newStep begins a step. One without facts has an empty list of them in JSON.
func newStep(title string) Step { return Step{Title: title, Facts: []Fact{}} }

func (s *Step) fact(name, format string, args ...any) {
	s.Facts = append(s.Facts, Fact{Name: name, Value: fmt.Sprintf(format, args...)})
}

// cut shortens a list to what is shown, and says what is not.
func cut[T any](s *Step, items []T, limit int, thing string) []T {
	if more := len(items) - limit; more > 0 {
		s.fact("and more", "%s, not shown here; ask with a store", number(more, thing))
		return items[:limit]
	}
	return items
}

// readingStep says what was read of Commerce, and how far it can be trusted for
// the answer.
func (q *inquiry) readingStep(p *person, keys []org.TeamKey) Step {
	var unread []org.BadRow
	for _, w := range workersOrAnybody(p) {
		for _, key := range append([]org.TeamKey{org.Communications}, keys...) {
			unread = append(unread, q.rows.Unread(w, key)...)
		}
	}
	return q.reading(distinct(unread))
}

func workersOrAnybody(p *person) []org.PersonnelNumber {
	numbers := []org.PersonnelNumber{""}
	for _, w := range p.workers {
		numbers = append(numbers, w.number)
	}
	return numbers
}

func (q *inquiry) reading(unread []org.BadRow) Step {
	s := newStep("What was read")
	source := q.survey.Source
	s.fact("Commerce", "read on %s, %s", moment(source.ReadAt), ago(source.ReadAt, q.survey.At))
	if source.Short != "" {
		s.fact("short", "%s", source.Short)
	}
	if good := q.survey.Baseline.ReadAt; !good.IsZero() && !good.Equal(source.ReadAt) {
		s.fact("last good reading", "%s", moment(good))
	}
	for _, collection := range q.survey.Snapshot.Missing {
		s.fact(collection, "not published here, and done without")
	}
	for _, row := range cut(&s, unread, maxRows, "row") {
		s.fact(row.Collection+" "+row.Row, "could not be read: %s", row.Problem)
	}
	switch {
	case source.Short != "":
		s.Result = "The reading is short: nobody is taken out for want of a row."
	case len(unread) > 0:
		s.Result = fmt.Sprintf("The reading is complete but for %s that may be about this.", number(len(unread), "row"))
	default:
		s.Result = "The reading is complete."
	}
	return s
}

// commerceStep says what Commerce has of the person.
func (q *inquiry) commerceStep(p *person) Step {
	s := newStep("Who they are in Commerce")
	for _, w := range p.workers {
		id := string(w.number)
		if len(w.rows.Workers) == 0 {
			s.fact("Workers "+id, "no row")
		}
		for _, row := range w.rows.Workers {
			s.fact("Workers "+id, "PartyNumber %s", orNone(row.Party))
		}
		for _, row := range w.rows.Employments {
			s.fact("Employees "+id, "%s", q.employmentText(row))
		}
		if len(w.rows.Employments) == 0 {
			s.fact("Employees "+id, "no row; without one nobody counts as having left")
		}
	}
	for _, row := range p.roles {
		s.fact("SecurityUserRoleAssociations "+row.User, "SecurityRoleIdentifier %s, SecurityRoleName %s, AssignmentStatus %s",
			orNone(row.Role), orNone(row.Name), orNone(row.Status))
	}
	switch {
	case len(p.workers) == 0:
		s.Result = "Commerce records the account for no worker."
	case p.left():
		s.Result = "Every employment has ended" + lastEnded(p) + ": they belong to no team as a worker."
	default:
		s.Result = "Nothing says that they left the company."
	}
	return s
}

func (q *inquiry) employmentText(row org.Employment) string {
	switch {
	case row.End.IsZero():
		return "EmploymentEndDate none: still employed"
	case q.survey.At.Before(row.End):
		return fmt.Sprintf("EmploymentEndDate %s: still employed", moment(row.End))
	}
	return fmt.Sprintf("EmploymentEndDate %s: ended", moment(row.End))
}

// accountStep says which accounts are recorded, and what became of them.
func (q *inquiry) accountStep(p *person) Step {
	s := newStep("Their account")
	for _, w := range p.workers {
		for _, r := range w.account.Records {
			name := fmt.Sprintf("%s of worker %s", r.Collection, w.number)
			if r.SystemUser != "" {
				name = fmt.Sprintf("%s %s, by PersonUsers of party %s", r.Collection, r.SystemUser, orNone(r.Party))
			}
			s.fact(name, "%s %s: %s", r.Attribute, r.Text, recordText(r))
		}
		if len(w.account.Records) == 0 {
			s.fact("RetailStaff, SystemUsers", "no account is recorded for worker %s", w.number)
		}
	}
	q.accountFacts(&s, p.account.User, p.user)
	for _, user := range p.former {
		s.fact("another account", "%s came into a team for this worker before", user)
	}
	switch {
	case p.account.Cause != "":
		s.Result = capital(p.trouble()) + "."
	case slices.Contains(q.survey.Settings.Rules.Blocks, org.Block{User: p.user}):
		s.Result = fmt.Sprintf("The account is %s, and would do, but an operator blocked it from every team.", p.user)
	default:
		s.Result = fmt.Sprintf("The account is %s, and may be added to teams.", p.user)
	}
	return s
}

// recordText says what became of a recorded account.
func recordText(r org.Recorded) string {
	switch {
	case !r.Tried:
		return "not looked for, as one before it was found"
	case r.Cause == "":
		return "found, user " + r.User.ID.String()
	case r.Cause == org.BadIdentity:
		return "no GUID"
	case r.User.Deleted:
		return "deleted in Entra"
	}
	return "not a user of this tenant, as far as the last run read"
}

func (q *inquiry) accountFacts(s *Step, user org.User, id org.UserID) {
	if id.IsZero() {
		return
	}
	name := "account " + id.String()
	switch {
	case user.Deleted:
		s.fact(name, "deleted")
	case user.ID.IsZero():
		s.fact(name, "not a user of this tenant, as far as the last run read")
	default:
		s.fact(name, "%s; enabled %s, Teams licence %s, guest %s",
			orNone(user.UPN), flagText(user.Enabled), yesNo(user.Licensed), yesNo(user.Guest))
	}
	if q.survey.Roster.Evidence.Protected(id) {
		s.fact("PROTECTED_USERS", "names them: they are never removed or demoted")
	}
	for _, b := range q.survey.Settings.Rules.Blocks {
		if b.User == id && b.Store == "" {
			s.fact("block", "kept out of every team by an operator")
		} else if b.User == id {
			s.fact("block", "kept out of store %s by an operator", b.Store)
		}
	}
}

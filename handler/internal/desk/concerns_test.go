package desk

import (
	"testing"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
)

// What is told about somebody is what was done to them, and what became of the
// teams they belong to as a whole. What was done to others there is not.
func TestConcerns(t *testing.T) {
	account, other := org.UserID{1}, org.UserID{2}
	here, elsewhere := org.TeamKey{Store: "000101"}, org.TeamKey{Store: "000102"}
	survey := &orgsync.Survey{
		Users: org.NewUsers(nil),
		Links: map[org.TeamKey]*ledger.Link{here: {Team: here, Managed: ledger.Managed{{User: org.UserID{3}, Worker: "7"}}}},
		Roster: org.Roster{
			Teams:    []org.Team{{Key: here, Entries: []org.Entry{{User: account, Worker: "7"}}}},
			Unmapped: []org.Unmapped{{Worker: "8", Teams: []org.TeamKey{elsewhere}}},
		},
	}
	for name, c := range map[string]struct {
		user   org.UserID
		worker org.PersonnelNumber
		store  org.StoreNumber
		event  ledger.Event
		want   bool
	}{
		"their own":                 {worker: "7", event: ledger.Event{Team: &here, What: "add member", Worker: "7"}, want: true},
		"of a former account":       {worker: "7", event: ledger.Event{Team: &here, What: "remove", User: org.UserID{3}}, want: true},
		"of the account":            {user: account, event: ledger.Event{What: "block", User: account}, want: true},
		"another's":                 {worker: "7", event: ledger.Event{Team: &here, What: "add member", User: other, Worker: "9"}},
		"the making of their team":  {worker: "7", event: ledger.Event{Run: "r", Team: &here, What: "create team", User: other}, want: true},
		"the making of another":     {worker: "7", event: ledger.Event{Run: "r", Team: &elsewhere, What: "create team", User: other}},
		"a failure of their team":   {worker: "7", event: ledger.Event{Run: "r", Team: &here, What: "take the team's lease", Error: "e"}, want: true},
		"unmapped, their team":      {worker: "8", event: ledger.Event{Run: "r", Team: &elsewhere, What: "make team"}, want: true},
		"stranger, the store asked": {worker: "9", store: "000102", event: ledger.Event{Run: "r", Team: &elsewhere, What: "make team"}, want: true},
		"elsewhere, a store asked":  {worker: "7", store: "000102", event: ledger.Event{Team: &here, What: "add member", Worker: "7"}},
		"the store's":               {store: "000101", event: ledger.Event{Team: &here, What: "rename"}, want: true},
		"another store's":           {store: "000101", event: ledger.Event{Team: &elsewhere, What: "rename"}},
		"nobody's, a store asked":   {store: "000101", event: ledger.Event{What: "rebuild"}},
		"nobody's":                  {worker: "7", event: ledger.Event{What: "rebuild"}},
	} {
		if got := concerns(survey, c.user, c.worker, c.store)(c.event); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

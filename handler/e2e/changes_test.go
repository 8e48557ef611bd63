package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/world"
)

// The tests of this file change a retailer that is in step the way a person at
// Commerce's screens does, and look for the change in Teams.

// settled is a chain whose teams are as they should be.
func settled(t *testing.T, stores int) (*site, naive.World, world.Headquarters) {
	t.Helper()
	w := chain(stores, 4)
	s := start(t, chainSetup(t, w))
	s.settle(t)
	return s, w, world.Headquarters{URL: s.CommerceURL}
}

// untouched checks that only the named stores' teams are other than before.
func (s *site) untouched(t *testing.T, before []string, numbers ...string) {
	t.Helper()
	if diff := difference(before, s.rest(t, numbers...)); diff != "" {
		t.Errorf("teams changed that had no reason to:\n%s", diff)
	}
}

func TestHire(t *testing.T) {
	t.Parallel()
	s, _, hq := settled(t, 3)
	before := s.rest(t, "000002")
	was := s.store(t, "000002")

	if _, err := hq.Hire(t.Context(), "000002", world.Recruit{Name: "Ada Byron", UPN: "newcomer.a@contoso.example"}); err != nil {
		t.Fatal(err)
	}
	s.check(t, s.settle(t))

	team := s.store(t, "000002")
	if id := spareID("newcomer.a"); !slices.Contains(team.Members, id) || len(team.Members) != len(was.Members)+1 {
		t.Errorf("members %v, want %s added to %v", team.Members, id, was.Members)
	}
	if !slices.Equal(team.Owners, was.Owners) {
		t.Errorf("owners %v, were %v", team.Owners, was.Owners)
	}
	s.untouched(t, before, "000002")
	s.calm(t)
}

func TestPromote(t *testing.T) {
	t.Parallel()
	s, w, hq := settled(t, 3)
	before := s.rest(t, "000003")
	id := account(t, w, "000003002")
	if was := s.store(t, "000003"); !slices.Contains(was.Members, id) {
		t.Fatalf("worker 000003002 is no member before: %+v", was)
	}

	if err := hq.Promote(t.Context(), "000003002", "000003"); err != nil {
		t.Fatal(err)
	}
	s.check(t, s.settle(t))

	team := s.store(t, "000003")
	if manager := account(t, w, "000003000"); !slices.Contains(team.Owners, id) || !slices.Contains(team.Owners, manager) {
		t.Errorf("owners %v, want %s beside %s", team.Owners, id, manager)
	}
	if slices.Contains(team.Members, id) {
		t.Errorf("%s is still a mere member", id)
	}
	s.untouched(t, before, "000003")
	s.calm(t)
}

// A worker with a second job is in both teams.
func TestTwoJobs(t *testing.T) {
	t.Parallel()
	s, w, _ := settled(t, 3)
	before := s.rest(t, "000003")
	id := account(t, w, "000001001")

	s.assign(t, row{"RetailChannelId": "C000003", "PersonnelNumber": "000001001", "IsActive": "Yes"})
	s.check(t, s.settle(t))

	for _, number := range []string{"000001", "000003"} {
		if team := s.store(t, number); !slices.Contains(team.Members, id) {
			t.Errorf("store %s: members %v lack %s", number, team.Members, id)
		}
	}
	s.untouched(t, before, "000003")
	s.calm(t)
}

func TestRenameStore(t *testing.T) {
	t.Parallel()
	s, _, hq := settled(t, 3)
	before := s.rest(t, "000001")
	was := s.store(t, "000001")

	if err := hq.Rename(t.Context(), "000001", "Harbour Square"); err != nil {
		t.Fatal(err)
	}
	s.check(t, s.settle(t))

	team := s.store(t, "000001")
	if team.Name != "Harbour Square (000001)" {
		t.Errorf("the team is called %q", team.Name)
	}
	if team.ID != was.ID || !slices.Equal(team.Members, was.Members) || !slices.Equal(team.Owners, was.Owners) {
		t.Errorf("more than the name changed: %+v, was %+v", team, was)
	}
	s.untouched(t, before, "000001")
	s.calm(t)
}

// A store that opens without a manager gets its team all the same. Four stores
// are there before: one of five without a manager is 20 %, which holds nothing.
func TestOpenStore(t *testing.T) {
	t.Parallel()
	s, w, hq := settled(t, 4)
	before := s.rest(t, "000009")

	if err := hq.Open(t.Context(), "000009", "New Quay", "Area 0"); err != nil {
		t.Fatal(err)
	}
	s.check(t, s.settle(t))

	team := s.store(t, "000009")
	// No manager above it in the hierarchy: the communications manager steps in.
	if caretaker := account(t, w, "000001003"); !slices.Equal(team.Owners, []string{caretaker}) || len(team.Members) > 0 {
		t.Errorf("owners %v, members %v, want %s alone", team.Owners, team.Members, caretaker)
	}
	if team.Name != "New Quay (000009)" {
		t.Errorf("the team is called %q", team.Name)
	}
	s.untouched(t, before, "000009")
	s.calm(t)
}

// When over a fifth of the stores lack a manager, it is the rule that is wrong:
// nothing is done, and the run says so. One of four is a quarter.
func TestOpenStoreHeld(t *testing.T) {
	t.Parallel()
	s, _, hq := settled(t, 3)
	before, writes := s.tenant(t), s.Tenant.Writes()

	if err := hq.Open(t.Context(), "000009", "New Quay", "Area 0"); err != nil {
		t.Fatal(err)
	}
	run := s.sync(t)
	if run.Outcome != "held" || run.Error == "" {
		t.Errorf("outcome %q, %q; want held, and why", run.Outcome, run.Error)
	}
	if diff := difference(before, s.tenant(t)); diff != "" || s.Tenant.Writes() != writes {
		t.Errorf("a held run changed the tenant:\n%s", diff)
	}
}

// assign makes a row of RetailChannelWorkers over OData.
func (s *site) assign(t *testing.T, r row) {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.CommerceURL+"/data/RetailChannelWorkers", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer local")
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("make a row of RetailChannelWorkers: %s, %v", resp.Status, err)
	}
}

package e2e

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/storeteams/storeteams/handler/internal/ledger/boltledger"
	"github.com/storeteams/storeteams/handler/local/environment"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/world"
)

// fullSetup is a site of a chain that may take people out. Two readings are
// enough for a row that is gone, however close they are, and the delays are so
// long that none passes by itself: a test that wants one over restarts the
// handler with a shorter one. The total cap is out of the way of these small
// chains.
func fullSetup(t *testing.T, w naive.World) setup {
	t.Helper()
	given := chainSetup(t, w)
	given.handler = map[string]string{
		"MODE": "full", "SIGHTING_INTERVAL": "1ms", "HANDS_DELAY": "1h", "ARCHIVE_AFTER": "1h", "MAX_REMOVAL_PERCENT": "100",
	}
	return given
}

// full is a chain in step that may take people out.
func full(t *testing.T, w naive.World) *site {
	t.Helper()
	s := start(t, fullSetup(t, w))
	s.check(t, s.settle(t))
	return s
}

func (s *site) hq() world.Headquarters { return world.Headquarters{URL: s.CommerceURL} }

// do fails the test if something that has to work did not.
func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// restartWith restarts the handler, on its ledger, with other settings.
func (s *site) restartWith(t *testing.T, settings map[string]string) {
	t.Helper()
	maps.Copy(s.Settings, settings)
	s.restart(t)
}

// edit changes the rows of a collection that meet a condition; a nil change
// deletes them. There has to be one.
func (s *site) edit(t *testing.T, collection string, meets func(row) bool, change row) {
	t.Helper()
	met := 0
	var rows []json.RawMessage
	for _, raw := range s.Commerce.Rows(collection) {
		var r row
		do(t, json.Unmarshal(raw, &r))
		if meets(r) {
			met++
			if change == nil {
				continue
			}
			maps.Copy(r, change)
			text, err := json.Marshal(r)
			do(t, err)
			raw = text
		}
		rows = append(rows, raw)
	}
	if met == 0 {
		t.Fatalf("%s has no such row", collection)
	}
	do(t, s.Commerce.SetRows(collection, rows))
}

// having is the condition that a row has these values.
func having(values row) func(row) bool {
	return func(r row) bool {
		for name, value := range values {
			if r[name] != value {
				return false
			}
		}
		return true
	}
}

// leaves says in Commerce that a worker is not active in a chain's store.
func (s *site) leaves(t *testing.T, worker, store string) {
	t.Helper()
	s.edit(t, "RetailChannelWorkers", having(row{"PersonnelNumber": worker, "RetailChannelId": "C" + store}), row{"IsActive": "No"})
}

// What somebody is in a team.
const (
	owner  = "owner"
	member = "member"
	out    = "out"
)

// are checks what users, by object id, are in a store's team.
func (s *site) are(t *testing.T, store, want string, users ...string) {
	t.Helper()
	team := s.store(t, store)
	for _, user := range users {
		is := out
		switch {
		case slices.Contains(team.Owners, user):
			is = owner
		case slices.Contains(team.Members, user):
			is = member
		}
		if is != want {
			t.Errorf("store %s: %s is %s, want %s", store, user, is, want)
		}
	}
}

// noted returns the texts of a run's notes of a kind about a store.
func noted(run environment.Run, kind, store string) string {
	var texts []string
	for _, n := range run.Notes {
		if n.Kind == kind && strings.HasSuffix(n.Team, store) {
			texts = append(texts, n.Text)
		}
	}
	return strings.Join(texts, "\n")
}

// held returns the one hold that waits for a person.
func (s *site) held(t *testing.T) environment.Hold {
	t.Helper()
	holds, err := s.Operator().Holds(t.Context())
	do(t, err)
	holds = slices.DeleteFunc(holds, func(h environment.Hold) bool { return h.Decision != "waiting" })
	if len(holds) != 1 {
		t.Fatalf("want one hold, there are %+v", holds)
	}
	return holds[0]
}

// still runs OrgSync twice, which reads Commerce twice, and checks that nothing
// in the tenant changes by it. It returns the second run.
func (s *site) still(t *testing.T) environment.Run {
	t.Helper()
	before := s.tenant(t)
	s.sync(t)
	run := s.sync(t)
	if diff := difference(before, s.tenant(t)); diff != "" {
		t.Errorf("the tenant changed:\n%s", diff)
	}
	return run
}

// loseLedger deletes the ledger's file, and starts the handler without it.
func (s *site) loseLedger(t *testing.T) {
	t.Helper()
	s.Host.Close()
	do(t, os.Remove(s.ledger))
	do(t, s.StartHost(t.Context()))
}

// endLeases lets the leases of a handler that was killed end, which would take
// a minute. The handler has to be down.
func (s *site) endLeases(t *testing.T) {
	t.Helper()
	store, err := boltledger.Open(s.ledger)
	do(t, err)
	for row, listed := range store.List(t.Context(), "lease", "") {
		err = errors.Join(err, listed)
		if listed == nil {
			err = errors.Join(err, store.Delete(t.Context(), row.Key, row.ETag))
		}
	}
	do(t, errors.Join(err, store.Close()))
}

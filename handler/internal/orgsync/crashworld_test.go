package orgsync_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// scene is a world to be interrupted in. Set brings it to where the process
// begins that something befalls; want, if there is one, says how it has to end.
type scene struct {
	set   func(t *testing.T, options simgraph.Options) *stage
	want  func(t *testing.T, s *stage)
	quiet int // a store whose first clerk is one of its members throughout
}

// beginnings are worlds whose teams are still to be made.
func beginnings() map[string]scene {
	return map[string]scene{
		"young groups": {set: func(t *testing.T, o simgraph.Options) *stage {
			o.GroupDelay = 25 * time.Second
			return newStage(t, worldgen.Chain(3, 2), o)
		}},
		"very young groups": {set: func(t *testing.T, o simgraph.Options) *stage {
			o.GroupDelay, o.DeltaReplay = 45*time.Second, true
			return newStage(t, worldgen.Chain(3, 2), o)
		}},
		"reads lag": {set: func(t *testing.T, o simgraph.Options) *stage {
			o.ReadLag = 16 * time.Minute
			return newStage(t, worldgen.Chain(3, 2), o)
		}},
		"groups of old": {set: func(t *testing.T, o simgraph.Options) *stage {
			s := newStage(t, motley(), o)
			s.settings.Adopt = true
			s.settings.Scope = []string{"000003", "000004", "000005"}
			return s
		}},
		"in the middle": {set: func(t *testing.T, o simgraph.Options) *stage {
			s := newStage(t, worldgen.Chain(3, 3), o)
			s.disturbed(t)
			return s
		}},
	}
}

// changes are worlds that were in step, and then changed so that one run has to
// take, and not only to give.
func changes() map[string]scene {
	return map[string]scene{
		"people":   {setPeople, wantPeopleMoved, 3},
		"managers": {setManagers, wantManagersMoved, 4},
		"stores":   {setStores, wantStoresMoved, 3},
		"held":     {setHeld, wantHeldGone, 3},
	}
}

// settled is a stage on which everything is in step, and no read lags any more.
func settled(t *testing.T, w naive.World, o simgraph.Options) *stage {
	t.Helper()
	s := newStage(t, w, o)
	s.calm(t, 1)
	pass(2 * time.Hour)
	return s
}

// setPeople: a row that vanished was sighted once. Since then somebody left by
// what their row says, somebody moved to another store, somebody is blocked, a
// worker was taken out by hand, a stranger put in and a clerk made owner.
func setPeople(t *testing.T, o simgraph.Options) *stage {
	s := settled(t, worldgen.Chain(3, 4), o)
	s.vanish(t, 2, 3)
	s.edits()
	s.step(t)
	s.edit(t, "RetailChannelWorkers", func(row map[string]any) bool {
		switch row["PersonnelNumber"] {
		case "000001003":
			row["IsActive"] = "No"
		case "000003002":
			row["RetailChannelId"] = "C000001"
		}
		return true
	})
	first := s.readings
	s.edits(s.worker(t, 1, 3), s.worker(t, 2, 2))
	s.readings = first // what was sighted before this edit is as it was
	must(t, s.syncer(t).Block(t.Context(), org.Block{User: userID(t, s.worker(t, 2, 2)), Store: store(2).Store}))
	must(t, s.tenant.RemoveMember(s.team(t, store(3)).ID, s.worker(t, 3, 1)))
	must(t, s.tenant.AddMember(s.team(t, store(3)).ID, s.office(1)))
	must(t, s.tenant.AddOwner(s.team(t, store(2)).ID, s.worker(t, 2, 1)))
	return s
}

func wantPeopleMoved(t *testing.T, s *stage) {
	wantPeople(t, s.team(t, store(1)), []string{s.worker(t, 1, 0)}, []string{s.worker(t, 1, 1), s.worker(t, 1, 2), s.worker(t, 3, 2)})
	wantPeople(t, s.team(t, store(2)), []string{s.worker(t, 2, 0), s.worker(t, 2, 1)}, nil)
	wantPeople(t, s.team(t, store(3)), []string{s.worker(t, 3, 0)}, []string{s.worker(t, 3, 1), s.worker(t, 3, 3), s.office(1)})
}

// vanish takes the row away that puts the k-th worker into the n-th store.
func (s *stage) vanish(t *testing.T, n, k int) {
	t.Helper()
	user := s.worker(t, n, k)
	number := ""
	for _, row := range s.world.Commerce["RetailStaff"] {
		if row["ExternalSubIdentifier"] == user {
			number = row["PersonnelNumber"].(string)
		}
	}
	s.edit(t, "RetailChannelWorkers", func(row map[string]any) bool { return row["PersonnelNumber"] != number })
}

// The accounts that the tenant has to spare.
const spare = "aaaaaaaa-0000-4000-8000-000000000001"

// setManagers: store 1 has another manager, and the position of the one before
// ended; the manager of store 3 left the company; store 5, which a caretaker
// owned, has a manager now; and a clerk of store 2 has another account.
func setManagers(t *testing.T, o simgraph.Options) *stage {
	w := worldgen.Chain(5, 2)
	user := map[string]any{}
	for name, value := range w.Users[len(w.Users)-1] {
		user[name] = value
	}
	user["id"], user["userPrincipalName"] = spare, "spare@contoso.example"
	w.Users = append(w.Users, user)
	var permissions []map[string]any
	for _, row := range w.Commerce["RetailPositionPosPermissions"] {
		if row["PositionId"] != "POS000005000" {
			permissions = append(permissions, row)
		}
	}
	w.Commerce["RetailPositionPosPermissions"] = permissions
	for _, row := range w.Commerce["OperatingUnits"] {
		if row["OperatingUnitNumber"] == "U000005" {
			row["ManagerPersonnelNumber"] = ""
		}
	}
	s := settled(t, w, o)
	s.manage(t, 1, "000001001")
	s.manage(t, 3, "000003001")
	s.manage(t, 5, "000005000")
	s.edit(t, "PositionWorkerAssignmentsV2", func(row map[string]any) bool {
		if row["PersonnelNumber"] == "000001000" {
			row["ValidTo"] = time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
		}
		return true
	})
	leaver := s.worker(t, 3, 0)
	must(t, s.tenant.SetUser(leaver, enabled(false)))
	for _, row := range s.world.Users {
		if row["id"] == leaver {
			row["accountEnabled"] = false
		}
	}
	demoted := s.worker(t, 1, 0)
	s.edit(t, "RetailStaff", func(row map[string]any) bool {
		if row["PersonnelNumber"] == "000002001" {
			row["ExternalSubIdentifier"], row["ExternalIdentityAlias"] = spare, "spare@contoso.example"
		}
		return true
	})
	s.edits(leaver, demoted)
	return s
}

// manage makes somebody the manager of the n-th store.
func (s *stage) manage(t *testing.T, n int, worker string) {
	t.Helper()
	unit := "U" + string(store(n).Store)
	s.edit(t, "OperatingUnits", func(row map[string]any) bool {
		if row["OperatingUnitNumber"] == unit {
			row["ManagerPersonnelNumber"] = worker
		}
		return true
	})
}

func wantManagersMoved(t *testing.T, s *stage) {
	wantPeople(t, s.team(t, store(1)), []string{s.worker(t, 1, 1)}, []string{s.worker(t, 1, 0)})
	wantPeople(t, s.team(t, store(2)), []string{s.worker(t, 2, 0)}, []string{spare})
	wantPeople(t, s.team(t, store(3)), []string{s.worker(t, 3, 1)}, nil)
	wantPeople(t, s.team(t, store(5)), []string{s.worker(t, 5, 0)}, []string{s.worker(t, 5, 1)})
}

// setStores: the team of closed store 5 is archived, and the store is back;
// that of closed store 4 is due, and somebody there left the company. The team
// of store 3 was deleted, and somebody was hired there. Store 2 has a new name.
func setStores(t *testing.T, o simgraph.Options) *stage {
	s := settled(t, worldgen.Chain(5, 3), o)
	s.archiveAfter = 90 * time.Minute
	rows := s.world.Commerce["RetailStores"]
	s.close(t, "000005")
	s.edits()
	for range 2 {
		s.step(t)
	}
	pass(2 * time.Hour)
	s.step(t)
	if !s.team(t, store(5)).Archived {
		t.Fatal("the team of the closed store is not archived")
	}
	s.close(t, "000004")
	s.edits()
	for range 2 {
		s.step(t)
	}
	pass(2 * time.Hour)
	s.world.Commerce["RetailStores"] = append(s.world.Commerce["RetailStores"], rows[4])
	s.refill(t, "RetailStores")
	s.renameStore(t, 2, "Harbour")
	leaver := s.worker(t, 4, 2)
	must(t, s.tenant.SetUser(leaver, enabled(false)))
	for _, row := range s.world.Users {
		if row["id"] == leaver {
			row["accountEnabled"] = false
		}
	}
	s.mark()
	must(t, s.tenant.DeleteGroup(s.team(t, store(3)).ID))
	s.add(t, "RetailChannelWorkers", map[string]any{"RetailChannelId": "C000003", "PersonnelNumber": "000001002", "IsActive": "Yes"})
	s.edits(leaver)
	return s
}

// close takes a store's row away.
func (s *stage) close(t *testing.T, number string) {
	t.Helper()
	s.edit(t, "RetailStores", func(row map[string]any) bool { return row["StoreNumber"] != number })
}

func wantStoresMoved(t *testing.T, s *stage) {
	if team := s.team(t, store(2)); team.Name != "Harbour (000002)" {
		t.Errorf("store 2's team is called %q", team.Name)
	}
	wantPeople(t, s.team(t, store(3)), []string{s.worker(t, 3, 0)}, []string{s.worker(t, 3, 1), s.worker(t, 3, 2), s.worker(t, 1, 2)})
	wantPeople(t, s.team(t, store(4)), []string{s.worker(t, 4, 0)}, []string{s.worker(t, 4, 1)})
	if four, five := s.team(t, store(4)), s.team(t, store(5)); !four.Archived || five.Archived {
		t.Errorf("store 4's team is archived %v, store 5's %v", four.Archived, five.Archived)
	}
}

// setHeld: two of store 1 are to go, which was held and is allowed; two of store
// 3 are, which is held and nobody allowed; and one of store 2.
func setHeld(t *testing.T, o simgraph.Options) *stage {
	s := settled(t, worldgen.Chain(3, 6), o)
	s.limits.TeamPercent = 17
	for _, n := range []int{1, 3} {
		s.vanish(t, n, 3)
		s.vanish(t, n, 4)
	}
	s.edits()
	var record orgsync.Record
	for range 2 {
		record = s.step(t)
	}
	if record.Held != 2 {
		t.Fatalf("%d are held:\n%s", record.Held, record.Plan)
	}
	engine := s.syncer(t)
	holds, err := engine.Holds(t.Context())
	must(t, err)
	for _, hold := range holds {
		if hold.Team == store(1) {
			_, err := engine.Decide(t.Context(), hold.Hash, true)
			must(t, err)
		}
	}
	s.edit(t, "RetailChannelWorkers", func(row map[string]any) bool {
		if row["PersonnelNumber"] == "000002004" {
			row["IsActive"] = "No"
		}
		return true
	})
	first := s.readings
	s.edits(s.worker(t, 2, 4))
	s.readings = first // what was sighted before this edit is as it was
	return s
}

func wantHeldGone(t *testing.T, s *stage) {
	for n, without := range map[int][]int{1: {3, 4}, 2: {4}, 3: nil} {
		var members []string
		for k := 1; k < 6; k++ {
			if len(without) == 0 || k != without[0] && k != without[len(without)-1] {
				members = append(members, s.worker(t, n, k))
			}
		}
		wantPeople(t, s.team(t, store(n)), []string{s.worker(t, n, 0)}, members)
	}
}

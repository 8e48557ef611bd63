package world_test

import (
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/local/simcommerce"
)

// The sample's people these tests are about.
const (
	named      = "001006" // whom the unit of store 000101 names
	deputy     = "001007" // of store 000101, without manager privileges
	privileged = "001013" // of store 000102, by a position of its department
	byGroup    = "001041" // of store 000106, by a permission group
	floating   = "001192" // active in 000107 and 000108, by a position of no store's department
	several    = "001191" // active in 000101, 000102 and 000104
)

// active lists the channels where a worker is active, and the others they have
// a row of.
func active(t *testing.T, env *simcommerce.Environment, worker string) (yes, no int) {
	t.Helper()
	for _, place := range with(now(t, env, "RetailChannelWorkers"), "PersonnelNumber", worker) {
		if place.text("IsActive") == "Yes" {
			yes++
		} else {
			no++
		}
	}
	return yes, no
}

// positions lists the departments of a worker's current positions.
func positions(t *testing.T, env *simcommerce.Environment, worker string) []string {
	t.Helper()
	departments := []string{}
	for _, a := range with(now(t, env, "PositionWorkerAssignmentsV2"), "PersonnelNumber", worker) {
		if end, err := time.Parse(time.RFC3339, a.text("ValidTo")); err == nil && end.After(time.Now()) {
			position := with(now(t, env, "PositionsV2"), "PositionId", a.text("PositionId"))[0]
			departments = append(departments, position.text("DepartmentNumber"))
		}
	}
	return departments
}

// managersOf lists who manages a store, as the sample's tests see it.
func managersOf(t *testing.T, env *simcommerce.Environment, number string) []string {
	t.Helper()
	store := with(now(t, env, "RetailStores"), "StoreNumber", number)[0]
	return sampled{commerce: everything(t, env)}.managers(store)
}

// placed returns the worker's row of a store, or nil.
func placed(t *testing.T, env *simcommerce.Environment, worker, number string) record {
	t.Helper()
	store := with(now(t, env, "RetailStores"), "StoreNumber", number)[0]
	rows := with(with(now(t, env, "RetailChannelWorkers"), "PersonnelNumber", worker), "RetailChannelId", store.text("RetailChannelId"))
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestLeave(t *testing.T) {
	hq, env := running(t)
	for _, worker := range []string{deputy, several, "001198"} { // the last was employed twice
		if err := hq.Leave(t.Context(), worker); err != nil {
			t.Fatal(err)
		}
		yes, no := active(t, env, worker)
		equal(t, worker+" is active in a store", yes, 0)
		equal(t, worker+" has rows of stores", no > 0, true)
		equal(t, worker+"'s positions", len(positions(t, env, worker)), 0)
		for _, job := range with(now(t, env, "Employees"), "PersonnelNumber", worker) {
			end, err := time.Parse(time.RFC3339, job.text("EmploymentEndDate"))
			if err != nil || end.After(time.Now()) {
				t.Errorf("%s is employed until %s", worker, job.text("EmploymentEndDate"))
			}
		}
		refused(t, hq.Leave(t.Context(), worker), "worker "+worker+" has left already")
		refused(t, hq.Transfer(t.Context(), worker, "000103"), "has left already")
	}
	// What ended before keeps its end.
	first := with(with(now(t, env, "Employees"), "PersonnelNumber", "001198"), "EmploymentEndDate", "2019-08-31T23:59:59Z")
	equal(t, "employments that ended in 2019", len(first), 1)
	equal(t, "the others of 000101 have positions", len(positions(t, env, named)), 1)

	refused(t, hq.Leave(t.Context(), "nobody"), "no worker has the number nobody")
	if err := env.SetRows("Employees", nil); err != nil {
		t.Fatal(err)
	}
	refused(t, hq.Leave(t.Context(), named), "worker "+named+" has no employment")
}

func TestTransfer(t *testing.T) {
	hq, env := running(t)
	if err := hq.Transfer(t.Context(), deputy, "000102"); err != nil {
		t.Fatal(err)
	}
	equal(t, "in the old store", placed(t, env, deputy, "000101").text("IsActive"), "No")
	equal(t, "in the new store", placed(t, env, deputy, "000102").text("IsActive"), "Yes")
	if d := positions(t, env, deputy); len(d) != 1 || d[0] != "1002" {
		t.Errorf("positions in %v, want 1002", d)
	}
	equal(t, "managers of the store they left", len(managersOf(t, env, "000101")), 1)
	refused(t, hq.Transfer(t.Context(), deputy, "000102"), "works in store 000102 already")
	refused(t, hq.Transfer(t.Context(), deputy, "nowhere"), "no store has the number nowhere")
	refused(t, hq.Transfer(t.Context(), "nobody", "000102"), "no worker has the number nobody")

	// Back again, and there once more: rows and positions of before are used.
	for _, store := range []string{"000101", "000102"} {
		if err := hq.Transfer(t.Context(), deputy, store); err != nil {
			t.Fatal(err)
		}
		yes, no := active(t, env, deputy)
		equal(t, "active in "+store, placed(t, env, deputy, store).text("IsActive"), "Yes")
		equal(t, "stores they are active in", yes, 1)
		equal(t, "stores they were active in", no, 1)
		equal(t, "positions", len(positions(t, env, deputy)), 1)
	}
}

func TestTransferOfManagers(t *testing.T) {
	hq, env := running(t)
	for _, worker := range []string{named, privileged, byGroup} {
		if err := hq.Transfer(t.Context(), worker, "000103"); err != nil {
			t.Fatal(err)
		}
		yes, _ := active(t, env, worker)
		equal(t, "stores of "+worker, yes, 1)
	}
	for _, store := range []string{"000101", "000102", "000106"} {
		equal(t, "managers of "+store, len(managersOf(t, env, store)), 0)
	}
	equal(t, "managers of 000103", len(managersOf(t, env, "000103")), 1)
	if err := hq.Transfer(t.Context(), floating, "000103"); err != nil {
		t.Fatal(err)
	}
	equal(t, "managers of 000103 with one who belongs to no store", len(managersOf(t, env, "000103")), 2)

	// Out of three stores into one of them; and somebody who was in none.
	if err := hq.Transfer(t.Context(), several, "000104"); err != nil {
		t.Fatal(err)
	}
	yes, no := active(t, env, several)
	equal(t, "stores of one who was in three", yes, 1)
	equal(t, "stores they left", no, 2)
	equal(t, "positions of one who arrived nowhere", len(positions(t, env, several)), 0)
	if err := hq.Transfer(t.Context(), "001001", "000104"); err != nil { // the web shop's
		t.Fatal(err)
	}
	yes, _ = active(t, env, "001001")
	equal(t, "stores of one who was in the web shop", yes, 1)
}

func TestDemote(t *testing.T) {
	hq, env := running(t)
	for worker, store := range map[string]string{named: "000101", privileged: "000102", byGroup: "000106"} {
		if err := hq.Demote(t.Context(), worker); err != nil {
			t.Fatal(err)
		}
		equal(t, "managers of "+store, len(managersOf(t, env, store)), 0)
		equal(t, "still there", placed(t, env, worker, store).text("IsActive"), "Yes")
		refused(t, hq.Demote(t.Context(), worker), "worker "+worker+" manages nothing")
		if err := hq.Promote(t.Context(), worker, store); err != nil {
			t.Fatal(err)
		}
		equal(t, "managers after a promotion", len(managersOf(t, env, store)), 1)
	}
	equal(t, "a position of no privileges stays", len(positions(t, env, named)), 2)
	refused(t, hq.Demote(t.Context(), deputy), "manages nothing")
	refused(t, hq.Demote(t.Context(), "nobody"), "no worker has the number nobody")

	// Again and again, also within a second.
	for range 3 {
		if err := hq.Demote(t.Context(), named); err != nil {
			t.Fatal(err)
		}
		equal(t, "managers", len(managersOf(t, env, "000101")), 0)
		if err := hq.Promote(t.Context(), named, "000101"); err != nil {
			t.Fatal(err)
		}
		equal(t, "managers", len(managersOf(t, env, "000101")), 1)
	}
}

func TestDemoteRegionalManager(t *testing.T) {
	hq, env := running(t)
	if err := hq.Demote(t.Context(), "001002"); err != nil {
		t.Fatal(err)
	}
	equal(t, "units of 001002", len(with(now(t, env, "OperatingUnits"), "ManagerPersonnelNumber", "001002")), 0)
}

func TestUnlist(t *testing.T) {
	hq, env := running(t)
	if err := hq.Unlist(t.Context(), several, "000102"); err != nil {
		t.Fatal(err)
	}
	equal(t, "the row is gone", placed(t, env, several, "000102") == nil, true)
	yes, no := active(t, env, several)
	equal(t, "other rows", yes*10+no, 20)
	refused(t, hq.Unlist(t.Context(), several, "000102"), "no worker "+several+" in store 000102")
	refused(t, hq.Unlist(t.Context(), several, "nowhere"), "no store has the number nowhere")
}

// Nobody is promoted where they no longer work.
func TestPromoteInactive(t *testing.T) {
	hq, _ := running(t)
	refused(t, hq.Promote(t.Context(), "001199", "000106"), "no worker 001199 in store 000106")
}

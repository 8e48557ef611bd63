package worldgen

import "fmt"

// makeShifts links workers to the channels of stores.
func (b *builder) makeShifts() {
	for _, w := range b.workers {
		for range pick(b.d, 1, 1, 1, 2, 3, 0) {
			b.shift(w.number, b.stores[b.d.IntN(len(b.stores))], pick(b.d, b.yes, b.yes, b.yes, b.yes, b.no, b.unknown)())
		}
	}
	if oneIn(b.d, 4) {
		b.shift("no such worker", b.stores[0], b.yes())
		b.add("RetailChannelWorkers", row{"RetailChannelId": "no such channel", "PersonnelNumber": b.anyWorker(), "IsActive": b.yes()})
	}
}

// shift links a worker to a store, seldom twice and not in the same words.
func (b *builder) shift(worker string, st shop, active any) {
	if st.channel == "" {
		return
	}
	b.add("RetailChannelWorkers", row{"RetailChannelId": st.channel, "PersonnelNumber": b.padded(worker), "IsActive": active})
	if oneIn(b.d, 12) {
		b.add("RetailChannelWorkers", row{"RetailChannelId": st.channel, "PersonnelNumber": worker, "IsActive": b.flag()})
	}
}

// makePositions gives some workers positions, privileged or not, in any
// department, now or at another time.
func (b *builder) makePositions() {
	group := func(id string, manager any) {
		b.add("RetailPosPermissionGroups", row{"PosPermissionGroupId": id, "ManagerPrivileges": manager})
	}
	group("CLERK", b.no())
	group("ODD", b.unknown())
	group("MGR", b.yes())
	for _, w := range b.workers {
		for range pick(b.d, 0, 0, 0, 1, 1, 2) {
			id := b.position(b.anyDepartment(), pick(b.d, clerk, manager, manager, titled))
			from, to := b.valid()
			if oneIn(b.d, 4) {
				from, to = b.invalid()
			}
			b.assign(id, w.number, from, to)
		}
	}
}

// standing is what a position allows.
type standing int

const (
	clerk   standing = iota // nothing
	manager                 // has manager privileges
	titled                  // has a title that the settings may say is a manager's
)

// position makes a position in a department and returns its id.
func (b *builder) position(department any, s standing) string {
	id := fmt.Sprintf("POS%06d", b.next())
	permission := func(manager, group any) {
		b.add("RetailPositionPosPermissions", row{"PositionId": id, "ManagerPrivileges": manager, "PosPermissionGroupId": group})
	}
	titleID, title := pick[any](b.d, "CLK", nil), pick[any](b.d, "Clerk", nil)
	switch s {
	case manager:
		ways := []func(){
			func() { permission(b.yes(), pick[any](b.d, nil, "CLERK")) },
			func() { permission(b.no(), "MGR") },
			func() { permission(b.unknown(), b.padded("MGR")) },
		}
		pick(b.d, ways...)()
	case titled:
		titleID, title = pick[any](b.d, "SM", nil), pick[any](b.d, "Store manager", "  STORE Manager")
	case clerk:
		if !oneIn(b.d, 3) {
			permission(pick(b.d, b.no, b.unknown)(), pick[any](b.d, nil, "CLERK", "ODD", "GONE"))
		}
	}
	if s != clerk || !oneIn(b.d, 6) {
		b.add("PositionsV2", row{"PositionId": b.padded(id), "DepartmentNumber": department, "TitleId": titleID, "Title": title})
	}
	return id
}

// assign gives a position to a worker.
func (b *builder) assign(position, worker string, from, to any) {
	b.add("PositionWorkerAssignmentsV2", row{"PositionId": position, "PersonnelNumber": worker, "ValidFrom": from, "ValidTo": to})
}

// anyDepartment draws no department, one that is no store's unit, or one that is.
func (b *builder) anyDepartment() any {
	st := b.stores[b.d.IntN(len(b.stores))]
	if st.ownUnit && oneIn(b.d, 2) {
		return st.unit
	}
	return pick(b.d, nil, any("HR"), b.nothing())
}

// makeManagers sees to it that stores have managers. In most worlds at most a
// fifth of them goes without, or nearly every run would be held.
func (b *builder) makeManagers() {
	without := b.d.IntN(len(b.stores)/5 + 1)
	careless := oneIn(b.d, 5)
	ways := pick(b.d, []string{"all"}, []string{"all", "unit", "department", "store"})
	start := b.d.IntN(len(b.stores))
	for i := range b.stores {
		st := b.stores[(start+i)%len(b.stores)]
		if i < without || careless && oneIn(b.d, 2) {
			continue
		}
		w, found := b.soundWorker()
		if !found || careless && oneIn(b.d, 8) {
			w.number = b.anyWorker()
		}
		b.makeManager(st, w.number, pick(b.d, ways...))
	}
}

// makeManager makes a worker manager of a store in that way: named by the unit,
// privileged in its department or privileged and active there, or all of them.
func (b *builder) makeManager(st shop, worker, way string) {
	if way == "department" && !st.ownUnit {
		way = "store"
	}
	if way == "all" || way == "unit" {
		b.nameManager(st, worker)
	}
	if st.ownUnit && (way == "all" || way == "department") {
		b.assignValid(b.position(st.unit, manager), worker)
	}
	if way == "store" {
		b.assignValid(b.position(pick[any](b.d, nil, "HR"), manager), worker)
	}
	if way == "all" || way == "store" {
		b.shift(worker, st, b.yes())
	}
}

// assignValid gives a position to a worker for a time that includes now.
func (b *builder) assignValid(position, worker string) {
	from, to := b.valid()
	b.assign(position, worker, from, to)
}

// nameManager makes the store's unit name the worker manager.
func (b *builder) nameManager(st shop, worker string) {
	for _, unit := range b.world.Commerce["OperatingUnits"] {
		if unit["PartyNumber"] == st.party || unit["OperatingUnitNumber"] == st.unit {
			unit["ManagerPersonnelNumber"] = worker
		}
	}
}

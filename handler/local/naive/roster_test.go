package naive

import "testing"

// Rule 1: active on the store's channel.
func TestActiveOnChannel(t *testing.T) {
	active := func(lines ...string) func(World, *Settings) {
		return func(w World, _ *Settings) { w.set("RetailChannelWorkers", activeColumns, lines...) }
	}
	check(t, []scenario{
		{"a word", active("c1|a|Yes"), "1 / 2", ""},
		{"a JSON boolean", active("c1|a|true"), "1 / 2", ""},
		{"a number", active("c1|a|#1"), "1 / 2", ""},
		{"no", active("c1|a|No", "c1|b|false", "c1|c|#0"), "1 / ", ""},
		{"null, absent and unknown are no yes", active("c1|a|null", "c1|b|-", "c1|c|Perhaps"), "1 / ", ""},
		{"a number nobody knows", active("c1|a|#7"), "1 / ", ""},
		{"another channel", active("c2|a|Yes"), "1 / ", ""},
		{"yes wins over no", active("c1|a|No", "c1|a|Yes", "c1|a|No"), "1 / 2", ""},
		{"blanks around keys", active(" c1 | a |Yes"), "1 / 2", ""},
		{"an unknown worker is unmapped", active("c1|z|Yes"), "1 / ", "z: no identity"},
	})
}

// Rule 2: the unit's manager needs no active row, but a stated No counts.
func TestUnitManager(t *testing.T) {
	active := func(lines ...string) func(World, *Settings) {
		return func(w World, _ *Settings) { w.set("RetailChannelWorkers", activeColumns, lines...) }
	}
	check(t, []scenario{
		{"without a row", active(), "1 / ", ""},
		{"with a yes", active("c1|m|Yes"), "1 / ", ""},
		{"with an unknown", active("c1|m|null"), "1 / ", ""},
		{"with a no", active("c1|m|No"), "9 / ", ""},
		{"with a no and a yes", active("c1|m|Yes", "c1|m|No"), "1 / ", ""},
		{"with a no in another store", active("c2|m|No"), "1 / ", ""},
		{"a manager who is no Workers row", func(w World, _ *Settings) { w.set("Workers", workerColumns) }, "1 / ", ""},
		{"unit found through the party", func(w World, _ *Settings) {
			w.set("RetailStores", storeColumns, "1|c1|null|p1")
		}, "1 / ", ""},
		{"unit of that number does not exist", func(w World, _ *Settings) {
			w.set("RetailStores", storeColumns, "1|c1|gone|p1")
		}, "1 / ", ""},
		{"the number comes before the party", func(w World, _ *Settings) {
			w.set("OperatingUnits", unitColumns, "u1|p8|Shop|a", "u8|p1|Other|m")
		}, "2 / ", ""},
	})
}

// manage gives worker a position p1 that is privileged, in a department, beside
// being active in store 1.
func manage(department string) func(World, *Settings) {
	return func(w World, s *Settings) {
		s.ManagerRule = "department"
		w.set("PositionWorkerAssignmentsV2", assignmentColumns, "p1|a|1900-01-01T00:00:00Z|2154-12-31T23:59:59Z")
		w.set("PositionsV2", positionColumns, "p1|"+department+"|T1|Chief")
		w.set("RetailPositionPosPermissions", permissionColumns, "p1|Yes|null")
		w.set("RetailChannelWorkers", activeColumns, "c1|a|Yes")
	}
}

// after runs one change after another.
func after(changes ...func(World, *Settings)) func(World, *Settings) {
	return func(w World, s *Settings) {
		for _, change := range changes {
			change(w, s)
		}
	}
}

// Rule 2, second half: manager of the store's department.
func TestDepartmentManager(t *testing.T) {
	active := func(lines ...string) func(World, *Settings) {
		return func(w World, _ *Settings) { w.set("RetailChannelWorkers", activeColumns, lines...) }
	}
	check(t, []scenario{
		{"active", manage("u1"), "2 / ", ""},
		{"without a row", after(manage("u1"), active()), "2 / ", ""},
		{"stated out", after(manage("u1"), active("c1|a|No")), "9 / ", ""},
		{"stated out and in", after(manage("u1"), active("c1|a|No", "c1|a|Yes")), "2 / ", ""},
		{"another department", manage("u2"), "9 / 2", ""},
		{"no department", manage("null"), "9 / 2", ""},
	})
}

// Rule 3: what makes a position privileged, and current.
func TestPrivileges(t *testing.T) {
	permissions := func(lines ...string) func(World, *Settings) {
		return func(w World, _ *Settings) { w.set("RetailPositionPosPermissions", permissionColumns, lines...) }
	}
	group := func(manager string) func(World, *Settings) {
		return func(w World, _ *Settings) {
			w.set("RetailPositionPosPermissions", permissionColumns, "p1|No|g1")
			w.set("RetailPosPermissionGroups", "PosPermissionGroupId|ManagerPrivileges", "g1|"+manager)
		}
	}
	titles := func(titles ...string) func(World, *Settings) {
		return func(w World, s *Settings) {
			w.set("RetailPositionPosPermissions", permissionColumns)
			s.ManagerTitles = titles
		}
	}
	valid := func(from, to string) func(World, *Settings) {
		return func(w World, _ *Settings) {
			w.set("PositionWorkerAssignmentsV2", assignmentColumns, "p1|a|"+from+"|"+to)
		}
	}
	const owner, member = "2 / ", "9 / 2"
	for _, sc := range []scenario{
		{"own permission", permissions("p1|Yes|null"), owner, ""},
		{"own permission is unknown", permissions("p1|null|null"), member, ""},
		{"another position's", permissions("p2|Yes|null"), member, ""},
		{"through the group", group("Yes"), owner, ""},
		{"group without privileges", group("No"), member, ""},
		{"title id", titles("x", " t1 "), owner, ""},
		{"title", titles("CHIEF"), owner, ""},
		{"other title", titles("Chief of staff", ""), member, ""},
		{"begins now", valid("2026-06-01T12:00:00Z", "null"), owner, ""},
		{"begins in a second", valid("2026-06-01T12:00:01Z", "null"), member, ""},
		{"ends now", valid("null", "2026-06-01T12:00:00Z"), member, ""},
		{"ends in a second", valid("-", "2026-06-01T12:00:01Z"), owner, ""},
		{"no bounds", valid("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"), owner, ""},
		{"never, as a beginning, is no bound", valid("2154-12-31T00:00:00Z", "null"), owner, ""},
		{"bounds in another time zone", valid("2026-06-01T13:59:59+02:00", "2026-06-01T14:00:01+02:00"), owner, ""},
	} {
		sc.change = after(manage("u1"), sc.change)
		check(t, []scenario{sc})
	}
}

// Rule 4: where departments say nothing; and MANAGER_RULE.
func TestManagerRule(t *testing.T) {
	rule := func(rule string) func(World, *Settings) {
		return func(_ World, s *Settings) { s.ManagerRule = rule }
	}
	second := func(w World, _ *Settings) { // a second store, in whose department worker a is not active
		w.add("RetailStores", storeColumns, "2|c2|u2|p2")
		w.add("OperatingUnits", unitColumns, "u2|p2|Two|null")
	}
	check(t, []scenario{
		{"auto, own department", after(manage("u1"), rule("auto")), "1 2 / ", ""},
		{"auto, no department", after(manage("null"), rule("auto")), "1 2 / ", ""},
		{"auto, a department that is no store", after(manage("hr"), rule("auto")), "1 2 / ", ""},
		{"auto, another store's department", after(manage("u2"), second, rule("auto")), "1 / 2", ""},
		{"auto, another store's department, out of scope", after(manage("u2"), second, rule("auto"), func(_ World, s *Settings) {
			s.Scope = []string{"1"}
		}), "1 / 2", ""},
		{"auto, department of a store stated out", after(manage("u2"), second, rule("auto"), func(w World, _ *Settings) {
			w.add("RetailChannelWorkers", activeColumns, "c2|a|No")
		}), "1 / 2", ""},
		{"auto, a second position without privileges decides nothing", after(manage("null"), second, rule("auto"), func(w World, _ *Settings) {
			w.add("PositionWorkerAssignmentsV2", assignmentColumns, "p2|a|null|null")
			w.add("PositionsV2", positionColumns, "p2|u2|T2|Clerk")
		}), "1 2 / ", ""},
		{"store, privileged until now", after(manage("null"), rule("store"), func(w World, _ *Settings) {
			w.set("PositionWorkerAssignmentsV2", assignmentColumns, "p1|a|null|2026-06-01T12:00:00Z")
		}), "9 / 2", ""},
		{"auto, privileged but not active", after(manage("null"), rule("auto"), func(w World, _ *Settings) {
			w.set("RetailChannelWorkers", activeColumns)
		}), "1 / ", ""},
		{"unit", after(manage("u1"), rule("unit")), "1 / 2", ""},
		{"department", after(manage("u1"), rule("department")), "2 / ", ""},
		{"department, no department", after(manage("null"), rule("department")), "9 / 2", ""},
		{"store", after(manage("null"), rule("store")), "2 / ", ""},
		{"store, whatever departments say", after(manage("u2"), second, rule("store")), "2 / ", ""},
		{"store, not active", after(manage("u1"), rule("store"), func(w World, _ *Settings) {
			w.set("RetailChannelWorkers", activeColumns)
		}), "9 / ", ""},
	})
}

// Rule 5: whoever has left is gone from everywhere.
func TestEmployment(t *testing.T) {
	ends := func(lines ...string) func(World, *Settings) {
		return func(w World, _ *Settings) {
			w.set("RetailChannelWorkers", activeColumns, "c1|a|Yes")
			w.set("Employees", "PersonnelNumber|EmploymentEndDate", lines...)
		}
	}
	check(t, []scenario{
		{"no rows", ends(), "1 / 2", ""},
		{"member left", ends("a|2026-05-31T00:00:00Z"), "1 / ", ""},
		{"owner left", ends("m|2026-06-01T12:00:00Z"), "9 / 2", ""},
		{"leaves in a second", ends("m|2026-06-01T12:00:01Z"), "1 / 2", ""},
		{"dates that are none", ends("a|1900-01-01T00:00:00Z", "m|2154-12-31T00:00:00Z"), "1 / 2", ""},
		{"no date", ends("a|null", "m|-"), "1 / 2", ""},
		{"one of two ended", ends("a|2020-01-01T00:00:00Z", "a|null"), "1 / 2", ""},
		{"both ended", ends("a|2020-01-01T00:00:00Z", "a|2021-01-01T00:00:00Z"), "1 / ", ""},
		{"a malformed row says nothing", ends("a|yesterday"), "1 / 2", ""},
		{"gone is not unmapped", after(ends("a|2020-01-01T00:00:00Z"), func(w World, _ *Settings) {
			w.user(2)["accountEnabled"] = false
		}), "1 / ", ""},
	})
}

// Rule 7: two workers, one account.
func TestSharedAccount(t *testing.T) {
	share := func(w World, _ *Settings) {
		w.set("RetailChannelWorkers", activeColumns, "c1|a|Yes", "c1|b|Yes")
		w.set("RetailStaff", staffColumns, "m|"+id(1)+"|-", "a|"+id(1)+"|-", "b|"+id(3)+"|-")
	}
	check(t, []scenario{
		{"manager and worker", share, "1 / 3", ""},
		{"the stronger role, whoever comes first", after(share, func(w World, _ *Settings) {
			w.add("RetailChannelWorkers", activeColumns, "c1|z|Yes")
			w.add("RetailStaff", staffColumns, "z|"+id(1)+"|-")
		}), "1 / 3", ""},
		{"one of them left", after(share, func(w World, _ *Settings) {
			w.set("Employees", "PersonnelNumber|EmploymentEndDate", "m|2020-01-01T00:00:00Z")
		}), "9 / 1 3", ""},
	})
}

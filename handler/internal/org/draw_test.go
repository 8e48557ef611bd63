package org_test

import (
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/storeteams/storeteams/handler/internal/org"
)

// drawChain draws rows from so few values that they meet: dates around now,
// names that hold together or do not, empty ones, loops.
func drawChain(t *rapid.T) *chain {
	c := &chain{rules: drawRules(t)}
	number := pick("1", "2", "a", "A", "2-b", "4711")
	channel := pick("", "c1", "c2", "c3", "c4")
	unit := pick("", "u1", "u2", "u3", "u4")
	party := pick("", "p1", "p2", "p3", "p4")
	worker := pick("W1", "W2", "W3", "W4", "W5")
	manager := pick("W1", "W2", "W3", "W4", "W5", "", "W9")
	user := pick("ada", "Ada", "bea", "cy", "")
	position := pick("P1", "P2", "P3")
	object := pick("", "?", id("A").String(), id("B").String(), strings.ToUpper(id("C").String()), id("nobody").String())
	alias := pick("", "a@example.com", "B@EXAMPLE.COM", "d@example.com", "x@example.com")
	label := pick("Lakeside", "lakeside ", "Ada's shop", "Communications", "", "A (1)")
	hierarchy := pick("Retail", "retail", "Other")
	flag := rapid.SampledFrom([]org.Flag{org.Yes, org.No, org.Unknown})
	date := rapid.SampledFrom([]time.Time{{}, {}, now.Add(-time.Hour), now, now.Add(time.Hour)})
	for i := range 6 {
		u := org.User{ID: id(string(rune('A' + i))), UPN: string(rune('a'+i)) + "@example.com"}
		u.Enabled = rapid.SampledFrom([]org.Flag{org.Yes, org.Yes, org.Yes, org.Yes, org.No, org.Unknown}).Draw(t, "enabled")
		u.Licensed = rapid.IntRange(0, 4).Draw(t, "unlicensed") < 4
		u.Guest = rapid.IntRange(0, 4).Draw(t, "guest") == 4
		u.Deleted = rapid.IntRange(0, 5).Draw(t, "deleted") == 5
		c.users = append(c.users, u)
	}
	c.Stores = rows(t, func() org.Store {
		return org.Store{Number: org.StoreNumber(number(t)), Channel: channel(t), Unit: unit(t), Party: party(t)}
	})
	c.Units = rows(t, func() org.Unit {
		return org.Unit{Number: unit(t), Party: party(t), Name: label(t), Manager: org.PersonnelNumber(manager(t))}
	})
	c.Workers = rows(t, func() org.Worker { return org.Worker{Number: org.PersonnelNumber(worker(t)), Party: party(t)} })
	c.ChannelWorkers = rows(t, func() org.ChannelWorker {
		return org.ChannelWorker{Channel: channel(t), Worker: org.PersonnelNumber(worker(t)), Active: flag.Draw(t, "active")}
	})
	c.Employments = rows(t, func() org.Employment {
		return org.Employment{Worker: org.PersonnelNumber(worker(t)), End: date.Draw(t, "end")}
	})
	c.Staff = rows(t, func() org.Staff {
		return org.Staff{Worker: org.PersonnelNumber(manager(t)), ObjectID: object(t), Alias: alias(t)}
	})
	c.PersonUsers = rows(t, func() org.PersonUser {
		return org.PersonUser{Party: party(t), User: user(t), From: date.Draw(t, "from"), To: date.Draw(t, "to")}
	})
	c.SystemUsers = rows(t, func() org.SystemUser { return org.SystemUser{ID: user(t), Alias: alias(t), ObjectID: object(t)} })
	c.Assignments = rows(t, func() org.Assignment {
		return org.Assignment{Position: position(t), Worker: org.PersonnelNumber(worker(t)), From: date.Draw(t, "from"), To: date.Draw(t, "to")}
	})
	c.Positions = rows(t, func() org.Position { return org.Position{ID: position(t), Department: unit(t), Title: label(t)} })
	c.PositionPermissions = rows(t, func() org.PositionPermission {
		return org.PositionPermission{Position: position(t), Manager: flag.Draw(t, "manager"), Group: user(t)}
	})
	c.PermissionGroups = rows(t, func() org.PermissionGroup { return org.PermissionGroup{ID: user(t), Manager: flag.Draw(t, "manager")} })
	c.Hierarchy = rows(t, func() org.HierarchyLink {
		return org.HierarchyLink{
			Hierarchy: hierarchy(t), Parent: party(t), Child: party(t), ParentName: label(t), ChildName: label(t),
			From: date.Draw(t, "from"), To: date.Draw(t, "to"),
		}
	})
	c.Purposes = rows(t, func() org.HierarchyPurpose {
		return org.HierarchyPurpose{Hierarchy: hierarchy(t), Purpose: "RetailReporting", Default: flag.Draw(t, "default")}
	})
	c.Roles = rows(t, func() org.RoleAssignment {
		return org.RoleAssignment{User: user(t), Role: position(t), Name: pick("Retail task manager", "Clerk")(t), Status: pick("", "Disabled")(t)}
	})
	c.RoleOrganizations = rows(t, func() org.RoleOrganization {
		return org.RoleOrganization{User: user(t), Role: position(t), Organization: unit(t)}
	})
	if rapid.Bool().Draw(t, "bad rows") {
		c.BadRows = rows(t, func() org.BadRow {
			return org.BadRow{
				Collection: rapid.SampledFrom(slices.Concat(readAbout("membership"), readAbout("the rest"))).Draw(t, "collection"),
				Worker:     org.PersonnelNumber(manager(t)), Store: org.StoreNumber(pick("", "1", "A")(t)),
			}
		})
	}
	return c
}

// readAbout lists collections.
func readAbout(what string) []string {
	management := []string{
		"PositionWorkerAssignmentsV2", "PositionsV2", "RetailPositionPosPermissions", "RetailPosPermissionGroups", "OperatingUnits",
	}
	switch what {
	case "management":
		return management
	case "membership":
		return append(management, "RetailChannelWorkers")
	case "communication":
		return []string{"SecurityUserRoleAssociations", "Workers", "PersonUsers", "SystemUsers"}
	case "identity":
		return []string{"RetailStaff", "Workers", "PersonUsers", "SystemUsers"}
	}
	return []string{
		"RetailStores", "Workers", "Employees", "RetailStaff", "PersonUsers", "SystemUsers", "IntegrationSourceMappings",
		"OrganizationHierarchyPublishedV2", "OrganizationHierarchyPurposes", "SecurityUserRoleAssociations", "SecurityUserRoleOrganizations",
	}
}

func drawRules(t *rapid.T) org.Rules {
	person := pick("a@example.com", "b@example.com", "c@example.com", id("D").String(), "x@example.com")
	return org.Rules{
		Instance:               "test",
		Scope:                  rapid.SliceOfN(rapid.SampledFrom([]string{"1", "2", "p1", "Lakeside", "x", "c1"}), 0, 2).Draw(t, "scope"),
		Hierarchy:              pick("", "", "Other")(t),
		TeamName:               pick("{name} ({number})", "{name}")(t),
		CommunicationsTeamName: "Communications",
		CommunicationsRole:     pick("Retail task manager", "P1")(t),
		FallbackOwners:         rows(t, func() string { return person(t) }),
		CommunicationsOwners:   rows(t, func() string { return person(t) }),
		ManagerRule:            rapid.SampledFrom([]org.ManagerRule{org.RuleAuto, org.RuleUnit, org.RuleDepartment, org.RuleStore}).Draw(t, "rule"),
		ManagerTitles:          rapid.SliceOfN(rapid.SampledFrom([]string{"lakeside", "", "Ada's shop"}), 0, 2).Draw(t, "titles"),
		AllowGuests:            rapid.Bool().Draw(t, "guests"),
		MaxCaretakerTeams:      rapid.IntRange(0, 7).Draw(t, "limit"),
		ClosedStores:           rapid.SliceOfN(rapid.SampledFrom([]string{"2", "a", "x"}), 0, 2).Draw(t, "closed"),
		ProtectedUsers:         rows(t, func() string { return person(t) }),
		Blocks: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) org.Block {
			return org.Block{User: id(pick("A", "B", "C")(t)), Store: org.StoreNumber(pick("", "1", "a", "2-B")(t))}
		}), 0, 2).Draw(t, "blocks"),
	}
}

func pick(values ...string) func(*rapid.T) string {
	return func(t *rapid.T) string { return rapid.SampledFrom(values).Draw(t, "text") }
}

// rows draws up to six rows.
func rows[R any](t *rapid.T, draw func() R) []R {
	var all []R
	for range rapid.IntRange(0, 6).Draw(t, "rows") {
		all = append(all, draw())
	}
	return all
}

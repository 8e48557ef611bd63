package doctor_test

import (
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
)

// plantedSettings are settings that are questionable whatever Commerce says.
func plantedSettings() []planted {
	return []planted{
		{"mode plan", env("MODE", "plan"), "settings", "MODE", note, "changes nothing", "MODE=add"},
		{"mode add", env("MODE", "add"), "settings", "MODE", note, "takes nobody out", "MODE=full"},
		{"snapshot each tick", env("SNAPSHOT_MAX_AGE", "10m"), "settings", "SNAPSHOT_MAX_AGE", note, "10m is so short", "set SNAPSHOT_MAX_AGE"},
		{"snapshot at the tick", env("SNAPSHOT_MAX_AGE", "15m"), "settings", "SNAPSHOT_MAX_AGE", note, "15m is so short", "set SNAPSHOT_MAX_AGE"},
		{"sightings far apart", env("SIGHTING_INTERVAL", "3h"), "settings", "SIGHTING_INTERVAL", note, "3h is longer than the 1h", "set SIGHTING_INTERVAL"},
		{"no removals", env("MAX_REMOVALS", "0"), "settings", "MAX_REMOVALS", wrong, "lets nobody go", "set MAX_REMOVALS to at least 1"},
		{"no percentage", env("MAX_REMOVAL_PERCENT", "0"), "settings", "MAX_REMOVAL_PERCENT", wrong, "lets nobody go", "set MAX_REMOVAL_PERCENT to at least 1"},
		{"no team percentage", env("MAX_TEAM_REMOVAL_PERCENT", "0"), "settings", "MAX_TEAM_REMOVAL_PERCENT", wrong, "lets nobody go", "set MAX_TEAM_REMOVAL_PERCENT"},
		{"no removals in MODE=add", func(p *patient) { p.env["MODE"], p.env["MAX_REMOVALS"] = "add", "0" },
			"settings", "MAX_REMOVALS", note, "lets nobody go", "set MAX_REMOVALS"},
		{"simulated Commerce", func(p *patient) { p.env["COMMERCE_URL"], p.env["MODE"] = "http://127.0.0.1:8081", "plan" },
			"settings", "COMMERCE_URL", note, "a simulator's", "set COMMERCE_URL"},
		{"simulated Graph", env("GRAPH_URL", "http://localhost:8080/v1.0"), "settings", "GRAPH_URL", note, "a simulator's", "leave GRAPH_URL out"},
		{"override", env("ENTITY_RETAILSTAFF", "MyStaff"), "settings", "ENTITY_RETAILSTAFF", note, "RetailStaff is read as MyStaff", "ENTITY_RETAILSTAFF"},
		{"mapped, not adopted", func(p *patient) {
			p.adjust = func(s *orgsync.Survey) {
				f := s.Found[key("000102")]
				f.Origin = plan.Mapped
				s.Found[key("000102")] = f
			}
		}, "settings", "ADOPT", note, "1 store that Commerce maps to teams wait for a person (000102)", "ADOPT=yes"},
	}
}

func key(store string) org.TeamKey { return org.TeamKey{Store: org.StoreNumber(store)} }

// plantedNames are settings that name what is not there.
func plantedNames() []planted {
	return []planted{
		{"fallback owner is nobody", env("FALLBACK_OWNERS", upn("F1")+",nobody@example.com"), "settings", "FALLBACK_OWNERS", wrong, "entry 2 of FALLBACK_OWNERS is no user", "entry 2 of FALLBACK_OWNERS: name"},
		{"fallback owner deleted", func(p *patient) {
			p.env["FALLBACK_OWNERS"] = id("F1").String() + "," + upn("F2")
			p.env["PROTECTED_USERS"] = ""
			p.user("F1").Deleted = true
		}, "settings", "FALLBACK_OWNERS", wrong, "entry 1 of FALLBACK_OWNERS is no user", "name an enabled, licensed member"},
		{"fallback owner disabled", func(p *patient) { p.user("F1").Enabled = org.No; p.env["PROTECTED_USERS"] = "" },
			"settings", "FALLBACK_OWNERS", wrong, "entry 1 of FALLBACK_OWNERS is disabled", "enable the account"},
		{"fallback owner unclear", func(p *patient) { p.user("F1").Enabled = org.Unknown }, "settings", "FALLBACK_OWNERS", wrong, "may be disabled", "User.Read.All"},
		{"fallback owner a guest", func(p *patient) { p.user("F1").Guest = true }, "settings", "FALLBACK_OWNERS", wrong, "is a guest", "FALLBACK_OWNERS: name an enabled, licensed member"},
		{"guests allowed, but never as owners", func(p *patient) { p.user("F1").Guest = true; p.env["ALLOW_GUESTS"] = "yes" },
			"settings", "FALLBACK_OWNERS", wrong, "is a guest", "FALLBACK_OWNERS"},
		{"fallback owner unlicensed", func(p *patient) { p.user("F1").Licensed = false }, "settings", "FALLBACK_OWNERS", wrong, "has no licence", "assign one"},
		{"communications owner unlicensed", func(p *patient) {
			p.account("C1")
			p.user("C1").Licensed = false
			p.env["COMMUNICATIONS_OWNERS"] = upn("C1")
		},
			"settings", "COMMUNICATIONS_OWNERS", wrong, "entry 1 of COMMUNICATIONS_OWNERS has no licence", "assign one"},
		{"protected user is nobody", env("PROTECTED_USERS", "nobody@example.com"), "settings", "PROTECTED_USERS", wrong, "protects nobody", "correct entry 1 of PROTECTED_USERS"},
		{"protected id is nobody", env("PROTECTED_USERS", id("gone").String()), "settings", "PROTECTED_USERS", note, "no user of the tenant now", "take entry 1 of PROTECTED_USERS out"},
		{"protected user disabled", func(p *patient) { p.account("P1"); p.user("P1").Enabled = org.No; p.env["PROTECTED_USERS"] = upn("P1") },
			"settings", "PROTECTED_USERS", note, "is disabled in Entra", "take entry 1 of PROTECTED_USERS out"},
		{"scope unknown", env("SCOPE", "North, Suoth"), "settings", "SCOPE", wrong, `"Suoth"`, "entry of SCOPE"},
		{"scope all unknown", env("SCOPE", "Suoth"), "settings", "SCOPE", wrong, `"Suoth"`, "entry of SCOPE"},
		{"closed store unknown", env("CLOSED_STORES", "101"), "settings", "CLOSED_STORES", wrong, "no store with the number 101", "correct CLOSED_STORES"},
		{"hierarchy unknown", env("HIERARCHY", "Retial"), "settings", "HIERARCHY", wrong, "no organization hierarchy of that name", "one of: Retail"},
		{"hierarchy unclear", func(p *patient) { p.env["HIERARCHY"] = ""; p.snapshot.Purposes = nil }, "settings", "HIERARCHY", wrong, "does not say", "set HIERARCHY"},
		{"role held by nobody", env("COMMUNICATIONS_ROLE", "Retail task manger"), "settings", "COMMUNICATIONS_ROLE", wrong, "nobody holds", "set COMMUNICATIONS_ROLE"},
		{"role disabled", func(p *patient) { p.snapshot.Roles[0].Status = "Disabled" }, "settings", "COMMUNICATIONS_ROLE", note, "every assignment", "Assign users to roles"},
		{"title held by nobody", env("MANAGER_TITLES", "Store manager, Filialleiter"), "settings", "MANAGER_TITLES", wrong, "the title Filialleiter", "correct MANAGER_TITLES"},
	}
}

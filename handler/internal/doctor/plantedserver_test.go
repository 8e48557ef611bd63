package doctor_test

import (
	"errors"
	"slices"
	"time"

	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/org"
)

// unanswered has calls fail with an error of a kind; none named: all.
func unanswered(kind fault.Kind, names ...string) func(*patient) {
	return func(p *patient) {
		for i, c := range p.calls {
			if len(names) == 0 || slices.Contains(names, c.Name) {
				p.calls[i].Err = fault.New(kind, "graph: probe", errors.New("status 403 Authorization_RequestDenied"))
			}
		}
	}
}

// unpermitted takes a permission out of the token.
func unpermitted(role string) func(*patient) {
	return func(p *patient) { without(&p.roles, func(r string) bool { return r == role }) }
}

// plantedGraph are calls that fail, and permissions that are too few or too many.
func plantedGraph() []planted {
	return []planted{
		{"users denied", func(p *patient) {
			unanswered(fault.Denied, "GET /users/delta")(p)
			unpermitted("User.Read.All")(p)
		}, "graph", "GET /users/delta", wrong, "cannot see users change", "application permission User.Read.All"},
		{"users denied, token unknown", func(p *patient) {
			unanswered(fault.Denied, "GET /users/delta")(p)
			p.roles, p.rolesKnown = nil, false
		}, "graph", "GET /users/delta", wrong, "is not allowed", "application permission User.Read.All"},
		{"users denied with the permission", unanswered(fault.Denied, "GET /users/delta"), "graph", "GET /users/delta", wrong, "is not allowed", "TENANT_ID"},
		{"denied for no known permission", func(p *patient) {
			p.call("GET /groups/delta").Needs = nil
			unanswered(fault.Denied, "GET /groups/delta")(p)
		}, "graph", "GET /groups/delta", wrong, "is not allowed", "with admin consent"},
		{"another tenant", func(p *patient) {
			p.calls[0].Err = fault.New(fault.Invalid, "graph: compare tenants", doctor.OtherTenant{ID: "11111111-2222-3333-4444-555555555555"})
		}, "graph", "GET /groups/delta", wrong, "another tenant than TENANT_ID's answers", "set TENANT_ID to 11111111-2222-3333-4444-555555555555"},
		{"Graph unreachable", unanswered(fault.Unavailable), "graph", "", wrong, "GET /groups/delta, GET /users/delta", "GRAPH_URL"},
		{"one call unreachable", unanswered(fault.Unavailable, "GET /users/delta"), "graph", "GET /users/delta", wrong, "had no answer", "network"},
		{"Graph throttles", unanswered(fault.Throttled), "graph", "", note, "throttled", "GRAPH_RATE_PERCENT"},
		{"Graph of another version", unanswered(fault.NotFound, "GET /groups/delta"), "graph", "GET /groups/delta", wrong, "not found", "GRAPH_URL"},
		{"may not add members", unpermitted("TeamMember.ReadWrite.All"), "permissions", "TeamMember.ReadWrite.All", wrong, "add members", "permission TeamMember.ReadWrite.All"},
		{"may not make groups", func(p *patient) {
			p.roles = append(p.roles, "Team.Create", "TeamSettings.ReadWrite.All")
			unpermitted("Group.ReadWrite.All")(p)
		}, "permissions", "Group.ReadWrite.All", wrong, "make and rename groups", "permission Group.ReadWrite.All"},
		{"may not write in MODE=plan", func(p *patient) { unpermitted("TeamMember.ReadWrite.All")(p); p.env["MODE"] = "plan" },
			"permissions", "TeamMember.ReadWrite.All", note, "MODE=plan does without", "permission TeamMember.ReadWrite.All"},
		{"may not make groups in MODE=add", func(p *patient) {
			p.env["MODE"] = "add"
			p.roles = append(p.roles, "Team.Create")
			unpermitted("Group.ReadWrite.All")(p)
		}, "permissions", "Group.ReadWrite.All", wrong, "make and rename groups", "Group.ReadWrite.All"},
		{"a simulator's token", func(p *patient) {
			p.env["GRAPH_URL"] = "http://127.0.0.1:8080/v1.0"
			p.roles, p.rolesKnown = nil, false
		}, "permissions", "", unknowns, "a simulator asks for no permissions", "GRAPH_URL"},
		{"permission unused", func(p *patient) { p.roles = append(p.roles, "Mail.ReadWrite") }, "permissions", "Mail.ReadWrite", note, "is not used", "take Mail.ReadWrite away"},
		{"permission too broad", func(p *patient) { p.roles = append(p.roles, "Directory.Read.All") }, "permissions", "Directory.Read.All", note, "more than storeteams needs", "grant User.Read.All instead"},
		{"no token", func(p *patient) {
			p.roles, p.rolesKnown, p.rolesErr = nil, false, fault.New(fault.Denied, "graph: token", nil)
		},
			"permissions", "", unknowns, "no token", "AZURE_CLIENT_ID"},
		{"token cannot be read", func(p *patient) { p.roles, p.rolesKnown = nil, false }, "permissions", "", unknowns, "does not tell", "Enterprise applications"},
	}
}

// plantedMachine are faults of what is around: tables, clocks, licences.
func plantedMachine() []planted {
	return []planted{
		{"tables denied", func(p *patient) { p.ledgerErr = fault.New(fault.Denied, "ledger: probe", nil) }, "tables", "TABLES_URL", wrong, "denied", "Storage Table Data Contributor"},
		{"tables unreachable", func(p *patient) {
			p.ledgerErr = fault.New(fault.Unavailable, "ledger: probe", nil)
			p.surveyErr, p.runsErr, p.quarantineErr = p.ledgerErr, p.ledgerErr, p.ledgerErr
		}, "tables", "TABLES_URL", wrong, "unavailable", "firewall"},
		{"tables by connection", func(p *patient) {
			delete(p.env, "TABLES_URL")
			p.env["TABLES_CONNECTION"] = "UseDevelopmentStorage=true"
			p.ledgerErr = fault.New(fault.Unavailable, "ledger: probe", nil)
		}, "tables", "TABLES_CONNECTION", wrong, "unavailable", "TABLES_CONNECTION"},
		{"file in use", func(p *patient) {
			delete(p.env, "TABLES_URL")
			p.env["LEDGER"] = "file:/var/lib/storeteams.db"
			p.ledgerErr = fault.New(fault.Unavailable, "ledger: probe", nil)
		}, "tables", "LEDGER", wrong, "unavailable", "no other process has the file open"},
		{"row of the mirror damaged", func(p *patient) { p.surveyErr = fault.New(fault.Invalid, "ledger: read", nil) }, "tables", "TABLES_URL", wrong, "cannot be read, though the ledger works", "`rebuild`"},
		{"run record damaged", func(p *patient) { p.runsErr = errors.New("no JSON") }, "tables", "TABLES_URL", wrong, "the run records", "`rebuild`"},
		{"quarantine damaged", func(p *patient) { p.quarantineErr = errors.New("no JSON") }, "tables", "TABLES_URL", wrong, "the quarantine", "`rebuild`"},
		{"ledger slow", func(p *patient) { p.surveyErr = fault.New(fault.Unavailable, "ledger: read", nil) }, "tables", "TABLES_URL", wrong, "in time", "TABLES_URL"},
		{"clock behind Graph", func(p *patient) { p.call("GET /users/delta").Clock.Ahead = 6 * time.Minute }, "clock", "Graph", wrong, "6m ahead", "set the clock"},
		{"clock ahead of Commerce", func(p *patient) { p.collection("Workers").Clock.Ahead = -2 * time.Hour }, "clock", "Commerce", wrong, "2h behind", "set the clock"},
		{"clock somewhat off", func(p *patient) { p.collection("Workers").Clock.Ahead = -90 * time.Second }, "clock", "Commerce", note, "1m30s behind", "set the clock"},
		{"no clock", func(p *patient) {
			for i := range p.collections {
				p.collections[i].Clock = doctor.Clock{}
			}
			for i := range p.calls {
				p.calls[i].Clock = doctor.Clock{}
			}
		}, "clock", "", unknowns, "no server told its time", "doctor"},
		{"no product", func(p *patient) { p.licences = nil }, "licences", "", wrong, "no product", "TENANT_ID"},
		{"too many assigned", func(p *patient) { p.licences[0].Used = 101 }, "licences", "SPE_F1", wrong, "101 of 100", "renew or buy units of SPE_F1"},
		{"all assigned", func(p *patient) { p.licences[0].Used = 100 }, "licences", "SPE_F1", note, "all 100 units", "buy more units of SPE_F1"},
		{"all assigned, and one more wanted", func(p *patient) { p.licences[0].Used = 100; p.user("000101-2").Licensed = false }, "licences", "units", wrong, "no unit of any product", "buy licences"},
		{"about to end", func(p *patient) { p.licences[0].Suspended = 3 }, "licences", "SPE_F1", note, "3 units are about to end", "renew SPE_F1"},
		{"licences denied", func(p *patient) { p.licencesErr = fault.New(fault.Denied, "graph: licences", nil) }, "licences", "", unknowns, "cannot be looked at", "Organization.Read.All"},
		{"worker unlicensed", func(p *patient) { p.user("000101-2").Licensed = false }, "licences", "people", note, "1 worker wanted in teams", "assign them licences"},
	}
}

// causeOf breaks a worker's account so that they are unmapped for a cause.
func causeOf(cause org.UnmappedCause) func(*patient) {
	return func(p *patient) {
		const worker = "000101-2"
		staff := &p.snapshot.Staff[slices.IndexFunc(p.snapshot.Staff, func(s org.Staff) bool { return s.Worker == worker })]
		switch cause {
		case org.NoIdentity:
			staff.ObjectID = ""
		case org.BadIdentity:
			staff.ObjectID = "no GUID"
		case org.NotInTenant:
			staff.ObjectID = id("somebody else").String()
		case org.Disabled:
			p.user(worker).Enabled = org.No
		case org.Unclear:
			p.user(worker).Enabled = org.Unknown
		case org.Unlicensed:
			p.user(worker).Licensed = false
		case org.GuestUser:
			p.user(worker).Guest = true
		}
	}
}

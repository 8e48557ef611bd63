package doctor_test

import (
	"slices"
	"strings"
	"time"

	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// plantedRuns are runs that do not go well, and what they leave behind.
func plantedRuns() []planted {
	return []planted{
		{"no run yet", func(p *patient) { p.runs = nil }, "runs", "last", note, "there has been no run yet", "OrgSync"},
		{"no run for hours", func(p *patient) { p.runs = nil; p.run(ledger.Done, 3*time.Hour) }, "runs", "good", wrong, "no run has gone well since", "ORG_SYNC_SCHEDULE"},
		{"timer stopped long ago", func(p *patient) {
			p.runs = nil
			p.run(ledger.Done, 30*time.Hour)
			p.snapshot.ReadAt = p.now.Add(-31 * time.Hour)
		}, "runs", "good", wrong, "no run has gone well since", "ORG_SYNC_SCHEDULE"},
		{"first run under way", func(p *patient) {
			p.runs = nil
			p.run(ledger.Unfinished, 5*time.Minute)
		}, "runs", "good", note, "no run has gone well yet", "wait for the next run"},
		{"none of the runs kept went well", func(p *patient) {
			p.runs = nil
			p.run(ledger.HeldBack, 3*time.Hour)
			p.run(ledger.Unfinished, time.Minute)
		}, "runs", "good", wrong, "no run that is kept has gone well", "`runs list`"},
		{"last run failed", func(p *patient) { p.run(ledger.Failed, 5*time.Minute).Error = "orgsync: read Commerce: status 403" },
			"runs", "last", wrong, "orgsync: read Commerce: status 403", "start a run with `run`"},
		{"last run held", func(p *patient) { p.run(ledger.HeldBack, 5*time.Minute).Error = "no store is in scope" }, "runs", "last", wrong, "no store is in scope", "`run`"},
		{"last run killed", func(p *patient) { p.run(ledger.Unfinished, time.Hour) }, "runs", "last", wrong, "never ended", "platform's log"},
		{"changes failed", func(p *patient) {
			p.run(ledger.Partial, 5*time.Minute).Failed = map[string]int{"add member": 2, "read Commerce": 1}
		}, "runs", "last", note, "(add member 2, read Commerce 1)", "`runs show last`"},
		{"only held runs for hours", func(p *patient) {
			p.runs = nil
			p.run(ledger.HeldBack, 3*time.Hour)
			p.run(ledger.Partial, 150*time.Minute)
			p.run(ledger.Unfinished, time.Minute)
		}, "runs", "good", wrong, "no run has gone well since", "`runs list`"},
		{"run of one store proves nothing", func(p *patient) {
			p.runs = nil
			p.run(ledger.Done, 3*time.Hour)
			p.run(ledger.Done, time.Minute).Store = "000101"
		}, "runs", "good", wrong, "no run has gone well since", "ORG_SYNC_SCHEDULE"},
		{"quarantine", func(p *patient) {
			p.quarantine = &ledger.Quarantine{Quarantine: rails.Quarantine{Since: p.now.Add(-time.Hour), Run: "R7", Tried: 40, Failed: 20}}
		}, "runs", "quarantine", wrong, "20 of 40 changes failed in run R7", "`runs show R7`"},
		{"holds wait", func(p *patient) {
			for _, days := range []int{1, 3, 8} { // the last has expired
				since := p.now.Add(-time.Duration(days) * 24 * time.Hour)
				p.holds = append(p.holds, rails.Hold{Decision: rails.Waiting, Since: since, Expires: since.Add(7 * 24 * time.Hour)})
			}
			p.holds = append(p.holds, rails.Hold{Decision: rails.Allowed, Since: p.now, Expires: p.now.Add(time.Hour)})
		}, "runs", "holds", note, "2 holds wait for a person", "`holds list`"},
		{"leaver still in", func(p *patient) {
			p.link("000101").Rails.Leavers = []rails.Leaver{{User: id("000101-2"), Since: p.now.Add(-2 * time.Hour)}, {User: id("000101-3"), Since: p.now.Add(-time.Minute)}}
		}, "runs", "leavers", wrong, "1 leaver is in a team still: " + id("000101-2").String() + " in store 000101", "`revoke --user`"},
	}
}

// found changes the group that is found for the second store.
func found(change func(*plan.Found, *ledger.Group)) func(*patient) {
	return func(p *patient) {
		p.adjust = func(s *orgsync.Survey) {
			f := s.Found[key("000102")]
			change(&f, s.Groups[f.Group])
			s.Found[key("000102")] = f
		}
	}
}

// coded adds a finding about the second store to the roster.
func coded(code org.FindingCode) func(*patient) {
	return func(p *patient) {
		p.adjust = func(s *orgsync.Survey) {
			s.Roster.Findings = append(s.Roster.Findings, org.Finding{Code: code, Team: key("000102"), Text: "the store's own text"})
		}
	}
}

// unmanaged takes the managers from stores.
func unmanaged(numbers ...string) func(*patient) {
	return func(p *patient) {
		for _, n := range numbers {
			without(&p.snapshot.Assignments, func(a org.Assignment) bool { return strings.HasPrefix(string(a.Worker), n) })
		}
	}
}

// plantedStores are faults of stores and of their groups.
func plantedStores() []planted {
	return []planted{
		{"store without a manager", unmanaged("000103"), "stores", "managers", note, "1 of 6 stores without a manager (000103)", "operating unit"},
		{"many without a manager", unmanaged("000103", "000104", "000105"), "stores", "managers", wrong, "(000103, 000104, 000105), and the run is held", "MANAGER_RULE"},
		{"nobody may own the team", func(p *patient) {
			unmanaged("000103")(p)
			p.env["MAX_CARETAKER_TEAMS"] = "1"
			p.adjust = func(s *orgsync.Survey) { // as when everybody who may stand in has a store already
				i := slices.IndexFunc(s.Roster.Teams, func(team org.Team) bool { return team.Caretaker })
				without(&s.Roster.Teams[i].Entries, func(e org.Entry) bool { return e.Role == org.Owner })
				s.Roster.Findings = append(s.Roster.Findings, org.Finding{Code: org.NoOwner, Team: s.Roster.Teams[i].Key})
			}
		}, "stores", "owners", wrong, "nobody may own the team, so it is left alone or not made (000103)", "FALLBACK_OWNERS"},
		{"two stores of one name", func(p *patient) {
			p.env["TEAM_NAME"] = "{name}"
			p.unit("000104").Name = p.unit("000103").Name
		}, "stores", "names", note, "2 stores: another team has the same name", "TEAM_NAME"},
		{"two rows of one store", func(p *patient) { p.snapshot.Stores = append(p.snapshot.Stores, p.snapshot.Stores[0]) }, "stores", "numbers", wrong, "several rows of RetailStores", "All stores"},
		{"store outside the hierarchy", func(p *patient) {
			without(&p.snapshot.Hierarchy, func(l org.HierarchyLink) bool { return l.Child == "p000103" })
		}, "stores", "hierarchy", note, "does not have it", "Organization hierarchies"},
		{"hierarchy runs in a circle", func(p *patient) {
			p.snapshot.Hierarchy = append(p.snapshot.Hierarchy, org.HierarchyLink{Hierarchy: "Retail", Parent: "p000103", Child: "region"})
		}, "stores", "hierarchy", wrong, "runs in a circle", "Organization hierarchies"},
		{"store without a name", func(p *patient) { p.unit("000103").Name = "" }, "stores", "names", note, "1 store has no name in Commerce", "name the operating units"},
		{"stale mapping", coded(org.StaleMapping), "stores", "mappings", note, "a group that is gone (000102)", "IntegrationSourceMappings"},
		{"person in too many teams", func(p *patient) {
			p.adjust = func(s *orgsync.Survey) {
				s.Roster.Findings = append(s.Roster.Findings, org.Finding{Code: org.ManyTeams, Text: "user X would be in more than 1000 teams"})
			}
		}, "stores", "people", wrong, "user X would be in more than 1000 teams", "MAX_CARETAKER_TEAMS"},
		{"dynamic group", found(func(f *plan.Found, g *ledger.Group) {
			g.Dynamic, f.Blocked = true, "the group's membership follows a rule in Entra"
		}), "stores", "groups", wrong, "follows a rule in Entra (000102)", "membership type to Assigned"},
		{"group from on-premises", found(func(f *plan.Found, g *ledger.Group) {
			g.OnPremises, f.Blocked = true, "the group is synchronized from an on-premises directory"
		}), "stores", "groups", wrong, "on-premises directory (000102)", "end the group's synchronization"},
		{"communications group dynamic", func(p *patient) {
			p.adjust = func(s *orgsync.Survey) {
				f := s.Found[org.Communications]
				f.Blocked = "the group's membership follows a rule in Entra"
				s.Groups[f.Group].Dynamic = true
				s.Found[org.Communications] = f
			}
		}, "stores", "groups", wrong, "(communications)", "membership type to Assigned"},
		{"group of another kind", found(func(f *plan.Found, g *ledger.Group) {
			g.Unified, f.Blocked = false, "the group is no Microsoft 365 group and cannot be a team"
		}), "stores", "groups", wrong, "no Microsoft 365 group", "IntegrationSourceMappings"},
		{"mapping in two ways", found(func(f *plan.Found, _ *ledger.Group) { f.Unclear = "Commerce maps this store to several groups" }),
			"stores", "mappings", wrong, "several groups", "IntegrationSourceMappings"},
		{"group not read yet", func(p *patient) {
			p.link("000102")
			found(func(f *plan.Found, _ *ledger.Group) { f.Unclear = "group G has not been read yet" })(p)
		}, "stores", "groups", note, "has not been read yet", "OrgSync"},
		{"archived by hand", found(func(f *plan.Found, _ *ledger.Group) { f.Archived = true }), "stores", "archived", note, "1 open store (000102)", "CLOSED_STORES"},
		{"too many people", found(func(f *plan.Found, _ *ledger.Group) { f.People = make([]org.Person, 25_001) }), "stores", "size", wrong, "25000 people", "RetailChannelWorkers"},
		{"too many managers", func(p *patient) {
			p.adjust = func(s *orgsync.Survey) {
				team := &s.Roster.Teams[1]
				for i := range 101 {
					team.Entries = append(team.Entries, org.Entry{User: org.UserID{byte(i)}, Role: org.Owner})
				}
			}
		}, "stores", "owners", wrong, "more than 100 managers", "MANAGER_RULE=unit"},
	}
}

// plantedPeople are faults of accounts, and people whom nobody wants.
func plantedPeople() []planted {
	all := []planted{
		{"nobody in the tenant", func(p *patient) {
			for i := range p.snapshot.Staff {
				if !strings.HasSuffix(string(p.snapshot.Staff[i].Worker), "1") {
					p.snapshot.Staff[i].ObjectID = id("abroad " + string(p.snapshot.Staff[i].Worker)).String()
				}
			}
		}, "people", "not in tenant", wrong, "12 workers cannot be added", "TENANT_ID"},
		{"extra", found(func(f *plan.Found, _ *ledger.Group) {
			f.People = append([]org.Person{{User: org.UserID{0: 0, 15: 1}}}, f.People...)
		}), "people", "extras", note, "1 membership is nobody's doing", "`extras`"},
		{"Commerce's own integration", func(p *patient) {
			p.snapshot.Mappings = []org.Mapping{{SourceType: "RetailStore", SourceID: "000102", Team: "g"}, {SourceType: "retailstore", SourceID: "000103", Team: "h"}}
		}, "integration", "IntegrationSourceMappings", note, "maps 2 stores to teams", "stop the batch jobs"},
		{"both write tasks", func(p *patient) {
			p.snapshot.Mappings = []org.Mapping{{SourceType: "RetailStore", SourceID: "000102", Team: "g"}}
			p.syncs()
		}, "integration", "TASK_MODE", wrong, "both would write", "TASK_MODE=planner"},
		{"tasks go one way", func(p *patient) { p.syncs(); p.env["TASK_WRITE"] = "" }, "tasks", "TASK_WRITE", wrong, "never reaches Commerce", "name it in TASK_WRITE"},
		{"tasks are read elsewhere", func(p *patient) { p.syncs(); p.env["TASK_READ"] = "" }, "tasks", "TASK_READ", note, "two calls", "name the collection"},
		{"no queue", func(p *patient) { p.syncs(); p.queueErr = fault.Newf(fault.NotFound, "bus", "x") }, "service bus", "task-hints", wrong, "not there", "create the queue"},
		{"no role", func(p *patient) { p.syncs(); p.queueErr = fault.Newf(fault.Denied, "bus", "x") }, "service bus", "task-hints", wrong, "may not send", "Azure Service Bus Data Sender"},
		{"no sessions", func(p *patient) { p.syncs(); p.queueErr = fault.Newf(fault.Invalid, "bus", "x") }, "service bus", "task-hints", wrong, "no sessions", "create it anew"},
		{"told of changes", func(p *patient) { p.told() }, "notifications", "NOTIFICATION_URL", fine, "tells of changes", ""},
		{"told of nothing", func(*patient) {}, "notifications", "NOTIFICATION_URL", fine, "timers alone", ""},
		{"no queue of hints", func(p *patient) { p.told(); p.hintsErr = fault.Newf(fault.NotFound, "bus", "x") }, "notifications", "org-hints", wrong, "cannot be used", "create the queue"},
		{"notices unread", func(p *patient) { p.told(); p.healthErr = fault.Newf(fault.Unavailable, "ledger", "x") }, "notifications", "NOTIFICATION_URL", wrong, "could not be read", "tables"},
		{"refused", func(p *patient) { p.told(); p.health.Wrong = "no consent" }, "notifications", "NOTIFICATION_URL", wrong, "no consent", "from the internet"},
		{"silent", func(p *patient) { p.told(); p.health.Silent = p.now }, "notifications", "NOTIFICATION_URL", wrong, "have arrived since", "NOTIFICATION_SECRETS"},
		{"none made", func(p *patient) { p.told(); p.health.Held = nil }, "notifications", "NOTIFICATION_URL", note, "no subscription", "SubscriptionRenew"},
		{"ended", func(p *patient) {
			p.told()
			p.health.Held["groups"] = ledger.Subscription{Expires: p.now.Add(-time.Hour)}
		}, "notifications", "NOTIFICATION_URL", wrong, "have ended: groups", "SubscriptionRenew runs"},
		{"no way to the queue", func(p *patient) { p.syncs(); p.queueErr = fault.Newf(fault.Unavailable, "bus", "x") }, "service bus", "task-hints", wrong, "cannot be reached", "5671"},
		{"no permission to change tasks", func(p *patient) {
			p.syncs()
			p.roles = slices.DeleteFunc(p.roles, func(role string) bool { return role == "Tasks.ReadWrite.All" })
		}, "permissions", "Tasks.ReadWrite.All", wrong, "make boards", "Tasks.ReadWrite.All"},
	}
	for cause, fix := range map[org.UnmappedCause]string{
		org.NoIdentity: "Associate existing identity", org.BadIdentity: "GUID", org.NotInTenant: "TENANT_ID", org.Disabled: "end the employment",
		org.Unclear: "User.Read.All", org.Unlicensed: "Teams service plan", org.GuestUser: "ALLOW_GUESTS=yes",
	} {
		all = append(all, planted{"worker: " + string(cause), causeOf(cause), "people", string(cause), note, "1 worker cannot be added", fix})
	}
	return all
}

// plantLeaver adds a leaver of hours ago, with a hold about them that somebody
// refused or nobody decided.
func plantLeaver(p *patient, refused bool) {
	p.link("000101").Rails.Leavers = []rails.Leaver{{User: id("000101-2"), Since: p.now.Add(-2 * time.Hour)}}
	hold := rails.Hold{Decision: rails.Waiting, Since: p.now, Expires: p.now.Add(time.Hour), Halt: plan.Halt{Team: key("000101"), Rail: plan.RailTeamCap,
		Changes: []plan.Change{{Team: key("000101"), Kind: plan.Remove, User: id("000101-2"), Leave: org.LeftCompany}}}}
	if refused {
		hold.Decision = rails.Refused
	}
	p.holds = rails.Holds{hold}
}

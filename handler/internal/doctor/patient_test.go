package doctor_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/config"
	"github.com/storeteams/storeteams/handler/internal/doctor"
	"github.com/storeteams/storeteams/handler/internal/fault"
	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/plan"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/internal/subscription"
)

// patient is an installation to examine: in perfect health, until a test breaks
// something.
type patient struct {
	now time.Time
	env map[string]string

	collections []doctor.Collection
	calls       []doctor.Call
	roles       []string
	rolesKnown  bool
	rolesErr    error
	licences    []doctor.Licence
	licencesErr error
	ledgerErr   error
	queueErr    error
	hintsErr    error
	health      subscription.Health
	healthErr   error

	runs          []*ledger.Run
	runsErr       error
	quarantine    *ledger.Quarantine
	quarantineErr error

	snapshot  org.Snapshot
	users     []org.User
	holds     rails.Holds
	links     map[org.TeamKey]*ledger.Link
	surveyErr error

	surveyTakes time.Duration

	// adjust changes what was computed, last.
	adjust func(*orgsync.Survey)
}

// stores are the numbers of the patient's stores. One in six may lack a manager
// before the run is held.
var stores = [...]string{"000101", "000102", "000103", "000104", "000105", "000106"}

// id is the object id of somebody's account, upn its user principal name.
func id(label string) org.UserID {
	sum := sha256.Sum256([]byte(label))
	return org.UserID(sum[:16])
}

func upn(label string) string { return strings.ToLower(label) + "@example.com" }

func healthy() *patient {
	p := &patient{
		now: time.Now(),
		env: map[string]string{
			"COMMERCE_URL": "https://contoso.operations.dynamics.com", "TENANT_ID": "11111111-2222-3333-4444-555555555555",
			"INSTANCE": "test", "TABLES_URL": "https://account.table.core.windows.net", "MODE": "full", "TASK_MODE": "off",
			"FALLBACK_OWNERS": upn("F1") + "," + upn("F2"), "COMMUNICATIONS_OWNERS": upn("F2"), "ORG_SYNC_SCHEDULE": "0 */15 * * * *", "TASK_SWEEP_SCHEDULE": "0 * * * * *", "SUBSCRIPTION_SCHEDULE": "0 5/15 * * * *",
			"PROTECTED_USERS": upn("F1"), "HIERARCHY": "Retail",
		},
		calls: []doctor.Call{
			{Name: "GET /groups/delta", Needs: []string{"GroupMember.Read.All", "Group.Read.All", "Group.ReadWrite.All"}, For: "see groups change"},
			{Name: "GET /users/delta", Needs: []string{"User.Read.All", "Directory.Read.All"}, For: "see users change"},
			{Name: "GET /teams/{id}/members", Needs: []string{"TeamMember.Read.All", "TeamMember.ReadWrite.All"}, For: "verify members"},
		},
		roles:      []string{"GroupMember.Read.All", "User.Read.All", "Group.ReadWrite.All", "TeamMember.ReadWrite.All", "Organization.Read.All"},
		rolesKnown: true,
		licences:   []doctor.Licence{{Product: "SPE_F1", Enabled: 100, Used: 40}},
		links:      map[org.TeamKey]*ledger.Link{},
	}
	p.calls = append(p.calls, doctor.Call{Name: "GET /subscribedSkus", Needs: []string{"Organization.Read.All"}, For: "count licences"})
	for i := range p.calls {
		p.calls[i].Clock = doctor.Clock{Known: true, Ahead: time.Second}
	}
	for _, name := range collections() {
		p.collections = append(p.collections, doctor.Collection{
			Name: name, Actual: name, Rows: 1, Clock: doctor.Clock{Known: true},
			Optional: name == "Employees" || name == "SecurityUserRoleOrganizations",
		})
	}
	p.collection("IntegrationSourceMappings").Rows = 0
	p.run(ledger.Done, 35*time.Minute)
	p.run(ledger.Done, 20*time.Minute)
	p.organize()
	return p
}

// collections are the default names of Commerce's collections, as the settings
// have them.
func collections() []string {
	var names []string
	for _, s := range config.Settings() {
		if strings.HasPrefix(s.Name, "ENTITY_") {
			names = append(names, s.Default)
		}
	}
	return names
}

// organize gives each store a manager by a position in its department and two
// workers; a region above them, a communications manager, and a reading of all
// that.
func (p *patient) organize() {
	s := &p.snapshot
	s.ReadAt = p.now.Add(-30 * time.Minute)
	s.Purposes = []org.HierarchyPurpose{{Hierarchy: "Retail", Purpose: "RetailReporting", Default: org.Yes}}
	for _, n := range stores {
		s.Stores = append(s.Stores, org.Store{Number: org.StoreNumber(n), Channel: "c" + n, Unit: n, Party: "p" + n})
		s.Units = append(s.Units, org.Unit{Number: n, Party: "p" + n, Name: "Store " + n})
		s.Hierarchy = append(s.Hierarchy, org.HierarchyLink{Hierarchy: "Retail", Parent: "region", Child: "p" + n, ParentName: "North", ChildName: "Store " + n})
		s.Positions = append(s.Positions, org.Position{ID: "boss" + n, Department: n, Title: "Store manager"})
		s.PositionPermissions = append(s.PositionPermissions, org.PositionPermission{Position: "boss" + n, Manager: org.Yes})
		s.Assignments = append(s.Assignments, org.Assignment{Position: "boss" + n, Worker: org.PersonnelNumber(n + "-1")})
		for _, k := range []string{"-1", "-2", "-3"} {
			s.ChannelWorkers = append(s.ChannelWorkers, org.ChannelWorker{Channel: "c" + n, Worker: org.PersonnelNumber(n + k), Active: org.Yes})
			p.hire(n + k)
		}
	}
	s.Units = append(s.Units, org.Unit{Number: "region", Party: "region", Name: "North", Manager: "R1"})
	p.hire("R1")
	s.PersonUsers = []org.PersonUser{{Party: "party R1", User: "r1"}}
	s.Roles = []org.RoleAssignment{{User: "r1", Role: "RTM", Name: "Retail task manager", Status: "Enabled"}}
	p.account("F1")
	p.account("F2")
}

// hire adds a worker with an account.
func (p *patient) hire(label string) {
	worker := org.PersonnelNumber(label)
	p.snapshot.Workers = append(p.snapshot.Workers, org.Worker{Number: worker, Party: "party " + label})
	p.snapshot.Staff = append(p.snapshot.Staff, org.Staff{Worker: worker, ObjectID: id(label).String()})
	p.account(label)
}

func (p *patient) account(label string) {
	p.users = append(p.users, org.User{ID: id(label), UPN: upn(label), Enabled: org.Yes, Licensed: true})
}

// user, unit, collection and call find what a test is about to break.
func (p *patient) user(label string) *org.User {
	return &p.users[slices.IndexFunc(p.users, func(u org.User) bool { return u.ID == id(label) })]
}

func (p *patient) unit(number string) *org.Unit {
	return &p.snapshot.Units[slices.IndexFunc(p.snapshot.Units, func(u org.Unit) bool { return u.Number == number })]
}

func (p *patient) collection(name string) *doctor.Collection {
	return &p.collections[slices.IndexFunc(p.collections, func(c doctor.Collection) bool { return c.Name == name })]
}

func (p *patient) call(name string) *doctor.Call {
	return &p.calls[slices.IndexFunc(p.calls, func(c doctor.Call) bool { return c.Name == name })]
}

// run adds the record of a run that ended so long ago.
func (p *patient) run(outcome ledger.Outcome, ago time.Duration) *ledger.Run {
	r := &ledger.Run{ID: "run", Function: "OrgSync", Started: p.now.Add(-ago - time.Minute), Ended: p.now.Add(-ago), Outcome: outcome}
	p.runs = append(p.runs, r)
	return r
}

// link makes a store's team known to the ledger, and returns it.
func (p *patient) link(store string) *ledger.Link {
	key := org.TeamKey{Store: org.StoreNumber(store)}
	p.links[key] = &ledger.Link{Team: key, Group: group(key)}
	return p.links[key]
}

func group(key org.TeamKey) org.TeamID { return org.TeamID("group of " + key.String()) }

// survey concludes as a run would, of teams that are as they should be.
func (p *patient) survey(settings config.Config) *orgsync.Survey {
	s := &orgsync.Survey{
		At: p.now, Settings: orgsync.Settings{Rules: settings.Rules}, Snapshot: p.snapshot, Users: org.NewUsers(p.users),
		Holds: p.holds, Links: p.links, Groups: map[org.TeamID]*ledger.Group{}, Found: map[org.TeamKey]plan.Found{},
	}
	s.Roster = org.BuildRoster(s.Snapshot, s.Users, settings.Rules, p.now)
	for _, team := range s.Roster.Teams {
		f := plan.Found{Group: group(team.Key), Origin: plan.Linked, Name: team.Name, HasTeam: true}
		for _, e := range team.Entries {
			f.People = append(f.People, org.Person{User: e.User, Role: e.Role})
		}
		s.Found[team.Key] = f
		s.Groups[f.Group] = &ledger.Group{ID: f.Group, Unified: true, HasTeam: true, People: f.People}
	}
	if p.adjust != nil {
		p.adjust(s)
	}
	s.Plan = plan.Build(s.Roster, s.Found, s.Roster.Evidence, plan.Options{Adopt: settings.Adopt, Takes: true})
	return s
}

// doctor returns a doctor who looks at the patient.
func (p *patient) doctor(t *testing.T) *doctor.Doctor {
	t.Helper()
	settings, err := config.FromEnv(func(name string) string { return p.env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return doctor.New(doctor.Parts{
		Commerce: commerce{p}, Tenant: tenant{p}, Ledger: store{p}, Book: book{p}, Queue: queue{p},
		Hints: hints{p}, Notices: func(context.Context) (subscription.Health, error) { return p.health, p.healthErr },
		Survey: func(ctx context.Context) (*orgsync.Survey, error) {
			if p.surveyTakes > 0 {
				select {
				case <-time.After(p.surveyTakes):
				case <-ctx.Done(): // as the table ledger says it
					return nil, fault.New(fault.KindOf(ctx.Err()), "ledger: read the links", ctx.Err())
				}
			}
			if p.surveyErr != nil {
				return nil, p.surveyErr
			}
			return p.survey(settings), nil
		},
	}, settings)
}

func (p *patient) examine(t *testing.T) doctor.Report {
	t.Helper()
	return p.doctor(t).Examine(t.Context())
}

type (
	commerce struct{ *patient }
	tenant   struct{ *patient }
	store    struct{ *patient }
	book     struct{ *patient }
)

func (c commerce) Probe(context.Context) []doctor.Collection { return c.collections }

func (p tenant) Probe(context.Context) []doctor.Call { return p.calls }

func (p tenant) Roles(context.Context) ([]string, bool, error) {
	return p.roles, p.rolesKnown, p.rolesErr
}

func (p tenant) Licences(context.Context) ([]doctor.Licence, error) {
	return p.licences, p.licencesErr
}

func (s store) Probe(context.Context) error { return s.ledgerErr }

func (b book) Runs(context.Context) ([]*ledger.Run, error) { return b.runs, b.runsErr }

func (b book) Quarantine(context.Context) (*ledger.Quarantine, error) {
	return b.quarantine, b.quarantineErr
}

// text is a report as people read it, with everything in it.
func text(t *testing.T, r doctor.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteText(&b, true); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// queue is the queue of hints.
type queue struct{ p *patient }

func (q queue) Probe(context.Context) error { return q.p.queueErr }

// hints is the queue of the organization.
type hints struct{ p *patient }

func (h hints) Probe(context.Context) error { return h.p.hintsErr }

// told has the app be told of changes.
func (p *patient) told() {
	p.env["NOTIFICATION_URL"] = "https://contoso.azurewebsites.net/api/graph/notifications"
	p.env["NOTIFICATION_SECRETS"] = "a:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	p.env["ServiceBus__fullyQualifiedNamespace"] = "contoso.servicebus.windows.net"
	p.health = subscription.Health{Wanted: true, Held: map[string]ledger.Subscription{"groups": {Expires: p.now.Add(time.Hour)}}}
}

// syncs switches tasks on.
func (p *patient) syncs() {
	p.env["TASK_MODE"], p.env["TASK_READ"], p.env["TASK_WRITE"] = "sync", "StoreTasks", "StoreTasks"
	p.env["ServiceBus__fullyQualifiedNamespace"] = "contoso.servicebus.windows.net"
	p.roles = append(p.roles, "Tasks.ReadWrite.All")
}

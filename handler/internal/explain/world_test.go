package explain_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/ledger/memledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/rails"
)

// world is a small chain and its tenant. Its survey is the engine's own.
type world struct {
	snapshot org.Snapshot
	users    []org.User
	links    map[org.TeamKey]*ledger.Link
	groups   map[org.TeamID]*ledger.Group
	blocks   []org.Block
	holds    rails.Holds
	baseline rails.Baseline
	settings orgsync.Settings
	events   []ledger.Event
	now      time.Time
}

// The stores of every world, and who manages them by their unit.
const (
	storeOne = org.StoreNumber("000101")
	storeTwo = org.StoreNumber("000102")
)

func key(store org.StoreNumber) org.TeamKey { return org.TeamKey{Store: store} }

// account is the user of a worker: 001008 has 00000000-0000-0000-0000-000000001008.
func account(worker org.PersonnelNumber) org.UserID {
	id, err := org.ParseUserID("00000000-0000-0000-0000-000000" + string(worker))
	if err != nil {
		panic(err)
	}
	return id
}

func upn(worker org.PersonnelNumber) string { return "w" + string(worker) + "@example.org" }

// newWorld is a chain of two stores, each with a manager and three workers, with
// a regional manager above. Nothing is in the tenant but the users.
func newWorld() *world {
	now := time.Now().UTC()
	w := &world{
		now: now, links: map[org.TeamKey]*ledger.Link{}, groups: map[org.TeamID]*ledger.Group{},
		settings: orgsync.Settings{
			Mode: orgsync.ModeFull,
			Rules: org.Rules{
				Instance: "test", TeamName: "{name} ({number})", CommunicationsTeamName: "Communications",
				CommunicationsRole: "Retail task manager", FallbackOwners: []string{upn("009001")},
				ManagerRule: org.RuleAuto, MaxCaretakerTeams: 200,
			},
			Limits: rails.Limits{
				Removals: 100, RemovalPercent: 100, TeamPercent: 50, SightingInterval: 15 * time.Minute, HandsDelay: time.Hour,
			},
			MinSource: 80, ArchiveAfter: 30 * 24 * time.Hour, SnapshotMaxAge: time.Hour,
		},
	}
	w.snapshot = org.Snapshot{
		ReadAt:   now.Add(-10 * time.Minute),
		Purposes: []org.HierarchyPurpose{{Hierarchy: "Retail", Purpose: "RetailReporting", Default: org.Yes}},
		Rows:     map[string]int{"RetailChannelWorkers": 8},
		Units:    []org.Unit{{Number: "UR", Party: "PR", Name: "North", Manager: "002000"}},
	}
	w.hire("009001")
	w.hire("002000")
	for i, store := range []org.StoreNumber{storeOne, storeTwo} {
		n := string('1' + rune(i))
		w.snapshot.Stores = append(w.snapshot.Stores, org.Store{Number: store, Channel: "C" + n, Unit: "U" + n, Party: "P" + n})
		w.snapshot.Units = append(w.snapshot.Units, org.Unit{Number: "U" + n, Party: "P" + n, Name: "Shop " + n, Manager: org.PersonnelNumber("00" + n + "000")})
		w.snapshot.Hierarchy = append(w.snapshot.Hierarchy, org.HierarchyLink{Hierarchy: "Retail", Parent: "PR", Child: "P" + n, ParentName: "North", ChildName: "Shop " + n})
		manager := org.PersonnelNumber("00" + n + "000")
		if n == "2" {
			manager = "003000" // 002000 manages the region
			w.snapshot.Units[len(w.snapshot.Units)-1].Manager = manager
		}
		w.hire(manager)
		for k := 8; k < 11; k++ {
			worker := org.PersonnelNumber(fmt.Sprintf("00%s%03d", n, k))
			w.hire(worker)
			w.assign(worker, "C"+n, org.Yes)
		}
	}
	return w
}

// hire gives Commerce a worker and the tenant their account.
func (w *world) hire(worker org.PersonnelNumber) {
	w.snapshot.Workers = append(w.snapshot.Workers, org.Worker{Number: worker, Party: "party-" + string(worker)})
	w.snapshot.Employments = append(w.snapshot.Employments, org.Employment{Worker: worker})
	w.snapshot.Staff = append(w.snapshot.Staff, org.Staff{Worker: worker, ObjectID: account(worker).String(), Alias: upn(worker)})
	w.users = append(w.users, org.User{ID: account(worker), UPN: upn(worker), Enabled: org.Yes, Licensed: true})
}

func (w *world) assign(worker org.PersonnelNumber, channel string, active org.Flag) {
	w.snapshot.ChannelWorkers = append(w.snapshot.ChannelWorkers, org.ChannelWorker{Channel: channel, Worker: worker, Active: active})
}

// settle makes the tenant as Commerce wants it now: every team is there, with
// everybody in it, managed for two days.
func (w *world) settle() {
	roster := org.BuildRoster(w.snapshot, org.NewUsers(w.users), w.settings.Rules, w.now)
	for i, team := range roster.Teams {
		g := &ledger.Group{
			ID: org.TeamID(fmt.Sprintf("10000000-0000-0000-0000-%012d", i)), Name: team.Name, Unified: true, HasTeam: true,
			Marker: org.Marker(w.settings.Rules.Instance, team.Key), Verified: w.now.Add(-3 * time.Hour),
		}
		l := &ledger.Link{Team: team.Key, Group: g.ID}
		for _, e := range team.Entries {
			g.People.Set(e.User, e.Role)
			l.Managed.Set(org.Managed{User: e.User, Role: e.Role, Worker: e.Worker, Reason: e.Reason, Since: w.now.Add(-48 * time.Hour).Truncate(time.Second)})
		}
		w.groups[g.ID], w.links[team.Key] = g, l
	}
}

func (w *world) link(store org.StoreNumber) *ledger.Link { return w.links[key(store)] }

func (w *world) group(store org.StoreNumber) *ledger.Group { return w.groups[w.link(store).Group] }

// leave takes somebody's rows about a store out of the snapshot.
func (w *world) vanish(worker org.PersonnelNumber) {
	w.snapshot.ChannelWorkers = slices.DeleteFunc(w.snapshot.ChannelWorkers, func(r org.ChannelWorker) bool { return r.Worker == worker })
}

func (w *world) setActive(worker org.PersonnelNumber, active org.Flag) {
	for i, r := range w.snapshot.ChannelWorkers {
		if r.Worker == worker {
			w.snapshot.ChannelWorkers[i].Active = active
		}
	}
}

func (w *world) user(worker org.PersonnelNumber) *org.User {
	for i := range w.users {
		if w.users[i].ID == account(worker) {
			return &w.users[i]
		}
	}
	panic("no account of " + worker)
}

func (w *world) staff(worker org.PersonnelNumber) *org.Staff {
	for i := range w.snapshot.Staff {
		if w.snapshot.Staff[i].Worker == worker {
			return &w.snapshot.Staff[i]
		}
	}
	panic("no identity of " + worker)
}

// survey keeps the world in a ledger and has the engine look at it.
func (w *world) survey(t *testing.T) *orgsync.Survey {
	t.Helper()
	book := ledger.NewBook(new(memledger.Store), w.settings.Rules.Instance)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(book.SaveSnapshot(ctx, w.snapshot, ""))
	must(book.SaveUsers(ctx, w.ledgerUsers()))
	for _, g := range w.groups {
		must(book.SaveGroup(ctx, g))
	}
	for _, l := range w.links {
		must(book.SaveLink(ctx, l))
	}
	for _, b := range w.blocks {
		must(book.Block(ctx, b))
	}
	holds, err := book.Holds(ctx)
	must(err)
	must(book.SaveHolds(ctx, holds, w.holds))
	if len(w.baseline.Rows) > 0 {
		must(book.SaveBaseline(ctx, &ledger.Baseline{Baseline: w.baseline}))
	}
	s, err := orgsync.New(orgsync.Parts{Book: book}, w.settings).Survey(ctx)
	must(err)
	return s
}

func (w *world) ledgerUsers() *ledger.Users {
	users := new(ledger.Users)
	for _, u := range w.users {
		users.Put(u)
		if u.Deleted {
			users.MarkDeleted(u.ID)
		}
	}
	return users
}

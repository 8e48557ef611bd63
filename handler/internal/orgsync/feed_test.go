package orgsync_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

// What the feed tells of our own writes makes nobody read groups whole.
func TestOwnEchoes(t *testing.T) {
	cases := map[string]simgraph.Options{
		"plain":           {},
		"in parts, twice": {PageSize: 3, DeltaLinks: 2, DeltaReplay: true},
		"with owners":     {DeltaOwners: true},
		"late":            {ReadLag: 2 * time.Minute},
	}
	for name, options := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 12, 4, options)
				b.run(t, t)
				for range 3 {
					b.idle(t)
				}
			})
		})
	}
}

func TestIdleRunIsTwoRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 3, 3, simgraph.Options{})
		b.run(t, t)
		b.tick(t)
		for _, later := range []time.Duration{0, 0, 2 * time.Hour} {
			pass(later)
			asked := b.requests(func() { b.tick(t) })
			if want := map[string]int{"GET /users/delta": 1, "GET /groups/delta": 1}; !maps.Equal(asked, want) {
				t.Errorf("an idle run asked for %v", asked)
			}
		}
	})
}

// A cursor dies, in one way or another, while a few things changed.
func TestCursorDies(t *testing.T) {
	cases := map[string]struct {
		options simgraph.Options
		after   time.Duration
		kill    func(*bench, *testing.T)
	}{
		"known to die":  {simgraph.Options{}, 8 * day, func(*bench, *testing.T) {}},
		"gone":          {simgraph.Options{}, 8 * day, trustCursors},
		"bad request":   {simgraph.Options{ExpiredStatus: 400}, 8 * day, trustCursors},
		"not found":     {simgraph.Options{ExpiredStatus: 404}, 8 * day, trustCursors},
		"with replay":   {simgraph.Options{DeltaReplay: true, PageSize: 3, DeltaLinks: 2}, 8 * day, trustCursors},
		"no memory":     {simgraph.Options{}, 8 * day, forgetDeleted},
		"tenant moved":  {simgraph.Options{}, tick, killCursors},
		"among echoes":  {simgraph.Options{DeltaReplay: true, PageSize: 3, DeltaLinks: 1}, time.Minute, killCursors},
		"with much lag": {simgraph.Options{ReadLag: 2 * time.Minute}, 10 * time.Minute, killCursors},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newChain(t, 4, 3, c.options)
				b.run(t, t)
				removed, deleted, created := b.worker(t, 1, 1), b.worker(t, 2, 1), "dddddddd-0000-4000-8000-000000000001"
				must(t, b.tenant.RemoveMember(b.team(t, store(1)).ID, removed))
				must(t, b.tenant.AddMember(b.team(t, store(3)).ID, b.office(1)))
				must(t, b.tenant.DeleteUser(deleted))
				must(t, b.tenant.RenameGroup(b.team(t, store(3)).ID, "Our place"))
				must(t, b.tenant.PurgeGroup(b.team(t, store(4)).ID))
				must(t, b.tenant.AddUser(simgraph.User{ID: created, UserPrincipalName: "w000002001@contoso.example", AccountEnabled: true}))
				must(t, b.tenant.SetUser(created, licence("Enabled")))
				pass(c.after)
				c.kill(b, t)
				if record := b.tick(t); record.Held != 1 || !hasNote(record.Run, "held", store(4)) {
					t.Errorf("held are %d: %+v", record.Held, record.Notes)
				}
				wantPeople(t, b.team(t, store(1)), []string{b.worker(t, 1, 0)}, []string{removed, b.worker(t, 1, 2)})
				wantPeople(t, b.team(t, store(2)), []string{b.worker(t, 2, 0)}, []string{created, b.worker(t, 2, 2)})
				wantPeople(t, b.team(t, store(3)), []string{b.worker(t, 3, 0)}, []string{b.worker(t, 3, 1), b.worker(t, 3, 2), b.office(1)})
				if name := b.team(t, store(3)).Name; name != "Shop 3 (000003)" {
					t.Errorf("store 3's team is called %q", name)
				}
				if n := len(b.tenant.Teams()); n != 4 {
					t.Errorf("there are %d groups, want those of three stores and of communications", n)
				}
				b.tick(t)
				b.idle(t)
			})
		})
	}
}

// trustCursors makes the ledger's cursors look young, so that it is the tenant
// who says that they died.
func trustCursors(b *bench, t *testing.T) {
	for _, feed := range []ledger.Feed{ledger.GroupFeed, ledger.UserFeed} {
		cursor, err := b.book().Cursor(t.Context(), feed)
		must(t, err)
		cursor.At = time.Now()
		must(t, b.book().SaveCursor(t.Context(), feed, &cursor))
	}
}

// forgetDeleted makes another tenant of the one there is, which neither knows
// the cursors nor lists what was deleted.
func forgetDeleted(b *bench, t *testing.T) {
	tenant, err := simgraph.New(b.tenant.World(), simgraph.Options{})
	must(t, err)
	b.tenant = tenant
	trustCursors(b, t)
	killCursors(b, t)
}

// killCursors makes the tenant forget each cursor once, whatever its age.
func killCursors(b *bench, _ *testing.T) {
	for _, route := range []string{"GET /groups/delta", "GET /users/delta"} {
		b.tenant.Inject(simgraph.Fault{Route: route, Times: 1, Do: simgraph.Refuse(410, "resyncRequired", 0)})
	}
}

func TestPurgedGroupIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newChain(t, 3, 2, simgraph.Options{})
		b.run(t, t)
		id := b.team(t, store(2)).ID
		must(t, b.tenant.PurgeGroup(id))
		for range 3 {
			record := b.tick(t)
			if n := len(b.tenant.Teams()); n != 3 {
				t.Errorf("there are %d groups, want those of two stores and of communications", n)
			}
			if record.Held != 1 || !hasNote(record.Run, "held", store(2)) {
				t.Errorf("the record does not say that store 2 is held: %+v", record.Notes)
			}
		}
		b.idle(t) // it is not asked for again and again

		b.allowAll(t, 1)
		b.settles(t, 2)
		if team := b.team(t, store(2)); team.ID == id || !team.HasTeam {
			t.Errorf("store 2 has the team %+v", team)
		}
	})
}

// hasNote reports whether a record has a note of that kind about a team.
func hasNote(run *ledger.Run, kind string, team org.TeamKey) bool {
	return slices.ContainsFunc(run.Notes, func(n ledger.Note) bool { return n.Kind == kind && n.Team == team.String() })
}

// A mapping may name a group that the feed passed long ago.
func TestMappingAppearsLater(t *testing.T) {
	cases := map[string]struct {
		marker string
		team   bool
		adopt  bool
		want   string // outcome for the store
	}{
		"a team":                 {"", true, true, "adopted"},
		"a plain group":          {"", false, true, "adopted"},
		"adoption is not wanted": {"", true, false, "held"},
		"another instance's":     {"storeteams-prod-s-000002", true, true, "skipped"},
		"another store's":        {"storeteams-test-s-000009", true, true, "skipped"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := worldgen.Chain(2, 2)
				id := existing(&w, c.marker, c.team, w.Users[1]["id"].(string))
				b := newBenchOf(t, w, simgraph.Options{})
				b.settings.Scope = []string{"000001"}
				b.settings.Adopt = c.adopt
				b.run(t, t)
				b.tick(t)

				b.settings.Scope = nil
				b.add(t, "IntegrationSourceMappings", mapping(2, id))
				record := b.tick(t)
				if n := len(b.tenant.Teams()); n != 3 {
					t.Errorf("there are %d groups, want 3", n)
				}
				switch said := fmt.Sprintf("held %d skipped %d", record.Held, record.Skipped); {
				case c.want == "adopted" && said == "held 0 skipped 0":
					b.settles(t, 2)
				case c.want != "adopted" && hasNote(record.Run, c.want, store(2)):
					compareGroups(t, naive.ExpectTenant(b.world, b.settings, time.Now()), b.groups(), record)
				default:
					t.Errorf("want store 2 %s, the record says %s: %+v", c.want, said, record.Notes)
				}
			})
		})
	}
}

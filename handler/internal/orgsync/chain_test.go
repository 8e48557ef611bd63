package orgsync_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/local/naive"
	"github.com/storeteams/storeteams/handler/local/simgraph"
	"github.com/storeteams/storeteams/handler/local/worldgen"
)

const (
	tick = 15 * time.Minute // the default of ORG_SYNC_SCHEDULE
	day  = 24 * time.Hour
)

// newChain is a bench over a regular chain: stores 000001, 000002 and so on,
// the workers of a store numbered from 0, the first one its manager. The
// intervals are the defaults. For tests inside a synctest bubble.
func newChain(t *testing.T, stores, workers int, options simgraph.Options) *bench {
	t.Helper()
	return newBenchOf(t, worldgen.Chain(stores, workers), options)
}

// newBenchOf is newChain over a world made of a chain.
func newBenchOf(t *testing.T, w naive.World, options simgraph.Options) *bench {
	t.Helper()
	b := newBench(t, w, worldgen.ChainSettings("test"), options)
	b.poll, b.retry, b.budget = 35*time.Second, 10*time.Second, 10*time.Minute
	return b
}

// pass lets time go by.
func pass(d time.Duration) { <-time.After(d) }

// tick runs again when the next tick is due.
func (b *bench) tick(t *testing.T) orgsync.Record {
	t.Helper()
	pass(tick)
	return b.run(t, t)
}

// ticks lets time go by, running at each tick.
func (b *bench) ticks(t *testing.T, d time.Duration) {
	t.Helper()
	for range d / tick {
		b.tick(t)
	}
}

// fails runs, expects the run to fail, and returns its record and its error.
func (b *bench) fails(t *testing.T) (orgsync.Record, error) {
	t.Helper()
	pass(tick)
	s := b.syncer(t)
	failure := s.Run(t.Context(), "test")
	if failure == nil {
		t.Fatal("the run did not fail")
	}
	record, err := s.LastRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return record, failure
}

// settles runs tick by tick until a run finds nothing to do, at most so often,
// and checks that the tenant is as the rules want the bench's world.
func (b *bench) settles(t *testing.T, runs int) {
	t.Helper()
	var record orgsync.Record
	for range runs {
		if record = b.tick(t); len(record.Planned) == 0 && record.Later == 0 {
			break
		}
	}
	if len(record.Planned) > 0 || record.Later > 0 {
		t.Fatalf("after %d runs there is still something to do:\n%s\nnotes: %+v", runs, record.Plan, record.Notes)
	}
	compareGroups(t, naive.ExpectTenant(b.world, b.settings, time.Now()), b.groups(), record)
	claims, err := b.book().Claims(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(claims) > 0 {
		t.Errorf("%d claims are left", len(claims))
	}
}

// idle runs once more and expects it to read the two feeds and nothing else.
func (b *bench) idle(t *testing.T) {
	t.Helper()
	asked := b.requests(func() { b.tick(t) })
	for what := range asked {
		if !strings.HasSuffix(what, "/delta") {
			t.Errorf("a run with nothing to do asked for %v", asked)
			return
		}
	}
}

// allowAll allows the holds that wait for a person, of which there are so many.
func (b *bench) allowAll(t *testing.T, want int) {
	t.Helper()
	s := b.syncer(t)
	holds, err := s.Holds(t.Context())
	must(t, err)
	if len(holds) != want {
		t.Fatalf("%d holds wait, want %d: %+v", len(holds), want, holds)
	}
	for _, h := range holds {
		_, err := s.Decide(t.Context(), h.Hash, true)
		must(t, err)
	}
}

// requests returns what was asked of the tenant while do ran.
func (b *bench) requests(do func()) map[string]int {
	before := b.tenant.Requests()
	do()
	asked := map[string]int{}
	for name, n := range b.tenant.Requests() {
		if n > before[name] {
			asked[name] = n - before[name]
		}
	}
	return asked
}

func (b *bench) book() *ledger.Book { return ledger.NewBook(b.store, b.settings.Instance) }

// store names the n-th store of a chain, counted from 1.
func store(n int) org.TeamKey { return org.TeamKey{Store: org.StoreNumber(fmt.Sprintf("%06d", n))} }

func (b *bench) link(t *testing.T, key org.TeamKey) *ledger.Link {
	t.Helper()
	links, err := b.book().Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if links[key] == nil {
		t.Fatalf("%s has no link", key)
	}
	return links[key]
}

// team is a team as the tenant has it, found by its link.
func (b *bench) team(t *testing.T, key org.TeamKey) simgraph.TeamState {
	t.Helper()
	link := b.link(t, key)
	for _, team := range b.tenant.Teams() {
		if team.ID == string(link.Group) {
			return team
		}
	}
	t.Fatalf("group %s of %s does not exist", link.Group, key)
	return simgraph.TeamState{}
}

// worker is the object id of the k-th worker of the n-th store.
func (b *bench) worker(t *testing.T, n, k int) string {
	t.Helper()
	number := fmt.Sprintf("%06d%03d", n, k)
	for _, row := range b.world.Commerce["RetailStaff"] {
		if row["PersonnelNumber"] == number {
			return row["ExternalSubIdentifier"].(string)
		}
	}
	t.Fatalf("there is no worker %s", number)
	return ""
}

// office is the object id of somebody in head office.
func (b *bench) office(n int) string { return b.world.Users[n]["id"].(string) }

// edit changes the rows of a collection in Commerce.
func (b *bench) edit(t *testing.T, collection string, change func(row map[string]any) (keep bool)) {
	t.Helper()
	var rows []map[string]any
	var raw []json.RawMessage
	for _, row := range b.world.Commerce[collection] {
		row = maps.Clone(row)
		if !change(row) {
			continue
		}
		text, err := json.Marshal(row)
		must(t, err)
		rows, raw = append(rows, row), append(raw, text)
	}
	b.world.Commerce[collection] = rows
	must(t, b.commerce.SetRows(collection, raw))
}

// add adds a row to a collection in Commerce.
func (b *bench) add(t *testing.T, collection string, row map[string]any) {
	t.Helper()
	b.world.Commerce[collection] = append(b.world.Commerce[collection], row)
	b.refill(t, collection)
}

// renameStore gives the n-th store another name in Commerce.
func (b *bench) renameStore(t *testing.T, n int, name string) {
	t.Helper()
	b.edit(t, "OperatingUnits", func(row map[string]any) bool {
		if row["OperatingUnitNumber"] == fmt.Sprintf("U%06d", n) {
			row["Name"] = name
		}
		return true
	})
}

// about makes a fault happen to requests that speak of one team only.
func about(team string, do func(http.ResponseWriter, *http.Request, http.Handler)) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, team) {
			do(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantPeople checks who is in a team.
func wantPeople(t *testing.T, team simgraph.TeamState, owners, members []string) {
	t.Helper()
	slices.Sort(owners)
	slices.Sort(members)
	if !slices.Equal(team.Owners, owners) || !slices.Equal(team.Members, members) {
		t.Errorf("team %s has owners %v and members %v, want %v and %v", team.ID, team.Owners, team.Members, owners, members)
	}
}

// existing puts a group into a world, of which somebody knows before the first
// run: Commerce, by a mapping, or nobody. Without owners it has no people.
func existing(w *naive.World, marker string, team bool, owners ...string) (id string) {
	n := len(w.Groups) + 1
	id = fmt.Sprintf("eeeeeeee-0000-4000-8000-%012d", n)
	people, options := []any{}, []any{}
	for _, owner := range owners {
		people = append(people, map[string]any{"@odata.type": "#microsoft.graph.user", "id": owner})
	}
	if team {
		options = append(options, "Team")
	}
	g := map[string]any{
		"id": id, "displayName": fmt.Sprintf("Group of old %d", n), "mailNickname": fmt.Sprintf("old%d", n),
		"groupTypes": []any{"Unified"}, "resourceProvisioningOptions": options, "owners": people, "members": people,
	}
	if marker != "" {
		g["uniqueName"], g["mailNickname"] = marker, marker
	}
	w.Groups = append(w.Groups, g)
	return id
}

// mapping is Commerce's row that maps the n-th store to a group.
func mapping(n int, group string) map[string]any {
	return map[string]any{"SourceType": "RetailStore", "SourceId": string(store(n).Store), "TeamId": group}
}

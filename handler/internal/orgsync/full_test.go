package orgsync_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/storeteams/storeteams/handler/internal/ledger"
	"github.com/storeteams/storeteams/handler/internal/org"
	"github.com/storeteams/storeteams/handler/internal/orgsync"
	"github.com/storeteams/storeteams/handler/internal/rails"
	"github.com/storeteams/storeteams/handler/local/simcommerce"
	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// newFull is a chain in MODE=full whose teams are made and whose people are
// managed. Its caps let everybody go: a test of a cap sets it.
func newFull(t *testing.T, stores, workers int) *bench {
	t.Helper()
	return newFullWith(t, stores, workers, simgraph.Options{})
}

func newFullWith(t *testing.T, stores, workers int, options simgraph.Options) *bench {
	t.Helper()
	b := newChain(t, stores, workers, options)
	b.mode = orgsync.ModeFull
	b.limits.RemovalPercent, b.limits.TeamPercent = 100, 100
	b.settles(t, 2)
	return b
}

// number is the personnel number of the k-th worker of the n-th store.
func number(n, k int) string { return fmt.Sprintf("%06d%03d", n, k) }

// looks lets time go by, running every so often.
func (b *bench) looks(t *testing.T, d, every time.Duration) {
	t.Helper()
	for range d / every {
		pass(every)
		b.run(t, t)
	}
}

// place is a line of places for the k-th worker of the n-th store.
func (b *bench) place(t *testing.T, n, k int) string {
	t.Helper()
	role := "member"
	if k == 0 {
		role = "owner"
	}
	return at(n, role, b.worker(t, n, k))
}

// at is a line of places.
func at(n int, role, user string) string { return fmt.Sprintf("%s: %s %s", store(n), role, user) }

// places lists who is what in which of the teams that the ledger knows, one a
// line, in order.
func (b *bench) places(t *testing.T) []string {
	t.Helper()
	links, err := b.book().Links(t.Context())
	must(t, err)
	keys := map[string]org.TeamKey{}
	for key, link := range links {
		keys[string(link.Group)] = key
	}
	var lines []string
	for _, team := range b.tenant.Teams() {
		key, ours := keys[team.ID]
		if !ours {
			continue
		}
		for _, user := range team.Owners {
			lines = append(lines, fmt.Sprintf("%s: owner %s", key, user))
		}
		for _, user := range team.Members {
			lines = append(lines, fmt.Sprintf("%s: member %s", key, user))
		}
	}
	slices.Sort(lines)
	return lines
}

// wantPlaces checks that the places are those there were, but for some.
func (b *bench) wantPlaces(t *testing.T, when string, before, lost, gained []string) {
	t.Helper()
	want := slices.DeleteFunc(slices.Clone(before), func(line string) bool { return slices.Contains(lost, line) })
	want = append(want, gained...)
	now := b.places(t)
	for _, line := range now {
		if !slices.Contains(want, line) {
			t.Errorf("%s: %s is there", when, line)
		}
	}
	for _, line := range want {
		if !slices.Contains(now, line) {
			t.Errorf("%s: %s is not there", when, line)
		}
	}
}

// editWorker changes the rows of the k-th worker of the n-th store.
func (b *bench) editWorker(t *testing.T, collection string, n, k int, change func(row map[string]any) (keep bool)) {
	t.Helper()
	b.edit(t, collection, func(row map[string]any) bool {
		return row["PersonnelNumber"] != number(n, k) || change(row)
	})
}

// vanish deletes the row that says that a worker is active in their store.
func (b *bench) vanish(t *testing.T, n int, workers ...int) {
	t.Helper()
	for _, k := range workers {
		b.editWorker(t, "RetailChannelWorkers", n, k, func(map[string]any) bool { return false })
	}
}

// reappear brings the row back.
func (b *bench) reappear(t *testing.T, n int, workers ...int) {
	t.Helper()
	for _, k := range workers {
		b.add(t, "RetailChannelWorkers", map[string]any{
			"RetailChannelId": fmt.Sprintf("C%06d", n), "PersonnelNumber": number(n, k), "IsActive": "Yes",
		})
	}
}

// inactive makes the store's row of a worker say that they left it.
func (b *bench) inactive(t *testing.T, n int, workers ...int) {
	t.Helper()
	for _, k := range workers {
		b.editWorker(t, "RetailChannelWorkers", n, k, func(row map[string]any) bool { row["IsActive"] = "No"; return true })
	}
}

// dismiss ends the employment of a worker just now.
func (b *bench) dismiss(t *testing.T, n int, workers ...int) {
	t.Helper()
	for _, k := range workers {
		b.editWorker(t, "Employees", n, k, func(row map[string]any) bool { row["EmploymentEndDate"] = moment(time.Now()); return true })
	}
}

// endPosition ends the position of a worker just now.
func (b *bench) endPosition(t *testing.T, n, k int) {
	t.Helper()
	b.editWorker(t, "PositionWorkerAssignmentsV2", n, k, func(row map[string]any) bool { row["ValidTo"] = moment(time.Now()); return true })
}

func moment(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// newAccount puts a licensed user into the tenant.
func (b *bench) newAccount(t *testing.T, n int) (id, upn string) {
	t.Helper()
	id, upn = fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n), fmt.Sprintf("new%d@contoso.example", n)
	must(t, b.tenant.AddUser(simgraph.User{
		ID: id, UserPrincipalName: upn, AccountEnabled: true, UserType: "Member",
		AssignedPlans: []simgraph.Plan{{ServicePlanID: simgraph.TeamsPlan, CapabilityStatus: "Enabled"}},
	}))
	return id, upn
}

// hire puts somebody new into the n-th store, under a personnel number of
// nobody else's, and returns their account.
func (b *bench) hire(t *testing.T, n, account int) (id string) {
	t.Helper()
	id, upn := b.newAccount(t, account)
	worker := fmt.Sprintf("9%08d", account)
	b.add(t, "Workers", map[string]any{"PersonnelNumber": worker, "PartyNumber": "W-" + worker})
	b.add(t, "RetailStaff", map[string]any{"PersonnelNumber": worker, "ExternalSubIdentifier": id, "ExternalIdentityAlias": upn})
	b.add(t, "RetailChannelWorkers", map[string]any{"RetailChannelId": fmt.Sprintf("C%06d", n), "PersonnelNumber": worker, "IsActive": "Yes"})
	return id
}

// breaks makes Commerce answer 500 for a collection, or with "" for none.
func (b *bench) breaks(collection string) {
	if collection == "" {
		b.commerce.Intercept(nil)
		return
	}
	b.commerce.Intercept(func(r *http.Request) simcommerce.Fault {
		if strings.Contains(r.URL.Path, collection) {
			return simcommerce.Fault{Status: http.StatusInternalServerError}
		}
		return simcommerce.Fault{}
	})
}

// shrink makes Commerce serve only the first so many percent of a collection's
// rows, and never all of them. The world keeps the rows: refill serves them.
func (b *bench) shrink(t *testing.T, collection string, percent int) {
	t.Helper()
	rows := b.commerce.Rows(collection)
	must(t, b.commerce.SetRows(collection, rows[:min(len(rows)*percent/100, len(rows)-1)]))
}

// waiting returns the holds that wait for a person.
func (b *bench) waiting(t *testing.T) rails.Holds {
	t.Helper()
	holds, err := b.syncer(t).Holds(t.Context())
	must(t, err)
	return slices.DeleteFunc(holds, func(h rails.Hold) bool { return h.Decision != rails.Waiting })
}

// decide decides the one hold that waits.
func (b *bench) decide(t *testing.T, allow bool) rails.Hold {
	t.Helper()
	waiting := b.waiting(t)
	if len(waiting) != 1 {
		t.Fatalf("%d holds wait: %+v", len(waiting), waiting)
	}
	hold, err := b.syncer(t).Decide(t.Context(), waiting[0].Hash, allow)
	must(t, err)
	return hold
}

// noted reports whether a record has a note of a kind that contains a text.
func noted(record orgsync.Record, kind, text string) bool {
	for _, n := range record.Notes {
		if n.Kind == kind && strings.Contains(n.Text, text) {
			return true
		}
	}
	return false
}

// gate is a ledger of which one write waits until it is opened.
type gate struct {
	ledger.Store
	which   func(ledger.Key) bool
	once    sync.Once
	reached chan struct{} // closed when the write is about to happen
	open    chan struct{}
}

func newGate(store ledger.Store, which func(ledger.Key) bool) *gate {
	return &gate{Store: store, which: which, reached: make(chan struct{}), open: make(chan struct{})}
}

// Put implements ledger.Store.
func (g *gate) Put(ctx context.Context, key ledger.Key, value []byte, etag string) (string, error) {
	if g.which(key) {
		g.once.Do(func() {
			close(g.reached)
			<-g.open
		})
	}
	return g.Store.Put(ctx, key, value, etag)
}

// each runs a table's cases by name, each in a synctest bubble.
func each[T any](t *testing.T, cases map[string]T, check func(t *testing.T, c T)) {
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { check(t, cases[name]) })
		})
	}
}

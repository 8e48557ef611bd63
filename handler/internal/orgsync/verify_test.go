package orgsync_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storeteams/storeteams/handler/local/simgraph"
)

// What the feed does not show, such as an owner made a member, is found by
// reading every team once a day, a few at each tick.
func TestDailyVerification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stores = 60
		b := newChain(t, stores, 2, simgraph.Options{})
		b.run(t, t)
		for n := 1; n <= stores; n++ {
			must(t, b.tenant.AddOwner(b.team(t, store(n)).ID, b.office(1)))
		}
		b.tick(t)
		for n := 1; n <= stores; n++ {
			must(t, b.tenant.Demote(b.team(t, store(n)).ID, b.worker(t, n, 0)))
		}
		pass(day) // no tick in time: all are due at once
		const perRun = 5 + (stores+1)/48
		verified := 0
		for range day / tick {
			promoted := 0
			asked := b.requests(func() { promoted = b.tick(t).Done["promote"] })
			reads := asked["GET /teams/{team}/members"] - promoted // a promotion looks first
			if reads > perRun {
				t.Fatalf("a run verified %d teams, at most %d are allowed", reads, perRun)
			}
			verified += reads
		}
		if verified != stores+1 {
			t.Errorf("a day verified %d teams of %d", verified, stores+1)
		}
		for n := 1; n <= stores; n++ {
			if owners := b.team(t, store(n)).Owners; !slices.Contains(owners, b.worker(t, n, 0)) {
				t.Errorf("store %d's manager is no owner after a day", n)
			}
		}
	})
}

// A team that cannot be verified stops neither the run nor the others, and is
// asked about no more often than the others.
func TestVerificationFails(t *testing.T) {
	for name, do := range map[string]simgraph.Fault{
		"forbidden": {Do: simgraph.Refuse(403, "Forbidden", 0)},
		"not found": {Do: simgraph.Refuse(404, "NotFound", 0)},
		"broken":    {Do: simgraph.Refuse(503, "UnknownError", 0)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const stores, bad = 14, 8
				b := newChain(t, stores, 2, simgraph.Options{})
				for n := 1; n <= bad; n++ {
					b.settings.Scope = append(b.settings.Scope, string(store(n).Store))
				}
				b.run(t, t)
				b.settings.Scope = nil
				b.tick(t) // the others are younger: their turn comes later
				for n := 1; n <= stores; n++ {
					must(t, b.tenant.AddOwner(b.team(t, store(n)).ID, b.office(1)))
				}
				b.tick(t)
				var refusing []string
				for n := 1; n <= stores; n++ {
					team := b.team(t, store(n)).ID
					must(t, b.tenant.Demote(team, b.worker(t, n, 0)))
					if n <= bad {
						refusing = append(refusing, team)
					}
				}
				b.tenant.Inject(simgraph.Fault{Route: "GET /teams/{team}/members", Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if slices.ContainsFunc(refusing, func(team string) bool { return strings.Contains(r.URL.Path, team) }) {
						do.Do(w, r, next)
						return
					}
					next.ServeHTTP(w, r)
				}})
				pass(day)
				for range 8 {
					b.tick(t)
				}
				for n := bad + 1; n <= stores; n++ {
					if owners := b.team(t, store(n)).Owners; !slices.Contains(owners, b.worker(t, n, 0)) {
						t.Errorf("store %d's manager is no owner, for other teams could not be verified", n)
					}
				}
			})
		})
	}
}
